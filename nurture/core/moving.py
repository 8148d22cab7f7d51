"""Taking an enrolment from one step to the next: arriving, leaving, holding. Values in, values out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from nurture.core import arrival
from nurture.core.duration import Duration, add
from nurture.core.effects import Effect, OpenTask, StopRun, Traced, WithdrawEmails
from nurture.core.enrolment import NO_ABSENCE, Enrolment, Hold, Round, State, changed
from nurture.core.graph import Again, Email, Graph, Node, Repeat, Target
from nurture.core.lifecycle import ENROLMENT, move
from nurture.core.person import Person
from nurture.core.point import Point
from nurture.core.recurrence import next_after

COLLEAGUE = "colleague"
"""The word of a hold until a colleague has dealt with what the lead wrote."""


class Moved(NamedTuple):
    """An enrolment somewhere else, and what is to be said of the way there."""

    enrolment: Enrolment
    effects: tuple[Effect, ...] = ()


def arrive(graph: Graph, enrolment: Enrolment, person: Person, target: Target, at: datetime) -> Moved:
    """The enrolment before `target`, reached at `at` (planned); steps whose time has passed are passed.

    A target of None completes the run.
    """
    effects: list[Effect] = []
    while True:
        if target is None:
            return Moved(finish(enrolment, at), tuple(effects))
        node = graph.nodes[target]
        if isinstance(node.verb, Again):
            target, due = _next_round(graph, node.verb, enrolment, person, at)
            if due is None:
                continue
            return Moved(_stand(enrolment, target, at, due, waiting=True), tuple(effects))
        planned = arrival.own_time(node, graph, enrolment, person, at)
        if planned.at is None and (planned.over is None or planned.over <= at):
            effects.append(traced(enrolment, node, at, "missed", f"{planned.word}: the step is passed"))
            target = node.next
            continue
        due = planned.over if planned.at is None else step_time(planned, node, graph, enrolment, person, at)
        return Moved(_stand(enrolment, target, at, due), tuple(effects))


def step_time(
    planned: arrival.Planned,
    node: Node,
    graph: Graph,
    enrolment: Enrolment,
    person: Person,
    arrived: datetime,
) -> datetime:
    """When a step reached at `arrived` is due by its own time, its window and, for an email, the limits and `latest`."""
    due = planned.at or arrived
    if not isinstance(node.verb, Email):
        return arrival.window_time(planned, node, person, due)
    if due <= arrived:
        return due
    fitted = arrival.email_time(planned, node, graph, enrolment, person, due).at
    if fitted is None:
        return due
    latest = arrival.latest_time(node.verb, node, graph, enrolment, person, arrived)
    return fitted if latest is None else max(due, min(fitted, latest))


def _stand(
    enrolment: Enrolment, target: Target, arrived: datetime, due: datetime | None, *, waiting: bool = False
) -> Enrolment:
    trail = enrolment.trail if due is not None and due <= arrived else ()
    return changed(
        enrolment,
        step=target,
        arrived_at=arrived,
        due_at=due,
        waiting=waiting,
        not_before=None,
        absence=NO_ABSENCE,
        trail=trail,
    )


def _next_round(
    graph: Graph, again: Again, enrolment: Enrolment, person: Person, at: datetime
) -> tuple[Target, datetime | None]:
    """Where the end of a round leads: the repeat and the time of its next round, or what follows it (due None)."""
    node = graph.nodes[again.repeat]
    repeat = node.verb
    assert isinstance(repeat, Repeat)
    begun = enrolment.rounds.get(node.id, Round(0, at))
    if repeat.times is not None and begun.number >= repeat.times:
        return node.next, None
    return node.id, max(at, next_after(repeat.every, begun.began_at, person.place))


def begin_round(graph: Graph, node: Node, enrolment: Enrolment, now: datetime) -> Enrolment:
    """The enrolment with the next round of this repeat begun, the rounds inside it beginning anew."""
    number = enrolment.rounds[node.id].number + 1 if node.id in enrolment.rounds else 1
    kept = {
        name: begun
        for name, begun in enrolment.rounds.items()
        if name in graph.nodes and node.id not in graph.nodes[name].rounds
    }
    # Time passes between the rounds of one repeat: what was reached in the last one is no endless loop.
    return changed(enrolment, rounds={**kept, node.id: Round(number, now)}, trail=())


def finish(enrolment: Enrolment, at: datetime) -> Enrolment:
    """The run completed: its path came to an end."""
    return _end(enrolment, at, "complete", "completed")


def leave(enrolment: Enrolment, at: datetime, why: str, because: str, *, step: str = "stop") -> Moved:
    """The lead leaves: the run ends, what it has queued and not handed over is withdrawn."""
    run = enrolment.run
    effects = (
        WithdrawEmails(at=at, run=run, step=enrolment.step or "", because=because),
        StopRun(at=at, run=run, step=enrolment.step or "", reason=why, because=because),
    )
    return Moved(_end(enrolment, at, step, why), effects)


def _state(enrolment: Enrolment, step: str) -> State:
    return cast(State, move(ENROLMENT, enrolment.state, step))


def _end(enrolment: Enrolment, at: datetime, step: str, why: str) -> Enrolment:
    return changed(
        enrolment,
        state=_state(enrolment, step),
        step=enrolment.step if step != "complete" else None,
        due_at=None,
        waiting=False,
        hold=None,
        trail=(),
        ended_at=at,
        why=why,
    )


def prolonged(enrolment: Enrolment, more: timedelta) -> Enrolment:
    """The enrolment with its running patience longer by an absence."""
    held = enrolment.hold
    if held is not None and held.due_at is not None:
        held = replace(held, due_at=held.due_at + more)
    due = enrolment.due_at
    if enrolment.hold is None and due is not None:
        due += more
    return changed(enrolment, due_at=due, hold=held, absence=enrolment.absence + more)


def hold(enrolment: Enrolment, word: str, until: datetime | None) -> Enrolment:
    """The enrolment held: nothing is sent, reactions still work; it goes on at `until` or when released."""
    before = enrolment.hold.due_at if enrolment.hold else enrolment.due_at
    return changed(
        enrolment,
        state=_state(enrolment, "hold"),
        hold=Hold(word, until, before),
        due_at=until,
        trail=(),
    )


def release(enrolment: Enrolment, now: datetime) -> Enrolment:
    """A held enrolment active again, its step's time no earlier than now."""
    if enrolment.hold is None:
        return enrolment
    due = enrolment.hold.due_at
    return changed(
        enrolment,
        state=_state(enrolment, "release"),
        hold=None,
        due_at=_due_again(enrolment, due, now),
        not_before=now,
    )


def _due_again(enrolment: Enrolment, due: datetime | None, now: datetime) -> datetime | None:
    """A waiting without patience goes on waiting; everything else is due at its time, or now."""
    if due is None:
        return None if enrolment.waiting else now
    return max(due, now)


def hold_against_loop(enrolment: Enrolment, node: Node, now: datetime) -> Moved:
    """A step came up twice in one planned minute: held, with a task, instead of turning for ever."""
    text = f"Step {node.id} of {enrolment.campaign} came up twice in one minute; the lead is held there"
    task = OpenTask(
        at=now,
        run=enrolment.run,
        step=node.id,
        because="no endless loop",
        text=text,
        kind="campaign",
        releases=True,
        once=f"loop:{enrolment.run}:{node.id}",
    )
    return Moved(hold(enrolment, "loop", None), (task, traced(enrolment, node, now, "loop", text)))


def patience_end(
    graph: Graph,
    node: Node,
    enrolment: Enrolment,
    person: Person,
    now: datetime,
    patience: Duration | None,
    until: Point | None,
) -> datetime:
    """When waiting that begins at `now` is over: after a duration, or at a point (now where that has passed)."""
    if patience is not None:
        return add(patience, now, person.place)
    if until is not None:
        return arrival.point_time(until, node, graph, enrolment, person, now) or now
    return now


def traced(enrolment: Enrolment, node: Node, at: datetime, word: str, text: str) -> Traced:
    """A line of the trace at this step."""
    return Traced(at=at, run=enrolment.run, step=node.id, word=word, text=text)
