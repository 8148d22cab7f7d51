"""What an event does to a person whatever campaigns they are in; what a reply nobody took does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nurture.core.consequences import allowed_after_refusal, asks_a_colleague, at_once, untaken
from nurture.core.duration import parse_duration
from nurture.core.effects import ChangeStage, Effect, OpenTask, Suppress
from nurture.core.event import Event
from nurture.core.rules import REPLY_DEFAULTS, Rules
from tests.unit.core.small import MONDAY, Small, event, later, person, words

RULES = Rules()


@pytest.mark.parametrize("type", ["unsubscribed", "email.complained", "lead.erased"])
def test_what_ends_everything(type: str) -> None:
    ada = person()
    (effect,) = at_once(ada, event(type), MONDAY)
    assert isinstance(effect, Suppress)
    assert ada.suppressed


@pytest.mark.parametrize(
    ("type", "data", "before", "consent", "topics", "suppressed"),
    [
        ("consent.given", {}, "unknown", "given", {}, False),
        ("consent.given", {"topic": "email"}, "unknown", "given", {"email": True}, False),
        ("consent.given", {}, "confirmed", "confirmed", {}, False),
        ("consent.given", {"topic": "greetings"}, "unknown", "unknown", {"greetings": True}, False),
        ("consent.withdrawn", {"topic": "greetings"}, "given", "given", {"greetings": False}, False),
        ("consent.withdrawn", {}, "confirmed", "withdrawn", {}, True),
        ("consent.withdrawn", {"topic": "marketing"}, "given", "withdrawn", {}, True),
        ("lead.verified", {}, "given", "confirmed", {}, False),
        ("lead.verified", {}, "unknown", "confirmed", {}, False),
        ("lead.verified", {}, "withdrawn", "withdrawn", {}, False),
    ],
)
def test_consent(
    type: str, data: dict[str, Any], before: str, consent: str, topics: dict[str, bool], suppressed: bool
) -> None:
    ada = person(consent=before)
    at_once(ada, event(type, **data), MONDAY)
    assert (ada.consent, dict(ada.topics), ada.suppressed) == (consent, topics, suppressed)


@pytest.mark.parametrize(
    ("data", "reachable"),
    [
        ({"hard": True}, False),
        ({"hard": False}, True),
        ({}, True),
        ({"hard": True, "address": "ada@example.org"}, False),
        ({"hard": True, "address": "old@example.org"}, True),
    ],
)
def test_bounces(data: dict[str, Any], reachable: bool) -> None:
    ada = person()
    effects = at_once(ada, event("email.bounced", **data), MONDAY)
    assert ada.reachable is reachable
    assert [effect.kind for effect in effects if isinstance(effect, OpenTask)] == (
        [] if reachable else ["address"]
    )


@pytest.mark.parametrize(
    ("until", "back"),
    [
        ("2026-01-19", datetime(2026, 1, 19, tzinfo=UTC)),
        ("2026-06-19", datetime(2026, 6, 18, 23, tzinfo=UTC)),  # midnight in London's summer
        ("2026-01-12", None),
        ("2025-12-24", None),
        ("soon", None),
        (None, None),
    ],
)
def test_the_day_of_return(until: str | None, back: datetime | None) -> None:
    ada = person()
    effects = at_once(ada, event("auto_reply", until=until), MONDAY)
    assert ada.absent_until == back
    assert words(effects) == (["absent"] if back else [])


@pytest.mark.parametrize(
    ("type", "before", "after"),
    [
        ("score.mql", "nurturing", "mql"),
        ("score.mql", "sql", None),
        ("lead.qualified", "mql", "sql"),
        ("lead.rejected", "sql", "nurturing"),
        ("lead.rejected", "new", None),
        ("lead.converted", "refused", "customer"),
        ("deal.won", "customer", None),
        ("page.viewed", "new", None),
    ],
)
def test_events_that_mean_a_stage(type: str, before: str, after: str | None) -> None:
    effects = at_once(person(stage=before), event(type), MONDAY)
    assert [effect.to for effect in effects if isinstance(effect, ChangeStage)] == ([after] if after else [])


def test_a_stage_from_outside_is_taken_over_whole() -> None:
    ada = person(stage="postponed", postponed_until=later(30), mql_fired=True, topics={"greetings": True})
    at_once(ada, event("lead.stage_changed", to="nurturing"), MONDAY)
    assert (ada.stage, ada.postponed_until, ada.mql_fired) == ("nurturing", None, False)
    at_once(ada, event("lead.stage_changed", to="postponed", until="2026-03-02"), MONDAY)
    assert ada.postponed_until == datetime(2026, 3, 2, 9, tzinfo=UTC)
    at_once(ada, event("lead.stage_changed", **{"from": "postponed", "to": "refused"}), MONDAY)
    assert (ada.stage, ada.postponed_until, dict(ada.topics)) == ("refused", None, {})


def test_a_stage_the_engine_changed_is_not_changed_twice() -> None:
    """Its event comes after the change, and perhaps after the next one."""
    ada = person(stage="refused")
    at_once(ada, Event("lead.stage_changed", MONDAY, MONDAY, {"to": "mql"}, depth=1), MONDAY)
    assert ada.stage == "refused"


def test_only_what_is_allowed_after_a_refusal_counts() -> None:
    assert allowed_after_refusal({"greetings": True, "later": False}) == {"later": False}


# -- replies nobody took ----------------------------------------------------------------------------------------------


def told(effects: tuple[Effect, ...]) -> list[tuple[str, str]]:
    found = []
    for effect in effects:
        if isinstance(effect, ChangeStage):
            found.append((effect.to, effect.reason))
        elif isinstance(effect, OpenTask):
            found.append(("task", effect.text))
    return found


@pytest.mark.parametrize(
    ("type", "stage", "data", "effects"),
    [
        ("reply.refused", "new", {"reason": "budget"}, [("refused", "budget")]),
        ("reply.refused", "mql", {"reason": "weather"}, [("refused", "other")]),
        ("reply.refused", "refused", {}, []),
        ("reply.refused", "customer", {}, [("task", "Ada wrote (refused). Answer them.")]),
        ("reply.later", "nurturing", {"until": "2026-03-02"}, [("postponed", "later")]),
        ("reply.later", "customer", {}, [("task", "Ada wrote (later). Answer them.")]),
        ("reply.interested", "new", {"text": "Yes!"}, [("mql", ""), ("task", "Ada is interested: Yes!")]),
        ("reply.interested", "sql", {}, [("task", "Ada is interested. Answer them.")]),
        ("reply.interested", "refused", {}, [("nurturing", "a favourable reply"), ("task", "Ada is interested. Answer them.")]),
        ("reply.question", "new", {"text": " How much? "}, [("task", "Ada wrote (question): How much?")]),
        ("reply.wrong_person", "new", {}, [("task", "Ada wrote (wrong person). Answer them.")]),
        ("reply.other", "new", {}, [("task", "Ada wrote (other). Answer them.")]),
        ("page.viewed", "new", {}, []),
        ("auto_reply", "new", {}, []),
    ],
)  # fmt: skip
def test_the_defaults(type: str, stage: str, data: dict[str, Any], effects: list[tuple[str, str]]) -> None:
    assert told(untaken(person(stage=stage), event(type, **data), RULES, MONDAY)) == effects


@pytest.mark.parametrize(
    ("word", "effects"),
    [
        ("task", [("task", "Ada wrote. Answer them.")]),
        ("nothing", []),
        ("postpone", [("postponed", "later")]),
        ("refuse", [("refused", "other")]),
    ],
)
def test_a_project_may_want_something_else(word: str, effects: list[tuple[str, str]]) -> None:
    rules = Rules(replies={**REPLY_DEFAULTS, "reply.question": word})
    assert told(untaken(person(), event("reply.question"), rules, MONDAY)) == effects
    assert not asks_a_colleague(event("reply.question"), rules)
    assert asks_a_colleague(event("reply.question"), RULES)


def test_without_a_date_later_is_so_long() -> None:
    rules = Rules(postpone_default=parse_duration("30 days"))
    (change,) = untaken(person(), event("reply.later", until="soon"), rules, MONDAY)
    assert isinstance(change, ChangeStage)
    assert change.until == later(30).replace(hour=9)


def test_a_long_text_is_cut_for_the_task() -> None:
    (task,) = untaken(person(), event("reply.question", text="x" * 9000), RULES, MONDAY)
    assert isinstance(task, OpenTask)
    assert len(task.text) == 2000


def test_a_reply_of_somebody_without_campaigns() -> None:
    small = Small([]).happen("reply.refused", reason="need")
    assert small.case.person.stage == "refused"
    assert [event.type for event in small.case.raised] == ["lead.stage_changed", "lead.refused"]
