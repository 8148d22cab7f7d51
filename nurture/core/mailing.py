"""The email step: which template, through the gates, at which time (semantics.md, Emails and gates)."""

from __future__ import annotations

from datetime import datetime, timedelta

from nurture.core import arrival
from nurture.core.decision import Decision
from nurture.core.effects import Effect, OpenTask, SendEmail
from nurture.core.enrolment import Enrolment, changed
from nurture.core.facts import Facts
from nurture.core.gates import Attempt, Gate, first_closed
from nurture.core.graph import Email, Graph, Node
from nurture.core.moving import arrive, hold, leave, traced
from nurture.core.person import Person
from nurture.core.verbs import Scene, spoken

_LOOK_AGAIN = timedelta(days=1)
"""How often an empty rotation with `when_empty: wait` is looked at again."""

_TASKS = {
    Gate.REFUSED: "{name} refused; {campaign} wanted to send {template}. Talk to them in person, or let it be.",
    Gate.NO_ADDRESS: "{name} has no address mail can reach. Ask for another one.",
}


def send(graph: Graph, node: Node, enrolment: Enrolment, person: Person, now: datetime) -> Decision:
    """Queue the step's email, or say why not, and go on."""
    email = node.verb
    assert isinstance(email, Email)
    scene = Scene(graph, node, enrolment, person, Facts(person, now, enrolment, graph), now)
    occasion, problems = spoken(email.occasion, scene) if email.occasion else ("", ())
    template = _choose(email, person, occasion)
    if template is None:
        return _nothing_left(scene, email)
    attempt = Attempt(
        graph=graph,
        node=node,
        email=email,
        enrolment=enrolment,
        person=person,
        template=template,
        occurrence=_occurrence(node, enrolment, occasion),
        occasion=occasion,
        now=now,
    )
    gate = first_closed(attempt)
    if gate is not None:
        return _closed(scene, attempt, gate)
    return _in_time(scene, attempt, problems)


def _in_time(scene: Scene, attempt: Attempt, problems: tuple[Effect, ...]) -> Decision:
    """Past the gates: at its time, or later when window and limits say so, or never when `latest` has passed."""
    graph, node, enrolment, person, now = scene.graph, scene.node, scene.enrolment, scene.person, scene.now
    arrived = enrolment.arrived_at or now
    own = arrival.own_time(node, graph, enrolment, person, arrived)
    start = max(now, enrolment.not_before or now)
    planned = arrival.email_time(own, node, graph, enrolment, person, start)
    if planned.at is None:
        there = arrive(graph, enrolment, person, node.next, now)
        line = scene.traced(Gate.OVER_LIMIT, "a limit would let it wait more than 14 days: it is passed")
        return Decision(there.enrolment, (*problems, line, *there.effects))
    latest = arrival.latest_time(attempt.email, node, graph, enrolment, person, arrived)
    if latest is not None and planned.at > latest:
        if latest > now:
            line = scene.traced("latest", "it cannot go in time")
            return Decision(changed(enrolment, due_at=latest, trail=()), (*problems, line))
        target = attempt.email.otherwise if attempt.email.has_otherwise else node.next
        there = arrive(graph, enrolment, person, target, now)
        line = scene.traced("latest", "it could not go in time: withdrawn")
        return Decision(there.enrolment, (*problems, line, *there.effects))
    if planned.at > now:
        line = scene.traced(planned.word.split(" ")[0] or "later", "moved to a later time")
        return Decision(changed(enrolment, due_at=planned.at, trail=()), (*problems, line))
    return _queue(scene, attempt, latest, problems)


def _queue(scene: Scene, attempt: Attempt, latest: datetime | None, problems: tuple[Effect, ...]) -> Decision:
    graph, node, enrolment, person, now = scene.graph, scene.node, scene.enrolment, scene.person, scene.now
    email = attempt.email
    because = f"service: {email.service}" if attempt.service else f"step {node.id}"
    effects: list[Effect] = [
        *problems,
        SendEmail(
            campaign=graph.name,
            version=graph.version,
            template=attempt.template,
            occurrence=attempt.occurrence,
            occasion=attempt.occasion,
            service=email.service if attempt.service else None,
            sender=email.sender or graph.send.sender,
            thread_first=(email.thread or graph.send.thread) == "first",
            in_doubt=email.in_doubt or graph.send.in_doubt,
            latest=latest,
            window_open_until=arrival.closing_time(node, graph, person, now, service=attempt.service),
            stages=None if attempt.service else graph.stages | enrolment.own_stages,
            values={"entry": dict(scene.facts.entry), "event": dict(scene.facts.event)},
            because=because,
            **scene.mark,
        ),
    ]
    target = node.next
    if arrival.is_late(node, person, enrolment.arrived_at or now, now):
        effects.append(scene.traced("late", f"later than within {node.timing.within}"))
        target = email.otherwise if email.has_otherwise else node.next
    there = arrive(graph, enrolment, person, target, now)
    return Decision(there.enrolment, (*effects, *there.effects))


def _closed(scene: Scene, attempt: Attempt, gate: Gate) -> Decision:
    graph, node, enrolment, person, now = scene.graph, scene.node, scene.enrolment, scene.person, scene.now
    line = traced(enrolment, node, now, gate, f"{attempt.template}: {gate.sentence}")
    if gate in (Gate.SUPPRESSED, Gate.STAGE):
        gone = leave(enrolment, now, gate, gate.sentence)
        return Decision(gone.enrolment, (line, *gone.effects))
    if gate is Gate.PAUSED:
        return Decision(hold(enrolment, Gate.PAUSED, None), (line,))
    effects: list[Effect] = [line]
    if gate in _TASKS:
        name = person.fields.get("name") or person.fields.get("email") or "The lead"
        text = _TASKS[gate].format(name=name, campaign=graph.name, template=attempt.template)
        once = f"{gate}:{enrolment.run}" if gate is Gate.REFUSED else str(gate)
        effects.append(OpenTask(text=text, kind="contact", once=once, because=gate.sentence, **scene.mark))
    there = arrive(graph, enrolment, person, node.next, now)
    return Decision(there.enrolment, (*effects, *there.effects))


def _nothing_left(scene: Scene, email: Email) -> Decision:
    """The rotation has nothing this person has not had."""
    if email.when_empty == "wait":
        line = scene.traced("empty", "nothing new to send; looked at again in a day")
        return Decision(changed(scene.enrolment, due_at=scene.now + _LOOK_AGAIN, trail=()), (line,))
    there = arrive(scene.graph, scene.enrolment, scene.person, scene.node.next, scene.now)
    line = scene.traced(Gate.HAD, "nothing is left that this person has not had")
    return Decision(there.enrolment, (line, *there.effects))


def _choose(email: Email, person: Person, occasion: str) -> str | None:
    """The template: the only one, or the first (or last) of a rotation not had for this occasion in any campaign."""
    if not email.rotates:
        return email.templates[0]
    had = {mail.template for mail in person.mails if mail.occasion == occasion}
    order = reversed(email.templates) if email.pick == "newest" else email.templates
    return next((template for template in order if template not in had), None)


def _occurrence(node: Node, enrolment: Enrolment, occasion: str) -> str:
    """The rounds of all repeats around the step, outermost first, and the occasion: part of the send key."""
    numbers = (enrolment.rounds[name].number for name in node.rounds if name in enrolment.rounds)
    rounds = ".".join(str(number) for number in numbers)
    return f"{rounds}@{occasion}" if occasion else rounds
