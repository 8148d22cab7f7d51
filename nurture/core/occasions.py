"""Well-known holidays by name and country: `christmas` is 7 January in Russia and no day at all in Japan.

A small vocabulary of its own (`holiday: {only: [christmas, new year]}`), since the names public holidays
have in the books differ from country to country and year to year.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from nurture.core.clocktime import nearest
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook, is_national_holiday
from nurture.core.movable import easter, nth_weekday

_JANUARY_CHRISTMAS: Final = frozenset(
    ["RU", "BY", "RS", "ME", "MK", "GE", "MD", "KZ", "KG", "EG", "ET", "ER"]
)
"""Where most keep Christmas by the Julian or Coptic calendar."""

_JULIAN_EASTER: Final = frozenset(
    ["RU", "BY", "UA", "MD", "RO", "BG", "RS", "ME", "MK", "GR", "CY", "GE", "EG", "ET", "ER"]
)
"""Where most keep Easter with the Orthodox churches."""

_NATIONAL_DAYS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "AE": (12, 2), "AM": (9, 21), "AR": (7, 9), "AT": (10, 26), "AU": (1, 26), "AZ": (5, 28), "BE": (7, 21),
        "BG": (3, 3), "BR": (9, 7), "BY": (7, 3), "CA": (7, 1), "CH": (8, 1), "CL": (9, 18), "CN": (10, 1),
        "CO": (7, 20), "CY": (10, 1), "CZ": (10, 28), "DE": (10, 3), "DK": (6, 5), "EE": (2, 24), "ES": (10, 12),
        "FI": (12, 6), "FR": (7, 14), "GE": (5, 26), "GR": (3, 25), "HR": (5, 30), "HU": (8, 20), "IE": (3, 17),
        "IN": (8, 15), "IS": (6, 17), "IT": (6, 2), "KR": (8, 15), "KZ": (10, 25), "LT": (2, 16), "LU": (6, 23),
        "LV": (11, 18), "MX": (9, 16), "NL": (4, 27), "NO": (5, 17), "NZ": (2, 6), "PL": (11, 11), "PT": (6, 10),
        "RO": (12, 1), "RS": (2, 15), "RU": (6, 12), "SE": (6, 6), "SI": (6, 25), "SK": (9, 1), "TR": (10, 29),
        "UA": (8, 24), "US": (7, 4), "UZ": (9, 1), "ZA": (4, 27),
    }
)  # fmt: skip


def _christmas(country: str | None, year: int) -> date | None:
    day = date(year, 1, 7) if country in _JANUARY_CHRISTMAS else date(year, 12, 25)
    return _if_kept(date(year, 1, 6) if country == "AM" else day, country)


def _new_year(country: str | None, year: int) -> date | None:
    return _if_kept(date(year, 1, 1), country)


def _if_kept(day: date, country: str | None) -> date | None:
    """The day unless the country is known not to keep it as a public holiday."""
    return day if country is None or is_national_holiday(country, day) else None


def _easter(country: str | None, year: int) -> date:
    return easter(year, julian=country in _JULIAN_EASTER)


def _from_easter(days: int) -> Callable[[str | None, int], date | None]:
    return lambda country, year: _easter(country, year) + timedelta(days=days)


def _fixed(month: int, day: int) -> Callable[[str | None, int], date | None]:
    return lambda country, year: date(year, month, day)


def _christmas_eve(country: str | None, year: int) -> date | None:
    day = _christmas(country, year)
    return day - timedelta(days=1) if day else None


def _thanksgiving(country: str | None, year: int) -> date | None:
    if country == "US":
        return nth_weekday(year, 11, 4, 3)
    return nth_weekday(year, 10, 2, 0) if country == "CA" else None


def _labour_day(country: str | None, year: int) -> date | None:
    if country in ("US", "CA"):
        return nth_weekday(year, 9, 1, 0)
    if country == "NZ":
        return nth_weekday(year, 10, 4, 0)
    return nth_weekday(year, 5, 1, 0) if country in ("GB", "IE") else date(year, 5, 1)


def _national_day(country: str | None, year: int) -> date | None:
    found = _NATIONAL_DAYS.get(country or "")
    return date(year, *found) if found else None


_RULES: Final[Mapping[str, Callable[[str | None, int], date | None]]] = MappingProxyType(
    {
        "new year": _new_year,
        "epiphany": _fixed(1, 6),
        "women's day": _fixed(3, 8),
        "good friday": _from_easter(-2),
        "easter": _from_easter(0),
        "easter monday": _from_easter(1),
        "labour day": _labour_day,
        "ascension": _from_easter(39),
        "pentecost": _from_easter(49),
        "national day": _national_day,
        "thanksgiving": _thanksgiving,
        "christmas eve": _christmas_eve,
        "christmas": _christmas,
        "boxing day": _fixed(12, 26),
        "new year's eve": _fixed(12, 31),
    }
)

OCCASIONS: Final = tuple(_RULES)
"""The well-known names a campaign may use."""

_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "xmas": "christmas", "christmas day": "christmas", "new year's day": "new year", "new years day": "new year",
        "new years": "new year", "new year's": "new year", "new years eve": "new year's eve",
        "silvester": "new year's eve", "labor day": "labour day", "womens day": "women's day",
        "whitsun": "pentecost", "easter sunday": "easter", "independence day": "national day",
    }
)  # fmt: skip


def parse_occasion(text: str, own: Collection[str] = ()) -> str:
    """The key of a holiday an author names; `own` are names of the project's own days. Raises GrammarError."""
    key = key_of(text)
    known = [key_of(day) for day in own]
    if key in _RULES or key in known:
        return key
    hint = (
        nearest(key, (*OCCASIONS, *known))
        or f"known are {', '.join(OCCASIONS)}, and days of your own under `holidays`"
    )
    raise GrammarError(f"`{text.strip()}` is not a holiday known here", hint)


def key_of(name: str) -> str:
    """The key a holiday's name stands for: `Xmas` → `christmas`; lower case, single blanks, straight apostrophes."""
    plain = " ".join(name.lower().replace("’", "'").replace("-", " ").replace("_", " ").split())
    return _ALIASES.get(plain, plain)


def date_of(name: str, country: str | None, year: int, book: HolidayBook) -> date | None:
    """The day a holiday falls on in a country and year, None where it has none.

    Without a country, the most usual day. Days of the project's own are found by their names.
    """
    key = key_of(name)
    for day, own in book.own_days(country, year).items():
        if key_of(own) == key:
            return day
    rule = _RULES.get(key)
    return rule(country, year) if rule else None
