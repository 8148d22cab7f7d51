"""The gates before an email, in their order; the first that speaks wins (semantics.md, Emails and gates).

A gate is a function of what is known that answers None (open) or its word. Limit and window come last and only move
the time: they are `core/arrival.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from nurture.core.arrival import answers_a_request
from nurture.core.enrolment import Enrolment
from nurture.core.graph import Email, Graph, Node
from nurture.core.person import Person
from nurture.core.words import Word

FAREWELL_AGE = timedelta(days=14)
"""A farewell letter follows its refusal within this; later it would be a new approach."""

_LEVEL = {"withdrawn": 0, "unknown": 1, "given": 2, "confirmed": 3}
_NEEDED = {"not_withdrawn": 1, "given": 2, "confirmed": 3}


class Gate(Word):
    """Why an email is not sent now."""

    SUPPRESSED = (
        "suppressed",
        "The person unsubscribed, complained or was erased: the campaign ends for them.",
    )
    STAGE = "stage", "The lead's stage is not one this campaign is for: the lead leaves."
    REFUSED = "refused", "The lead refused, and this is nothing they still allow: a colleague gets a task."
    NO_CONSENT = "no_consent", "The lead's consent is less than this campaign needs: the email is passed."
    HAD = "had", "The person had this very email already: it is passed."
    NO_ADDRESS = (
        "no_address",
        "There is no address mail can reach: a colleague gets a task, the email is passed.",
    )
    PAUSED = "paused", "The campaign, the relay or everything is paused: the lead waits."
    OVER_LIMIT = "over_limit", "One more email now would be too many: it waits until it fits."
    WINDOW = "window", "It is outside the hours for sending: it waits until they begin."


class Attempt(NamedTuple):
    """One email about to be queued."""

    graph: Graph
    node: Node
    email: Email
    enrolment: Enrolment
    person: Person
    template: str
    occurrence: str
    occasion: str
    now: datetime

    @property
    def service(self) -> bool:
        """Whether it is what the person just asked for, by an own event at most seven days old."""
        return answers_a_request(self.email, self.enrolment, self.now)


def _suppressed(a: Attempt) -> bool:
    return a.person.suppressed


def _stage(a: Attempt) -> bool:
    return not a.service and not stage_fits(a.graph, a.enrolment, a.person)


def _refused(a: Attempt) -> bool:
    if a.person.stage != "refused" or a.service:
        return False
    if a.graph.send.topic is not None:
        return not a.person.topics.get(a.graph.send.topic, False)
    return not _is_farewell(a)


def _is_farewell(a: Attempt) -> bool:
    """The farewell letter: the first email, soon, of a run that began with the refusal itself."""
    if a.enrolment.entry.get("type") != "lead.refused" or a.now - a.enrolment.entered_at > FAREWELL_AGE:
        return False
    return not any(mail.run == a.enrolment.run and mail.step != a.node.id for mail in a.person.mails)


def _no_consent(a: Attempt) -> bool:
    return not a.service and _LEVEL.get(a.person.consent, 1) < _NEEDED[a.graph.send.consent]


def _had(a: Attempt) -> bool:
    return any(
        mail.run == a.enrolment.run
        and mail.template == a.template
        and mail.occurrence == a.occurrence
        and _is_step(mail.step, a.node, a.graph)
        for mail in a.person.mails
    )


def _is_step(step: str, node: Node, graph: Graph) -> bool:
    """Whether the step is this one, perhaps under a former id, through several renamings if need be."""
    seen: set[str] = set()
    while step != node.id and step in graph.moved and step not in seen:
        seen.add(step)
        step = graph.moved[step]
    return step == node.id


def _no_address(a: Attempt) -> bool:
    return not a.person.reachable or not a.person.fields.get("email")


def _paused(a: Attempt) -> bool:
    return is_paused(a.graph, a.person)


GATES: tuple[tuple[Gate, Callable[[Attempt], bool]], ...] = (
    (Gate.SUPPRESSED, _suppressed),
    (Gate.STAGE, _stage),
    (Gate.REFUSED, _refused),
    (Gate.NO_CONSENT, _no_consent),
    (Gate.HAD, _had),
    (Gate.NO_ADDRESS, _no_address),
    (Gate.PAUSED, _paused),
)


def first_closed(attempt: Attempt) -> Gate | None:
    """The word of the first gate that is closed, or None."""
    for word, closed in GATES:
        if closed(attempt):
            return word
    return None


def is_paused(graph: Graph, person: Person) -> bool:
    """Whether the campaign, by its file or by hand, or everything is paused."""
    return graph.status == "paused" or graph.name in person.paused or "everything" in person.paused


def stage_fits(graph: Graph, enrolment: Enrolment, person: Person) -> bool:
    """Whether the lead's stage is one of the campaign's, or one the campaign itself set."""
    return person.stage in graph.stages or person.stage in enrolment.own_stages
