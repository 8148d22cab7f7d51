"""decide(graph, enrolment, person, occasion, now): what happens next to one lead in one campaign, and why.

Pure: it reads no clock, no database, no log. One call takes one step (or lets one event act) and answers with the
enrolment as it then is and the effects to carry out. `now` is the logical time: the planned time of a due step, the
time an event was learned. The daemon, `simulate`, `test`, `plan` and the demo all run this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from nurture.core import arrival
from nurture.core.decision import Decision, Due, Happened, Occasion, Released, Replanned
from nurture.core.enrolment import NO_ABSENCE, Enrolment, changed
from nurture.core.event import Event
from nurture.core.facts import Facts, matching
from nurture.core.gates import Gate, is_paused, stage_fits
from nurture.core.graph import Email, Graph, MakeTask, Node, Repeat, WaitFor
from nurture.core.mailing import send
from nurture.core.moving import (
    Moved,
    arrive,
    begin_round,
    hold_against_loop,
    leave,
    patience_end,
    release,
    traced,
)
from nurture.core.person import Person
from nurture.core.react import noted, react, took_note
from nurture.core.verbs import Scene, open_task, run


def decide(graph: Graph, enrolment: Enrolment, person: Person, occasion: Occasion, now: datetime) -> Decision:
    """What happens to the enrolment on this occasion at `now` (UTC). An ended enrolment stays as it is."""
    if not enrolment.is_open:
        return Decision(enrolment)
    if isinstance(occasion, Happened):
        return react(graph, enrolment, person, occasion.event, now)
    if isinstance(occasion, Released):
        return Decision(release(enrolment, now))
    if isinstance(occasion, Replanned):
        return _replan(graph, enrolment, person, now)
    assert isinstance(occasion, Due)
    return _due(graph, enrolment, person, now)


def goal_reached(graph: Graph, enrolment: Enrolment, person: Person, now: datetime) -> Decision | None:
    """The lead's leaving as a success, where the campaign's goal holds."""
    if graph.goal is None or not graph.goal.holds(Facts(person, now, enrolment, graph)):
        return None
    return _as_decision(leave(enrolment, now, "goal", "the goal is reached", step="goal"))


def stage_left(graph: Graph, enrolment: Enrolment, person: Person, now: datetime) -> Decision | None:
    """The lead's leaving, where its stage is no longer one the campaign is for."""
    if stage_fits(graph, enrolment, person):
        return None
    return _as_decision(leave(enrolment, now, "stage", f"the lead is {person.stage}"))


def _due(graph: Graph, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    if enrolment.hold is not None:
        return Decision(release(enrolment, now))
    assert enrolment.step is not None
    node = graph.nodes[enrolment.step]
    if not (isinstance(node.verb, Email) and node.verb.service):
        gone = stage_left(graph, enrolment, person, now)
        if gone is not None:
            return gone
    if enrolment.waiting:
        return _AFTER_WAITING[type(node.verb)](graph, node, enrolment, person, now)
    if node.id in enrolment.trail:
        return _as_decision(hold_against_loop(enrolment, node, now))
    stepped = changed(enrolment, trail=(*enrolment.trail, node.id))
    if node.timing.at is not None and node.timing.after is not None:
        late = _missed(graph, node, stepped, person, now)
        if late is not None:
            return late
    if node.window is not None and not isinstance(node.verb, Email):
        opens = arrival.window_time(arrival.Planned(now), node, person, now)
        if opens > now:
            return Decision(changed(enrolment, due_at=opens, trail=()))
    facts = Facts(person, now, stepped, graph)
    if node.condition is not None and not node.condition.holds(facts):
        return _pass(graph, node, stepped, person, now, "if", "its condition does not hold")
    special = _RESTING.get(type(node.verb))
    if special is not None:
        return special(graph, node, stepped, person, now)
    return _instant(Scene(graph, node, stepped, person, facts, now))


def _missed(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision | None:
    """Pass a step whose date was over when its own delay ended."""
    planned = arrival.own_time(node, graph, enrolment, person, enrolment.arrived_at or now)
    if planned.at is not None:
        return None
    return _pass(graph, node, enrolment, person, now, "missed", f"{planned.word}: the step is passed")


def _instant(scene: Scene) -> Decision:
    ran = run(scene)
    enrolment = ran.enrolment or scene.enrolment
    if ran.stopped is not None:
        gone = leave(enrolment, scene.now, ran.stopped, f"step {scene.node.id} stops it")
        return Decision(gone.enrolment, (*ran.effects, *gone.effects))
    there = arrive(scene.graph, enrolment, scene.person, ran.target, scene.now)
    return Decision(there.enrolment, (*ran.effects, *there.effects))


def _pass(
    graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime, word: str, text: str
) -> Decision:
    there = arrive(graph, enrolment, person, node.next, now)
    return Decision(there.enrolment, (traced(enrolment, node, now, word, text), *there.effects))


def _email(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    return send(graph, node, enrolment, person, now)


def _wait(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    """Begin to wait: what is awaited may have happened already, since arrival or, asked for, earlier."""
    wait = node.verb
    assert isinstance(wait, WaitFor)
    since = {"here": enrolment.arrived_at, "entry": enrolment.entered_at, "ever": None}[wait.since]
    for awaited in wait.events:
        for event in matching(person.events, awaited.event, since):
            if _acted(event, node, wait, enrolment):
                continue
            facts = Facts(person, now, enrolment, graph, event)
            if awaited.where is None or awaited.where.holds(facts):
                told = took_note(enrolment, node, event)
                there = arrive(graph, told, person, awaited.target, now)
                line = traced(enrolment, node, now, "awaited", f"{event.type} had happened already")
                return Decision(there.enrolment, (line, *there.effects))
    away = person.absent_until
    absence = away - now if away is not None and away > now else NO_ABSENCE
    end = patience_end(graph, node, enrolment, person, now, wait.patience, wait.until) + absence
    if end <= now:
        return _out_of_patience(graph, node, enrolment, person, now)
    return Decision(changed(enrolment, due_at=end, waiting=True, absence=absence, trail=()))


def _acted(event: Event, node: Node, wait: WaitFor, enrolment: Enrolment) -> bool:
    """Whether the run has met this event: before it came here, at this very step, as what brought it here, or as its entry."""
    if wait.since == "here" and event.learned_at == enrolment.arrived_at:
        return True
    last = enrolment.reacted.get(noted(node))
    if last is not None and event.learned_at <= last:
        return True
    return event.plain() in (enrolment.last_event, enrolment.entry)


def _out_of_patience(
    graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime
) -> Decision:
    verb = node.verb
    assert isinstance(verb, WaitFor | MakeTask)
    there = arrive(graph, enrolment, person, verb.otherwise, now)
    line = traced(enrolment, node, now, "patience", "waited long enough")
    return Decision(there.enrolment, (line, *there.effects))


def _task(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    task = node.verb
    assert isinstance(task, MakeTask)
    scene = Scene(graph, node, enrolment, person, Facts(person, now, enrolment, graph), now)
    if not task.results:
        return _instant(scene)
    end = (
        None
        if task.patience is None
        else patience_end(graph, node, enrolment, person, now, task.patience, None)
    )
    return Decision(changed(enrolment, due_at=end, waiting=True, trail=()), open_task(scene, task))


def _repeat(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    repeat = node.verb
    assert isinstance(repeat, Repeat)
    begun = enrolment.rounds.get(node.id)
    if repeat.times is not None and begun is not None and begun.number >= repeat.times:
        return _pass(graph, node, enrolment, person, now, "rounds", "all rounds are done")
    if repeat.until is not None and repeat.until.holds(Facts(person, now, enrolment, graph)):
        return _pass(graph, node, enrolment, person, now, "rounds", "its `until` holds")
    if begun is not None:
        earliest = arrival.next_round(repeat, begun.began_at, person.place)
        if earliest > now:
            return Decision(changed(enrolment, due_at=earliest, waiting=True, trail=()))
    there = arrive(graph, begin_round(graph, node, enrolment, now), person, repeat.body, now)
    return Decision(there.enrolment, there.effects)


def _replan(graph: Graph, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    """The same step in the new text; its time computed anew from when the lead arrived there."""
    step = _place_in(graph, enrolment.step)
    if step is None:
        return Decision(enrolment)
    node, arrived = graph.nodes[step], enrolment.arrived_at or now
    waiting = enrolment.waiting and _can_wait(node)
    current = changed(enrolment, campaign=graph.name, version=graph.version, step=step, waiting=waiting)
    if waiting:
        due = _waiting_due(graph, node, current, person, arrived, enrolment.due_at)
    else:
        planned = arrival.own_time(node, graph, current, person, arrived)
        if planned.at is None:
            there = arrive(graph, current, person, node.next, now)
            return Decision(
                there.enrolment, (traced(current, node, now, "missed", planned.word), *there.effects)
            )
        due = planned.at
        if isinstance(node.verb, Email) and due > arrived:
            due = arrival.email_time(planned, node, graph, current, person, max(due, now)).at or due
        elif not isinstance(node.verb, Email):
            due = arrival.window_time(planned, node, person, max(due, now))
    due = None if due is None else max(due, now) if due != enrolment.due_at else due
    if current.hold is None:
        return Decision(changed(current, due_at=due))
    held = changed(current, hold=replace(current.hold, due_at=due))
    over = current.hold.word == Gate.PAUSED and not is_paused(graph, person)
    return Decision(release(held, now) if over else held)


def _place_in(graph: Graph, step: str | None) -> str | None:
    """The step in this version: itself while it is there, else where `moved` leads, through several names if need be."""
    seen: set[str] = set()
    while step is not None and step not in graph.nodes and step not in seen:
        seen.add(step)
        step = graph.moved.get(step)
    return step if step in graph.nodes else None


def _can_wait(node: Node) -> bool:
    """Whether a lead that waits can wait here: for an event, an outcome, the next round."""
    return isinstance(node.verb, WaitFor | Repeat) or (
        isinstance(node.verb, MakeTask) and bool(node.verb.results)
    )


def _waiting_due(
    graph: Graph, node: Node, enrolment: Enrolment, person: Person, arrived: datetime, due: datetime | None
) -> datetime | None:
    verb = node.verb
    if isinstance(verb, WaitFor):
        planned = arrival.own_time(node, graph, enrolment, person, arrived)
        begun = planned.at or arrived
        end = patience_end(graph, node, enrolment, person, begun, verb.patience, verb.until)
        return end + enrolment.absence
    if isinstance(verb, Repeat) and node.id in enrolment.rounds:
        return arrival.next_round(verb, enrolment.rounds[node.id].began_at, person.place)
    return due


def _as_decision(moved: Moved) -> Decision:
    return Decision(moved.enrolment, moved.effects)


_Step = Callable[[Graph, Node, Enrolment, Person, datetime], Decision]

_RESTING: Mapping[type[Any], _Step] = {Email: _email, WaitFor: _wait, MakeTask: _task, Repeat: _repeat}
_AFTER_WAITING: Mapping[type[Any], _Step] = {
    WaitFor: _out_of_patience,
    MakeTask: _out_of_patience,
    Repeat: _repeat,
}
