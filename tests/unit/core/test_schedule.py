from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.clocktime import to_minute
from nurture.core.duration import Duration, add, parse_duration
from nurture.core.holiday_book import HolidayBook
from nurture.core.limit import Limit, fits, parse_limit
from nurture.core.place import Place, place_of
from nurture.core.schedule import PATIENCE, Fit, fit
from nurture.core.window import ANY, Window, parse_window

BOOK = HolidayBook()
PLACES = [place_of(None, country, ZoneInfo("UTC"), BOOK) for country in ("DE", "GB", "US", "IN", "EG")]
BERLIN = PLACES[0]
START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 3 * 366 * 1440).map(lambda minutes: START + timedelta(minutes=minutes))
windows = st.sampled_from(
    [
        ANY,
        *map(
            parse_window,
            ("mon-fri 08:00-18:00", "tue-thu 09:00-16:00", "sat 10:00-14:00", "every day 06:00-23:00"),
        ),
    ]
)
limits = st.lists(
    st.sampled_from(parse_limit(["1 per day", "2 per day", "2 per week", "1 per hour", "4 per month"])),
    max_size=2,
)
gaps = st.sampled_from([None, Duration(days=1), Duration(hours=3)])


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def fitted(
    at: str,
    window: str = "mon-fri 08:00-18:00",
    limit: str = "",
    gap: str = "",
    sent: tuple[str, ...] = (),
    keep: bool = False,
    overall: str = "",
    overall_gap: str = "",
    others: tuple[str, ...] = (),
) -> Fit:
    return fit(
        berlin(at),
        window=parse_window(window),
        limits=parse_limit(limit) if limit else (),
        gap=parse_duration(gap) if gap else None,
        sent=[berlin(t) for t in sent],
        place=BERLIN,
        keep_clock=keep,
        overall=parse_limit(overall) if overall else (),
        overall_gap=parse_duration(overall_gap) if overall_gap else None,
        overall_sent=[berlin(t) for t in others],
    )


@pytest.mark.parametrize(
    ("at", "expected", "words"),
    [
        ("2026-07-14 10:00", "2026-07-14 10:00", ()),
        ("2026-07-14 19:00", "2026-07-15 08:00", ("window",)),
        ("2026-07-10 19:00", "2026-07-13 08:00", ("window",)),
        ("2026-12-25 10:00", "2026-12-28 08:00", ("holiday",)),
        ("2026-12-24 19:00", "2026-12-28 08:00", ("window", "holiday")),
        ("2026-10-03 10:00", "2026-10-05 08:00", ("window",)),  # a holiday, but a Saturday
    ],
)
def test_windows(at: str, expected: str, words: tuple[str, ...]) -> None:
    assert fitted(at) == Fit(berlin(expected), words)


@pytest.mark.parametrize(
    ("at", "expected", "words"),
    [
        ("2026-07-11 09:30", "2026-07-13 09:30", ("window",)),
        ("2026-12-25 09:30", "2026-12-28 09:30", ("holiday",)),
        ("2026-12-26 09:30", "2026-12-28 09:30", ("window",)),
    ],
)
def test_an_appointed_time_keeps_its_clock(at: str, expected: str, words: tuple[str, ...]) -> None:
    assert fitted(at, keep=True) == Fit(berlin(expected), words)


def test_two_per_week_and_a_third() -> None:
    sent = ("2026-07-14 10:00", "2026-07-16 09:00")
    assert fitted("2026-07-17 12:00", limit="2 per week", sent=sent) == Fit(
        berlin("2026-07-21 10:00"), ("over_limit",)
    )
    assert fitted("2026-07-17 09:30", limit="2 per week", sent=sent, keep=True) == Fit(
        berlin("2026-07-22 09:30"), ("over_limit",)
    )


def test_limit_and_window_take_turns() -> None:
    # a day after Friday 12:00 is Saturday, so Monday morning
    assert fitted("2026-07-10 13:00", limit="1 per day", sent=("2026-07-10 12:00",)) == Fit(
        berlin("2026-07-13 08:00"), ("over_limit", "window")
    )
    # Monday 08:00 is too near to Sunday's mail of another window
    assert fitted("2026-07-11 09:00", limit="1 per day", sent=("2026-07-12 09:00",)) == Fit(
        berlin("2026-07-13 09:00"), ("window", "over_limit")
    )


def test_a_gap() -> None:
    sent = ("2026-07-14 10:00",)
    assert fitted("2026-07-14 12:00", gap="1 day", sent=sent) == Fit(
        berlin("2026-07-15 10:00"), ("over_limit",)
    )
    assert fitted("2026-07-14 12:00", gap="1 day", sent=sent, keep=True) == Fit(
        berlin("2026-07-15 12:00"), ("over_limit",)
    )
    assert fitted("2026-07-15 10:00", gap="1 day", sent=sent) == Fit(berlin("2026-07-15 10:00"))


def test_the_limits_of_all_campaigns() -> None:
    found = fitted("2026-07-14 09:30", overall="1 per day", others=("2026-07-14 08:00",), keep=True)
    assert found == Fit(berlin("2026-07-15 09:30"), ("over_limit",))
    both = fitted(
        "2026-07-14 12:00",
        gap="1 day",
        sent=("2026-07-14 09:00",),
        overall="1 per day",
        others=("2026-07-14 11:00",),
    )
    assert both == Fit(berlin("2026-07-15 11:00"), ("over_limit",))


def test_the_gap_over_all_campaigns() -> None:
    mine, others = ("2026-07-14 09:00",), ("2026-07-14 09:00", "2026-07-14 11:00")
    found = fitted("2026-07-14 12:00", gap="2 hours", sent=mine, overall_gap="3 hours", others=others)
    assert found == Fit(berlin("2026-07-14 14:00"), ("over_limit",))
    assert fitted("2026-07-14 12:00", gap="2 hours", sent=mine).at == berlin("2026-07-14 12:00")


@pytest.mark.parametrize("keep", [False, True])
def test_after_14_days_the_email_is_passed(keep: bool) -> None:
    sent = ("2026-07-01 10:00",)
    ok = fitted("2026-07-20 10:00", "any", limit="1 per month", sent=sent, keep=keep)
    assert ok == Fit(berlin("2026-07-31 10:00"), ("over_limit",))
    assert fitted("2026-07-17 10:00", "any", limit="1 per month", sent=sent, keep=keep).at == berlin(
        "2026-07-31 10:00"
    )
    assert fitted("2026-07-17 09:59", "any", limit="1 per month", sent=sent, keep=keep) == Fit(
        None, ("over_limit",)
    )


def test_the_14_days_count_from_the_first_plan() -> None:
    common = {
        "window": ANY,
        "limits": parse_limit("1 per month"),
        "sent": [berlin("2026-07-10 10:00")],
        "place": BERLIN,
    }
    for keep in (False, True):
        at = berlin("2026-07-28 10:00")
        assert fit(at, keep_clock=keep, **common).at == berlin("2026-08-09 10:00")  # type: ignore[arg-type]
        since = berlin("2026-07-20 10:00")
        assert fit(at, keep_clock=keep, waiting_since=since, **common) == Fit(None, ("over_limit",))  # type: ignore[arg-type]


def test_a_clock_time_the_window_never_has() -> None:
    assert fitted("2026-07-14 19:00", keep=True) == Fit(None, ("window",))


def test_seconds_are_cut() -> None:
    t = berlin("2026-07-14 10:00")
    assert to_minute(t + timedelta(seconds=59, microseconds=1)) == t
    assert to_minute(t) is t
    assert fit(t + timedelta(seconds=30), window=ANY, place=BERLIN, keep_clock=False) == Fit(t)


@given(
    instants,
    windows,
    limits,
    gaps,
    st.lists(st.integers(-40 * 1440, 3 * 1440), max_size=8),
    st.sampled_from(PLACES),
    st.booleans(),
)
def test_what_fits_is_in_the_window_and_within_the_limits(
    t: datetime,
    window: Window,
    limit: list[Limit],
    gap: Duration | None,
    offsets: list[int],
    place: Place,
    keep: bool,
) -> None:
    sent = sorted(t + timedelta(minutes=m) for m in offsets)
    found = fit(t, window=window, limits=limit, gap=gap, sent=sent, place=place, keep_clock=keep)
    if found.at is None:
        assert found.words
        assert keep or found.words[-1] == "over_limit"
        return
    assert found.at >= t
    assert window.is_open(found.at, place)
    assert fits(limit, gap, sent, found.at, place)
    assert (found.at == t) == (found.words == ())
    if keep and not place.clocks_change(place.wall(found.at)[0]):
        assert place.wall(found.at)[1] == place.wall(t)[1]
    if not keep and found.words == ("over_limit",):
        assert found.at - t <= PATIENCE


@given(
    instants,
    windows,
    limits,
    gaps,
    st.sampled_from(PLACES),
    st.booleans(),
    st.lists(st.integers(0, 3000), min_size=2, max_size=10),
)
def test_a_row_of_mails_keeps_every_limit(
    t: datetime,
    window: Window,
    limit: list[Limit],
    gap: Duration | None,
    place: Place,
    keep: bool,
    pauses: list[int],
) -> None:
    sent: list[datetime] = []
    for pause in pauses:
        t += timedelta(minutes=pause)
        found = fit(t, window=window, limits=limit, gap=gap, sent=sent, place=place, keep_clock=keep)
        if found.at is not None:
            sent = sorted([*sent, found.at])
    for one in limit:
        assert all(sum(timedelta(0) <= u - s < one.span for s in sent) <= one.count for u in sent)
    if gap is not None:
        assert all(add(gap, a, place) <= b for a, b in itertools.pairwise(sent))


@given(instants, windows, limits, st.lists(st.integers(-20 * 1440, 0), max_size=8))
def test_fitting_twice_changes_nothing(
    t: datetime, window: Window, limit: list[Limit], offsets: list[int]
) -> None:
    sent = sorted(t + timedelta(minutes=m) for m in offsets)
    found = fit(t, window=window, limits=limit, sent=sent, place=BERLIN, keep_clock=False)
    if found.at is not None:
        assert fit(found.at, window=window, limits=limit, sent=sent, place=BERLIN, keep_clock=False) == Fit(
            found.at
        )
