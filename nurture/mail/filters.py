"""What an author may do with a value after a `|`, and the tests after `is`. Nothing else exists in a template.

A missing value passes through every filter unchanged, so that `| default("…")` may stand last. Results that could grow
without bound are capped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast
from urllib.parse import quote

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from nurture.mail import dates
from nurture.mail.problems import TemplateFault

MAX_TEXT: Final = 64 * 1024
"""Longest text (characters) that an expression may make on the way."""
MAX_LIST: Final = 10_000
ROUND_LIMIT: Final = 10_000
"""Most rounds all loops of one rendering may make together."""
WORK_LIMIT: Final = 3_000_000
"""Most work one rendering may be: characters and items that filters handle, and what loops' rounds hold."""


@dataclass(slots=True)
class Budget:
    """What one rendering may still do. Counted, not timed, so that the same input always gives the same answer."""

    rounds: int = ROUND_LIMIT
    work: int = WORK_LIMIT


def spend(context: Context, work: int, rounds: int = 0) -> None:
    """Take work from a rendering's budget. Raises TemplateFault when there is none left."""
    budget = cast(Budget, context.resolve("_budget"))
    budget.work -= work
    budget.rounds -= rounds
    if budget.rounds < 0:
        raise TemplateFault(f"The loops make more than {ROUND_LIMIT} rounds.")
    if budget.work < 0:
        raise TemplateFault("The template does too much.")


def is_missing(value: object) -> bool:
    """Is this no value at all: None, or a name nobody filled in?"""
    return value is None or isinstance(value, Undefined)


def capped(text: str) -> str:
    """The text itself. Raises TemplateFault when it is longer than MAX_TEXT."""
    if len(text) > MAX_TEXT:
        raise TemplateFault("A text grows too long.")
    return text


def as_text(value: object) -> str:
    """A plain value as text. Raises TemplateFault for what is no text, number or date."""
    if isinstance(value, str):
        return capped(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date):
        raise TemplateFault(f"A text is wanted here, not {kind_of(value)}.")
    return as_digits(value) if isinstance(value, int | float | Decimal) else value.isoformat()


def as_digits(value: float | Decimal) -> str:
    """A number as it is read: without a needless `.0`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def kind_of(value: object) -> str:
    """What a value is, in an author's words."""
    if is_missing(value):
        return "a missing value"
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a yes or no"),
        (str, "a text"),
        ((int, float, Decimal), "a number"),
        (date, "a date"),
        (Mapping, "a group of fields"),
        ((list, tuple), "a list"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "something else")


def as_number(value: object) -> Decimal:
    """A plain value as a number. Raises TemplateFault for what is none, or for more than 30 digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise TemplateFault(f"A number is wanted here, not {kind_of(value)}.")
    if isinstance(value, str) and len(value) > 30:
        raise TemplateFault("A number is wanted here, not a long text.")
    try:
        number = Decimal(str(value).strip()) if isinstance(value, str | float) else Decimal(value)
    except (InvalidOperation, ValueError):
        raise TemplateFault(f"A number is wanted here, not the text “{value}”.") from None
    if not number.is_finite() or not -30 <= number.adjusted() <= 30:
        raise TemplateFault("A number is too large or too small.")
    return number


def as_moment(value: object, zone: tzinfo) -> datetime:
    """A moment in the reader's zone; a text is read as ISO 8601, a time without zone is UTC. A bare date is its start."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = (
                datetime.fromisoformat(value.strip())
                if len(value) > 10
                else date.fromisoformat(value.strip())
            )
        except ValueError:
            raise TemplateFault(f"A date is wanted here, not the text “{value}”.") from None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    raise TemplateFault(f"A date is wanted here, not {kind_of(value)}.")


def as_items(value: object) -> list[Any]:
    """A list's items. Raises TemplateFault for what is no list, or too long a one."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise TemplateFault(f"A list is wanted here, not {kind_of(value)}.")
    items = list(value)
    if len(items) > MAX_LIST:
        raise TemplateFault("A list is too long.")
    return items


def _on_text(change: Callable[..., str]) -> Callable[..., Any]:
    @pass_context
    def apply(context: Context, value: object, *args: object, **named: object) -> object:
        if is_missing(value):
            return value
        text = as_text(value)
        spend(context, len(text))
        return capped(change(text, *args, **named))

    return apply


def _on_items(change: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def apply(context: Context, value: object, *args: object, **named: object) -> object:
        if is_missing(value):
            return value
        items = as_items(value)
        spend(context, len(items))
        return change(items, *args, **named)

    return apply


def _replace(text: str, old: object, new: object) -> str:
    old, new = as_text(old), as_text(new)
    if not old:
        raise TemplateFault("replace needs a text to look for.")
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise TemplateFault("A text grows too long.")
    return text.replace(old, new)


def _truncate(text: str, length: int = 255, end: str = "…") -> str:
    if len(text) <= length:
        return text
    room = max(0, length - len(end))
    cut = text[:room]
    whole = cut if text[room : room + 1] == " " else cut.rpartition(" ")[0] or cut
    return whole.rstrip() + end


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _default(value: object, other: object = "") -> object:
    return other if is_missing(value) or value == "" else value


def _join(items: list[Any], by: str = ", ", field: str | None = None) -> str:
    words = [as_text(item.get(field) if field and isinstance(item, Mapping) else item) for item in items]
    if sum(map(len, words)) + len(words) * len(by) > MAX_TEXT:
        raise TemplateFault("A text grows too long.")
    return by.join(words)


def _length(value: object) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    return 0 if is_missing(value) else len(as_items(value))


def _sort(items: list[Any], field: str | None = None, reverse: bool = False) -> list[Any]:
    def key(item: object) -> Any:
        return item.get(field) if field and isinstance(item, Mapping) else item

    return sorted(items, key=key, reverse=reverse is True)


def _round(value: object, places: int = 0) -> object:
    if is_missing(value):
        return value
    rounded = round(as_number(value), max(0, min(int(places), 10)))
    return int(rounded) if places == 0 else float(rounded)


def _int(value: object) -> object:
    return value if is_missing(value) else int(as_number(value))


def _float(value: object) -> object:
    return value if is_missing(value) else float(as_number(value))


def _abs(value: object) -> object:
    return value if is_missing(value) else abs(cast(float, value))


def _language(context: Context) -> str:
    return cast(str, context.resolve("_language"))


def _style(style: object) -> dates.Style:
    if style not in dates.STYLES:
        raise TemplateFault(f"Dates are written short, long or full, not “{style}”.")
    return style


@pass_context
def _date(context: Context, value: object, style: object = "long") -> object:
    if is_missing(value):
        return value
    day = as_moment(value, cast(tzinfo, context.resolve("_zone")))
    return dates.write_date(day, _language(context), _style(style))


@pass_context
def _time(context: Context, value: object) -> object:
    if is_missing(value):
        return value
    return dates.write_time(as_moment(value, cast(tzinfo, context.resolve("_zone"))), _language(context))


@pass_context
def _datetime(context: Context, value: object, style: object = "long") -> object:
    if is_missing(value):
        return value
    moment = as_moment(value, cast(tzinfo, context.resolve("_zone")))
    return dates.write_datetime(moment, _language(context), _style(style))


@pass_context
def _zone(context: Context, value: object) -> object:
    if is_missing(value):
        return value
    return as_moment(value, cast(tzinfo, context.resolve("_zone"))).tzname()


@pass_context
def _money(context: Context, value: object, currency: str = "EUR") -> object:
    if is_missing(value):
        return value
    return dates.write_money(as_number(value), as_text(currency)[:8], _language(context))


@pass_context
def _number(context: Context, value: object, places: int | None = None) -> object:
    if is_missing(value):
        return value
    wanted = None if places is None else max(0, min(int(places), 10))
    return dates.write_number(as_number(value), _language(context), wanted)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": _abs,
    "capitalize": _on_text(lambda text: text[:1].upper() + text[1:]),
    "count": _length,
    "d": _default,
    "date": _date,
    "datetime": _datetime,
    "default": _default,
    "first": _on_items(lambda items: items[0] if items else None),
    "float": _float,
    "int": _int,
    "join": _on_items(_join),
    "last": _on_items(lambda items: items[-1] if items else None),
    "length": _length,
    "lower": _on_text(str.lower),
    "max": _on_items(lambda items: max(items, default=None)),
    "min": _on_items(lambda items: min(items, default=None)),
    "money": _money,
    "number": _number,
    "replace": _on_text(_replace),
    "reverse": _on_items(lambda items: items[::-1]),
    "round": _round,
    "sort": _on_items(_sort),
    "sum": _on_items(lambda items: float(sum(map(as_number, items)))),
    "time": _time,
    "title": _on_text(_title),
    "trim": _on_text(str.strip),
    "truncate": _on_text(_truncate),
    "unique": _on_items(lambda items: list(dict.fromkeys(items))),
    "upper": _on_text(str.upper),
    "urlencode": _on_text(lambda text: quote(text, safe="")),
    "zone": _zone,
}
"""Filter name → function. The author's list of them is in the guide."""

TESTS: Final[tuple[str, ...]] = (
    *("defined", "undefined", "none", "string", "number", "sequence", "mapping", "boolean"),
    *("even", "odd", "divisibleby", "in", "eq", "equalto", "==", "ne", "!=", "lt", "<", "lessthan"),
    *("gt", ">", "greaterthan", "le", "<=", "ge", ">=", "true", "false"),
)
"""Names of Jinja's own tests that may be used."""
