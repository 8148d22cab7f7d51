"""Letters that a pause held, when it is over: each asks the gates again and is planned anew, in order and never in a flood.

semantics.md, Emails and gates. A letter held in the outbox belongs to a step its run has passed; the runs a pause held
ask the gates by themselves when they go on, and count the letters planned here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core import arrival
from nurture.core.case import Case
from nurture.core.effects import Traced
from nurture.core.enrolment import Enrolment, changed
from nurture.core.event import RESUME
from nurture.core.gates import Attempt, Gate, first_closed
from nurture.core.graph import Email, Graph, Node
from nurture.core.person import Mail
from nurture.services.catalog import Catalog
from nurture.store.queries import bells

_AT_ONCE: Mapping[str, Any] = {"state": "queued", "why": None}


async def release_letters(
    conn: AsyncConnection, cases: Mapping[int, Case], catalog: Catalog, now: datetime
) -> None:
    """Plan the held letters of leads who hear that a pause is over; what another pause holds stays held.

    A letter whose gate has closed meanwhile is withdrawn, with the gate's word in the trace.
    """
    told = {
        lead_id: max(event.learned_at for event in case.queue if event.type == RESUME)
        for lead_id, case in cases.items()
        if any(event.type == RESUME and event.learned_at <= now for event in case.queue)
    }
    if not told:
        return
    for row in await bells.held(conn, list(told)):
        case = cases[row["lead_id"]]
        if {"everything", row["campaign"]} & case.person.paused:
            continue
        values = _planned(row, case, catalog, told[row["lead_id"]])
        await bells.let_go(conn, row["id"], values)


def _planned(row: Mapping[str, Any], case: Case, catalog: Catalog, at: datetime) -> dict[str, Any]:
    """What becomes of one letter at `at`; the case's mails then say so too."""
    found = _step_of(row, case, catalog)
    if found is None or row["service"] is not None:
        return {**_AT_ONCE, "next_at": at}
    graph, node, run = found
    assert isinstance(node.verb, Email)
    person = case.person
    mine = next((mail for mail in person.mails if _is_row(mail, row)), None)
    person.mails = tuple(mail for mail in person.mails if mail is not mine)
    attempt = Attempt(
        graph=graph,
        node=node,
        email=node.verb,
        enrolment=run,
        person=person,
        template=row["template"],
        occurrence=row["occurrence"],
        occasion=row["occasion"],
        now=at,
    )
    gate = first_closed(attempt)
    if gate not in (None, Gate.PAUSED):  # One paused by its file lets out what was queued before.
        return _withdrawn(case, row, at, gate)
    own = arrival.Planned(row["planned_at"], keeps_clock=_has_clock(node))
    planned = arrival.email_time(own, node, graph, changed(run, not_before=at), person, at).at
    if planned is None:
        return _withdrawn(case, row, at, Gate.OVER_LIMIT)
    if row["latest"] is not None and planned > row["latest"]:
        return _withdrawn(case, row, at, "latest")
    if mine is not None:
        person.mails = (*person.mails, mine._replace(planned_at=planned))
    closes = arrival.closing_time(node, graph, person, planned, service=False)
    return {**_AT_ONCE, "next_at": planned, "planned_at": planned, "window_open_until": closes}


def _step_of(row: Mapping[str, Any], case: Case, catalog: Catalog) -> tuple[Graph, Node, Enrolment] | None:
    """The step the letter is of, in the present version or its run's; None where neither has it any more."""
    run = case.runs.get(row["run"])
    if run is None:
        return None
    for graph in (
        catalog.campaigns.get(run.campaign),
        catalog.versions.get((run.campaign, run.version)),
    ):
        node = graph.nodes.get(row["step"]) if graph is not None else None
        if graph is not None and node is not None and isinstance(node.verb, Email):
            return graph, node, run
    return None


def _is_row(mail: Mail, row: Mapping[str, Any]) -> bool:
    return (mail.run, mail.step, mail.template, mail.occurrence) == (
        row["run"],
        row["step"],
        row["template"],
        row["occurrence"],
    )


def _has_clock(node: Node) -> bool:
    """Whether the author gave the step a clock time, which a closed window keeps."""
    return node.timing.after_at is not None or getattr(node.timing.at, "clock", None) is not None


def _withdrawn(case: Case, row: Mapping[str, Any], at: datetime, word: str) -> dict[str, Any]:
    text = f"{row['template']}: held by a pause, and not sent after it"
    case.effects.append(Traced(at=at, run=row["run"], step=row["step"], word=str(word), text=text))
    return {"state": "withdrawn", "next_at": None, "why": str(word)}
