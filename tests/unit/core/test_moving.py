"""From one step to the next: arriving, rounds, holding and going on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from nurture.core.effects import OpenTask, StopRun, WithdrawEmails
from nurture.core.enrolment import Hold, Round
from nurture.core.errors import IllegalTransition
from nurture.core.moving import (
    arrive,
    begin_round,
    finish,
    hold,
    hold_against_loop,
    leave,
    prolonged,
    release,
)
from tests.unit.core.small import MONDAY, campaign, later, person, run_of, words

PLAIN = campaign("steps: [ { email: welcome }, { id: rest, wait_for: reply, for: 3 days } ]")


def test_the_end_of_a_path_completes_the_run() -> None:
    run = arrive(PLAIN, run_of(PLAIN), person(), None, later(1)).enrolment
    assert (run.state, run.step, run.due_at, run.ended_at, run.why) == (
        "completed",
        None,
        None,
        later(1),
        "completed",
    )


def test_steps_whose_date_is_over_are_passed_on_the_way() -> None:
    graph = campaign(
        """\
enter: { on: webinar.registered }
steps:
  - email: welcome
    at: 2026-01-01 09:00
  - email: offer
    at: 1 day before entry.starts_at
  - email: news
"""
    )
    there = arrive(graph, run_of(graph, entry={"starts_at": "2026-01-12"}), person(), "welcome", MONDAY)
    assert there.enrolment.step == "news"
    assert words(there.effects) == ["missed", "missed"]


def test_all_steps_passed_is_the_end() -> None:
    graph = campaign("steps: [ { email: welcome, at: 2026-01-01 09:00 } ]")
    assert arrive(graph, run_of(graph), person(), "welcome", MONDAY).enrolment.state == "completed"


def test_a_trail_is_kept_within_a_minute_only() -> None:
    graph = campaign("steps: [ { id: now, tag: x }, { id: later, tag: y, after: 1 day } ]")
    run = run_of(graph, trail=("before",))
    assert arrive(graph, run, person(), "now", MONDAY).enrolment.trail == ("before",)
    assert arrive(graph, run, person(), "later", MONDAY).enrolment.trail == ()


def test_beginning_a_round_begins_those_inside_anew() -> None:
    inner = "{ id: inner, repeat: { every: 1 day, times: 2, steps: [ { email: welcome } ] } }"
    graph = campaign(f"steps: [ {{ id: outer, repeat: {{ every: 1 week, steps: [ {inner} ] }} }} ]")
    run = run_of(graph, rounds={"outer": Round(1, MONDAY), "inner": Round(2, MONDAY)}, trail=("outer",))
    begun = begin_round(graph, graph.nodes["outer"], run, later(7))
    assert begun.rounds == {"outer": Round(2, later(7))}
    assert begun.trail == ()
    inside = begin_round(graph, graph.nodes["inner"], begun, later(7))
    assert inside.rounds == {"outer": Round(2, later(7)), "inner": Round(1, later(7))}


def test_leaving_withdraws_and_tells() -> None:
    gone = leave(run_of(PLAIN), later(1), "stage", "the lead is junk")
    withdraw, stop = gone.effects
    assert isinstance(withdraw, WithdrawEmails)
    assert isinstance(stop, StopRun)
    assert (stop.reason, stop.because, stop.campaign) == ("stage", "the lead is junk", None)
    assert (gone.enrolment.state, gone.enrolment.why, gone.enrolment.step) == ("stopped", "stage", "welcome")


def test_what_has_ended_neither_ends_nor_holds() -> None:
    over = finish(run_of(PLAIN), MONDAY)
    with pytest.raises(IllegalTransition):
        finish(over, MONDAY)
    with pytest.raises(IllegalTransition):
        hold(over, "paused", None)
    assert release(over, MONDAY) is over


@pytest.mark.parametrize(
    ("due", "released_at", "again"),
    [
        (later(3), later(1), later(3)),
        (later(3), later(5), later(5)),
    ],
)
def test_a_hold_keeps_the_time(due: datetime, released_at: datetime, again: datetime) -> None:
    held = hold(run_of(PLAIN, due_at=due, trail=("x",)), "paused", None)
    assert (held.state, held.due_at, held.hold, held.trail) == ("held", None, Hold("paused", None, due), ())
    run = release(held, released_at)
    assert (run.state, run.due_at, run.hold, run.not_before) == ("active", again, None, released_at)


def test_a_second_hold_keeps_the_first_time() -> None:
    held = hold(hold(run_of(PLAIN, due_at=later(2)), "paused", None), "colleague", later(7))
    assert held.hold == Hold("colleague", later(7), later(2))


def test_waiting_without_patience_goes_on_waiting() -> None:
    """A task with results and without `for`: only its outcome moves the lead."""
    held = hold(run_of(PLAIN, "rest", waiting=True, due_at=None), "colleague", later(7))
    assert release(held, later(7)).due_at is None
    stuck = hold(run_of(PLAIN, due_at=None), "loop", None)
    assert release(stuck, later(1)).due_at == later(1)


def test_a_loop_is_held_with_a_task_that_releases() -> None:
    moved = hold_against_loop(run_of(PLAIN, trail=("welcome",)), PLAIN.nodes["welcome"], MONDAY)
    assert moved.enrolment.hold == Hold("loop", None, MONDAY)
    task = moved.effects[0]
    assert isinstance(task, OpenTask)
    assert task.releases
    assert (task.run, task.step) == ("test/1", "welcome")


def test_an_absence_prolongs_what_is_waited_for() -> None:
    two_days = timedelta(days=2)
    run = prolonged(run_of(PLAIN, "rest", waiting=True, due_at=later(3)), two_days)
    assert (run.due_at, run.absence) == (later(5), two_days)
    assert prolonged(run, two_days).absence == 2 * two_days
    held = prolonged(hold(run, "colleague", later(4)), two_days)
    assert held.hold == Hold("colleague", later(4), later(7))
    assert held.due_at == later(4)
    assert prolonged(run_of(PLAIN, "rest", waiting=True, due_at=None), two_days).due_at is None
