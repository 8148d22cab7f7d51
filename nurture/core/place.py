"""Where a lead lives, as far as time is concerned: a zone, a country, its public holidays.

A `Place` turns instants into local days and minutes and back. A local day is a proleptic ordinal
(`date.toordinal`), a local time minutes since midnight: whole numbers, since fifty thousand decisions a
second ask for them. Offsets are learned per day and kept; days on which clocks change go through zoneinfo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nurture.core.countries import zone_of
from nurture.core.holiday_book import HolidayBook

_MIXED: Final = 1 << 20
"""Stands in the caches for a day without one offset in whole minutes."""

_FIRST_DAY: Final = datetime(1, 1, 1, tzinfo=UTC)
_PROBES: Final = (time(0), time(8), time(16), time(23, 59, 59))


@dataclass(frozen=True, slots=True)
class Place:
    """A zone, an ISO 3166 country (None: not known) and the holidays that hold there.

    Instants are aware datetimes in UTC, in and out. A clock time that a change of clocks skips is taken
    later by what was skipped (an hour, nearly everywhere); one that occurs twice is the first.
    """

    zone: ZoneInfo
    country: str | None
    holidays: HolidayBook
    _utc_days: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _local_days: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _free_days: dict[int, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def wall(self, utc: datetime) -> tuple[int, int]:
        """The local day (ordinal) and the minute of that day an instant falls into."""
        day = utc.toordinal()
        offset = self._utc_days.get(day)
        if offset is None:
            offset = self._utc_days[day] = self._offset_of_utc_day(day)
        if offset == _MIXED:
            local = utc.astimezone(self.zone)
            return local.toordinal(), local.hour * 60 + local.minute
        minute = utc.hour * 60 + utc.minute + offset
        if minute < 0:
            return day - 1, minute + 1440
        if minute >= 1440:
            return day + 1, minute - 1440
        return day, minute

    def instant(self, day: int, minute: int) -> datetime:
        """The instant at which the clocks show `minute` on the local day; 1440 is the end of the day."""
        if minute >= 1440:
            day, minute = day + 1, minute - 1440
        offset = self._local_days.get(day)
        if offset is None:
            offset = self._local_days[day] = self._offset_of_local_day(day)
        if offset == _MIXED:
            wall = datetime.combine(date.fromordinal(day), time(minute // 60, minute % 60), self.zone)
            return wall.astimezone(UTC)
        return _FIRST_DAY + timedelta(day - 1, (minute - offset) * 60)

    def to_local(self, utc: datetime) -> datetime:
        """The same instant on the local clock."""
        return utc.astimezone(self.zone)

    def to_utc(self, day: date, clock: time) -> datetime:
        """The instant at which the local clock shows `clock` on `day`."""
        return datetime.combine(day, clock.replace(fold=0), self.zone).astimezone(UTC)

    def instants(self, day: int, minute: int) -> tuple[datetime, ...]:
        """All instants at which the clocks show `minute` on the local day: one, two or (skipped) none."""
        wall = datetime.combine(date.fromordinal(day), time(minute // 60, minute % 60), self.zone)
        both = {wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)}
        return tuple(sorted(at for at in both if self.wall(at) == (day, minute)))

    def changes(self, day: int) -> tuple[datetime, ...]:
        """The instant at which clocks change on the local day, if they do (to the minute)."""
        early, late = self.instant(day, 0) - timedelta(hours=3), self.instant(day + 1, 0)
        before, after = (at.astimezone(self.zone).utcoffset() for at in (early, late))
        if before == after:
            return ()
        while late - early > timedelta(minutes=1):
            middle = early + (late - early) // timedelta(minutes=2) * timedelta(minutes=1)
            if middle.astimezone(self.zone).utcoffset() == before:
                early = middle
            else:
                late = middle
        return (late,)

    def clocks_change(self, day: int) -> bool:
        """Whether the local day has more than one offset from UTC."""
        self.instant(day, 0)
        return self._local_days[day] == _MIXED

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday here (weekends are not, as such)."""
        return day.toordinal() in self.holidays.days_off(self.country, day.year)

    def is_holiday_on(self, day: int) -> bool:
        """As `is_holiday`, for an ordinal."""
        known = self._free_days.get(day)
        if known is None:
            known = self._free_days[day] = self.is_holiday(date.fromordinal(day))
        return known

    def is_business_day(self, day: date) -> bool:
        """Monday to Friday and no public holiday."""
        return self.is_business_on(day.toordinal())

    def is_business_on(self, day: int) -> bool:
        """As `is_business_day`, for an ordinal."""
        return (day + 6) % 7 < 5 and not self.is_holiday_on(day)

    def _offset_of_utc_day(self, day: int) -> int:
        start = datetime.fromordinal(day).replace(tzinfo=UTC)
        return _one_offset(
            {
                start.replace(hour=t.hour, minute=t.minute, second=t.second).astimezone(self.zone).utcoffset()
                for t in _PROBES
            }
        )

    def _offset_of_local_day(self, day: int) -> int:
        on = date.fromordinal(day)
        return _one_offset(
            {
                datetime.combine(on, t.replace(fold=fold), self.zone).utcoffset()
                for t in _PROBES
                for fold in (0, 1)
            }
        )


def _one_offset(offsets: set[timedelta | None]) -> int:
    """The offset in minutes, or _MIXED when there are several or it has seconds."""
    only = offsets.pop() if len(offsets) == 1 else None
    if only is None or only % timedelta(minutes=1):
        return _MIXED
    return only // timedelta(minutes=1)


@lru_cache(maxsize=4096)
def place_of(timezone: str | None, country: str | None, company_zone: ZoneInfo, book: HolidayBook) -> Place:
    """The place of a lead: its own zone, else its country's, else the company's (semantics.md, Time).

    `country` is an ISO 3166 alpha-2 code; an unknown one has no zone and no holidays. An unknown zone falls
    back like a missing one.
    """
    code = country.strip().upper() if country else None
    known = zone_of(code) if code else None
    zone = zone_named(timezone) or (zone_named(known) if known else None) or company_zone
    return Place(zone, code if known else None, book)


@lru_cache(maxsize=4096)
def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name, None for a name no zone has (whatever a form may have sent)."""
    if not name or not name.strip():
        return None
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
