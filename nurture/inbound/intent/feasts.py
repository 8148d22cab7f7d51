"""The days of feasts, by rules short enough to stand beside their names in a lexicon.

06-24                      a day of the year
easter+39  orthodox-49     so many days from Easter Sunday, Western or Orthodox
09 weekday 1 number 1      the first Monday of September; number 5 is the last
islamic 10-01              a day of the tabular Islamic calendar; the moon may be seen a day off it
new moon 10-16             the first new moon from that day on (Diwali)
02-22 or 06-01             whichever comes first
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta

from nurture.core.movable import easter, nth_weekday
from nurture.inbound.intent.moments import min_day

_RULE = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)"
    r"|(?P<church>easter|orthodox)(?P<offset>[+-]\d+)"
    r"|(?P<in_month>\d\d) weekday (?P<weekday>[1-7]) number (?P<number>[1-5])"
    r"|islamic (?P<moon>\d\d)-(?P<moon_day>\d\d)"
    r"|new moon (?P<from_month>\d\d)-(?P<from_day>\d\d)"
)
_OR = " or "
_HIJRA = date(622, 7, 18).toordinal()
_NEW_MOON, _HOUR, _LUNATION = date(2000, 1, 6), 0.76, 29.530588


def is_rule(rule: str) -> bool:
    """Whether `rule` is one of those above."""
    return all(_RULE.fullmatch(one) for one in rule.split(_OR))


def feast_day(rule: str, written: date) -> date:
    """The next day after `written` that `rule` names. Raises ValueError for what is no rule."""
    return min(_next(one, written) for one in rule.split(_OR))


def _next(rule: str, written: date) -> date:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise ValueError(f"this is no rule for a feast: {rule}")
    return next(
        day for year in range(written.year, written.year + 3) for day in _days(match, year) if day > written
    )


def _days(match: re.Match[str], year: int) -> Iterator[date]:
    """The days of a feast in a year of ours, in their order."""
    if match["month"]:
        yield min_day(year, int(match["month"]), int(match["day"]))
    elif match["church"]:
        sunday = easter(year, julian=match["church"] == "orthodox")
        yield sunday + timedelta(days=int(match["offset"]))
    elif match["in_month"]:
        yield _weekday_in(year, int(match["in_month"]), int(match["weekday"]), int(match["number"]))
    elif match["moon"]:
        about = int((year - 622) * 33 / 32)
        found = (_islamic(about + more, int(match["moon"]), int(match["moon_day"])) for more in range(4))
        yield from (day for day in found if day.year == year)
    else:
        yield _new_moon(date(year, int(match["from_month"]), int(match["from_day"])))


def _weekday_in(year: int, month: int, weekday: int, number: int) -> date:
    found = nth_weekday(year, month, number, weekday - 1)
    return found if found.month == month else found - timedelta(days=7)


def _islamic(year: int, month: int, day: int) -> date:
    days = day + math.ceil(29.5 * (month - 1)) + (year - 1) * 354 + (3 + 11 * year) // 30
    return date.fromordinal(_HIJRA + days)


def _new_moon(start: date) -> date:
    moons = math.ceil(((start - _NEW_MOON).days - _HOUR) / _LUNATION)
    return _NEW_MOON + timedelta(days=math.floor(_HOUR + moons * _LUNATION))
