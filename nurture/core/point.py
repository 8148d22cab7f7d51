"""POINT of the campaign language: `day 7 09:30`, `tuesday 09:00`, `1 day before entry.starts_at` (language.md).

A point is read once and resolved for each lead: for its zone, its entry, its data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from nurture.core.clocktime import (
    DAY_MINUTES,
    WEEKDAYS,
    clock_text,
    nearest,
    parse_clock,
    to_minute,
    weekday_of,
)
from nurture.core.duration import Duration, add, parse_duration, subtract
from nurture.core.errors import GrammarError
from nurture.core.place import Place
from nurture.core.window import Window

_EXAMPLE: Final = "write `day 7 09:30`, `tuesday 09:00`, `2026-12-20 10:00` or `1 day before entry.starts_at`"
_YEARS: Final = range(1971, 2500)
"""Years a point may lie in; what lies beyond is a stand-in for never, or a slip."""


@dataclass(frozen=True, slots=True)
class DayPoint:
    """`day 7 09:30`: the day of entry is day 1. `clock` is minutes since midnight, None: the window's opening."""

    day: int
    clock: int | None

    def __str__(self) -> str:
        return f"day {self.day}{_clock_suffix(self.clock)}"


@dataclass(frozen=True, slots=True)
class WeekdayPoint:
    """`tuesday 09:00`: the next one. Monday is 0."""

    weekday: int
    clock: int | None

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]}{_clock_suffix(self.clock)}"


@dataclass(frozen=True, slots=True)
class DatePoint:
    """`2026-12-20 10:00`, on the lead's clock."""

    date: date
    clock: int | None

    def __str__(self) -> str:
        return f"{self.date.isoformat()}{_clock_suffix(self.clock)}"


@dataclass(frozen=True, slots=True)
class RelativePoint:
    """`1 day before entry.starts_at`; `before` False means after; an empty duration the moment itself."""

    duration: Duration
    before: bool
    path: str
    clock: int | None

    def __str__(self) -> str:
        where = f"{self.duration} {'before' if self.before else 'after'} " if self.duration else ""
        return f"{where}{self.path}{_clock_suffix(self.clock)}"


Point = DayPoint | WeekdayPoint | DatePoint | RelativePoint


class Resolved(NamedTuple):
    """What a point is for one lead.

    `at`: the instant, None when `unknown` names a value that is missing or no time. `passed`: the point has
    gone by, and the step with it. `has_clock`: `at` shows a clock time the author wrote, which a window keeps.
    """

    at: datetime | None
    passed: bool = False
    has_clock: bool = False
    unknown: str | None = None


@lru_cache(maxsize=1024)
def parse_point(text: str) -> Point:
    """Read a POINT. Raises GrammarError."""
    words = text.split()
    if not words:
        raise GrammarError("a point in time is missing", _EXAMPLE)
    lowered = [word.lower() for word in words]
    for before, word in ((True, "before"), (False, "after")):
        if word in lowered:
            split = lowered.index(word)
            if not split:
                raise GrammarError(
                    f"`{text.strip()}` does not say how long {word}", f"write `1 day {text.strip()}`"
                )
            return _relative(parse_duration(" ".join(words[:split])), before, words[split + 1 :], text)
    if lowered[0] == "day":
        return DayPoint(_day_number(lowered[1:2], text), _clock(lowered[2:], text))
    weekday = weekday_of(lowered[0])
    if weekday is not None:
        return WeekdayPoint(weekday, _clock(lowered[1:], text))
    if lowered[0][:1].isdigit():
        return _date_point(lowered, text)
    if "." in words[0]:
        return _relative(Duration(), False, words, text)
    raise _unreadable(lowered, text)


def resolve(
    point: Point,
    *,
    entered_at: datetime,
    after: datetime,
    now: datetime,
    place: Place,
    window: Window,
    value: Callable[[str], object],
    inclusive: bool = False,
) -> Resolved:
    """When `point` is for a lead (semantics.md, Time).

    `after` is when the step before was done, or its delay over; no point lies before it. A weekday is the
    first one later than `after`, or, `inclusive` (an explicit delay ends at `after`), not sooner than it.
    A `day N` that has passed means now; a date or before/after point that has passed is `passed`. Without
    a clock time a point is the window's opening on that day, 09:00 under `any`; a bare date has passed when
    its day is over. `value` gives the value of a path such as `entry.starts_at`, None when it has none.
    """
    floor = to_minute(after if after > now else now)
    match point:
        case DayPoint():
            day = place.wall(entered_at)[0] + point.day - 1
            at = _on(day, point.clock, place, window)
            return Resolved(at, False, point.clock is not None) if at >= floor else Resolved(floor)
        case WeekdayPoint():
            return _next_weekday(point, after, floor, place, window, inclusive)
        case DatePoint():
            return _dated(point.date.toordinal(), point.clock, floor, place, window)
        case RelativePoint():
            return _resolve_relative(point, floor, place, window, value)


def moment_of(value: object, place: Place) -> datetime | date | None:
    """What a field's value says about time: an instant in UTC, a date, or None when it is neither.

    Texts are read as ISO 8601; a time without a zone is on the lead's clock.
    """
    if isinstance(value, str):
        value = _from_iso(value.strip())
    if not isinstance(value, date) or value.year not in _YEARS:
        return None
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=place.zone, fold=0).astimezone(UTC)
    return value.astimezone(UTC)


def _resolve_relative(
    point: RelativePoint, floor: datetime, place: Place, window: Window, value: Callable[[str], object]
) -> Resolved:
    moment = moment_of(value(point.path), place)
    if moment is None:
        return Resolved(None, unknown=point.path)
    timed = isinstance(moment, datetime)
    start = moment if isinstance(moment, datetime) else place.instant(moment.toordinal(), 0)
    at = (subtract if point.before else add)(point.duration, start, place)
    if point.clock is not None or not (timed or _has_hours(point.duration)):
        return _dated(place.wall(at)[0], point.clock, floor, place, window)
    at = to_minute(at)
    return Resolved(at, passed=at < floor)


def _has_hours(duration: Duration) -> bool:
    return bool(duration.hours or duration.minutes or duration.business_hours)


def _next_weekday(
    point: WeekdayPoint, after: datetime, floor: datetime, place: Place, window: Window, inclusive: bool
) -> Resolved:
    today = place.wall(after)[0]
    day = today + (point.weekday - (today + 6)) % 7
    at = _on(day, point.clock, place, window)
    if at < after or (at == after and not inclusive):
        at = _on(day + 7, point.clock, place, window)
    return Resolved(at, at < floor, point.clock is not None)


def _dated(day: int, clock: int | None, floor: datetime, place: Place, window: Window) -> Resolved:
    at = _on(day, clock, place, window)
    if at >= floor or clock is not None:
        return Resolved(at, at < floor, clock is not None)
    return Resolved(floor) if place.wall(floor)[0] == day else Resolved(at, passed=True)


def _on(day: int, clock: int | None, place: Place, window: Window) -> datetime:
    """The instant on a local day; without a clock time the opening, the next one if closed all day."""
    if clock is not None:
        return place.instant(day, clock)
    opening = window.opening_on(day, place)
    if opening is None:
        opening = window.next_open(place.instant(day, 0), place)
    return opening or place.instant(day, 0)


def _from_iso(text: str) -> datetime | date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _relative(duration: Duration, before: bool, words: list[str], text: str) -> RelativePoint:
    if not words:
        raise GrammarError(f"`{text.strip()}` does not say what of", "write `1 day before entry.starts_at`")
    path = words[0]
    parts = path.split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        raise GrammarError(f"`{path}` is not a field", "write it as `entry.starts_at` or `lead.trial_ends`")
    return RelativePoint(duration, before, path, _clock([word.lower() for word in words[1:]], text))


def _clock(words: list[str], text: str) -> int | None:
    """The clock time at the end of a point, with or without `at`; None when there is none."""
    rest = words[1:] if words[:1] == ["at"] else words
    if not rest:
        if words:
            raise GrammarError(
                f"`{text.strip()}` ends too soon", "write a clock time after `at`, such as `09:30`"
            )
        return None
    clock = parse_clock("".join(rest)) if len(rest) < 3 else None
    if clock is None:
        raise GrammarError(f"`{text.strip()}` is not a point in time", _EXAMPLE)
    return clock


def _day_number(words: list[str], text: str) -> int:
    number = words[0] if words else ""
    if not (number.isascii() and number.isdigit()) or not 1 <= len(number) <= 5:
        raise GrammarError(f"`{text.strip()}` names no day", "write `day 7 09:30`; the day of entry is day 1")
    if int(number) < 1 or int(number) > 36500:
        raise GrammarError(f"there is no day {int(number)}", "the day of entry is day 1")
    return int(number)


def _date_point(words: list[str], text: str) -> DatePoint:
    day, joined, clock = words[0].partition("t")
    if len(day) != 10 or day[4] != "-" or day[7] != "-":
        raise _unreadable(words, text)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise GrammarError(f"there is no date `{day}`", "write year, month and day: `2026-12-20`") from None
    if on.year not in _YEARS:
        raise GrammarError(f"the year {on.year} is out of range", "years go from 1971 to 2499")
    return DatePoint(on, _clock([clock, *words[1:]] if joined else words[1:], text))


def _unreadable(words: list[str], text: str) -> GrammarError:
    written = text.strip()
    first, rest = words[0], " ".join(words[1:])
    european = re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{4})$", first)
    if european:
        day, month, year = (int(part) for part in european.groups())
        return GrammarError(
            f"`{written}` is not a date here",
            f"write `{' '.join([f'{year}-{month:02d}-{day:02d}', *words[1:]])}`",
        )
    if re.match(r"\d{1,4}/\d{1,2}/\d{1,4}$", first):
        return GrammarError(f"`{written}` is not a date here", "write year, month and day: `2026-12-20`")
    if ":" in first:
        return GrammarError(
            f"`{written}` names no day", f"write `day 7 {first}`, or `after: 1 day at {first}`"
        )
    if first in ("tomorrow", "today", "now"):
        return GrammarError(
            f"`{written}` is not a point in time", "write `after: 1 day at 09:30` or `day 2 09:30`"
        )
    if first in ("next", "on", "this") and words[1:] and weekday_of(words[1]) is not None:
        return GrammarError(f"`{written}` is not a point in time", f"write `{rest}`; it means the next one")
    if first[:1].isdigit():
        return GrammarError(
            f"`{written}` is not a point in time",
            f"a length of time is written under `after`: `after: {written}`"
            if _is_duration(written)
            else _EXAMPLE,
        )
    return GrammarError(f"`{written}` is not a point in time", nearest(first, (*WEEKDAYS, "day")) or _EXAMPLE)


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except GrammarError:
        return False
    return True


def _clock_suffix(clock: int | None) -> str:
    return "" if clock is None else f" {clock_text(clock % DAY_MINUTES)}"
