from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.duration import Delay, Duration, add, delay_end, parse_delay, parse_duration, subtract
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import Place, place_of
from nurture.core.window import parse_window

BOOK = HolidayBook()
ZONES = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Cairo",
]
PLACES = [place_of(zone, None, ZoneInfo("UTC"), BOOK) for zone in ZONES]
BERLIN = place_of("Europe/Berlin", "DE", ZoneInfo("UTC"), BOOK)

START = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.integers(0, 20 * 366 * 1440).map(lambda minutes: START + timedelta(minutes=minutes))
places = st.sampled_from(PLACES)


def berlin(text: str) -> datetime:
    """A Berlin wall-clock time (the first where it occurs twice) as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 minutes", Duration(minutes=5)),
        ("1 minute", Duration(minutes=1)),
        ("3 days", Duration(days=3)),
        ("2 business days", Duration(business_days=2)),
        ("1 business day", Duration(business_days=1)),
        ("4 business hours", Duration(business_hours=4)),
        ("6 weeks", Duration(weeks=6)),
        ("3 months", Duration(months=3)),
        ("1 year", Duration(years=1)),
        ("3d", Duration(days=3)),
        ("90m", Duration(minutes=90)),
        ("2h30m", Duration(hours=2, minutes=30)),
        ("1 week 2 days", Duration(weeks=1, days=2)),
        ("1 week, 2 days", Duration(weeks=1, days=2)),
        ("1 week and 2 days", Duration(weeks=1, days=2)),
        ("  3   Days ", Duration(days=3)),
        ("24 hours", Duration(hours=24)),
        ("0 minutes", Duration()),
    ],
)
def test_durations(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("3", "`3` has no unit", "write `3 days` or `3 hours`"),
        ("-1 day", "`-1 day` is negative", "a duration is never negative; for earlier, write `1 day before entry.starts_at`"),
        ("1,5h", "`1,5h` is not in whole numbers", "use a smaller unit: `90 minutes` or `1h30m`"),
        ("1.5 hours", "`1.5 hours` is not in whole numbers", "use a smaller unit: `90 minutes` or `1h30m`"),
        ("P3D", "`P3D` is not written as a duration here", "write `3 days`"),
        ("PT2H30M", "`PT2H30M` is not written as a duration here", "write `2 hours 30 minutes`"),
        ("soon", "`soon` is not a duration", "write a number and a unit, such as `3 days` or `2h30m`"),
        ("", "a duration is missing", "write a number and a unit, such as `3 days`"),
        ("3 dayz", "`dayz` is not a unit of time", "did you mean `days`?"),
        ("30 seconds", "the smallest unit is a minute", "write `1 minute`"),
        ("3 working days", "`working` is not a unit of time", "write `2 business days`"),
        ("2 business weeks", "there are no business weeks", "write `2 business days` or `4 business hours`"),
        ("1 day 2 days", "`1 day 2 days` names days twice", "add them up"),
        ("200 years", "`200 years` is too long", "at most 100 years"),
        ("9" * 5000 + " days", "is too long", "at most 36500 days"),
        ("3 days,", "`3 days,` is not a duration", "write a number and a unit, such as `3 days` or `2h30m`"),
        ("3 days later", "`3 days later` is not a duration", "write a number and a unit, such as `3 days` or `2h30m`"),
    ],
)  # fmt: skip
def test_what_is_no_duration_says_what_would_be(text: str, message: str, hint: str) -> None:
    with pytest.raises(GrammarError) as error:
        parse_duration(text)
    assert message in str(error.value)
    assert error.value.hint == hint


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_hint(text: str) -> None:
    try:
        outcome = str(parse_duration(text))
    except GrammarError as error:
        outcome = error.hint or ""
    assert outcome


def test_the_authors_form_comes_back() -> None:
    assert str(parse_duration("2h30m")) == "2h30m"
    assert str(parse_duration(" 3  days ")) == "3 days"
    assert str(Duration(weeks=1, business_days=2, minutes=1)) == "1 week 2 business days 1 minute"
    assert parse_duration("2h30m").in_words() == "2 hours 30 minutes"
    assert not Duration()
    assert Duration(business_hours=1)


fields = st.fixed_dictionaries(
    {
        name: st.integers(0, 50)
        for name in (
            "years",
            "months",
            "weeks",
            "days",
            "business_days",
            "hours",
            "business_hours",
            "minutes",
        )
    }
)


@given(fields)
def test_what_is_written_in_words_is_read_back(counts: dict[str, int]) -> None:
    duration = Duration(**counts)  # type: ignore[arg-type]
    assert parse_duration(duration.in_words()) == duration


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-28 09:30", "1 day", "2026-03-29 09:30"),  # clocks go forward: 23 hours
        ("2026-03-28 09:30", "24 hours", "2026-03-29 10:30"),
        ("2026-03-28 02:30", "1 day", "2026-03-29 03:30"),  # skipped: an hour later
        ("2026-10-24 09:30", "1 day", "2026-10-25 09:30"),  # clocks go back: 25 hours
        ("2026-10-24 09:30", "24 hours", "2026-10-25 08:30"),
        ("2026-10-24 02:30", "1 day", "2026-10-25 02:30"),  # occurs twice: the first
        ("2026-01-31 10:00", "1 month", "2026-02-28 10:00"),
        ("2028-01-31 10:00", "1 month", "2028-02-29 10:00"),
        ("2026-01-31 10:00", "3 months", "2026-04-30 10:00"),
        ("2028-02-29 10:00", "1 year", "2029-02-28 10:00"),
        ("2026-11-30 10:00", "1 month", "2026-12-30 10:00"),
        ("2026-12-15 10:00", "1 month", "2027-01-15 10:00"),
        ("2026-01-31 10:00", "1 month 1 day", "2026-03-01 10:00"),
        ("2026-07-10 16:00", "1 business day", "2026-07-13 16:00"),  # Friday to Monday
        ("2026-07-11 16:00", "1 business day", "2026-07-13 16:00"),  # Saturday to Monday
        ("2026-12-23 16:00", "2 business days", "2026-12-28 16:00"),  # over Christmas
        ("2026-07-10 16:00", "2 business hours", "2026-07-13 10:00"),
        ("2026-07-10 13:00", "4 business hours", "2026-07-10 17:00"),
        ("2026-07-10 20:00", "4 business hours", "2026-07-13 13:00"),
        ("2026-07-10 07:00", "4 business hours", "2026-07-10 13:00"),
        ("2026-07-10 10:30", "16 business hours", "2026-07-14 10:30"),
        ("2026-12-24 16:30", "1 business hour", "2026-12-28 09:30"),
    ],
)
def test_adding_in_berlin(start: str, length: str, end: str) -> None:
    assert add(parse_duration(length), berlin(start), BERLIN) == berlin(end)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-30 09:30", "1 day", "2026-03-29 09:30"),
        ("2026-03-30 02:30", "1 day", "2026-03-29 03:30"),
        ("2026-10-26 02:30", "1 day", "2026-10-25 02:30"),
        ("2026-03-31 10:00", "1 month", "2026-02-28 10:00"),
        ("2028-02-29 10:00", "1 year", "2027-02-28 10:00"),
        ("2026-01-15 10:00", "1 month", "2025-12-15 10:00"),
        ("2026-07-13 16:00", "1 business day", "2026-07-10 16:00"),
        ("2026-07-12 16:00", "1 business day", "2026-07-10 16:00"),
        ("2026-12-28 10:00", "2 business days", "2026-12-23 10:00"),
        ("2026-07-13 10:00", "2 business hours", "2026-07-10 16:00"),
        ("2026-07-13 09:00", "1 business hour", "2026-07-10 16:00"),
        ("2026-07-12 12:00", "8 business hours", "2026-07-10 09:00"),
        ("2026-07-10 19:00", "1 business hour", "2026-07-10 16:00"),
    ],
)
def test_subtracting_in_berlin(start: str, length: str, end: str) -> None:
    assert subtract(parse_duration(length), berlin(start), BERLIN) == berlin(end)


def test_seconds_are_kept_where_the_start_counts() -> None:
    start = berlin("2026-07-10 16:59") + timedelta(seconds=30)
    assert add(parse_duration("1 day"), start, BERLIN) == berlin("2026-07-11 16:59") + timedelta(seconds=30)
    late = berlin("2026-07-10 17:30") + timedelta(seconds=30)
    assert add(parse_duration("1 business hour"), late, BERLIN) == berlin("2026-07-13 10:00")


def test_a_colleagues_own_hours() -> None:
    hours = parse_window(["mon-thu 08:00-12:00", "mon-thu 13:00-16:00"])
    four, friday = parse_duration("4 business hours"), berlin("2026-07-10 10:00")
    assert add(four, friday, BERLIN, hours) == berlin("2026-07-13 12:00")
    assert add(four, berlin("2026-07-13 10:00"), BERLIN, hours) == berlin("2026-07-13 15:00")
    assert subtract(four, berlin("2026-07-13 10:00"), BERLIN, hours) == berlin("2026-07-09 14:00")


@given(instants, places, st.integers(0, 800))
def test_days_are_those_of_the_wall_clock(start: datetime, place: Place, days: int) -> None:
    local = start.astimezone(place.zone)
    wall = datetime.combine(local.date() + timedelta(days=days), local.time(), place.zone)
    assert add(Duration(days=days), start, place) == (wall.astimezone(UTC) if days else start)


@given(instants, places, fields)
def test_what_is_added_is_later_and_nothing_changes_nothing(
    start: datetime, place: Place, counts: dict[str, int]
) -> None:
    duration = Duration(**counts)  # type: ignore[arg-type]
    # Clocks going back can make "tomorrow at 02:30" an hour less far away, never earlier than the start.
    assert add(duration, start, place) >= start
    assert subtract(duration, start, place) <= start
    assert add(Duration(), start, place) == start == subtract(Duration(), start, place)


@given(instants, places, st.integers(0, 400))
def test_days_there_and_back(start: datetime, place: Place, days: int) -> None:
    there = add(Duration(days=days), start, place)
    back = subtract(Duration(days=days), there, place)
    # Exact, but where a change of clocks skipped or repeated the time at either end: then within that change.
    assert abs(back - start) <= timedelta(hours=1)
    if (
        there.astimezone(place.zone).time() == start.astimezone(place.zone).time()
        and not start.astimezone(place.zone).fold
    ):
        assert back == start


@given(instants, places, st.integers(0, 10**5))
def test_minutes_are_elapsed_time(start: datetime, place: Place, minutes: int) -> None:
    assert add(Duration(minutes=minutes), start, place) - start == timedelta(minutes=minutes)
    assert subtract(Duration(minutes=minutes), add(Duration(minutes=minutes), start, place), place) == start


@given(instants, st.integers(1, 40))
def test_business_days_are_counted_one_by_one(start: datetime, count: int) -> None:
    end = add(Duration(business_days=count), start, BERLIN)
    first, last = (t.astimezone(BERLIN.zone).date() for t in (start, end))
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(map(BERLIN.is_business_day, between)) == count
    assert BERLIN.is_business_day(last)


@given(instants, st.integers(1, 100))
def test_business_hours_end_in_business_hours(start: datetime, hours: int) -> None:
    end = add(Duration(business_hours=hours), start, BERLIN).astimezone(BERLIN.zone)
    assert BERLIN.is_business_day(end.date())
    assert 9 * 60 < end.hour * 60 + end.minute <= 17 * 60
    back = subtract(Duration(business_hours=hours), end.astimezone(UTC), BERLIN).astimezone(BERLIN.zone)
    assert BERLIN.is_business_day(back.date())
    assert 9 * 60 <= back.hour * 60 + back.minute < 17 * 60


@given(instants, places, st.integers(0, 240))
def test_months_keep_the_day_or_take_the_last(start: datetime, place: Place, months: int) -> None:
    before, after = (
        t.astimezone(place.zone).date() for t in (start, add(Duration(months=months), start, place))
    )
    assert (after.year - before.year) * 12 + after.month - before.month == months
    last = (date(after.year + after.month // 12, after.month % 12 + 1, 1) - timedelta(days=1)).day
    assert after.day == min(before.day, last)


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("2 days", Delay(Duration(days=2))),
        ("2 days at 09:30", Delay(Duration(days=2), 570)),
        ("1 week At 9:00", Delay(Duration(weeks=1), 540)),
    ],
)
def test_delays(text: str, delay: Delay) -> None:
    assert parse_delay(text) == delay


def test_a_delay_is_written_as_it_is_read() -> None:
    assert str(parse_delay("2 days at 9:30")) == "2 days at 09:30"
    assert str(parse_delay("2d")) == "2d"


@pytest.mark.parametrize(
    ("start", "delay", "end"),
    [
        ("2026-07-13 14:00", "3 days", "2026-07-16 14:00"),
        ("2026-07-13 14:00", "3 days at 09:30", "2026-07-16 09:30"),
        ("2026-07-13 08:00", "3 days at 09:30", "2026-07-16 09:30"),
        ("2026-07-13 14:00", "2 hours at 09:30", "2026-07-14 09:30"),
        ("2026-07-13 07:00", "2 hours at 09:30", "2026-07-13 09:30"),
        ("2026-07-10 14:00", "1 business day at 09:30", "2026-07-13 09:30"),
    ],
)
def test_where_delays_end(start: str, delay: str, end: str) -> None:
    assert delay_end(parse_delay(delay), berlin(start), BERLIN) == berlin(end)
