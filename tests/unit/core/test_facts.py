"""What conditions and texts may ask, answered from the snapshot."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.core.duration import parse_duration
from nurture.core.facts import Facts, matching
from nurture.core.person import Mail
from nurture.core.scoring import ScoreState
from tests.unit.core.small import MONDAY, campaign, event, later, person, run_of

GRAPH = campaign("steps: [ { email: welcome } ]")
ENTRY = event("webinar.registered", webinar="spring", place={"town": "York"}).plain()
MAILS = (
    Mail("test/1", "test", "welcome", "welcome", MONDAY, opened=True),
    Mail("test/1", "test", "offer", "offer", MONDAY, clicked=True, replied=True),
)


def facts(at: Any = MONDAY, **who: Any) -> Facts:
    return Facts(
        person(**who),
        at,
        run_of(GRAPH, entry=ENTRY, last_event=event("reply.later", reason="budget").plain()),
        GRAPH,
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("lead.name", "Ada"),
        ("lead.company_size", None),
        ("lead.stage", "mql"),
        ("lead.consent", "given"),
        ("lead.tags", ["a", "b"]),
        ("lead.temperature", "cold"),
        ("owner.name", "Jo"),
        ("company.name", None),
        ("entry.webinar", "spring"),
        ("entry.place.town", "York"),
        ("entry.place.nowhere", None),
        ("entry.at", MONDAY),
        ("event.type", "reply.later"),
        ("event.reason", "budget"),
        ("campaign.name", "test"),
        ("campaign.title", "Test"),
        ("nothing.at.all", None),
    ],
)
def test_values(path: str, value: Any) -> None:
    root, _, rest = path.partition(".")
    asked = facts(stage="mql", tags=frozenset({"b", "a"}), owner={"name": "Jo"})
    assert asked.value(root, rest) == value


def test_now_is_the_time_of_the_question() -> None:
    assert facts(later(3)).value("now", "") == later(3)


def test_the_event_at_hand_comes_before_the_last_one() -> None:
    at_hand = event("email.clicked", link="/prices")
    asked = Facts(person(), MONDAY, run_of(GRAPH, last_event=ENTRY), GRAPH, at_hand)
    assert asked.value("event", "link") == "/prices"
    assert Facts(person(), MONDAY, event=at_hand).value("entry", "link") == "/prices"
    assert Facts(person(), MONDAY).value("event", "type") is None


def test_texts_see_the_same() -> None:
    values = facts(stage="mql", tags=frozenset({"b", "a"}), score_now=12).values()
    assert values["lead"]["stage"] == "mql"
    assert values["lead"]["tags"] == ["a", "b"]
    assert values["lead"]["score"] == 12
    assert values["entry"]["webinar"] == "spring"
    assert values["campaign"] == {"name": "test", "title": "Test"}
    assert values["now"] == MONDAY


@pytest.mark.parametrize(("days", "points"), [(0, 80), (10, 40), (20, 20)])
def test_a_score_is_what_is_left_of_it_now(days: int, points: int) -> None:
    asked = facts(later(days), score=ScoreState(80, MONDAY), half_life=parse_duration("10 days"))
    assert asked.value("lead", "score") == points
    assert asked.values()["lead"]["score"] == points


EVENTS = (
    event("reply.later", later(1), reason="budget"),
    event("reply.refused", later(2), reason="need"),
    event("page.viewed", later(3), path="/prices"),
)


@pytest.mark.parametrize(
    ("name", "more", "count"),
    [
        ("reply", {}, 2),
        ("reply.later", {}, 1),
        ("reply", {"since": later(1)}, 2),
        ("reply", {"since": later(1.5)}, 1),
        ("reply", {"last": parse_duration("2 days")}, 1),
        ("reply", {"last": parse_duration("2 days"), "since": later(2.5)}, 0),
        ("reply", {"where": {"reason": "need"}}, 1),
        ("page.viewed", {"where": {"path": "/"}}, 0),
        ("webinar.attended", {}, 0),
    ],
)
def test_counting_what_happened(name: str, more: dict[str, Any], count: int) -> None:
    asked = facts(later(4), events=EVENTS)
    assert asked.count(name, **more) == count
    if "last" not in more:
        assert asked.happened(name, **more) is (count > 0)


def test_matching_keeps_the_order() -> None:
    assert list(matching(EVENTS, "reply", None)) == [EVENTS[0], EVENTS[1]]


@pytest.mark.parametrize(
    ("function", "arguments", "answer"),
    [
        ("got", ("welcome",), True),
        ("got", ("news",), False),
        ("opened", (), True),
        ("opened", ("offer",), False),
        ("clicked", ("offer",), True),
        ("replied", ("welcome",), False),
        ("tagged", ("vip",), True),
        ("tagged", ("other",), False),
        ("in_campaign", ("test",), True),
        ("in_campaign", ("other",), False),
        ("consent", ("greetings",), True),
        ("consent", ("later",), False),
        ("allows", ("nothing",), False),
        ("ago", (parse_duration("3 days"),), later(-3)),
        ("score_of", ("pumps",), 7),
        ("score_of", ("valves",), 0),
    ],
)
def test_functions(function: str, arguments: tuple[Any, ...], answer: Any) -> None:
    asked = facts(
        mails=MAILS,
        tags=frozenset({"vip"}),
        in_campaigns=frozenset({"test"}),
        topics={"greetings": True, "later": False},
        score=ScoreState(7.5, MONDAY, 0, {"pumps": 7.5}),
    )
    assert getattr(asked, function)(*arguments) == answer


@pytest.mark.parametrize(
    ("language", "asked", "answer"),
    [("de-AT", "de", True), ("DE", "de", True), ("en", "de", False), (None, "de", None), ("", "de", None)],
)
def test_speaking(language: str | None, asked: str, answer: bool | None) -> None:
    assert facts(fields={"language": language}).speaks(asked) is answer


def test_points_for_a_topic_fade_like_others() -> None:
    asked = facts(
        later(10), score=ScoreState(80, MONDAY, 0, {"pumps": 40.0}), half_life=parse_duration("10 days")
    )
    assert asked.score_of("pumps") == 20


def test_nobody_has_points_without_any() -> None:
    assert facts().score_of("pumps") == 0
    assert facts().value("lead", "score") == 0
