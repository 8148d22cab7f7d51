from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.core.duration import Duration, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.event import Event
from nurture.core.limit import parse_limit
from nurture.core.scoring import (
    EventRule,
    Kind,
    LedgerEntry,
    ProfileRule,
    ScoreState,
    Temperature,
    Thresholds,
    add_points,
    change_at,
    faded,
    next_crossing,
    points_for,
    profile_points,
    score_at,
    temperature_of,
    topic_at,
    whole,
    with_profile,
)

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
MONTH = parse_duration("30 days")
LEVELS = Thresholds(warm=30, hot=70, mql=100)
minutes = st.integers(0, 200 * 1440)
points = st.integers(-100, 100)


def later(**how_long: float) -> datetime:
    return NOON + timedelta(**how_long)


@pytest.mark.parametrize(("days", "left"), [(0, 80.0), (30, 40.0), (60, 20.0), (15, 56.57), (-10, 80.0)])
def test_points_fade_by_half_every_half_life(days: int, left: float) -> None:
    assert faded(80.0, NOON, later(days=days), MONTH) == pytest.approx(left, abs=0.01)


def test_without_a_half_life_nothing_fades() -> None:
    assert score_at(ScoreState(80.0, NOON, 5), later(days=1000), None) == 85


def test_the_profile_does_not_fade() -> None:
    assert score_at(ScoreState(80.0, NOON, 20), later(days=30), MONTH) == pytest.approx(60)
    assert with_profile(ScoreState(80.0, NOON, 20), 5, NOON) == ScoreState(80.0, NOON, 5)
    assert with_profile(None, 5, NOON) == ScoreState(0.0, NOON, 5)


@given(st.lists(st.tuples(points, minutes), min_size=1, max_size=4))
def test_the_order_of_additions_makes_no_difference(given_points: list[tuple[int, int]]) -> None:
    scores = []
    for order in permutations(given_points):
        state = None
        for count, minute in order:
            state = add_points(state, count, later(minutes=minute), MONTH)
        assert state is not None
        scores.append(score_at(state, later(days=300), MONTH))
    by_hand = sum(
        faded(count, later(minutes=minute), later(days=300), MONTH) for count, minute in given_points
    )
    assert scores == pytest.approx([by_hand] * len(scores))


@given(st.lists(st.tuples(points, minutes), min_size=1, max_size=6), st.data())
def test_a_withdrawn_entry_leaves_no_trace(given_points: list[tuple[int, int]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(given_points) - 1))
    state = without = None
    for n, (count, minute) in enumerate(given_points):
        state = add_points(state, count, later(minutes=minute), MONTH)
        if n != index:
            without = add_points(without, count, later(minutes=minute), MONTH)
    count, minute = given_points[index]
    state = add_points(state, -count, later(minutes=minute), MONTH)
    end = later(days=300)
    assert score_at(state, end, MONTH) == pytest.approx(
        score_at(without, end, MONTH) if without else 0.0, abs=1e-9
    )


def test_points_for_a_topic_are_part_of_the_score() -> None:
    state = add_points(None, 10, NOON, MONTH, "energy")
    state = add_points(state, 5, later(days=30), MONTH)
    state = add_points(state, 4, later(days=30), MONTH, "energy")
    assert topic_at(state, "energy", later(days=30), MONTH) == pytest.approx(9)
    assert topic_at(state, "energy", later(days=60), MONTH) == pytest.approx(4.5)
    assert topic_at(state, "pumps", later(days=30), MONTH) == 0
    assert score_at(state, later(days=30), MONTH) == pytest.approx(14)


@pytest.mark.parametrize(
    ("score", "shown"), [(69.9, 69), (70.0, 70), (69.99999999, 70), (-0.5, -1), (0.3 * 100, 30)]
)
def test_whole_points(score: float, shown: int) -> None:
    assert whole(score) == shown


@pytest.mark.parametrize(
    ("score", "before", "expected"),
    [
        (29.9, "cold", "cold"),
        (30, "cold", "warm"),
        (70, "cold", "hot"),
        (70, "warm", "hot"),
        (69.9, "warm", "warm"),
        (63, "hot", "hot"),  # up to 10 % below
        (62.9, "hot", "warm"),
        (27, "warm", "warm"),
        (26.9, "warm", "cold"),
        (26.9, "hot", "cold"),
        (28, "hot", "warm"),
        (28, "cold", "cold"),
    ],
)
def test_temperature(score: float, before: str, expected: str) -> None:
    assert temperature_of(score, before, LEVELS) == expected


@pytest.mark.parametrize(
    ("score", "before", "mql_fired", "events"),
    [
        (10, "cold", False, []),
        (35, "cold", False, ["score.warm"]),
        (75, "warm", False, ["score.hot"]),
        (75, "cold", False, ["score.hot"]),
        (75, "hot", False, []),
        (50, "hot", False, ["score.cooled"]),
        (5, "warm", False, ["score.cold"]),
        (5, "hot", False, ["score.cold"]),
        (100, "warm", False, ["score.hot", "score.mql"]),
        (100, "warm", True, ["score.hot"]),
        (120, "hot", False, ["score.mql"]),
        (120, "hot", True, []),
    ],
)
def test_what_a_score_sets_off(score: float, before: str, mql_fired: bool, events: list[str]) -> None:
    assert [event.type for event in change_at(score, before, LEVELS, mql_fired=mql_fired).events] == events


def test_an_event_says_from_where_to_where() -> None:
    change = change_at(75.4, "cold", LEVELS, mql_fired=False)
    assert change.temperature == Temperature.HOT
    assert change.events[0].data == {"score": 75, "from": "cold", "to": "hot"}


@pytest.mark.parametrize(("warm", "hot"), [(70, 30), (30, 30), (0, 10), (-5, 10)])
def test_thresholds_are_in_order(warm: int, hot: int) -> None:
    with pytest.raises(GrammarError, match="warm at"):
        Thresholds(warm, hot)


def test_a_hot_lead_cools_down_at_a_known_time() -> None:
    at = next_crossing(ScoreState(126.0, NOON), LEVELS, "hot", MONTH)
    assert at == later(days=30, minutes=1)  # 63 is 10 % below 70, and still hot


@pytest.mark.parametrize(
    ("state", "temperature", "half_life"),
    [
        (ScoreState(80.0, NOON), "hot", None),
        (ScoreState(10.0, NOON), "cold", MONTH),
        (ScoreState(20.0, NOON, 63), "hot", MONTH),  # the profile alone keeps it hot
        (ScoreState(20.0, NOON, 40), "warm", MONTH),
        (ScoreState(0.0, NOON, 40), "warm", MONTH),
        (ScoreState(-10.0, NOON, 20), "cold", MONTH),
    ],
)
def test_what_never_changes(state: ScoreState, temperature: str, half_life: Duration | None) -> None:
    assert next_crossing(state, LEVELS, temperature, half_life) is None


def test_a_refusal_fades_too() -> None:
    at = next_crossing(ScoreState(-20.0, NOON, 40), LEVELS, "cold", MONTH)
    assert at == later(days=30, minutes=1)  # 20 below 40, then 10 below: warm again
    up = next_crossing(ScoreState(-20.0, NOON, 110), LEVELS, "hot", MONTH, mql_fired=False)
    assert up == later(days=30, minutes=1)
    assert next_crossing(ScoreState(-20.0, NOON, 110), LEVELS, "hot", MONTH) is None


def test_a_crossing_that_is_due_already() -> None:
    assert next_crossing(ScoreState(80.0, NOON), LEVELS, "warm", MONTH) == NOON
    assert next_crossing(ScoreState(120.0, NOON), LEVELS, "hot", MONTH, mql_fired=False) == NOON


@example(behaviour=5e-324, profile=0, before="cold", days=1, part=0)
@given(
    behaviour=st.floats(-300, 300),
    profile=st.integers(-50, 150),
    before=st.sampled_from(["cold", "warm", "hot"]),
    days=st.integers(1, 400),
    part=st.integers(0, 1000),
)
def test_the_next_crossing_is_where_something_first_changes(
    behaviour: float, profile: int, before: str, days: int, part: int
) -> None:
    state, half_life = ScoreState(behaviour, NOON, profile), Duration(days=days)

    def changes(t: datetime) -> bool:
        change = change_at(score_at(state, t, half_life), before, LEVELS, mql_fired=False)
        return change.temperature != before or bool(change.events)

    at = next_crossing(state, LEVELS, before, half_life, mql_fired=False)
    if at is None:
        assert not any(changes(NOON + timedelta(days=days * n / 4)) for n in range(60))
        return
    assert changes(at)
    if at > NOON + timedelta(minutes=2):
        assert not changes(NOON + (at - timedelta(minutes=2) - NOON) * part / 1000)


def happened(kind: str, at: datetime = NOON, **data: object) -> Event:
    return Event(type=kind, at=at, learned_at=at, data=data, id=7)


def test_a_rule_gives_points_for_its_event() -> None:
    rule = EventRule("report.downloaded", 10, reason="downloaded a report", topic="energy")
    assert points_for(rule, happened("report.downloaded"), None) == LedgerEntry(
        10, "downloaded a report", 7, Kind.BEHAVIOUR, "energy", rule.key
    )
    assert points_for(rule, happened("page.viewed"), None) is None
    assert points_for(EventRule("reply", 3), happened("reply.other"), None) is not None


@pytest.mark.parametrize(("answer", "gives"), [(True, True), (False, False), (None, False)])
def test_a_condition_that_is_unknown_counts_as_no(answer: bool | None, gives: bool) -> None:
    rule = EventRule("page.viewed", 15, where=lambda facts: answer)
    assert (points_for(rule, happened("page.viewed"), None) is not None) is gives


@pytest.mark.parametrize(
    ("hours_before", "gives"),
    [([], True), ([1], True), ([1, 2], False), ([1, 24], True), ([23.9, 0], False), ([-5, -6], True)],
)
def test_points_are_given_at_most_so_often(hours_before: list[float], gives: bool) -> None:
    rule = EventRule("page.viewed", 1, at_most=parse_limit("2 per day")[0])
    before = [NOON - timedelta(hours=h) for h in hours_before]
    assert (points_for(rule, happened("page.viewed"), None, before) is not None) is gives


def test_profile_rules_hold_while_their_conditions_do() -> None:
    rules = [
        ProfileRule(lambda lead: lead["size"] >= 50, 5, "50 people or more"),
        ProfileRule(lambda lead: lead["size"] >= 500, 5, "500 people or more"),
        ProfileRule(lambda lead: None, 100, "unknown"),
    ]
    assert [(e.points, e.reason, e.kind) for e in profile_points(rules, {"size": 60})] == [
        (5, "50 people or more", Kind.PROFILE)
    ]
    assert sum(e.points for e in profile_points(rules, {"size": 600})) == 10
