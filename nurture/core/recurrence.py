"""What comes again: rounds (`3 weeks`, `first tuesday 10:00`), birthdays, holidays (language.md, Steps, Holidays)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from nurture.core.clocktime import WEEKDAYS, clock_text, nearest, parse_clock, weekday_of, words_of
from nurture.core.duration import Duration, add, parse_duration, subtract
from nurture.core.errors import GrammarError
from nurture.core.occasions import date_of, key_of
from nurture.core.place import Place
from nurture.core.window import DEFAULT_OPENING

_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_EXAMPLE: Final = "write `3 weeks`, `monday 09:00`, `first tuesday 10:00` or `15th 09:00`"


@dataclass(frozen=True, slots=True)
class Interval:
    """`3 weeks`: so long after the last began."""

    duration: Duration

    def __str__(self) -> str:
        return str(self.duration)


@dataclass(frozen=True, slots=True)
class Weekly:
    """`monday 09:00`. Monday is 0, `clock` minutes since midnight."""

    weekday: int
    clock: int = DEFAULT_OPENING

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {clock_text(self.clock)}"


@dataclass(frozen=True, slots=True)
class MonthlyWeekday:
    """`first tuesday 10:00`, `last friday 09:00`: `nth` 1 to 4, -1 the last of the month."""

    nth: int
    weekday: int
    clock: int = DEFAULT_OPENING

    def __str__(self) -> str:
        nth = next(word for word, number in _ORDINALS.items() if number == self.nth)
        return f"{nth} {WEEKDAYS[self.weekday]} {clock_text(self.clock)}"


@dataclass(frozen=True, slots=True)
class MonthDay:
    """`15th 09:00`; in a month too short for it, the last day. 31 is `last day` too."""

    day: int
    clock: int = DEFAULT_OPENING

    def __str__(self) -> str:
        return f"{self.day}{_suffix(self.day)} {clock_text(self.clock)}"


Every = Interval | Weekly | MonthlyWeekday | MonthDay


@lru_cache(maxsize=256)
def parse_every(text: str) -> Every:
    """Read an interval or a recurring day; without a clock time it is 09:00. Raises GrammarError."""
    words = words_of(text)
    if not words:
        raise GrammarError("it is not said how often", _EXAMPLE)
    if words[0] == "every":
        raise GrammarError(
            f"`{text.strip()}` says `every` twice", f"write `{' '.join(words[1:]) or '3 weeks'}`"
        )
    if len(words) > 1 and words[0] in _ORDINALS:
        nth, clock = _ORDINALS[words[0]], _clock(words[2:], text)
        if words[1] == "day" and nth in (1, -1):
            return MonthDay(1 if nth == 1 else 31, clock)
        weekday = weekday_of(words[1])
        if weekday is None:
            raise GrammarError(
                f"`{words[1]}` is not a day of the week", nearest(words[1], WEEKDAYS) or _EXAMPLE
            )
        return MonthlyWeekday(nth, weekday, clock)
    weekday = weekday_of(words[0])
    if weekday is not None:
        return Weekly(weekday, _clock(words[1:], text))
    day = _month_day(words[0])
    if day is not None:
        return MonthDay(day, _clock(words[1:], text))
    return Interval(_interval(text, words))


def next_after(every: Every, t: datetime, place: Place) -> datetime:
    """The first occurrence later than `t` on the clocks of `place`; for an interval, `t` plus the interval."""
    match every:
        case Interval():
            return add(every.duration, t, place)
        case Weekly():
            today = place.wall(t)[0]
            day = today + (every.weekday - (today + 6)) % 7
            at = place.instant(day, every.clock)
            return at if at > t else place.instant(day + 7, every.clock)
        case MonthlyWeekday() | MonthDay():
            days = _days_of(every, date.fromordinal(place.wall(t)[0]))
            return next(at for day in days if (at := place.instant(day, every.clock)) > t)


def yearly_on(value: date, year: int) -> date:
    """The day of a birthday or anniversary in a year; 29 February falls on the 28th in other years."""
    if value.month == 2 and value.day == 29 and monthrange(year, 2)[1] != 29:
        return date(year, 2, 28)
    return date(year, value.month, value.day)


def next_yearly(value: date, clock: int, t: datetime, place: Place) -> datetime:
    """The first anniversary of `value`, at a clock time (minutes since midnight), later than `t`."""
    year = date.fromordinal(place.wall(t)[0]).year
    occurrences = (place.instant(yearly_on(value, year + more).toordinal(), clock) for more in range(3))
    return next(at for at in occurrences if at > t)


@dataclass(frozen=True, slots=True)
class Greeting:
    """A holiday for one lead, and when to write for it. `occasion` (`christmas 2026`) tells it from others."""

    occasion: str
    holiday: date
    at: datetime


def next_greeting(
    names: Sequence[str], ahead: Duration | None, clock: int, t: datetime, place: Place
) -> Greeting | None:
    """The first of the named holidays whose greeting is due later than `t`, at `place`.

    It is due `ahead` of the holiday (`2 business days`: days
    before it on which people work there), at the clock time. None when none comes within two years.
    """
    year = date.fromordinal(place.wall(t)[0]).year
    due = (greeting for name in names for greeting in _greetings(name, ahead, clock, place, year))
    return min((g for g in due if g.at > t), key=lambda g: (g.at, g.holiday), default=None)


def greetings_between(
    names: Sequence[str], ahead: Duration | None, clock: int, start: datetime, end: datetime, place: Place
) -> tuple[Greeting, ...]:
    """The greetings due later than `start` and not later than `end`, in order: all a bell has to ring for."""
    year = date.fromordinal(place.wall(start)[0]).year
    due = (greeting for name in names for greeting in _greetings(name, ahead, clock, place, year))
    return tuple(sorted((g for g in due if start < g.at <= end), key=lambda g: (g.at, g.holiday)))


def _greetings(name: str, ahead: Duration | None, clock: int, place: Place, year: int) -> Iterator[Greeting]:
    for of_year in range(year, year + 3):
        day = date_of(name, place.country, of_year, place.holidays)
        if day is not None:
            at = place.instant(day.toordinal(), clock)
            yield Greeting(f"{key_of(name)} {of_year}", day, subtract(ahead, at, place) if ahead else at)


def _days_of(every: MonthlyWeekday | MonthDay, start: date) -> Iterator[int]:
    """The days (ordinals) it falls on, from the month of `start` on."""
    month = start.year * 12 + start.month - 1
    while True:
        first = date(month // 12, month % 12 + 1, 1)
        length = monthrange(first.year, first.month)[1]
        if isinstance(every, MonthDay):
            yield first.toordinal() + min(every.day, length) - 1
        else:
            earliest = (every.weekday - first.weekday()) % 7
            count = every.nth - 1 if every.nth > 0 else (length - 1 - earliest) // 7
            yield first.toordinal() + earliest + 7 * count
        month += 1


def _clock(words: list[str], text: str) -> int:
    rest = words[3:] if words[:3] == ["of", "the", "month"] else words
    rest = rest[1:] if rest[:1] == ["at"] else rest
    if not rest:
        return DEFAULT_OPENING
    if len(rest) > 2:
        raise GrammarError(f"`{text.strip()}` is not a recurrence", _EXAMPLE)
    return parse_clock("".join(rest))


def _month_day(word: str) -> int | None:
    """`15th` → 15; None when it is not written like a day of the month."""
    digits = word[:-2]
    if word[-2:] not in ("st", "nd", "rd", "th") or not (digits.isascii() and digits.isdigit()):
        return None
    if not 1 <= int(digits[:4]) <= 31:
        raise GrammarError(f"no month has a `{word}`", "days go from `1st` to `31st`")
    return int(digits)


def _interval(text: str, words: list[str]) -> Duration:
    bare = {"daily": "1 day", "weekly": "1 week", "monthly": "1 month", "yearly": "1 year", "fifth": "last"}
    if words[0] in bare:
        raise GrammarError(
            f"`{text.strip()}` is not a recurrence", f"write `{' '.join([bare[words[0]], *words[1:]])}`"
        )
    if not words[0][:1].isdigit():
        raise GrammarError(f"`{text.strip()}` is not a recurrence", nearest(words[0], WEEKDAYS) or _EXAMPLE)
    duration = parse_duration(text)
    if not duration:
        raise GrammarError(f"`{text.strip()}` would never end", "the least is `1 minute`")
    return duration


def _suffix(day: int) -> str:
    return "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
