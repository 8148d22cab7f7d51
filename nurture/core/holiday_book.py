"""Public holidays by country: the `holidays` package, plus and minus what the project says.

The package takes a third of a second to import, so it is only imported when a holiday is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from warnings import catch_warnings, simplefilter

_REGIONS: Final = {"GB": "ENG"}
"""Countries whose nation-wide list misses what most people there have off: GB alone has no Easter Monday."""


@dataclass(frozen=True, slots=True)
class ProjectDay:
    """A day a project adds to the holidays or takes from them.

    `country` None means everywhere; `year` None means every year (29 February only in leap years).
    """

    month: int
    day: int
    year: int | None = None
    country: str | None = None
    name: str = "holiday"

    def in_year(self, year: int) -> date | None:
        """The date in that year, None when it has none."""
        if self.year is not None and self.year != year:
            return None
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


class HolidayBook:
    """Which days are public holidays where. Compared by identity; keeps what it looked up.

    `added` and `removed` are the project's own days; `regions` picks a part of a country
    (`{"DE": "BY"}`, ISO 3166-2 without the country), whose own holidays then count too.
    """

    __slots__ = ("_added", "_days_off", "_named", "_regions", "_removed")

    def __init__(
        self,
        added: Iterable[ProjectDay] = (),
        removed: Iterable[ProjectDay] = (),
        regions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._added = tuple(added)
        self._removed = tuple(removed)
        self._regions = {**_REGIONS, **regions}
        self._named: dict[tuple[str | None, int], Mapping[date, str]] = {}
        self._days_off: dict[tuple[str | None, int], frozenset[int]] = {}

    def holidays(self, country: str | None, year: int) -> Mapping[date, str]:
        """The public holidays of a country in a year, with their names, in English where the package has them, by date."""
        known = self._named.get((country, year))
        if known is None:
            days = dict(_national(country, self._regions.get(country), year)) if country else {}
            days.update(self._own(self._added, country, year))
            for gone in self._own(self._removed, country, year):
                days.pop(gone, None)
            known = self._named[country, year] = MappingProxyType(dict(sorted(days.items())))
        return known

    def days_off(self, country: str | None, year: int) -> frozenset[int]:
        """The same as ordinals, for fast look-ups."""
        known = self._days_off.get((country, year))
        if known is None:
            days = (day.toordinal() for day in self.holidays(country, year))
            known = self._days_off[country, year] = frozenset(days)
        return known

    def own_days(self, country: str | None, year: int) -> Mapping[date, str]:
        """The days the project added, with their names, by date."""
        return self._own(self._added, country, year)

    @staticmethod
    def _own(days: tuple[ProjectDay, ...], country: str | None, year: int) -> dict[date, str]:
        here = (day for day in days if day.country is None or day.country == country)
        dated = ((day.in_year(year), day.name) for day in here)
        return {on: name for on, name in dated if on is not None}


def is_national_holiday(country: str, day: date) -> bool:
    """Whether the country keeps the day, whatever the project says; yes for a country nothing is known of."""
    days = _national(country, None, day.year)
    return day in days or not days


@lru_cache(maxsize=2048)
def _national(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """What the package knows; nothing for a country, region or year it does not know."""
    from holidays import country_holidays

    for subdivision in (region, None):
        try:
            with catch_warnings():
                simplefilter("ignore")  # it warns of years whose moon feasts it does not know
                found = country_holidays(country, subdiv=subdivision, years=year, language="en_US")
        except NotImplementedError:
            continue
        return MappingProxyType(dict(found))
    return MappingProxyType({})
