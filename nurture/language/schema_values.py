"""The single values of a campaign file: how a text becomes a duration, a point in time, a name …

Each is a type for the models of `schema.py`; the JSON Schema beside each is what editors show.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from nurture.core.clocktime import parse_clock
from nurture.core.duration import Delay, Duration, parse_delay, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.limit import Limit, parse_limit
from nurture.core.point import Point, parse_point
from nurture.core.recurrence import Every, parse_every
from nurture.core.window import Window, parse_window
from nurture.language.problems import Code
from nurture.language.scalars import Misfit, one_or_list, parsed

_NAME = re.compile(r"[^\W_][\w./-]*")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}:\d{2}))?")


def parse_name(text: str) -> str:
    """The name of a step, path, template or campaign: letters, digits and `- _ . /`. Raises GrammarError."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        slug = re.sub(r"[^\w./-]+", "-", name).strip("-_./")
        raise GrammarError(
            f"`{name}` is not a name", f"write {slug}" if slug else "use letters, digits and -"
        )
    if len(name) > 100:
        raise GrammarError("a name has at most 100 characters")
    return name


def parse_words(text: str) -> str:
    """Any text that says something. Raises GrammarError."""
    if not text.strip():
        raise GrammarError("the text is empty", "write something, or delete the key")
    return text.strip()


def parse_time(text: str) -> time:
    """`09:30`. Raises GrammarError."""
    minutes = parse_clock(text)
    return time(minutes // 60, minutes % 60)


def parse_date(text: str) -> date:
    """`2027-04-01`. Raises GrammarError."""
    found = _DATE.fullmatch(text.strip())
    if found is None or found[4]:
        raise GrammarError(f"`{text.strip()}` is not a date", "write year, month and day: `2027-04-01`")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise GrammarError(f"there is no `{text.strip()}` in the calendar") from None


def parse_moment(text: str) -> datetime:
    """`2026-12-01 10:00`, a wall-clock time (naive). Raises GrammarError."""
    found = _DATE.fullmatch(text.strip())
    if found is None or not found[4]:
        raise GrammarError(f"`{text.strip()}` is not a date with a clock time", "write `2026-12-01 10:00`")
    return datetime.combine(parse_date(f"{found[1]}-{found[2]}-{found[3]}"), parse_time(found[4]))


def parse_span(text: str) -> tuple[date | None, date | None]:
    """`2027-04-01 .. 2027-06-30`, both days included; either may be left out. Raises GrammarError."""
    first, dots, last = text.partition("..")
    if not dots or not (first.strip() or last.strip()):
        raise GrammarError(f"`{text.strip()}` is not a span of dates", "write `2027-04-01 .. 2027-06-30`")
    begin = parse_date(first) if first.strip() else None
    end = parse_date(last) if last.strip() else None
    if begin and end and end < begin:
        raise GrammarError(f"`{text.strip()}` ends before it begins", f"write `{end} .. {begin}`")
    return begin, end


def parse_again(text: str) -> Literal["never", "always"] | Duration:
    """`never`, `always` or `after 180 days`. Raises GrammarError."""
    words = " ".join(text.split())
    if words == "never":
        return "never"
    if words == "always":
        return "always"
    if words.startswith("after "):
        return parse_duration(words.removeprefix("after "))
    try:
        hint = f"write `after {parse_duration(words)}`"
    except GrammarError:
        hint = "write never, always, or for instance `after 180 days`"
    raise GrammarError(f"`{words}` does not say when somebody may come again", hint)


def _one_limit(text: str) -> Limit:
    return parse_limit(text)[0]


def _parts(value: Any) -> Any:
    """`new, nurturing` is `[new, nurturing]`."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _several(parse: Callable[[str | list[str]], Any], wanted: str) -> PlainValidator:
    """For one text or a list of texts, which `parse` takes as it is; a wrong one is found by itself."""

    def read(value: Any) -> Any:
        if value is not None and not isinstance(value, str | list | dict):
            return value
        texts: list[Any] = value if isinstance(value, list) else [value]
        for index, text in enumerate(texts):
            at = (index,) if isinstance(value, list) else ()
            if not isinstance(text, str):
                raise Misfit(f"{wanted[0].upper()}{wanted[1:]} is wanted here, or a list of several.", at=at)
            try:
                parse(text)
            except GrammarError as error:
                raise Misfit(f"{error}.", error.hint, code=Code.GRAMMAR, at=at) from None
        return parse(texts)

    return PlainValidator(read)


def _shown(description: str, *examples: str, kinds: str | list[str] = "string") -> dict[str, Any]:
    schema = {"type": kinds, "description": description, "examples": list(examples)}
    return schema if kinds == "string" else {**schema, "items": {"type": "string"}}


_SCALAR: Final = {"type": ["string", "number", "boolean"]}
"""What an editor may take a text for: `007`, `2027`, `true`."""

Words = Annotated[str, parsed(parse_words, "a text", dict(_SCALAR))]
"""Any text that is not empty."""

Template = Annotated[str, parsed(parse_words, "a text", dict(_SCALAR))]
"""A text with `{{ }}`, compiled later."""

Condition = Annotated[str, parsed(parse_words, "a condition", dict(_SCALAR))]
"""A condition, read later with the names it may use."""

Name = Annotated[str, parsed(parse_name, "a name", dict(_SCALAR))]
"""A name without blanks."""

DurationText = Annotated[
    Duration,
    parsed(parse_duration, "a duration", _shown("A duration.", "3 days", "2 business days", "2h30m")),
]
DelayText = Annotated[
    Delay, parsed(parse_delay, "a duration", _shown("Since the step before.", "3 days", "1 week at 09:30"))
]
if TYPE_CHECKING:
    PointText = Point
else:  # pydantic cannot look into Point, whose field `date` hides the type of that name
    PointText = Annotated[
        Any,
        parsed(
            parse_point,
            "a point in time",
            _shown(
                "A point in time.",
                "day 3 09:30",
                "tuesday 09:00",
                "2026-12-20 10:00",
                "1 day before entry.starts_at",
            ),
        ),
    ]
ClockText = Annotated[time, parsed(parse_time, "a clock time", _shown("A clock time.", "09:30"))]
MomentText = Annotated[
    datetime,
    parsed(parse_moment, "a date with a clock time", _shown("A date with a clock time.", "2026-12-01 10:00")),
]
SpanText = Annotated[
    tuple[date | None, date | None],
    parsed(
        parse_span,
        "a span of dates",
        _shown("Both days included.", "2027-04-01 .. 2027-06-30", "2027-04-01 .."),
    ),
]
AgainText = Annotated[
    Literal["never", "always"] | Duration,
    parsed(
        parse_again,
        "never, always or a duration",
        _shown("Counted from leaving.", "never", "always", "after 180 days"),
    ),
]
EveryText = Annotated[
    Every, parsed(parse_every, "a duration or a day", _shown("How often.", "3 weeks", "first tuesday 10:00"))
]
LimitText = Annotated[Limit, parsed(_one_limit, "a limit", _shown("How many at most.", "200 per day"))]

NameList = Annotated[
    list[Name], Field(min_length=1), BeforeValidator(_parts, json_schema_input_type=list[str] | str)
]
"""Names as a list, or in one text with commas."""

WordList = Annotated[list[Words], Field(min_length=1), one_or_list()]
"""Texts as a list, or one of them."""

LimitList = Annotated[
    tuple[Limit, ...],
    _several(parse_limit, "a limit"),
    WithJsonSchema(_shown("At most so many; of a list all hold.", "2 per week", kinds=["string", "array"])),
]
"""One limit or several."""

WindowText = Annotated[
    Window,
    _several(parse_window, "a window"),
    WithJsonSchema(
        _shown("Open whenever one of a list is.", "mon-fri 08:00-18:00", "any", kinds=["string", "array"])
    ),
]
"""One window or several."""
