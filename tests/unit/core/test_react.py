"""An event meets a run (semantics.md, Reactions, waiting, replies)."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.core.decide import decide
from nurture.core.decision import Decision, Due, Happened
from nurture.core.effects import AddTag
from nurture.core.enrolment import Enrolment, Hold
from nurture.core.graph import Graph
from tests.unit.core.small import MONDAY, campaign, event, later, person, run_of

GRAPH = campaign(
    """\
on:
  reply: [ { tag: wrote } ]
  reply.interested: { goto: talk }
  email.clicked: { once: 2 days, then: [ { tag: clicked } ] }
  meeting.held: [ { tag: met }, { stop: met } ]
steps:
  - email: welcome
    after: 1 day
  - id: rest
    wait_for: [reply, webinar.attended]
    for: 3 days
  - email: offer
paths:
  talk:
    - email: news
      after: 1 day
"""
)
WAITING: dict[str, Any] = {"step": "rest", "waiting": True, "due_at": later(3)}


def happened(type: str, run: Enrolment, graph: Graph = GRAPH, /, **data: Any) -> Decision:
    return decide(graph, run, person(), Happened(event(type, later(1), **data)), later(1))


def tags(decision: Decision) -> list[str]:
    return [effect.tag for effect in decision.effects if isinstance(effect, AddTag)]


@pytest.mark.parametrize(
    ("type", "step", "said", "took"),
    [
        ("reply.question", "offer", ["wrote"], True),  # stayed, and the wait saw it
        ("reply.refused", "offer", ["wrote"], False),  # a bare reply takes neither of these
        ("reply.later", "offer", ["wrote"], False),
        ("reply.interested", "news", [], True),  # went elsewhere: the wait sees nothing
        ("webinar.attended", "offer", [], True),
        ("meeting.held", "rest", ["met"], True),
        ("page.viewed", "rest", [], False),
    ],
)
def test_who_takes_an_event(type: str, step: str, said: list[str], took: bool) -> None:
    decision = happened(type, run_of(GRAPH, **WAITING))
    assert (decision.enrolment.step, tags(decision), decision.took) == (step, said, took)


def test_nothing_concerned_is_nothing_changed() -> None:
    run = run_of(GRAPH, **WAITING)
    decision = happened("page.viewed", run)
    assert decision.enrolment is run


def test_stopping_ends_the_run() -> None:
    assert happened("meeting.held", run_of(GRAPH, **WAITING)).enrolment.why == "met"


def test_into_the_path_one_is_on() -> None:
    there = run_of(GRAPH, "news", due_at=later(2))
    decision = happened("reply.interested", there)
    assert (decision.enrolment.step, decision.enrolment.due_at, decision.took) == ("news", later(2), True)


@pytest.mark.parametrize(
    ("data", "concerned"),
    [
        ({}, True),
        ({"campaign": "test"}, True),
        ({"campaign": "other"}, False),
        ({"run": "test/1"}, True),
        ({"run": "test/2"}, False),
        ({"run": "test/2", "campaign": "test"}, False),
        ({"run": "", "campaign": ""}, True),
    ],
)
def test_a_reply_is_its_campaigns_own(data: dict[str, Any], concerned: bool) -> None:
    decision = happened("reply.question", run_of(GRAPH, **WAITING), **data)
    assert decision.took is concerned


def test_other_events_concern_everybody() -> None:
    assert happened("webinar.attended", run_of(GRAPH, **WAITING), campaign="other").took


@pytest.mark.parametrize(("before", "reacts"), [(-1.01, True), (-0.99, False), (None, True)])
def test_once_in_so_long(before: float | None, reacts: bool) -> None:
    reacted = {} if before is None else {"email.clicked": later(before)}
    decision = happened("email.clicked", run_of(GRAPH, **WAITING, reacted=reacted))
    assert tags(decision) == (["clicked"] if reacts else [])


def test_while_held_reactions_work() -> None:
    held = run_of(GRAPH, state="held", hold=Hold("paused", None, later(2)), due_at=None)
    stayed = happened("email.clicked", held)
    assert (tags(stayed), stayed.enrolment.state) == (["clicked"], "held")
    elsewhere = happened("reply.interested", held)
    assert (elsewhere.enrolment.state, elsewhere.enrolment.step, elsewhere.enrolment.hold) == (
        "active",
        "news",
        None,
    )


def test_a_wait_that_begins_this_minute_sees_the_event() -> None:
    run = run_of(GRAPH, "rest", arrived_at=later(1), due_at=later(1))
    assert happened("webinar.attended", run).enrolment.step == "offer"


@pytest.mark.parametrize(
    "values",
    [
        {"due_at": later(2)},  # its own delay is not over
        {"due_at": None, "state": "held", "hold": Hold("paused", None, later(1))},
    ],
)
def test_a_wait_that_has_not_begun_does_not(values: dict[str, Any]) -> None:
    run = run_of(GRAPH, "rest", arrived_at=later(1), **values)
    assert happened("webinar.attended", run).enrolment.step == "rest"


def test_a_condition_on_its_data() -> None:
    wait = "{ id: rest, wait_for: webinar.attended, where: event.webinar == entry.webinar, for: 3 days }"
    graph = campaign(f"enter: {{ on: webinar.registered }}\nsteps: [ {wait}, {{ email: offer }} ]")
    run = run_of(graph, waiting=True, entry={"webinar": "spring"}, due_at=later(3))
    assert happened("webinar.attended", run, graph, webinar="autumn").enrolment is run
    assert happened("webinar.attended", run, graph, webinar="spring").enrolment.step == "offer"


CALL = campaign(
    """\
steps:
  - id: call
    task: Call them
    results: { reached: [ { email: news } ], later: [] }
  - email: offer
"""
)


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ({"run": "test/1", "step": "call", "result": "reached"}, "news"),
        ({"run": "test/1", "step": "call", "result": "later"}, "offer"),
        ({"run": "test/1", "step": "call", "result": "strange"}, "offer"),
        ({"run": "test/1", "step": "other", "result": "reached"}, "call"),
        ({"run": "test/2", "step": "call", "result": "reached"}, "call"),
        ({"result": "reached"}, "call"),
    ],
)
def test_the_outcome_of_a_task(data: dict[str, Any], step: str) -> None:
    begun = decide(CALL, run_of(CALL), person(), Due(), MONDAY).enrolment
    assert (begun.waiting, begun.due_at) == (True, None)
    assert happened("task.done", begun, CALL, **data).enrolment.step == step


@pytest.mark.parametrize(
    ("word", "data", "released"),
    [
        ("colleague", {"releases": True}, True),
        ("colleague", {"releases": True, "campaign": "other"}, False),
        ("colleague", {"releases": False}, False),
        ("loop", {"releases": True}, False),
        ("loop", {"releases": True, "run": "test/1"}, True),
    ],
)
def test_a_task_done_may_release(word: str, data: dict[str, Any], released: bool) -> None:
    held = run_of(GRAPH, state="held", hold=Hold(word, None, later(2)), due_at=None)
    assert (happened("task.done", held, **data).enrolment.state == "active") is released
