"""Questions on a page: how each is shown, and how what was typed becomes a value or a sentence about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from nurture.core.address import parse_email
from nurture.core.countries import normalise_country
from nurture.core.errors import GrammarError, NurtureError
from nurture.core.place import Place
from nurture.language.config_forms import InputKind
from nurture.mail.words import clean
from nurture.services.verify import parse_phone

TEXT_MOST: Final = 200
LONG_MOST: Final = 5000
CHECKED: Final = ("on", "1", "true", "yes")

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_NO_WIDTH: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
"""What is copied along from web pages, and nobody sees."""

_NAMES: Final = ("name", "first_name", "last_name")
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)
_SITE = re.compile(r"(https?://)?[^\s/@]+\.[^\s/@.]{2,}(/\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `choices` are (value, label); `least` and `most` bound a number; `future`: a date still to come.

    `shown` is the value a hidden one has, which nobody may change.
    """

    name: str
    kind: InputKind
    label: str
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None
    future: bool = False
    hidden: str | None = None
    autocomplete: str = "off"

    @property
    def longest(self) -> int:
        """How many characters it takes."""
        return LONG_MOST if self.kind == "long" else TEXT_MOST

    @property
    def scale(self) -> tuple[int, ...]:
        """The steps of a short scale, such as 1 to 5; empty for anything else."""
        if self.kind != "number" or self.least is None or self.most is None:
            return ()
        first, last = int(self.least), int(self.most)
        return (
            tuple(range(first, last + 1))
            if (first, last) == (self.least, self.most) and last - first <= 10
            else ()
        )


class Wrong(NurtureError):
    """What was typed does not fit; `key` names the sentence that says why."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(slots=True)
class Answers:
    """What a page was sent: typed answers, sentences for what is wrong, and everything as it was typed."""

    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def read_answers(asks: Sequence[Ask], sent: Mapping[str, str], place: Place, now: datetime) -> Answers:
    """Read all questions; nothing that was not asked is taken."""
    found = Answers()
    for ask in asks:
        raw = sent.get(ask.name, "") if ask.hidden is None else ask.hidden
        found.typed[ask.name] = raw[: LONG_MOST + 1]
        try:
            value = read_answer(ask, raw, place, now)
        except Wrong as wrong:
            found.wrong[ask.name] = wrong
            continue
        if value is not None:
            found.values[ask.name] = value
    return found


def read_answer(ask: Ask, raw: str, place: Place, now: datetime) -> Any:
    """The typed value of one answer; None when there is none. Raises Wrong. Times come in UTC; `place` is the visitor's."""
    raw = raw.translate(_NO_WIDTH)
    text = _tidy(raw) if ask.kind == "long" else clean(raw, LONG_MOST + 1)
    if ask.kind == "checkbox":
        ticked = text.lower() in CHECKED
        if ask.required and not ticked:
            raise Wrong("tick")
        return ticked
    if not text:
        if ask.required:
            raise Wrong("missing")
        return None
    if len(text) > ask.longest:
        raise Wrong("too_long", most=ask.longest)
    return _READ.get(ask.kind, _text)(ask, text, place, now)


def as_kind(value: Any, kind: str, place: Place) -> Any:
    """A value as a field or an event's data want it: numbers, booleans and times become such where they can."""
    if not isinstance(value, str):
        return value
    try:
        if kind == "number":
            return _number_of(value)
        if kind == "time":
            return _time_of(value, place)
    except ValueError:
        return value
    if kind == "boolean" and value.lower() in (*CHECKED, "false", "no", "off", "0"):
        return value.lower() in CHECKED
    return [part.strip() for part in value.split(",")] if kind == "list" else value


def _tidy(raw: str) -> str:
    """A text of several lines without what nobody sees."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_UNSEEN.sub("", line).rstrip() for line in lines).strip()


def _text(ask: Ask, text: str, place: Place, now: datetime) -> str:
    if ask.name in _NAMES and _LINK.search(text):
        # Names stand in confirmation mails: else anybody could send anything to anybody in our name.
        raise Wrong("bad_name")
    if ask.name == "country":
        code = normalise_country(text)
        if code is None:
            raise Wrong("bad_country")
        return code
    if ask.name == "website" and not _SITE.fullmatch(text):
        raise Wrong("bad_website")
    return text


def _email(ask: Ask, text: str, place: Place, now: datetime) -> str:
    try:
        return parse_email(text.removeprefix("mailto:"))
    except GrammarError:
        raise Wrong("bad_email") from None


def _phone(ask: Ask, text: str, place: Place, now: datetime) -> str:
    try:
        return parse_phone(text)
    except GrammarError:
        raise Wrong("bad_phone") from None


def _number(ask: Ask, text: str, place: Place, now: datetime) -> float:
    try:
        number = _number_of(text)
    except ValueError:
        raise Wrong("bad_number") from None
    low = number if ask.least is None else ask.least
    high = number if ask.most is None else ask.most
    if not low <= number <= high:
        raise Wrong("out_of_range", min=_plain(ask.least), max=_plain(ask.most))
    return number


def _choice(ask: Ask, text: str, place: Place, now: datetime) -> str:
    for value, _ in ask.choices:
        if value == text:
            return value
    raise Wrong("bad_choice")


def _date(ask: Ask, text: str, place: Place, now: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Wrong("bad_date") from None
    if ask.future and day <= place.to_local(now).date():
        raise Wrong("past_date")
    return day


def _time(ask: Ask, text: str, place: Place, now: datetime) -> datetime:
    try:
        return _time_of(text, place)
    except ValueError:
        raise Wrong("bad_time") from None


def _number_of(text: str) -> float:
    """`1 250,5`, `1250.5`, `12`. Raises ValueError."""
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?\d{1,15}([.,]\d{1,15})?", plain):
        raise ValueError(text)
    number = float(plain.replace(",", "."))
    return int(number) if number.is_integer() else number


def _time_of(text: str, place: Place) -> datetime:
    """An ISO time; without a zone it is meant at `place`. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return place.to_utc(found.date(), found.time())


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


_READ: Final[Mapping[str, Callable[[Ask, str, Place, datetime], Any]]] = {
    "email": _email,
    "phone": _phone,
    "number": _number,
    "choice": _choice,
    "date": _date,
    "time": _time,
}
