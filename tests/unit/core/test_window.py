from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.clocktime import clock_text, parse_clock
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import Place, place_of
from nurture.core.window import ANY, Window, parse_window

BOOK = HolidayBook()
COUNTRIES = ["DE", "GB", "US", "AU", "IN", "EG"]
PLACES = [place_of(None, country, ZoneInfo("UTC"), BOOK) for country in COUNTRIES]
PLACES.append(place_of("Australia/Lord_Howe", "AU", ZoneInfo("UTC"), BOOK))
BERLIN = PLACES[0]
OFFICE = parse_window("mon-fri 08:00-18:00")

places = st.sampled_from(PLACES)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """One to three parts, each with days and hours."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        days = draw(
            st.sampled_from(["mon-fri", "sat", "sun", "mon,wed,fri", "every day", "fri-mon", "sat,sun"])
        )
        start = draw(st.integers(0, 1438))
        end = draw(st.integers(start + 1, 1440))
        parts.append(f"{days} {clock_text(start)}-{'24:00' if end == 1440 else clock_text(end)}")
    return parse_window(parts)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Place, datetime]:
    """A place and a minute, often near a change of clocks."""
    place = draw(places)
    day = draw(st.dates(date(2020, 1, 1), date(2045, 1, 1))).toordinal()
    if draw(st.booleans()):
        day = next((d for d in range(day, day + 400) if place.clocks_change(d)), day)
    return place, place.instant(day, 0) + timedelta(minutes=draw(st.integers(-200, 1600)))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def hours_of(text: str | list[str]) -> dict[int, list[str]]:
    window = parse_window(text)
    return {
        day: [f"{clock_text(start)}-{end // 60:02d}:{end % 60:02d}" for start, end in hours]
        for day, hours in enumerate(window.by_weekday)
        if hours
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 08:00-18:00", {day: ["08:00-18:00"] for day in range(5)}),
        ("sat 10:00-14:00", {5: ["10:00-14:00"]}),
        ("mon,wed,fri 9:00-12:00", {0: ["09:00-12:00"], 2: ["09:00-12:00"], 4: ["09:00-12:00"]}),
        ("mon, wed 09:00-12:00", {0: ["09:00-12:00"], 2: ["09:00-12:00"]}),
        ("mon-tue,sat 09:00-12:00", {0: ["09:00-12:00"], 1: ["09:00-12:00"], 5: ["09:00-12:00"]}),
        ("sat-mon 09:00-24:00", {0: ["09:00-24:00"], 5: ["09:00-24:00"], 6: ["09:00-24:00"]}),
        ("every day 09:00-20:00", {day: ["09:00-20:00"] for day in range(7)}),
        ("Monday–Tuesday 08:00–18:00", {0: ["08:00-18:00"], 1: ["08:00-18:00"]}),
        (["mon 08:00-12:00", "mon 14:00-18:00"], {0: ["08:00-12:00", "14:00-18:00"]}),
        (["mon 08:00-12:00", "mon 11:00-18:00"], {0: ["08:00-18:00"]}),
        (["mon 08:00-12:00", "mon 12:00-18:00"], {0: ["08:00-18:00"]}),
    ],
)
def test_windows(text: str | list[str], expected: dict[int, list[str]]) -> None:
    assert hours_of(text) == expected


def test_any_is_always_open() -> None:
    assert parse_window("any") is ANY
    assert parse_window(["sat 10:00-12:00", "any"]).is_any
    assert str(parse_window(["mon 08:00-12:00", "sat  9:00-10:00"])) == "mon 08:00-12:00, sat 9:00-10:00"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "a window is missing", None),
        ([], "the list of windows is empty", None),
        ("mon-fri", "`mon-fri` has no hours", "write `mon-fri 08:00-18:00`"),
        ("every day", "`every day` has no hours", "write `every day 08:00-18:00`"),
        ("08:00-18:00", "`08:00-18:00` names no days", "write `mon-fri 08:00-18:00`"),
        ("mon-fri 08:00", "`mon-fri 08:00` has no end", "write `08:00-18:00`"),
        ("mon-fri 8-18", "`8` is not a clock time", "write `08:00`"),
        ("mon-fri 18:00-18:00", "the window `18:00-18:00` is never open", None),
        ("mon-fri 22:00-06:00", "ends before it starts", "for one over midnight write two: `22:00-24:00` and `00:00-06:00`"),
        ("weekdays 08:00-18:00", "`weekdays` is not a day", "write `mon-fri`"),
        ("daily 08:00-18:00", "`daily` is not a day", "write `every day`"),
        ("mon-fry 08:00-18:00", "`fry` is not a day", "did you mean `friday`?"),
        ("lun-ven 08:00-18:00", "`lun` is not a day", None),
        ("mon-fri 08:00-25:00", "there is no `25:00` on a clock", None),
    ],
)  # fmt: skip
def test_what_is_no_window_says_what_would_be(text: str | list[str], message: str, hint: str | None) -> None:
    with pytest.raises(GrammarError) as error:
        parse_window(text)
    assert message in str(error.value)
    assert error.value.hint == hint if hint else error.value.hint


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        outcome = str(parse_window(text))
    except GrammarError as error:
        outcome = error.hint or ""
    assert outcome


@pytest.mark.parametrize(
    ("window", "at", "opens"),
    [
        ("mon-fri 08:00-18:00", "2026-07-14 10:00", "2026-07-14 10:00"),
        ("mon-fri 08:00-18:00", "2026-07-14 08:00", "2026-07-14 08:00"),
        ("mon-fri 08:00-18:00", "2026-07-14 07:59", "2026-07-14 08:00"),
        ("mon-fri 08:00-18:00", "2026-07-14 17:59", "2026-07-14 17:59"),
        ("mon-fri 08:00-18:00", "2026-07-14 18:00", "2026-07-15 08:00"),
        ("mon-fri 08:00-18:00", "2026-07-10 19:00", "2026-07-13 08:00"),
        ("mon-fri 08:00-18:00", "2026-12-24 19:00", "2026-12-28 08:00"),
        ("every day 08:00-18:00", "2026-12-24 19:00", "2026-12-25 08:00"),
        ("sat 10:00-14:00", "2026-10-01 12:00", "2026-10-10 10:00"),  # 3 October is a holiday
        ("any", "2026-12-25 03:00", "2026-12-25 03:00"),
        ("sun 02:15-04:00", "2026-03-28 12:00", "2026-03-29 03:00"),  # 02:15 is skipped
        ("sun 02:15-02:45", "2026-03-28 12:00", "2026-04-05 02:15"),  # all of it is
        ("sun 02:00-02:30", "2026-10-25 01:00", "2026-10-25 02:00"),
    ],
)
def test_when_a_window_opens_next(window: str, at: str, opens: str) -> None:
    assert parse_window(window).next_open(berlin(at), BERLIN) == berlin(opens)


@pytest.mark.parametrize(
    ("window", "at", "opens"),
    [
        ("mon-fri 08:00-18:00", "2026-07-11 09:30", "2026-07-13 09:30"),
        ("mon-fri 08:00-18:00", "2026-12-25 09:30", "2026-12-28 09:30"),
        ("mon-fri 08:00-18:00", "2026-07-10 09:30", "2026-07-10 09:30"),
        (["mon-fri 08:00-18:00", "sat 10:00-12:00"], "2026-07-12 11:00", "2026-07-13 11:00"),
        (["mon-thu 08:00-12:00", "fri 08:00-18:00"], "2026-07-13 15:00", "2026-07-17 15:00"),
        ("tue 08:00-18:00", "2026-03-25 09:30", "2026-03-31 09:30"),  # over a change of clocks
    ],
)
def test_an_appointed_time_moves_by_whole_days(window: str | list[str], at: str, opens: str) -> None:
    assert parse_window(window).next_open(berlin(at), BERLIN, keep_clock=True) == berlin(opens)


def test_a_clock_time_outside_the_window_on_every_day() -> None:
    assert OFFICE.next_open(berlin("2026-07-14 19:00"), BERLIN, keep_clock=True) is None
    assert not OFFICE.can_open_at(parse_clock("18:00"))
    assert OFFICE.can_open_at(parse_clock("08:00"))
    assert parse_window(["mon 08:00-09:00", "sat 20:00-21:00"]).can_open_at(parse_clock("20:30"))
    assert ANY.can_open_at(0)


@pytest.mark.parametrize(
    ("window", "at", "closes"),
    [
        ("mon-fri 08:00-18:00", "2026-07-14 10:00", "2026-07-14 18:00"),
        ("mon-fri 08:00-18:00", "2026-07-14 19:00", "2026-07-14 19:00"),
        (["mon-fri 08:00-12:00", "mon-fri 13:00-18:00"], "2026-07-14 10:00", "2026-07-14 12:00"),
        (["tue 20:00-24:00", "wed 00:00-06:00"], "2026-07-14 21:00", "2026-07-15 06:00"),
        ("tue 20:00-24:00", "2026-07-14 21:00", "2026-07-15 00:00"),
        ("mon-sun 00:00-24:00", "2026-12-20 10:00", "2026-12-25 00:00"),
        ("every day 00:00-24:00", "2026-12-20 10:00", None),
        ("any", "2026-12-20 10:00", None),
    ],
)
def test_when_a_window_closes(window: str | list[str], at: str, closes: str | None) -> None:
    assert parse_window(window).closes(berlin(at), BERLIN) == (berlin(closes) if closes else None)


@pytest.mark.parametrize(
    ("window", "day", "opens"),
    [
        ("any", "2026-12-25", "2026-12-25 09:00"),
        ("mon-fri 08:30-18:00", "2026-12-24", "2026-12-24 08:30"),
        ("mon-fri 08:30-18:00", "2026-12-25", None),
        (["tue 14:00-15:00", "tue 09:00-10:00"], "2026-07-14", "2026-07-14 09:00"),
    ],
)
def test_the_opening_of_a_day(window: str | list[str], day: str, opens: str | None) -> None:
    found = parse_window(window).opening_on(date.fromisoformat(day).toordinal(), BERLIN)
    assert found == (berlin(opens) if opens else None)


@given(windows(), cases())
def test_open_is_what_the_wall_clock_says(window: Window, case: tuple[Place, datetime]) -> None:
    place, t = case
    local = t.astimezone(place.zone)
    hours = (
        window.on_holidays
        if place.is_holiday(local.date()) and window.heeds_holidays
        else window.by_weekday[local.weekday()]
    )
    assert window.is_open(t, place) == any(s <= local.hour * 60 + local.minute < e for s, e in hours)


@given(windows(), cases())
def test_the_next_opening_is_the_first_open_minute(window: Window, case: tuple[Place, datetime]) -> None:
    place, t = case
    opening = window.next_open(t, place)
    assert opening is not None
    assert window.is_open(opening, place)
    minutes = min(int((opening - t) / timedelta(minutes=1)), 5000)
    assert not any(window.is_open(t + timedelta(minutes=m), place) for m in range(minutes))


@given(windows(), cases())
def test_an_appointed_time_keeps_its_clock(window: Window, case: tuple[Place, datetime]) -> None:
    place, t = case
    opening = window.next_open(t, place, keep_clock=True)
    day, minute = place.wall(t)
    if opening is None:
        assert not any(s <= minute < e for hours in window.by_weekday for s, e in hours)
        return
    assert window.is_open(opening, place)
    assert opening >= t
    later, clock = place.wall(opening)
    assert clock == minute or place.clocks_change(later)
    assert not any(
        window.is_open_on(d, minute, place) for d in range(day, later) if not place.clocks_change(d)
    )


@given(windows(), cases())
def test_a_window_is_open_until_it_closes(window: Window, case: tuple[Place, datetime]) -> None:
    place, t = case
    opening = window.next_open(t, place)
    assert opening is not None
    closes = window.closes(opening, place)
    if closes is None or closes - opening > timedelta(days=2):
        assert any((0, 1440) in hours for hours in window.by_weekday)
        return
    if not any(place.clocks_change(place.wall(at)[0]) for at in (opening, closes)):
        assert not window.is_open(closes, place)
        minutes = int((closes - opening) / timedelta(minutes=1))
        assert all(window.is_open(opening + timedelta(minutes=m), place) for m in range(minutes))
