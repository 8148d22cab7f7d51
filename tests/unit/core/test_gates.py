"""The gates before an email: each alone, and their order (semantics.md, Emails and gates)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from nurture.core.gates import GATES, Attempt, Gate, first_closed, stage_fits
from nurture.core.graph import Email, Graph
from nurture.core.person import Mail
from tests.unit.core.small import MONDAY, campaign, event, later, person, run_of

PLAIN = campaign("steps: [ { email: welcome } ]")


def attempt(graph: Graph = PLAIN, **values: Any) -> Attempt:
    """The first email of a campaign, about to be queued."""
    node = graph.nodes[graph.start or ""]
    assert isinstance(node.verb, Email)
    return Attempt(
        **{
            "graph": graph,
            "node": node,
            "email": node.verb,
            "enrolment": run_of(graph),
            "person": person(),
            "template": "welcome",
            "occurrence": "",
            "occasion": "",
            "now": MONDAY,
            **values,
        }
    )


def mail(**values: Any) -> Mail:
    return Mail(
        **{
            "run": "test/1",
            "campaign": "test",
            "step": "welcome",
            "template": "welcome",
            "planned_at": MONDAY,
            **values,
        }
    )


def test_open() -> None:
    assert first_closed(attempt()) is None


CLOSED: dict[str, Callable[[], Attempt]] = {
    Gate.SUPPRESSED: lambda: attempt(person=person(suppressed=True)),
    Gate.STAGE: lambda: attempt(person=person(stage="customer")),
    Gate.REFUSED: lambda: attempt(campaign("stages: [refused]\nsteps: [ { email: welcome } ]"), person=person(stage="refused")),
    Gate.NO_CONSENT: lambda: attempt(person=person(consent="withdrawn")),
    Gate.HAD: lambda: attempt(person=person(mails=(mail(),))),
    Gate.NO_ADDRESS: lambda: attempt(person=person(reachable=False)),
    Gate.PAUSED: lambda: attempt(person=person(paused=frozenset({"test"}))),
}  # fmt: skip


@pytest.mark.parametrize("word", CLOSED)
def test_each_gate_alone(word: str) -> None:
    assert first_closed(CLOSED[word]()) == word


def test_the_first_that_speaks_wins() -> None:
    """Everything is wrong at once; gate after gate is opened, in the order of the table."""
    graph = campaign("stages: [nurturing]\nsteps: [ { email: welcome } ]")
    wrong = person(
        suppressed=True, stage="customer", consent="withdrawn", mails=(mail(),), reachable=False, paused=frozenset({"everything"})
    )  # fmt: skip
    mended: tuple[tuple[Gate, dict[str, Any]], ...] = (
        (Gate.SUPPRESSED, {"suppressed": False}),
        (Gate.STAGE, {"stage": "nurturing"}),
        (Gate.NO_CONSENT, {"consent": "given"}),
        (Gate.HAD, {"mails": ()}),
        (Gate.NO_ADDRESS, {"reachable": True}),
        (Gate.PAUSED, {"paused": frozenset()}),
    )
    for word, change in mended:
        assert first_closed(attempt(graph, person=wrong)) == word
        wrong = replace(wrong, **change)
    assert first_closed(attempt(graph, person=wrong)) is None
    assert [word for word, _ in GATES] == [
        "suppressed", "stage", "refused", "no_consent", "had", "no_address", "paused",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("needed", "consent", "word"),
    [
        ("not_withdrawn", "unknown", None),
        ("not_withdrawn", "withdrawn", "no_consent"),
        ("given", "unknown", "no_consent"),
        ("given", "given", None),
        ("confirmed", "given", "no_consent"),
        ("confirmed", "confirmed", None),
    ],
)
def test_consent(needed: str, consent: str, word: str | None) -> None:
    graph = campaign(f"send: {{ consent: {needed} }}\nsteps: [ {{ email: welcome }} ]")
    assert first_closed(attempt(graph, person=person(consent=consent))) == word


@dataclass
class Had:
    """A mail in the record, and whether it is this very one."""

    changed: dict[str, Any]
    word: str | None
    moved: str = ""
    occurrence: str = ""


@pytest.mark.parametrize(
    "case",
    [
        Had({}, "had"),
        Had({"run": "test/2"}, None),
        Had({"template": "offer"}, None),
        Had({"occurrence": "1"}, None),
        Had({"occurrence": "2.1"}, "had", occurrence="2.1"),
        Had({"step": "hello"}, None),
        Had({"step": "hello"}, "had", moved="moved: { hello: welcome }\n"),
        Had({"step": "hi"}, "had", moved="moved: { hi: hello, hello: welcome }\n"),
        Had({"step": "hi"}, None, moved="moved: { hi: offer }\n"),
    ],
)
def test_had_is_by_run_step_template_and_occurrence(case: Had) -> None:
    graph = campaign(f"{case.moved}steps: [ {{ email: welcome }}, {{ email: offer }} ]")
    had = person(mails=(mail(**case.changed),))
    assert first_closed(attempt(graph, person=had, occurrence=case.occurrence)) == case.word


@dataclass
class Refused:
    """A campaign for the refused, its run, and whether the mail may go."""

    send: str = ""
    run: dict[str, Any] = field(default_factory=dict)
    topics: dict[str, bool] = field(default_factory=dict)
    mails: tuple[Mail, ...] = ()
    after: float = 0
    service: str = ""
    word: str | None = "refused"


FAREWELL = {"entry": event("lead.refused").plain()}


@pytest.mark.parametrize(
    "case",
    [
        Refused(),
        Refused(run=FAREWELL, word=None),
        Refused(run=FAREWELL, after=14, word=None),
        Refused(run=FAREWELL, after=15),
        Refused(run=FAREWELL, mails=(mail(step="offer"),)),
        Refused(send="send: { topic: greetings }\n"),
        Refused(send="send: { topic: greetings }\n", topics={"greetings": True}, word=None),
        Refused(send="send: { topic: greetings }\n", topics={"greetings": False}),
        Refused(send="send: { topic: greetings }\n", run=FAREWELL),
        Refused(service=", service: asked for it", word=None),
        Refused(service=", service: asked for it", after=8),
    ],
)
def test_what_the_refused_get(case: Refused) -> None:
    graph = campaign(
        f"{case.send}stages: [refused]\nsteps: [ {{ email: welcome{case.service} }}, {{ email: offer }} ]"
    )
    refused = person(stage="refused", topics=case.topics, mails=case.mails)
    run = run_of(graph, **case.run)
    assert first_closed(attempt(graph, person=refused, enrolment=run, now=later(case.after))) == case.word


@pytest.mark.parametrize("scope", ["test", "everything"])
def test_paused_by_hand_and_by_its_file(scope: str) -> None:
    assert first_closed(attempt(person=person(paused=frozenset({scope})))) == "paused"
    assert first_closed(attempt(person=person(paused=frozenset({"other"})))) is None
    assert first_closed(attempt(replace(PLAIN, status="paused"))) == "paused"


def test_a_stage_the_campaign_set_itself_fits() -> None:
    assert not stage_fits(PLAIN, run_of(PLAIN), person(stage="sql"))
    assert stage_fits(PLAIN, run_of(PLAIN, own_stages=frozenset({"sql"})), person(stage="sql"))
