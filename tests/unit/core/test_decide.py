"""decide: what no story can show — ended runs, holds, edits while leads are in flight."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nurture.core.decide import decide, goal_reached, stage_left
from nurture.core.decision import Due, Happened, Released, Replanned
from nurture.core.enrolment import Enrolment, Hold
from nurture.core.graph import Graph
from nurture.core.person import Person
from tests.unit.core.small import MONDAY, campaign, event, later, mails, person, run_of, words

THREE_DAYS = campaign("steps: [ { email: welcome, after: 3 days }, { email: offer } ]")


def replanned(graph: Graph, run: Enrolment, now: datetime = MONDAY, who: Person | None = None) -> Enrolment:
    return decide(graph, run, who or person(), Replanned(), now).enrolment


@pytest.mark.parametrize("occasion", [Due(), Happened(event("reply.refused")), Replanned(), Released()])
def test_an_ended_run_stays_as_it_is(occasion: Due | Happened | Replanned | Released) -> None:
    ended = run_of(THREE_DAYS, state="completed", step=None, due_at=None, ended_at=MONDAY, why="completed")
    decision = decide(THREE_DAYS, ended, person(), occasion, later(1))
    assert decision.enrolment is ended
    assert not decision.effects


def test_a_step_whose_time_has_come_is_taken() -> None:
    decision = decide(THREE_DAYS, run_of(THREE_DAYS, due_at=later(3)), person(), Due(), later(3))
    assert mails(decision.effects) == [("welcome", later(3))]
    assert (decision.enrolment.step, decision.enrolment.due_at) == ("offer", later(3))


def test_the_person_is_only_read() -> None:
    ada = person()
    before = replace(ada)
    decide(THREE_DAYS, run_of(THREE_DAYS), ada, Due(), MONDAY)
    assert ada == before


def test_a_hold_whose_time_is_over_goes_on() -> None:
    held = run_of(THREE_DAYS, state="held", hold=Hold("colleague", later(5), later(3)), due_at=later(5))
    after = decide(THREE_DAYS, held, person(), Due(), later(5)).enrolment
    assert (after.state, after.hold, after.due_at, after.not_before) == ("active", None, later(5), later(5))


def test_released_before_its_time_it_waits_for_that() -> None:
    held = run_of(THREE_DAYS, state="held", hold=Hold("paused", None, later(3)), due_at=None)
    assert decide(THREE_DAYS, held, person(), Released(), later(1)).enrolment.due_at == later(3)


def test_paused_an_email_holds_the_run_and_sends_nothing() -> None:
    decision = decide(THREE_DAYS, run_of(THREE_DAYS), person(paused=frozenset({"test"})), Due(), later(3))
    assert (decision.enrolment.state, decision.enrolment.due_at) == ("held", None)
    assert words(decision.effects) == ["paused"]
    assert not mails(decision.effects)


def test_after_a_pause_emails_keep_to_limits() -> None:
    graph = campaign("send: { limit: 1 per day }\nsteps: [ { email: welcome }, { email: offer } ]")
    held = run_of(graph, state="held", hold=Hold("paused", None, MONDAY), due_at=None)
    run = decide(graph, held, person(), Released(), later(10)).enrolment
    first = decide(graph, run, person(), Due(), later(10))
    assert mails(first.effects) == [("welcome", later(10))]


def test_goal_and_stage_are_looked_at() -> None:
    graph = campaign('goal: tagged("won")\nsteps: [ { email: welcome } ]')
    assert goal_reached(graph, run_of(graph), person(), MONDAY) is None
    reached = goal_reached(graph, run_of(graph), person(tags=frozenset({"won"})), MONDAY)
    assert reached is not None
    assert (reached.enrolment.state, reached.enrolment.why) == ("goal", "goal")
    assert stage_left(graph, run_of(graph), person(stage="mql"), MONDAY) is None
    left = stage_left(graph, run_of(graph), person(stage="junk"), MONDAY)
    assert left is not None
    assert (left.enrolment.state, left.enrolment.why) == ("stopped", "stage")


# -- edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "now", "due"),
    [
        ("1 day", later(0.5), later(1)),
        ("1 day", later(2), later(2)),  # a shorter delay is over already: now
        ("5 days", later(2), later(5)),
        ("3 days", later(2), later(3)),
    ],
)
def test_a_delay_is_computed_anew_from_arrival(after: str, now: datetime, due: datetime) -> None:
    edit = campaign(f"steps: [ {{ email: welcome, after: {after} }}, {{ email: offer }} ]")
    run = replanned(edit, run_of(THREE_DAYS, due_at=later(3)), now)
    assert (run.due_at, run.version, run.entered_version) == (due, edit.version, "")


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("steps: [ { id: wait, wait_for: reply, for: 2 days } ]", later(2)),
        ("steps: [ { id: wait, wait_for: reply, for: 9 days } ]", later(9)),
        ("steps: [ { id: wait, wait_for: reply, until: day 4 09:30 } ]", later(3, minutes=-30)),
        ("steps: [ { id: wait, wait_for: reply, for: 1 hour } ]", later(1)),  # over already: now
    ],
)
def test_patience_is_computed_anew_from_when_it_began(text: str, due: datetime) -> None:
    waiting = run_of(
        campaign("steps: [ { id: wait, wait_for: reply, for: 5 days } ]"), waiting=True, due_at=later(5)
    )
    assert replanned(campaign(text), waiting, later(1)).due_at == due


def test_an_absence_is_not_forgotten_by_an_edit() -> None:
    old = campaign("steps: [ { id: wait, wait_for: reply, for: 5 days } ]")
    away = run_of(old, waiting=True, due_at=later(8), absence=timedelta(days=3))
    edit = campaign("steps: [ { id: wait, wait_for: reply, for: 6 days } ]")
    assert replanned(edit, away, later(1)).due_at == later(9)


@pytest.mark.parametrize(
    ("moved", "steps", "place"),
    [
        ("moved: { welcome: hello }", "{ id: hello, email: welcome, after: 3 days }", "hello"),
        ("moved: { welcome: hi, hi: hello }", "{ id: hello, email: welcome, after: 3 days }", "hello"),
        # left in, while a step of the old name is there again: its leads stay
        ("moved: { welcome: offer }", "{ email: welcome, after: 3 days }", "welcome"),
    ],
)
def test_leads_go_where_moved_says(moved: str, steps: str, place: str) -> None:
    edit = campaign(f"{moved}\nsteps: [ {steps}, {{ email: offer }} ]")
    assert replanned(edit, run_of(THREE_DAYS, due_at=later(3))).step == place


def test_without_a_place_a_run_stays_on_its_version() -> None:
    run = run_of(THREE_DAYS)
    assert replanned(campaign("steps: [ { email: goodbye } ]"), run) is run


@pytest.mark.parametrize(
    "text",
    [
        "steps: [ { id: wait, email: welcome } ]",
        "steps: [ { id: wait, task: Call them } ]",
        "steps: [ { id: wait, tag: seen } ]",
    ],
)
def test_a_wait_that_became_something_else_begins_anew(text: str) -> None:
    old = campaign("steps: [ { id: wait, wait_for: reply, for: 5 days } ]")
    edit = campaign(text)
    run = replanned(edit, run_of(old, waiting=True, due_at=later(5)), later(1))
    assert (run.waiting, run.due_at) == (False, later(1))
    assert decide(edit, run, person(), Due(), later(1)).enrolment.state == "completed"


def test_a_round_waited_for_follows_its_new_interval() -> None:
    text = "steps: [ {{ id: rounds, repeat: {{ every: {every}, steps: [ {{ email: welcome }} ] }} }} ]"
    old, edit = campaign(text.format(every="3 weeks")), campaign(text.format(every="1 week"))
    begun = decide(old, run_of(old), person(), Due(), MONDAY).enrolment
    sent = decide(old, begun, person(), Due(), MONDAY).enrolment
    assert (sent.waiting, sent.due_at) == (True, later(21))
    assert replanned(edit, sent, later(2)).due_at == later(7)


@pytest.mark.parametrize(("status", "state", "due"), [("live", "active", later(4)), ("paused", "held", None)])
def test_an_edit_that_ends_the_pause_releases(status: str, state: str, due: datetime | None) -> None:
    text = "status: {}\nsteps: [ {{ email: welcome, after: 3 days }} ]"
    held = run_of(
        campaign(text.format("paused")), state="held", hold=Hold("paused", None, later(3)), due_at=None
    )
    run = replanned(campaign(text.format(status)), held, later(4))
    assert (run.state, run.due_at) == (state, due)


def test_a_pause_by_hand_outlasts_an_edit() -> None:
    held = run_of(THREE_DAYS, state="held", hold=Hold("paused", None, later(3)), due_at=None)
    assert replanned(THREE_DAYS, held, later(4), person(paused=frozenset({"test"}))).state == "held"


def test_a_hold_keeps_the_time_the_new_text_gives() -> None:
    held = run_of(THREE_DAYS, state="held", hold=Hold("colleague", later(9), later(3)), due_at=later(9))
    edit = campaign("steps: [ { email: welcome, after: 5 days }, { email: offer } ]")
    run = replanned(edit, held, later(1))
    assert run.hold == Hold("colleague", later(9), later(5))
    assert run.due_at == later(9)


def test_a_date_that_is_over_in_the_new_text_passes_the_step() -> None:
    edit = campaign("steps: [ { email: welcome, at: 2026-01-01 09:00 }, { email: offer } ]")
    decision = decide(edit, run_of(THREE_DAYS, due_at=later(3)), person(), Replanned(), later(1))
    assert decision.enrolment.step == "offer"
    assert words(decision.effects) == ["missed"]
