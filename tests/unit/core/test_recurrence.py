from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.duration import Duration, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook, ProjectDay
from nurture.core.place import Place, place_of
from nurture.core.recurrence import (
    Every,
    Greeting,
    Interval,
    MonthDay,
    MonthlyWeekday,
    Weekly,
    greetings_between,
    next_after,
    next_greeting,
    next_yearly,
    parse_every,
    yearly_on,
)

BOOK = HolidayBook()
PLACES = [place_of(None, country, ZoneInfo("UTC"), BOOK) for country in ("DE", "GB", "US", "AU", "IN", "EG")]
BERLIN = PLACES[0]
START = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.integers(0, 20 * 366 * 1440).map(lambda minutes: START + timedelta(minutes=minutes))
clocks = st.integers(0, 1439)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("3 weeks", Interval(Duration(weeks=3))),
        ("1 month", Interval(Duration(months=1))),
        ("2 business days", Interval(Duration(business_days=2))),
        ("monday 09:00", Weekly(0, 540)),
        ("mon at 9:00", Weekly(0, 540)),
        ("tuesday", Weekly(1, 540)),
        ("first tuesday 10:00", MonthlyWeekday(1, 1, 600)),
        ("First Tuesday of the month at 10:00", MonthlyWeekday(1, 1, 600)),
        ("last friday 09:00", MonthlyWeekday(-1, 4, 540)),
        ("15th 09:00", MonthDay(15, 540)),
        ("1st", MonthDay(1, 540)),
        ("31st 17:00", MonthDay(31, 1020)),
        ("last day 17:00", MonthDay(31, 1020)),
        ("first day 17:00", MonthDay(1, 1020)),
    ],
)
def test_recurrences(text: str, every: Every) -> None:
    assert parse_every(text) == every
    assert parse_every(str(every)) == every


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write `3 weeks`, `monday 09:00`, `first tuesday 10:00` or `15th 09:00`"),
        ("every tuesday 09:00", "write `tuesday 09:00`"),
        ("weekly", "write `1 week`"),
        ("first thuesday 09:00", "did you mean `tuesday`?"),
        ("mondey 09:00", "did you mean `monday`?"),
        ("32nd 09:00", "days go from `1st` to `31st`"),
        ("0th 09:00", "days go from `1st` to `31st`"),
        ("0 days", "the least is `1 minute`"),
        ("3", "write `3 days` or `3 hours`"),
        ("monday 9am", "write `09:00`"),
        ("monday and friday 09:00", "write `3 weeks`, `monday 09:00`, `first tuesday 10:00` or `15th 09:00`"),
    ],
)
def test_what_is_no_recurrence_says_what_would_be(text: str, hint: str) -> None:
    with pytest.raises(GrammarError) as error:
        parse_every(text)
    assert error.value.hint == hint


@given(st.text(max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        outcome = str(parse_every(text))
    except GrammarError as error:
        outcome = error.hint or ""
    assert outcome


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        ("3 weeks", "2026-03-10 09:30", "2026-03-31 09:30"),  # over a change of clocks
        ("monday 09:00", "2026-07-13 08:59", "2026-07-13 09:00"),
        ("monday 09:00", "2026-07-13 09:00", "2026-07-20 09:00"),
        ("first tuesday 10:00", "2026-07-01 00:00", "2026-07-07 10:00"),
        ("first tuesday 10:00", "2026-07-07 10:00", "2026-08-04 10:00"),
        ("last friday 09:00", "2026-12-25 09:00", "2027-01-29 09:00"),
        ("15th 09:00", "2026-07-15 08:00", "2026-07-15 09:00"),
        ("31st 09:00", "2026-01-31 09:00", "2026-02-28 09:00"),
        ("31st 09:00", "2028-01-31 09:00", "2028-02-29 09:00"),
        ("sunday 02:30", "2026-03-28 12:00", "2026-03-29 03:30"),  # skipped
        ("sunday 02:30", "2026-10-24 12:00", "2026-10-25 02:30"),  # the first of two
    ],
)
def test_the_next_one(every: str, after: str, expected: str) -> None:
    assert next_after(parse_every(every), berlin(after), BERLIN) == berlin(expected)


def test_a_time_that_occurs_twice_recurs_once() -> None:
    first = berlin("2026-10-25 02:30")
    assert next_after(parse_every("sunday 02:30"), first, BERLIN) == berlin("2026-11-01 02:30")


everies = st.one_of(
    st.builds(Weekly, st.integers(0, 6), clocks),
    st.builds(MonthlyWeekday, st.sampled_from([1, 2, 3, 4, -1]), st.integers(0, 6), clocks),
    st.builds(MonthDay, st.integers(1, 31), clocks),
)


@given(everies, instants, st.sampled_from(PLACES))
def test_occurrences_follow_each_other(
    every: Weekly | MonthlyWeekday | MonthDay, t: datetime, place: Place
) -> None:
    first = next_after(every, t, place)
    second = next_after(every, first, place)
    assert t < first < second
    assert second - first <= timedelta(days=36)
    # nothing in between: asked from just before, the same answer
    assert next_after(every, second - timedelta(minutes=1), place) == second
    day = date.fromordinal(place.wall(first)[0])
    if isinstance(every, MonthDay):
        assert day.day == every.day or (day + timedelta(days=1)).day == 1
    elif place.wall(first)[1] == every.clock:
        assert day.weekday() == every.weekday
    if isinstance(every, MonthlyWeekday) and every.nth > 0 and place.wall(first)[1] == every.clock:
        assert (day.day - 1) // 7 == every.nth - 1


@pytest.mark.parametrize(
    ("born", "after", "expected"),
    [
        ("1990-07-14", "2026-07-13 10:00", "2026-07-14 09:00"),
        ("1990-07-14", "2026-07-14 09:00", "2027-07-14 09:00"),
        ("1992-02-29", "2026-01-01 10:00", "2026-02-28 09:00"),
        ("1992-02-29", "2028-01-01 10:00", "2028-02-29 09:00"),
        ("1992-02-29", "2026-02-28 09:00", "2027-02-28 09:00"),
        ("1990-01-01", "2026-12-31 23:30", "2027-01-01 09:00"),
    ],
)
def test_birthdays(born: str, after: str, expected: str) -> None:
    assert next_yearly(date.fromisoformat(born), 540, berlin(after), BERLIN) == berlin(expected)


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(2020, 2060))
def test_everybody_has_a_birthday_each_year(born: date, year: int) -> None:
    day = yearly_on(born, year)
    assert day.year == year
    assert (day.month, day.day) in ((born.month, born.day), (2, 28))


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("DE", Greeting("christmas 2026", date(2026, 12, 25), datetime(2026, 12, 23, 8, 0, tzinfo=UTC))),
        ("GB", Greeting("christmas 2026", date(2026, 12, 25), datetime(2026, 12, 23, 9, 0, tzinfo=UTC))),
        ("RU", Greeting("new year 2027", date(2027, 1, 1), datetime(2026, 12, 29, 6, 0, tzinfo=UTC))),
        ("JP", Greeting("new year 2027", date(2027, 1, 1), datetime(2026, 12, 30, 0, 0, tzinfo=UTC))),
        ("SA", None),
    ],
)
def test_greetings_come_two_business_days_ahead(country: str, expected: Greeting | None) -> None:
    place = place_of(None, country, ZoneInfo("UTC"), BOOK)
    ahead = parse_duration("2 business days")
    found = next_greeting(["christmas", "new year"], ahead, 540, datetime(2026, 12, 1, tzinfo=UTC), place)
    assert found == expected


def test_greetings_go_on_year_after_year() -> None:
    t, seen = datetime(2026, 12, 1, tzinfo=UTC), []
    for _ in range(4):
        found = next_greeting(["Christmas", "New Year"], parse_duration("2 business days"), 540, t, BERLIN)
        assert found is not None
        seen.append(found.occasion)
        t = found.at
    assert seen == ["christmas 2026", "new year 2027", "christmas 2027", "new year 2028"]


def test_all_greetings_due_between_two_rings_are_found() -> None:
    place = place_of(None, "RU", ZoneInfo("UTC"), BOOK)
    ahead = parse_duration("2 business days")  # both fall on the last working days before the long holidays
    due = datetime(2026, 12, 29, 6, 0, tzinfo=UTC)
    names = ["christmas", "new year"]
    found = greetings_between(names, ahead, 540, due - timedelta(hours=1), due, place)
    assert [greeting.occasion for greeting in found] == ["new year 2027", "christmas 2027"]
    assert greetings_between(names, ahead, 540, due, due + timedelta(days=200), place) == ()


def test_a_day_off_of_the_projects_own_counts_and_can_be_greeted() -> None:
    book = HolidayBook(
        added=[ProjectDay(12, 24, country="DE", name="Christmas Eve"), ProjectDay(6, 21, name="Founding Day")]
    )
    place = place_of(None, "DE", ZoneInfo("UTC"), book)
    t = datetime(2026, 6, 1, tzinfo=UTC)
    found = next_greeting(["christmas"], parse_duration("2 business days"), 540, t, place)
    assert found is not None
    assert found.at == datetime(2026, 12, 22, 8, 0, tzinfo=UTC)
    own = next_greeting(["founding day"], None, 540, t, place)
    assert own == Greeting("founding day 2026", date(2026, 6, 21), datetime(2026, 6, 21, 7, 0, tzinfo=UTC))
