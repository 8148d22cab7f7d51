"""DURATION of the campaign language: `3 days`, `2 business days`, `2h30m` (language.md, Steps).

A day is the same clock time tomorrow in the lead's zone, 24 hours are 24 hours; a month later than the
31st is the month's last day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from nurture.core.clocktime import DAY_MINUTES, clock_text, nearest, parse_clock, to_minute
from nurture.core.errors import GrammarError
from nurture.core.place import Place
from nurture.core.window import Window, parse_window

OFFICE: Final = parse_window("mon-fri 09:00-17:00")
"""Business hours (semantics.md, Time)."""

_UNITS: Final = {
    "years": ("year", "y"),
    "months": ("month",),
    "weeks": ("week", "w"),
    "days": ("day", "d"),
    "hours": ("hour", "hr", "hrs", "h"),
    "minutes": ("minute", "min", "mins", "m"),
}
_FIELD_OF: Final = {alias: unit for unit, aliases in _UNITS.items() for alias in (unit, *aliases)}
_LONGEST: Final = {
    "years": 100, "months": 1200, "weeks": 5200, "days": 36500, "business_days": 2600,
    "hours": 876000, "business_hours": 20800, "minutes": 52560000,
}  # fmt: skip
"""A hundred years at most, ten of business days: more is a slip, and would leave the calendar."""

_PART: Final = re.compile(r"(\d+)\s*(business\s+)?([^\W\d_]+)\s*(?:(?:,|and\b)\s*)?")
_ISO: Final = re.compile(r"p(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?)?$")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in the units its author chose; every field is 0 or more.

    `text` is the author's own form, which `str` gives back; two durations are equal when their fields are.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    business_days: int = 0
    hours: int = 0
    business_hours: int = 0
    minutes: int = 0
    text: str = field(default="", compare=False, repr=False)
    _elapsed: timedelta = field(init=False, compare=False, repr=False)
    _by_calendar: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        calendar = self.years or self.months or self.weeks or self.days or self.business_days
        object.__setattr__(self, "_elapsed", timedelta(hours=self.hours, minutes=self.minutes))
        object.__setattr__(self, "_by_calendar", bool(calendar))

    def __str__(self) -> str:
        return self.text or self.in_words()

    def __bool__(self) -> bool:
        return self._by_calendar or bool(self._elapsed) or self.business_hours > 0

    @property
    def by_calendar(self) -> bool:
        """Whether it holds days or longer units, which follow the calendar and keep the clock time."""
        return self._by_calendar

    @property
    def nominal(self) -> timedelta:
        """Its length without a calendar: a year of 365 days, a month of 30, a business day of 24 hours."""
        days = self.years * 365 + self.months * 30 + self.weeks * 7 + self.days + self.business_days
        return timedelta(days=days, hours=self.hours + self.business_hours, minutes=self.minutes)

    def in_words(self) -> str:
        """`1 week 2 days`, whatever form it was written in."""
        parts = [
            f"{count} {name.replace('_', ' ').removesuffix('s') if count == 1 else name.replace('_', ' ')}"
            for name in _LONGEST
            if (count := getattr(self, name))
        ]
        return " ".join(parts) or "0 minutes"


@dataclass(frozen=True, slots=True)
class Delay:
    """`after: DURATION` or `after: DURATION at 09:30`; `clock` is minutes since midnight or None."""

    duration: Duration
    clock: int | None = None

    def __str__(self) -> str:
        return str(self.duration) if self.clock is None else f"{self.duration} at {clock_text(self.clock)}"


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """Read `3 days`, `3d`, `2h30m`, `1 week 2 days`, `2 business days`. Raises GrammarError."""
    written = " ".join(text.split())
    lowered = written.lower()
    counts: dict[str, int] = {}
    position = 0
    while position < len(lowered):
        part = _PART.match(lowered, position)
        if part is None:
            raise _unreadable(written)
        position = part.end()
        unit = _unit(part[3], business=bool(part[2]))
        if unit in counts:
            raise GrammarError(f"`{written}` names {unit.replace('_', ' ')} twice", "add them up")
        counts[unit] = int(part[1]) if len(part[1]) < 12 else 10**12
        if counts[unit] > _LONGEST[unit]:
            raise GrammarError(
                f"`{written}` is too long", f"at most {_LONGEST[unit]} {unit.replace('_', ' ')}"
            )
    if not counts or lowered.endswith((",", "and")):
        raise _unreadable(written)
    return Duration(**counts, text=written)


def parse_delay(text: str) -> Delay:
    """Read `2 days` or `2 days at 09:30`. Raises GrammarError."""
    length, at, clock = text.lower().partition(" at ")
    return Delay(parse_duration(length), parse_clock(clock) if at else None)


def add(duration: Duration, start: datetime, place: Place, hours: Window = OFFICE) -> datetime:
    """`start` plus the duration, at `place`; both in UTC.

    Years and months first, then weeks and days, business days, elapsed hours and minutes, business hours.
    `hours` are the business hours, such as a colleague's own.
    """
    at = start
    if duration._by_calendar:
        day, minute = place.wall(start)
        if duration.years or duration.months:
            day = _months_later(day, duration.years * 12 + duration.months)
        day += duration.weeks * 7 + duration.days
        if duration.business_days:
            day = business_day_after(day, duration.business_days, place)
        at = place.instant(day, minute) + _seconds(start)
    if duration._elapsed:
        at += duration._elapsed
    if duration.business_hours:
        at = _open_minutes_later(at, duration.business_hours * 60, hours, place)
    return at


def subtract(duration: Duration, start: datetime, place: Place, hours: Window = OFFICE) -> datetime:
    """`start` minus the duration, at `place`; the same units in the same order, backwards."""
    at = start
    if duration._by_calendar:
        day, minute = place.wall(start)
        if duration.years or duration.months:
            day = _months_later(day, -duration.years * 12 - duration.months)
        day -= duration.weeks * 7 + duration.days
        if duration.business_days:
            day = business_day_before(day, duration.business_days, place)
        at = place.instant(day, minute) + _seconds(start)
    if duration._elapsed:
        at -= duration._elapsed
    if duration.business_hours:
        at = _open_minutes_earlier(at, duration.business_hours * 60, hours, place)
    return at


def delay_end(delay: Delay, start: datetime, place: Place) -> datetime:
    """When a delay that began at `start` is over.

    With a clock time: that time on the day the duration leads to, if it leads to another day; otherwise
    (`2 hours at 09:30`) the first such time from there on. Never before `start`.
    """
    end = add(delay.duration, start, place)
    if delay.clock is None:
        return end
    day, _ = place.wall(end)
    at = place.instant(day, delay.clock)
    floor = start if delay.duration.by_calendar else end
    return at if at >= floor else place.instant(day + 1, delay.clock)


def business_day_after(day: int, count: int, place: Place) -> int:
    """The local day (ordinal) `count` business days after `day`, which itself does not count."""
    while count:
        day += 1
        count -= place.is_business_on(day)
    return day


def business_day_before(day: int, count: int, place: Place) -> int:
    """The local day (ordinal) `count` business days before `day`."""
    while count:
        day -= 1
        count -= place.is_business_on(day)
    return day


def _months_later(day: int, months: int) -> int:
    on = date.fromordinal(day)
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1])).toordinal()


def _seconds(start: datetime) -> timedelta:
    return timedelta(seconds=start.second, microseconds=start.microsecond)


def _open_minutes_later(start: datetime, minutes: int, hours: Window, place: Place) -> datetime:
    """The end of so many open minutes from `start` on."""
    day, minute = place.wall(start)
    while True:
        for opens, closes in hours.hours(day, place):
            if closes <= minute:
                continue
            if minute < opens:
                minute, start = opens, to_minute(start)
            if minute + minutes <= closes:
                return place.instant(day, minute + minutes) + _seconds(start)
            minutes -= closes - minute
            minute = closes
        day, minute, start = day + 1, 0, to_minute(start)


def _open_minutes_earlier(start: datetime, minutes: int, hours: Window, place: Place) -> datetime:
    """The beginning of so many open minutes that end at `start`."""
    day, minute = place.wall(start)
    while True:
        for opens, closes in reversed(hours.hours(day, place)):
            if opens >= minute:
                continue
            if minute > closes:
                minute, start = closes, to_minute(start)
            if minute - minutes >= opens:
                return place.instant(day, minute - minutes) + _seconds(start)
            minutes -= minute - opens
            minute = opens
        day, minute, start = day - 1, DAY_MINUTES, to_minute(start)


def _unit(word: str, *, business: bool) -> str:
    unit = _FIELD_OF.get(word)
    if unit is None:
        if word.startswith(("second", "sec")) or word == "s":
            raise GrammarError("the smallest unit is a minute", "write `1 minute`")
        if word in ("working", "work", "workday", "workdays"):
            raise GrammarError(f"`{word}` is not a unit of time", "write `2 business days`")
        hint = (
            nearest(word, tuple(_UNITS))
            or "units are minutes, hours, days, weeks, months, years, business days"
        )
        raise GrammarError(f"`{word}` is not a unit of time", hint)
    if not business:
        return unit
    if unit not in ("days", "hours"):
        raise GrammarError(f"there are no business {unit}", "write `2 business days` or `4 business hours`")
    return f"business_{unit}"


def _unreadable(written: str) -> GrammarError:
    lowered = written.lower()
    if not written:
        return GrammarError("a duration is missing", "write a number and a unit, such as `3 days`")
    if lowered.startswith(("-", "−")):
        return GrammarError(
            f"`{written}` is negative",
            "a duration is never negative; for earlier, write `1 day before entry.starts_at`",
        )
    if lowered.isdigit():
        return GrammarError(f"`{written}` has no unit", f"write `{written} days` or `{written} hours`")
    if (iso := _ISO.match(lowered)) and any(iso.groups()):
        names = ("years", "months", "weeks", "days", "hours", "minutes")
        counts = {name: int(count) for name, count in zip(names, iso.groups(), strict=True) if count}
        return GrammarError(
            f"`{written}` is not written as a duration here",
            f"write `{Duration(**counts, text='').in_words()}`",
        )
    if re.match(r"\d+\s*[.,]\s*\d", lowered):
        return GrammarError(
            f"`{written}` is not in whole numbers", "use a smaller unit: `90 minutes` or `1h30m`"
        )
    return GrammarError(
        f"`{written}` is not a duration", "write a number and a unit, such as `3 days` or `2h30m`"
    )
