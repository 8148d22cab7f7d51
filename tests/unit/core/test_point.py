from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.duration import Duration, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import place_of
from nurture.core.point import (
    DatePoint,
    DayPoint,
    Point,
    RelativePoint,
    Resolved,
    WeekdayPoint,
    moment_of,
    parse_point,
    resolve,
)
from nurture.core.window import ANY, parse_window

BERLIN = place_of("Europe/Berlin", "DE", ZoneInfo("UTC"), HolidayBook())
OFFICE = parse_window("mon-fri 08:00-18:00")
START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 3 * 366 * 1440).map(lambda minutes: START + timedelta(minutes=minutes))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def when(
    point: str,
    *,
    now: str,
    entered: str = "2026-07-13 10:00",
    after: str = "",
    window: str = "any",
    value: object = None,
    inclusive: bool = False,
) -> Resolved:
    """Resolve a point for somebody in Berlin; 2026-07-13 is a Monday."""
    return resolve(
        parse_point(point),
        entered_at=berlin(entered),
        after=berlin(after or now),
        now=berlin(now),
        place=BERLIN,
        window=parse_window(window),
        value=lambda path: value,
        inclusive=inclusive,
    )


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("day 7 09:30", DayPoint(7, 570)),
        ("Day 7 at 9:30", DayPoint(7, 570)),
        ("day 1", DayPoint(1, None)),
        ("tuesday 09:00", WeekdayPoint(1, 540)),
        ("Tue at 09:00", WeekdayPoint(1, 540)),
        ("sunday", WeekdayPoint(6, None)),
        ("2026-12-20 10:00", DatePoint(date(2026, 12, 20), 600)),
        ("2026-12-20T10:00", DatePoint(date(2026, 12, 20), 600)),
        ("2026-12-20", DatePoint(date(2026, 12, 20), None)),
        ("1 day before entry.starts_at", RelativePoint(Duration(days=1), True, "entry.starts_at", None)),
        ("2 hours after lead.trial_ends", RelativePoint(Duration(hours=2), False, "lead.trial_ends", None)),
        ("2 business days before entry.starts_at 18:00", RelativePoint(Duration(business_days=2), True, "entry.starts_at", 1080)),
        ("1 week after entry.at at 9:00", RelativePoint(Duration(weeks=1), False, "entry.at", 540)),
        ("entry.Starts_At", RelativePoint(Duration(), False, "entry.Starts_At", None)),
    ],
)  # fmt: skip
def test_points(text: str, point: Point) -> None:
    assert parse_point(text) == point
    assert parse_point(str(point)) == point


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write `day 7 09:30`, `tuesday 09:00`, `2026-12-20 10:00` or `1 day before entry.starts_at`"),
        ("next tuesday 09:00", "write `tuesday 09:00`; it means the next one"),
        ("thuesday 09:00", "did you mean `tuesday`?"),
        ("tuesday 9am", "write `09:00`"),
        ("tuesday at", "write a clock time after `at`, such as `09:30`"),
        ("24.12.2026 10:00", "write `2026-12-24 10:00`"),
        ("12/24/2026", "write year, month and day: `2026-12-20`"),
        ("2026-02-30", "write year, month and day: `2026-12-20`"),
        ("0026-02-20", "years go from 1971 to 2499"),
        ("day 0", "the day of entry is day 1"),
        ("day seven", "write `day 7 09:30`; the day of entry is day 1"),
        ("day", "write `day 7 09:30`; the day of entry is day 1"),
        ("3 days", "a length of time is written under `after`: `after: 3 days`"),
        ("09:30", "write `day 7 09:30`, or `after: 1 day at 09:30`"),
        ("tomorrow 09:30", "write `after: 1 day at 09:30` or `day 2 09:30`"),
        ("before entry.starts_at", "write `1 day before entry.starts_at`"),
        ("1 day before", "write `1 day before entry.starts_at`"),
        ("1 day before christmas", "write it as `entry.starts_at` or `lead.trial_ends`"),
        ("1 dayz before entry.starts_at", "did you mean `days`?"),
        ("day 7 09:30 please", None),
    ],
)
def test_what_is_no_point_says_what_would_be(text: str, hint: str | None) -> None:
    with pytest.raises(GrammarError) as error:
        parse_point(text)
    assert error.value.hint
    assert hint is None or error.value.hint == hint


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        outcome = str(parse_point(text))
    except GrammarError as error:
        outcome = error.hint or ""
    assert outcome


@pytest.mark.parametrize(
    ("point", "now", "window", "at", "clock"),
    [
        ("day 1 12:00", "2026-07-13 10:00", "any", "2026-07-13 12:00", True),
        ("day 7 09:30", "2026-07-13 10:00", "any", "2026-07-19 09:30", True),
        ("day 7 09:30", "2026-07-19 09:30", "any", "2026-07-19 09:30", True),
        ("day 7 09:30", "2026-07-20 11:00", "any", "2026-07-20 11:00", False),  # passed: now
        ("day 3", "2026-07-13 10:00", "any", "2026-07-15 09:00", False),
        ("day 3", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-15 08:00", False),
        ("day 6", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-20 08:00", False),  # a Saturday
        (
            "day 6 09:30",
            "2026-07-13 10:00",
            "mon-fri 08:00-18:00",
            "2026-07-18 09:30",
            True,
        ),  # the window moves it
        ("tuesday 09:00", "2026-07-13 10:00", "any", "2026-07-14 09:00", True),
        ("tuesday 09:00", "2026-07-14 08:59", "any", "2026-07-14 09:00", True),  # today, still ahead
        ("tuesday 09:00", "2026-07-14 09:00", "any", "2026-07-21 09:00", True),
        ("tuesday 09:00", "2026-07-14 09:01", "any", "2026-07-21 09:00", True),
        ("monday", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-20 08:00", False),
        ("saturday", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-20 08:00", False),
        ("2026-12-20 10:00", "2026-07-13 10:00", "any", "2026-12-20 10:00", True),
        ("2026-07-20", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-20 08:00", False),
        ("2026-07-13", "2026-07-13 10:00", "mon-fri 08:00-18:00", "2026-07-13 10:00", False),  # today: now
        ("2026-03-29 02:30", "2026-03-28 10:00", "any", "2026-03-29 03:30", True),  # skipped
    ],
)
def test_when_a_point_is(point: str, now: str, window: str, at: str, clock: bool) -> None:
    assert when(point, now=now, window=window) == Resolved(berlin(at), has_clock=clock)


@pytest.mark.parametrize(
    ("point", "now", "value"),
    [
        ("2026-07-10 10:00", "2026-07-13 10:00", None),
        ("2026-07-12", "2026-07-13 00:00", None),
        ("1 day before entry.starts_at", "2026-07-13 10:01", "2026-07-14T10:00:00+02:00"),
        ("1 day before entry.starts_at 18:00", "2026-07-13 18:01", "2026-07-14T10:00:00+02:00"),
        ("2 hours after lead.trial_ends", "2026-07-13 12:01", "2026-07-13T10:00:00+02:00"),
    ],
)
def test_what_has_passed(point: str, now: str, value: object) -> None:
    assert when(point, now=now, value=value).passed


def test_a_weekday_missed_while_the_daemon_was_down_has_passed() -> None:
    found = when("tuesday 09:00", after="2026-07-13 10:00", now="2026-07-16 10:00")
    assert found == Resolved(berlin("2026-07-14 09:00"), passed=True, has_clock=True)


@pytest.mark.parametrize(("inclusive", "at"), [(False, "2026-07-21 09:00"), (True, "2026-07-14 09:00")])
def test_the_first_such_day_after_a_delay_may_be_its_very_end(inclusive: bool, at: str) -> None:
    found = when("tuesday 09:00", now="2026-07-07 09:00", after="2026-07-14 09:00", inclusive=inclusive)
    assert found.at == berlin(at)


def test_a_day_before_the_delay_is_over_is_the_end_of_the_delay() -> None:
    found = when("day 3 09:30", now="2026-07-14 10:00", after="2026-07-16 10:00")
    assert found == Resolved(berlin("2026-07-16 10:00"))
    assert when("2026-07-15 09:30", now="2026-07-14 10:00", after="2026-07-16 10:00").passed


@pytest.mark.parametrize(
    ("point", "value", "at", "clock"),
    [
        ("1 day before entry.starts_at", "2026-07-20T10:00:00+00:00", "2026-07-19 12:00", False),
        ("1 day before entry.starts_at", datetime(2026, 7, 20, 10, 0, tzinfo=UTC), "2026-07-19 12:00", False),
        ("1 day before entry.starts_at", "2026-07-20T10:00:00Z", "2026-07-19 12:00", False),
        (
            "1 day before entry.starts_at",
            "2026-07-20 10:00",
            "2026-07-19 10:00",
            False,
        ),  # no zone: the lead's
        ("1 day before entry.starts_at", "2026-07-20", "2026-07-19 09:00", False),
        ("1 day before entry.starts_at", date(2026, 7, 20), "2026-07-19 09:00", False),
        ("1 day before entry.starts_at at 18:00", "2026-07-20T10:00:00+00:00", "2026-07-19 18:00", True),
        ("2 business days before entry.starts_at 09:00", "2026-07-20", "2026-07-16 09:00", True),
        ("2 hours after lead.trial_ends", "2026-07-20T10:00:30+00:00", "2026-07-20 14:00", False),
        ("2 hours after lead.trial_ends", "2026-07-20", "2026-07-20 02:00", False),
        ("entry.starts_at", "2026-07-20T10:00:00+00:00", "2026-07-20 12:00", False),
        ("1 month after entry.at", "2026-07-31T10:00:00+00:00", "2026-08-31 12:00", False),
    ],
)
def test_points_that_follow_a_value(point: str, value: object, at: str, clock: bool) -> None:
    assert when(point, now="2026-07-13 10:00", value=value) == Resolved(berlin(at), has_clock=clock)


@pytest.mark.parametrize(
    "value", [None, "", "soon", 5, "9999-12-31T23:59:59+00:00", "0001-01-01", True, [], "2026-13-01"]
)
def test_a_value_that_is_no_time_is_unknown(value: object) -> None:
    assert when("1 day before entry.starts_at", now="2026-07-13 10:00", value=value) == Resolved(
        None, unknown="entry.starts_at"
    )


def test_the_value_asked_for_is_the_one_named() -> None:
    asked: list[str] = []
    point = parse_point("1 day before entry.starts_at")
    resolve(point, entered_at=START, after=START, now=START, place=BERLIN, window=ANY, value=asked.append)
    assert asked == ["entry.starts_at"]


def test_moments_are_instants_or_dates() -> None:
    assert moment_of("2026-10-25T02:30:00", BERLIN) == berlin("2026-10-25 02:30")
    assert moment_of(" 2026-10-25 ", BERLIN) == date(2026, 10, 25)


points = st.one_of(
    st.builds(DayPoint, st.integers(1, 400), st.one_of(st.none(), st.integers(0, 1439))),
    st.builds(WeekdayPoint, st.integers(0, 6), st.one_of(st.none(), st.integers(0, 1439))),
    st.builds(
        DatePoint, st.dates(date(2025, 1, 1), date(2030, 1, 1)), st.one_of(st.none(), st.integers(0, 1439))
    ),
    st.builds(
        RelativePoint,
        st.sampled_from(
            [
                parse_duration(t)
                for t in ("1 day", "2 hours", "3 business days", "1 month", "4 business hours")
            ]
        ),
        st.booleans(),
        st.just("entry.at"),
        st.one_of(st.none(), st.integers(0, 1439)),
    ),
)


@given(points, instants, instants, st.sampled_from([ANY, OFFICE]))
def test_nothing_is_planned_before_now_unless_it_has_passed(
    point: Point, now: datetime, moment: datetime, window: object
) -> None:
    found = resolve(
        point,
        entered_at=now - timedelta(days=3),
        after=now,
        now=now,
        place=BERLIN,
        window=window,
        value=lambda path: moment,
    )  # type: ignore[arg-type]
    assert found.at is not None
    assert found.passed == (found.at < now)
    assert found.at.second == 0
    if found.has_clock and not BERLIN.clocks_change(BERLIN.wall(found.at)[0]):
        assert BERLIN.wall(found.at)[1] == point.clock
    if isinstance(point, WeekdayPoint):
        assert now < found.at < now + timedelta(days=14)
