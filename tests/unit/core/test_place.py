from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.holiday_book import HolidayBook
from nurture.core.place import Place, place_of, zone_named

BOOK = HolidayBook()
COMPANY = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu",
    "Africa/Casablanca", "America/Havana", "Asia/Beirut", "Pacific/Apia", "America/Asuncion", "Atlantic/Azores",
    "Antarctica/Troll", "Pacific/Kiritimati", "UTC",
]  # fmt: skip
PLACES = [place_of(zone, None, COMPANY, BOOK) for zone in ZONES]

places = st.sampled_from(PLACES)
START = datetime(1975, 1, 1, tzinfo=UTC)
moments = st.integers(0, 85 * 366 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[Place, datetime]:
    """An instant within two days of a change of clocks."""
    place = draw(places)
    start = draw(st.dates(date(2010, 1, 1), date(2045, 1, 1))).toordinal()
    day = next((d for d in range(start, start + 400) if place.clocks_change(d)), start)
    return place, place.instant(day, 0) + timedelta(minutes=draw(st.integers(-2880, 2880)))


@given(st.one_of(st.tuples(places, moments), near_changes()))
def test_the_wall_clock_is_that_of_zoneinfo(case: tuple[Place, datetime]) -> None:
    place, utc = case
    local = utc.astimezone(place.zone)
    assert place.wall(utc) == (local.toordinal(), local.hour * 60 + local.minute)
    assert place.to_local(utc).astimezone(UTC) == utc


@given(st.one_of(st.tuples(places, moments), near_changes()), st.integers(0, 1439))
def test_instants_are_those_of_zoneinfo(case: tuple[Place, datetime], minute: int) -> None:
    place, utc = case
    day = utc.date()
    clock = time(minute // 60, minute % 60)
    expected = datetime.combine(day, clock, place.zone).astimezone(UTC)
    assert place.instant(day.toordinal(), minute) == expected == place.to_utc(day, clock)


@given(near_changes(), st.integers(0, 1439))
def test_a_clock_time_occurs_once_twice_or_never(case: tuple[Place, datetime], minute: int) -> None:
    place, utc = case
    day = place.wall(utc)[0]
    every = [place.instant(day, 0) + timedelta(minutes=m) for m in range(-180, 30 * 60)]
    assert place.instants(day, minute) == tuple(at for at in every if place.wall(at) == (day, minute))


@given(near_changes())
def test_the_change_of_clocks_is_found(case: tuple[Place, datetime]) -> None:
    place, utc = case
    for change in place.changes(place.wall(utc)[0]):
        before, after = (
            t.astimezone(place.zone).utcoffset() for t in (change - timedelta(minutes=1), change)
        )
        assert before != after


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30"),  # skipped: 03:30
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),  # twice: the first
        ("Europe/London", "2026-03-29", "01:15", "2026-03-29T01:15"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),  # half an hour is skipped there
        ("Asia/Kolkata", "2026-10-25", "02:30", "2026-10-24T21:00"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:30"),  # midnight itself is skipped
    ],
)
def test_skipped_and_repeated_clock_times(zone: str, day: str, clock: str, expected: str) -> None:
    place = place_of(zone, None, COMPANY, BOOK)
    at = place.to_utc(date.fromisoformat(day), time.fromisoformat(clock))
    assert at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_end_of_a_day_is_the_next_ones_start() -> None:
    assert PLACES[0].instant(739000, 1440) == PLACES[0].instant(739001, 0)


@pytest.mark.parametrize(
    ("zone", "country", "expected", "code"),
    [
        ("Asia/Tokyo", "DE", "Asia/Tokyo", "DE"),
        (None, "US", "America/New_York", "US"),
        ("", "dk", "Europe/Copenhagen", "DK"),
        (None, None, "Europe/Berlin", None),
        ("Middle/Earth", "FR", "Europe/Paris", "FR"),
        ("../../etc/passwd", None, "Europe/Berlin", None),
        ("/etc/passwd", None, "Europe/Berlin", None),
        ("Europe", None, "Europe/Berlin", None),
        ("Europe/Ber\0lin", "XX", "Europe/Berlin", None),
        (" Europe/Paris ", None, "Europe/Paris", None),
        ("x" * 10000, None, "Europe/Berlin", None),
    ],
)
def test_a_leads_zone(zone: str | None, country: str | None, expected: str, code: str | None) -> None:
    place = place_of(zone, country, COMPANY, BOOK)
    assert (place.zone.key, place.country) == (expected, code)


@given(st.text(max_size=20))
def test_no_name_of_a_zone_breaks_anything(name: str) -> None:
    found = zone_named(name)
    assert found is None or found.key == name.strip()


@pytest.mark.parametrize(
    ("country", "day", "business"),
    [
        ("DE", "2026-12-24", True),
        ("DE", "2026-12-25", False),
        ("DE", "2026-10-03", False),
        ("FR", "2026-07-14", False),
        ("DE", "2026-07-14", True),
        ("GB", "2026-04-06", False),  # Easter Monday, though not in all of the United Kingdom
        ("RU", "2026-01-05", False),
        ("DE", "2026-07-11", False),
        (None, "2026-12-25", True),
    ],
)
def test_business_days(country: str | None, day: str, business: bool) -> None:
    place = place_of(None, country, COMPANY, BOOK)
    assert place.is_business_day(date.fromisoformat(day)) is business
    assert place.is_business_on(date.fromisoformat(day).toordinal()) is business


def test_a_weekend_is_no_holiday() -> None:
    place = place_of(None, "DE", COMPANY, BOOK)
    assert not place.is_holiday(date(2026, 7, 11))
    assert place.is_holiday(date(2026, 10, 3))
