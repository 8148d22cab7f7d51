from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.duration import Duration, add
from nurture.core.errors import GrammarError
from nurture.core.holiday_book import HolidayBook
from nurture.core.limit import Limit, first_fit, fits, parse_limit
from nurture.core.place import place_of

BERLIN = place_of("Europe/Berlin", "DE", ZoneInfo("UTC"), HolidayBook())
NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)

limits = st.lists(
    st.builds(
        lambda n, unit: parse_limit(f"{n} per {unit}")[0],
        st.integers(1, 4),
        st.sampled_from(["hour", "day", "week", "month"]),
    ),
    max_size=3,
)
gaps = st.one_of(
    st.none(),
    st.sampled_from([Duration(days=1), Duration(hours=6), Duration(business_days=1), Duration(weeks=1)]),
)
minutes = st.integers(-60 * 24 * 40, 60 * 24 * 10)


def ago(**how_long: float) -> datetime:
    return NOON - timedelta(**how_long)


def count_ok(limit: Limit, times: list[datetime]) -> bool:
    """No instant has more than `count` mails in the span before it."""
    return all(sum(timedelta(0) <= t - s < limit.span for s in times) <= limit.count for t in times)


@pytest.mark.parametrize(
    ("text", "count", "span"),
    [
        ("2 per week", 2, timedelta(days=7)),
        ("1 per hour", 1, timedelta(hours=1)),
        ("1 per day", 1, timedelta(hours=24)),
        ("4 per month", 4, timedelta(days=30)),
        ("2/week", 2, timedelta(days=7)),
        (" 2  Per  Week ", 2, timedelta(days=7)),
    ],
)
def test_limits(text: str, count: int, span: timedelta) -> None:
    (limit,) = parse_limit(text)
    assert (limit.count, limit.span) == (count, span)


def test_a_list_of_limits() -> None:
    assert [str(limit) for limit in parse_limit(["2 per day", "5 per week"])] == ["2 per day", "5 per week"]
    assert parse_limit([]) == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2 a week", "write `2 per week`"),
        ("once a day", "write `1 per day`"),
        ("two per week", "write `2 per week`"),
        ("2 per weeks", "write `2 per week`"),
        ("2 per weak", "did you mean `week`?"),
        ("0 per week", "the least is 1"),
        ("-1 per week", "write `2 per week`; units are hour, day, week and month"),
        ("2 per year", "write `2 per week`; units are hour, day, week and month"),
        ("weekly", "write `2 per week`; units are hour, day, week and month"),
        ("", "write `2 per week`; units are hour, day, week and month"),
    ],
)
def test_what_is_no_limit_says_what_would_be(text: str, hint: str) -> None:
    with pytest.raises(GrammarError) as error:
        parse_limit(text)
    assert error.value.hint == hint


@pytest.mark.parametrize(
    ("limit", "sent", "expected"),
    [
        ("1 per day", [], NOON),
        ("1 per day", [ago(hours=24)], NOON),  # exactly a day ago no longer counts
        ("1 per day", [ago(hours=23, minutes=59)], NOON + timedelta(minutes=1)),
        ("2 per week", [ago(days=6), ago(days=1)], NOON + timedelta(days=1)),
        ("2 per week", [ago(days=8), ago(days=1)], NOON),
        ("2 per week", [ago(days=3), ago(days=2), ago(days=1)], NOON + timedelta(days=5)),
        ("1 per hour", [NOON], NOON + timedelta(hours=1)),
        (["2 per day", "3 per week"], [ago(days=6), ago(hours=3), ago(hours=1)], NOON + timedelta(days=1)),
        ("1 per day", [NOON + timedelta(hours=5)], NOON + timedelta(hours=29)),  # one is planned already
        ("1 per day", [NOON + timedelta(days=1)], NOON),
    ],
)
def test_the_first_fit(limit: str | list[str], sent: list[datetime], expected: datetime) -> None:
    assert first_fit(parse_limit(limit), None, sent, NOON, BERLIN) == expected


def test_a_gap_of_a_day_is_a_day_of_the_calendar() -> None:
    before = datetime(2026, 3, 28, 9, 30, tzinfo=UTC)  # 10:30 in Berlin, clocks go forward that night
    assert first_fit((), Duration(days=1), [before], before, BERLIN) == before + timedelta(hours=23)
    assert first_fit((), Duration(hours=24), [before], before, BERLIN) == before + timedelta(hours=24)


@given(limits, st.lists(minutes, max_size=12))
def test_limits_are_never_exceeded(limits: list[Limit], offsets: list[int]) -> None:
    sent: list[datetime] = []
    for offset in sorted(offsets):
        sent.append(first_fit(limits, None, sent, max([NOON + timedelta(minutes=offset), *sent]), BERLIN))
    assert all(count_ok(limit, sent) for limit in limits)


@given(limits, gaps, st.lists(minutes, max_size=10))
def test_nothing_fits_sooner(limits: list[Limit], gap: Duration | None, offsets: list[int]) -> None:
    sent = sorted(NOON + timedelta(minutes=m) for m in offsets)
    at = first_fit(limits, gap, sent, NOON, BERLIN)
    assert at >= NOON
    assert fits(limits, gap, sent, at, BERLIN)
    steps = [NOON, at - timedelta(minutes=1), *(NOON + (at - NOON) * n / 7 for n in range(7))]
    assert not any(fits(limits, gap, sent, t, BERLIN) for t in steps if NOON <= t < at)


@given(limits, gaps, st.lists(minutes, max_size=10), minutes)
def test_fitting_means_that_all_limits_hold(
    limits: list[Limit], gap: Duration | None, offsets: list[int], offset: int
) -> None:
    t = NOON + timedelta(minutes=offset)
    sent = sorted(NOON + timedelta(minutes=m) for m in offsets)
    near = lambda limit: [s for s in sent if abs(s - t) < limit.span]  # noqa: E731
    counts = all(
        all(
            sum(timedelta(0) <= u - s < limit.span for s in [*sent, t]) <= limit.count
            for u in [t, *near(limit)]
            if u >= t
        )
        for limit in limits
    )
    apart = gap is None or all(
        (add(gap, s, BERLIN) <= t) if s <= t else (add(gap, t, BERLIN) <= s) for s in sent
    )
    assert fits(limits, gap, sent, t, BERLIN) == (counts and apart)
