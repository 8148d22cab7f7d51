"""An event meets a run: reactions first, then what the step awaits (semantics.md, Reactions, waiting, replies)."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from nurture.core.decision import Decision
from nurture.core.duration import add
from nurture.core.effects import Effect
from nurture.core.enrolment import Enrolment, changed
from nurture.core.event import Event
from nurture.core.facts import Facts
from nurture.core.graph import Graph, MakeTask, Node, Reaction, Target, WaitFor
from nurture.core.moving import COLLEAGUE, arrive, leave, release
from nurture.core.outcome import carry_out
from nurture.core.person import Person
from nurture.core.verbs import Scene, run

_OF_ONE_CAMPAIGN = ("reply.", "email.", "task.")
_NEVER_BY_BARE_REPLY = ("reply.refused", "reply.later")


@dataclass(frozen=True, slots=True)
class _Reacted:
    enrolment: Enrolment
    effects: tuple[Effect, ...]
    elsewhere: bool
    took: bool


def react(graph: Graph, enrolment: Enrolment, person: Person, event: Event, now: datetime) -> Decision:
    """What the event does to the run: at most one reaction, else the step that waits for it."""
    if not _concerns(enrolment, event):
        return Decision(enrolment)
    if event.type == "task.done":
        answered = _task_done(graph, enrolment, person, event, now)
        if answered is not None:
            return answered
    effects: tuple[Effect, ...] = ()
    took = False
    reaction = _reaction_to(graph, enrolment, person, event, now)
    if reaction is not None:
        reacted = _run(graph, enrolment, person, reaction, event, now)
        effects, enrolment, took = reacted.effects, reacted.enrolment, reacted.took
        if reacted.elsewhere:
            return Decision(enrolment, effects, took)
    awaited = _awaited(graph, enrolment, person, event, now)
    if awaited is not None:
        return Decision(awaited.enrolment, (*effects, *awaited.effects), took or awaited.took)
    return Decision(enrolment, effects, took)


def _concerns(enrolment: Enrolment, event: Event) -> bool:
    """An event of one campaign (a reply to its mail, its task) is only its own; others are everybody's."""
    if not event.type.startswith(_OF_ONE_CAMPAIGN):
        return True
    run_named, campaign = event.data.get("run"), event.data.get("campaign")
    if run_named:
        return bool(run_named == enrolment.run)
    return not campaign or campaign == enrolment.campaign


def _task_done(
    graph: Graph, enrolment: Enrolment, person: Person, event: Event, now: datetime
) -> Decision | None:
    """The outcome of a task this run waits for: a held run goes on, a task with results leads on.

    The task for a reply nobody took names no run: it releases every run that waits for the colleague's answer.
    """
    held, mine = enrolment.hold, event.data.get("run") == enrolment.run
    if held is not None and event.data.get("releases") and (mine or held.word == COLLEAGUE):
        return Decision(release(enrolment, now), took=True)
    if not mine:
        return None
    if not enrolment.waiting or enrolment.step is None or event.data.get("step") != enrolment.step:
        return None
    verb = graph.nodes[enrolment.step].verb
    if not isinstance(verb, MakeTask):
        return None
    target = dict(verb.results).get(str(event.data.get("result")), graph.nodes[enrolment.step].next)
    told = changed(enrolment, last_event=event.plain())
    there = arrive(graph, told, person, target, now)
    return Decision(there.enrolment, there.effects, took=True)


def _reaction_to(
    graph: Graph, enrolment: Enrolment, person: Person, event: Event, now: datetime
) -> Reaction | None:
    """The most specific reaction that may run now."""
    found = [reaction for reaction in graph.reactions if event.stands_for(reaction.event)]
    found.sort(key=lambda reaction: reaction.event != event.type)
    if not found:
        return None
    reaction = found[0]
    last = enrolment.reacted.get(reaction.event)
    if reaction.once is not None and last is not None and now < add(reaction.once, last, person.place):
        return None
    return reaction


def _run(
    graph: Graph, enrolment: Enrolment, person: Person, reaction: Reaction, event: Event, now: datetime
) -> _Reacted:
    """Run a reaction's steps, each seeing what those before it did; it may go elsewhere, stop, or stay."""
    took = not (reaction.event == "reply" and event.type in _NEVER_BY_BARE_REPLY)
    current = changed(
        enrolment, last_event=event.plain(), reacted={**enrolment.reacted, reaction.event: now}, trail=()
    )
    shadow, effects, target = copy(person), list[Effect](), reaction.first
    while target is not None:
        node = graph.nodes[target]
        facts = Facts(shadow, now, current, graph, event)
        if node.condition is not None and not node.condition.holds(facts):
            target = node.next
            continue
        ran = run(Scene(graph, node, current, shadow, facts, now))
        effects += ran.effects
        current = ran.enrolment or current
        for effect in ran.effects:
            carry_out(shadow, effect)
        if ran.stopped is not None:
            gone = leave(current, now, ran.stopped, f"on {event.type}")
            return _Reacted(gone.enrolment, (*effects, *gone.effects), elsewhere=True, took=True)
        if ran.jumped:
            if _is_on(graph, current, ran.target):
                break
            there = arrive(graph, _awake(current, now), shadow, ran.target, now)
            return _Reacted(there.enrolment, (*effects, *there.effects), elsewhere=True, took=took)
        target = ran.target
    return _Reacted(current, tuple(effects), elsewhere=False, took=took)


def _is_on(graph: Graph, enrolment: Enrolment, target: Target) -> bool:
    """Whether a `goto` leads to the beginning of the path the lead is on already."""
    if target is None or enrolment.step is None:
        return False
    path = graph.nodes[target].path
    return graph.paths.get(path) == target and graph.nodes[enrolment.step].path == path


def _awake(enrolment: Enrolment, now: datetime) -> Enrolment:
    return release(enrolment, now) if enrolment.hold is not None else enrolment


def took_note(enrolment: Enrolment, node: Node, event: Event) -> Enrolment:
    """The enrolment that goes on with this event; a wait that looks back notes how far it has come.

    So that coming back to it, each event acts once (semantics.md, Events 4).
    """
    told = changed(enrolment, last_event=event.plain())
    if isinstance(node.verb, WaitFor) and node.verb.since != "here":
        told = changed(told, reacted={**told.reacted, noted(node): event.learned_at})
    return told


def noted(node: Node) -> str:
    """Under which name `reacted` keeps the last event a wait took."""
    return f"wait_for:{node.id}"


def _begins(node: Node, graph: Graph, enrolment: Enrolment, person: Person, now: datetime) -> bool:
    """Whether the waiting begins this very minute: the lead has arrived, and events come before due steps."""
    if enrolment.hold is not None or enrolment.due_at is None or enrolment.due_at > now:
        return False
    return node.condition is None or node.condition.holds(Facts(person, now, enrolment, graph))


def _awaited(
    graph: Graph, enrolment: Enrolment, person: Person, event: Event, now: datetime
) -> Decision | None:
    """Go on, where the step the lead waits at awaits this event."""
    if enrolment.step is None:
        return None
    node = graph.nodes[enrolment.step]
    wait = node.verb
    if not isinstance(wait, WaitFor) or not (
        enrolment.waiting or _begins(node, graph, enrolment, person, now)
    ):
        return None
    ordered = sorted(wait.events, key=lambda awaited: awaited.event != event.type)
    for awaited in ordered:
        if not event.stands_for(awaited.event):
            continue
        told = changed(enrolment, last_event=event.plain())
        if awaited.where is not None and not awaited.where.holds(Facts(person, now, told, graph, event)):
            continue
        told = took_note(enrolment, node, event)
        there = arrive(graph, _awake(told, now), person, awaited.target, now)
        took = not (awaited.event == "reply" and event.type in _NEVER_BY_BARE_REPLY)
        return Decision(there.enrolment, there.effects, took)
    return None
