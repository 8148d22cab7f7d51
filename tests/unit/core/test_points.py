"""Points meet a person: what is earned, and what a change of score sets off."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.core import points
from nurture.core.duration import parse_duration
from nurture.core.effects import GivePoints, Raise
from nurture.core.limit import parse_limit
from nurture.core.person import Person
from nurture.core.rules import Rules
from nurture.core.scoring import EventRule, Kind, ProfileRule, ScoreState, Thresholds
from tests.unit.core.small import MONDAY, event, later, person

RULES = Rules(
    event_points=(
        EventRule("report.downloaded", 10, at_most=parse_limit("2 per week")[0], reason="a download"),
        EventRule("report.downloaded", 5, where=lambda facts: facts.value("event", "report") == "Pumps"),
        EventRule("reply", 20, topic="talk"),
    ),
    profile_points=(
        ProfileRule(lambda facts: facts.value("lead", "company_size") is not None, 15, "size known"),
        ProfileRule(lambda facts: facts.value("lead", "country") == "GB", 5, "our country"),
    ),
    thresholds=Thresholds(),
    half_life=parse_duration("30 days"),
)


def earned(who: Person, type: str, **data: Any) -> list[tuple[int, str]]:
    return [(given.points, given.reason) for given in points.earned(who, event(type, **data), RULES, MONDAY)]


@pytest.mark.parametrize(
    ("type", "data", "given"),
    [
        ("report.downloaded", {"report": "Valves"}, [(10, "a download")]),
        ("report.downloaded", {"report": "Pumps"}, [(10, "a download"), (5, "report.downloaded")]),
        ("reply.later", {}, [(20, "reply.later")]),
        ("page.viewed", {}, []),
    ],
)
def test_what_events_earn(type: str, data: dict[str, Any], given: list[tuple[int, str]]) -> None:
    assert earned(person(), type, **data) == given


def test_at_most_so_often() -> None:
    key = RULES.event_points[0].key
    assert earned(person(given={key: (later(-6), later(-1))}), "report.downloaded") == []
    assert earned(person(given={key: (later(-7), later(-1))}), "report.downloaded") == [(10, "a download")]


@pytest.mark.parametrize(
    ("size", "held", "given"),
    [
        (80, {}, [(5, "our country"), (15, "size known")]),
        (80, {"size known": 15, "our country": 5}, []),
        (None, {"size known": 15, "our country": 5}, [(-15, "size known")]),
        (None, {"an old rule": 7, "our country": 5}, [(-7, "an old rule")]),
    ],
)
def test_the_profile_is_brought_to_what_holds_now(
    size: int | None, held: dict[str, int], given: list[tuple[int, str]]
) -> None:
    assert earned(person(fields={"company_size": size}, profile=held), "lead.updated") == given


def give(who: Person, number: int, kind: Kind = Kind.BEHAVIOUR, **more: Any) -> None:
    points.give(who, GivePoints(at=MONDAY, points=number, reason="because", kind=kind, **more), RULES)


def test_giving_points() -> None:
    ada = person(score=ScoreState(20, later(-30)))
    give(ada, 10, rule="rule")
    assert ada.score == ScoreState(20.0, MONDAY)
    assert ada.score_now == 20
    assert ada.given == {"rule": (MONDAY,)}


def test_profile_points_do_not_fade() -> None:
    ada = person()
    give(ada, 15, Kind.PROFILE)
    assert ada.profile == {"because": 15}
    points.refresh(ada, RULES, later(300))
    assert ada.score_now == 15


@pytest.mark.parametrize(
    ("score", "temperature", "raised", "becomes"),
    [
        (29, "cold", [], "cold"),
        (30, "cold", ["score.warm"], "warm"),
        (75, "cold", ["score.hot"], "hot"),
        (65, "hot", [], "hot"),
        (62, "hot", ["score.cooled"], "warm"),
        (26, "warm", ["score.cold"], "cold"),
        (120, "warm", ["score.hot", "score.mql"], "hot"),
    ],
)
def test_crossing_thresholds(score: float, temperature: str, raised: list[str], becomes: str) -> None:
    ada = person(score=ScoreState(score, MONDAY), temperature=temperature)
    effects = list(points.changes(ada, RULES, MONDAY, given=True))
    assert [effect.type for effect in effects if isinstance(effect, Raise)] == raised
    assert ada.temperature == becomes


@pytest.mark.parametrize(
    ("who", "given", "qualifies"),
    [
        ({}, True, True),
        ({"stage": "nurturing"}, True, True),
        ({"mql_fired": True}, True, False),
        ({"stage": "mql"}, True, False),
        ({"stage": "customer"}, True, False),
        ({}, False, False),  # points of long ago qualify nobody anew
    ],
)
def test_who_qualifies(who: dict[str, Any], given: bool, qualifies: bool) -> None:
    ada = person(score=ScoreState(120, MONDAY), temperature="hot", **who)
    raised = [
        effect.type for effect in points.changes(ada, RULES, MONDAY, given=given) if isinstance(effect, Raise)
    ]
    assert raised == (["score.mql"] if qualifies else [])


def test_the_next_change_is_computed_and_always_ahead() -> None:
    hot = person(score=ScoreState(80, MONDAY), temperature="hot")
    at = points.next_change(hot, RULES, MONDAY)
    assert at is not None
    assert later(10) < at < later(11)  # 30 days × log2(80 ÷ 63)
    assert points.next_change(hot, RULES, at) == at + (later(0, minutes=1) - MONDAY)
    assert points.next_change(person(score=ScoreState(10, MONDAY)), RULES, MONDAY) is None
    assert points.next_change(person(), RULES, MONDAY) is None
    assert points.next_change(hot, Rules(), MONDAY) is None


def test_many_points_do_not_wake_anybody_to_qualify() -> None:
    given_back = person(score=ScoreState(500, MONDAY), temperature="hot", stage="nurturing")
    at = points.next_change(given_back, RULES, MONDAY)
    assert at is not None
    assert at > later(80)  # when it cools, and not in a minute
