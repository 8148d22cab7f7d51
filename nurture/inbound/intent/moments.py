"""Calendar arithmetic for dates people name: the next March, the next quarter, Easter, the end of the holidays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from nurture.core.movable import easter

PART_DAYS = {"middle": 15, "second": 16, "end": 25}
PART_MONTHS = {"middle": 7, "second": 7, "end": 12}
"""Where a part of a month, and of a year, begins."""
SEASON_MONTH = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_MOST_UNITS = 400
BEGIN_DAY, MIDDLE_DAY, END_DAY = 1, 15, 25


def add_months(day: date, months: int) -> date:
    """`day` so many calendar months on, cut to the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min_day(year, month + 1, day.day)


def min_day(year: int, month: int, day: int) -> date:
    """That day, or the last day of the month where it has fewer."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day - 1), following - timedelta(days=1))


def next_in_month(written: date, month: int, day: int = 1) -> date:
    """The next time it is that day of that month; within the running month at least today."""
    found = min_day(written.year, month, day)
    if month == written.month and day == 1:
        return written + timedelta(days=min(7, max(0, 28 - written.day)))
    return found if found >= written else min_day(written.year + 1, month, day)


def next_quarter(written: date) -> date:
    """The first day of the quarter after this one."""
    return add_months(date(written.year, (written.month - 1) // 3 * 3 + 1, 1), 3)


def next_week(written: date) -> date:
    """The Monday of the week after this one."""
    return written + timedelta(days=7 - written.weekday())


def in_iso_week(written: date, week: int) -> date | None:
    """The Monday of the next week of that number, or None where there is no such week."""
    for year in (written.isocalendar().year, written.isocalendar().year + 1):
        try:
            monday = date.fromisocalendar(year, week, 1)
        except ValueError:
            continue
        if monday + timedelta(days=6) >= written:
            return max(monday, written)
    return None


def next_weekday(written: date, weekday: int) -> date:
    """The next such day after `written`; 1 is Monday."""
    ahead = (weekday - 1 - written.weekday()) % 7
    return written + timedelta(days=ahead or 7)


def next_day_on(written: date, day: int, weekday: int) -> date | None:
    """The next day of that number that falls on that weekday, within the next four months; 1 is Monday."""
    for months in range(5):
        month = add_months(written.replace(day=1), months)
        if 1 <= day <= 31:
            found = min_day(month.year, month.month, day)
            if found > written and found.day == day and found.isoweekday() == weekday:
                return found
    return None


def add_units(day: date, value: float, unit: str) -> date | None:
    """`day` so many units on, or back where `value` is negative; half a month is 15 days. None for too many."""
    months = {"month": 1, "quarter": 3, "quarters": 3, "half": 6, "year": 12}.get(unit)
    if not value or abs(value) > _MOST_UNITS:
        return None
    if months:
        whole = int(value * months)
        return add_months(day, whole) + timedelta(days=15 if value * months > whole else 0)
    return day + timedelta(days=int(value * (7 if unit == "week" else 1)))


def unit_after(day: date, over: date, unit: str) -> date | None:
    """Where the unit after `day` begins, which is over on the day `over`: the Monday after, the day after."""
    if unit == "week":
        return over + timedelta(days=-over.weekday() % 7)
    return over if unit == "day" else add_units(day.replace(day=1), 1, unit)


def into(begin: date, unit: str, part: str | None) -> date:
    """A point inside the unit that starts at `begin`."""
    if part == "end":
        return {
            "week": begin + timedelta(days=4),
            "month": begin.replace(day=END_DAY),
            "quarter": add_months(begin, 2) + timedelta(days=24),
            "half": add_months(begin, 5) + timedelta(days=24),
            "year": date(begin.year, 12, 1),
        }.get(unit, begin)
    if part == "middle":
        return {
            "week": begin + timedelta(days=2),
            "month": begin.replace(day=MIDDLE_DAY),
            "quarter": add_months(begin, 1) + timedelta(days=14),
            "half": add_months(begin, 3),
            "year": date(begin.year, 7, 1),
        }.get(unit, begin)
    return begin


def _yearly(month: int, day: int) -> Callable[[date], date]:
    def moment(written: date) -> date:
        found = date(written.year, month, day)
        return found if found > written else date(written.year + 1, month, day)

    return moment


def _from_easter(days: int) -> Callable[[date], date]:
    def moment(written: date) -> date:
        found = easter(written.year) + timedelta(days=days)
        return found if found > written else easter(written.year + 1) + timedelta(days=days)

    return moment


def _after_holidays(written: date) -> date:
    """After whichever holidays come next: Christmas, Easter, summer; October stands for the autumn break."""
    if written.month >= 11 or written.month == 1:
        return _yearly(1, 7)(written)
    after_easter = easter(written.year) + timedelta(days=2)
    if after_easter - timedelta(days=45) <= written < after_easter:
        return after_easter
    return _yearly(9, 1)(written) if written.month < 9 else _yearly(11, 2)(written)


def _after_may_or_new_year(written: date) -> date:
    """After the Russian public holidays: 23 February and 8 March, May, New Year."""
    for month, day in ((1, 12), (3, 10), (5, 12)):
        found = date(written.year, month, day)
        if written < found and (found - written).days <= 45:
            return found
    return _yearly(1, 12)(written)


MOMENTS: dict[str, Callable[[date], date]] = {
    "tomorrow": lambda written: written + timedelta(days=1),
    "next_day": lambda written: written + timedelta(days=1),
    "day_after_tomorrow": lambda written: written + timedelta(days=2),
    "next_week": next_week,
    "week_after_next": lambda written: next_week(written) + timedelta(days=7),
    "next_month": lambda written: add_months(written.replace(day=1), 1),
    "month_after_next": lambda written: add_months(written.replace(day=1), 2),
    "next_quarter": next_quarter,
    "next_year": lambda written: date(written.year + 1, 1, 7),
    "new_fiscal_year": lambda written: date(written.year + 1, 1, 7),
    "year_after_next": lambda written: date(written.year + 2, 1, 7),
    "new_year": _yearly(1, 7),
    "end_of_year": lambda written: max(date(written.year, 12, 10), written + timedelta(days=3)),
    "last_quarter": _yearly(10, 1),
    "between_years": _yearly(12, 27),
    "mid_year": _yearly(7, 1),
    "second_half": _yearly(7, 1),
    "end_of_month": lambda written: max(min_day(written.year, written.month, END_DAY), written),
    "end_of_week": lambda written: next_weekday(written, 5),
    "fortnight": lambda written: written + timedelta(days=14),
    "half_year": lambda written: add_months(written, 6),
    "one_week": lambda written: written + timedelta(days=7),
    "one_month": lambda written: add_months(written, 1),
    "one_year": lambda written: add_months(written, 12),
    "back_to_school": _yearly(9, 1),
    "few_days": lambda written: written + timedelta(days=4),
    "few_weeks": lambda written: written + timedelta(days=21),
    "two_months": lambda written: add_months(written, 2),
    "few_months": lambda written: add_months(written, 3),
    "after_easter": _from_easter(2),
    "after_whitsun": _from_easter(51),
    "after_summer": _yearly(9, 1),
    "after_harvest": _yearly(9, 15),
    "after_summer_holidays_da": _yearly(8, 15),
    "after_autumn_holidays": _yearly(11, 2),
    "after_autumn_holidays_da": _yearly(10, 19),
    "after_winter_holidays": _yearly(3, 1),
    "after_christmas": _yearly(1, 7),
    "after_carnival": _from_easter(-46),
    "after_holidays": _after_holidays,
    "after_holidays_ru": _after_may_or_new_year,
    "after_may_holidays": _yearly(5, 12),
}
"""Named moments that date words in a lexicon may stand for, by the day the reply was written."""

SPANS: dict[str, tuple[float, str]] = {
    "next_day": (0, "day"),
    "few_days": (4, "day"),
    "one_week": (1, "week"),
    "fortnight": (2, "week"),
    "few_weeks": (3, "week"),
    "one_month": (1, "month"),
    "two_months": (2, "month"),
    "few_months": (3, "month"),
    "half_year": (6, "month"),
    "one_year": (12, "month"),
}
"""Those of the moments that are lengths of time; `next_day` is the day after a date."""

NEXT_UNITS: dict[str, Callable[[date], date]] = {
    "week": next_week,
    "month": MOMENTS["next_month"],
    "quarter": next_quarter,
    "half": lambda written: date(written.year + (written.month > 6), 7 if written.month <= 6 else 1, 1),
    "year": MOMENTS["next_year"],
}
"""Where the next of a unit begins."""
