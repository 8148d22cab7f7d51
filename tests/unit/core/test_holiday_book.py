from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from nurture.core.holiday_book import HolidayBook, ProjectDay, is_national_holiday


def test_a_project_adds_and_removes_days() -> None:
    book = HolidayBook(
        added=[
            ProjectDay(12, 24, country="DE", name="Christmas Eve"),
            ProjectDay(7, 1, year=2026, name="Company day"),
        ],
        removed=[ProjectDay(5, 1, country="DE")],
    )
    assert book.holidays("DE", 2026)[date(2026, 12, 24)] == "Christmas Eve"
    assert date(2026, 12, 24) not in book.holidays("FR", 2026)
    assert all(date(2026, 7, 1) in book.holidays(country, 2026) for country in ("DE", "FR", None))
    assert date(2027, 7, 1) not in book.holidays("DE", 2027)
    assert date(2026, 5, 1) not in book.holidays("DE", 2026)
    assert date(2026, 5, 1) in book.holidays("FR", 2026)
    assert book.days_off("DE", 2026) == {day.toordinal() for day in book.holidays("DE", 2026)}


def test_a_region_has_its_own_holidays_too() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany not in HolidayBook().holidays("DE", 2026)
    assert epiphany in HolidayBook(regions={"DE": "BY"}).holidays("DE", 2026)
    assert date(2026, 10, 3) in HolidayBook(regions={"DE": "nowhere"}).holidays("DE", 2026)


@pytest.mark.parametrize("country", ["XX", "", None])
def test_an_unknown_country_has_none(country: str | None) -> None:
    assert not HolidayBook().holidays(country, 2026)


def test_the_leap_day_is_there_in_leap_years_only() -> None:
    day = ProjectDay(2, 29)
    assert [day.in_year(year) for year in (2027, 2028)] == [None, date(2028, 2, 29)]


def test_what_the_country_keeps_is_told_from_what_the_project_says() -> None:
    assert is_national_holiday("DE", date(2026, 12, 25))
    assert not is_national_holiday("JP", date(2026, 12, 25))
    assert is_national_holiday("XX", date(2026, 12, 25))


def test_the_package_is_imported_only_when_asked() -> None:
    code = (
        "import sys; from nurture.core.holiday_book import HolidayBook; b = HolidayBook(); b.holidays(None, 2026);"
        "assert 'holidays' not in sys.modules; b.holidays('DE', 2026); assert 'holidays' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
