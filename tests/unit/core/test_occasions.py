from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.countries import COUNTRIES
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook, ProjectDay
from nurture.core.movable import easter, nth_weekday
from nurture.core.occasions import OCCASIONS, date_of, parse_occasion

BOOK = HolidayBook()


@pytest.mark.parametrize(
    ("year", "western", "eastern"),
    [
        (2024, "2024-03-31", "2024-05-05"),
        (2025, "2025-04-20", "2025-04-20"),
        (2026, "2026-04-05", "2026-04-12"),
        (2027, "2027-03-28", "2027-05-02"),
        (2038, "2038-04-25", "2038-04-25"),
        (2011, "2011-04-24", "2011-04-24"),
        (2008, "2008-03-23", "2008-04-27"),
    ],
)
def test_easter(year: int, western: str, eastern: str) -> None:
    assert easter(year).isoformat() == western
    assert easter(year, julian=True).isoformat() == eastern


@given(st.integers(1901, 2099))
def test_easter_agrees_with_the_books(year: int) -> None:
    from dateutil import easter as reference

    assert easter(year) == reference.easter(year)
    assert easter(year, julian=True) == reference.easter(year, reference.EASTER_ORTHODOX)


@pytest.mark.parametrize(
    ("name", "country", "expected"),
    [
        ("christmas", "DE", "2026-12-25"),
        ("christmas", "RU", "2026-01-07"),
        ("christmas", "RS", "2026-01-07"),
        ("christmas", "AM", "2026-01-06"),
        ("christmas", "UA", "2026-12-25"),
        ("christmas", "JP", None),
        ("christmas", "SA", None),
        ("christmas", None, "2026-12-25"),
        ("Xmas", "GB", "2026-12-25"),
        ("christmas eve", "DK", "2026-12-24"),
        ("christmas eve", "RU", "2026-01-06"),
        ("new year", "JP", "2026-01-01"),
        ("new year", "SA", None),
        ("new-year", "RU", "2026-01-01"),
        ("New Year’s Eve", "FR", "2026-12-31"),
        ("easter", "RU", "2026-04-12"),
        ("easter", "DK", "2026-04-05"),
        ("good friday", "GR", "2026-04-10"),
        ("pentecost", "DE", "2026-05-24"),
        ("ascension", "FR", "2026-05-14"),
        ("thanksgiving", "US", "2026-11-26"),
        ("thanksgiving", "CA", "2026-10-12"),
        ("thanksgiving", "DE", None),
        ("labour day", "FR", "2026-05-01"),
        ("labor day", "US", "2026-09-07"),
        ("labour day", "GB", "2026-05-04"),
        ("national day", "FR", "2026-07-14"),
        ("national day", "GB", None),
        ("national day", None, None),
        ("carnival", "DE", None),
    ],
)
def test_when_a_holiday_is(name: str, country: str | None, expected: str | None) -> None:
    found = date_of(name, country, 2026, BOOK)
    assert (found.isoformat() if found else None) == expected


def test_a_projects_own_day_is_found_by_name() -> None:
    book = HolidayBook(added=[ProjectDay(6, 21, name="Midsummer Party")])
    assert date_of("midsummer party", "DE", 2026, book) == date(2026, 6, 21)
    assert parse_occasion("Midsummer party", own=["Midsummer Party"]) == "midsummer party"


@pytest.mark.parametrize(
    ("text", "hint"), [("chrismas", "did you mean `christmas`?"), ("zzzz", "known are new year")]
)
def test_an_unknown_holiday(text: str, hint: str) -> None:
    with pytest.raises(GrammarError, match="not a holiday known here") as error:
        parse_occasion(text)
    assert error.value.hint is not None
    assert error.value.hint.startswith(hint)


@pytest.mark.parametrize("name", OCCASIONS)
def test_every_well_known_name_is_read_and_dated(name: str) -> None:
    assert parse_occasion(name.title()) == name
    dates = [date_of(name, country, 2026, BOOK) for country in ("DE", "US", "RU", "FR", "DK")]
    assert any(dates)
    assert all(day is None or day.year == 2026 for day in dates)


@pytest.mark.slow
def test_every_country_has_an_answer() -> None:
    assert sum(date_of("new year", country, 2027, BOOK) is not None for country in COUNTRIES) > 200


def test_the_nth_weekday() -> None:
    assert nth_weekday(2026, 11, 4, 3) == date(2026, 11, 26)
