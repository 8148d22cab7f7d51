"""Writing back what cases lived through: many rows a statement, in the transaction that loaded them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.case import Case
from nurture.core.effects import (
    CallWebhook,
    Effect,
    GivePoints,
    OpenTask,
    SendEmail,
    Suppress,
    TellPerson,
    Traced,
    WithdrawEmails,
)
from nurture.core.enrolment import Enrolment
from nurture.store.rows import enrolment_values, lead_values, message_values
from nurture.store.tables import Row

_T = Row.metadata.tables


@dataclass(frozen=True, slots=True)
class Before:
    """A case as it was loaded: what need not be written again."""

    lead: Mapping[str, Any]
    runs: Mapping[str, Enrolment]


def before_of(cases: Mapping[int, Case]) -> dict[int, Before]:
    """Remember the cases as they are now."""
    return {
        lead_id: Before(lead_values(case.person, case.wake_at), dict(case.runs))
        for lead_id, case in cases.items()
    }


async def save_cases(
    conn: AsyncConnection,
    cases: Mapping[int, Case],
    before: Mapping[int, Before],
    now: datetime,
    hash_of: Callable[[str], str],
) -> None:
    """Write what the cases lived through. `before` is what they were when they were loaded."""
    await _save_leads(conn, cases, before)
    await _save_runs(conn, cases, before)
    await _save_events(conn, cases, now)
    await _save_messages(conn, cases, now)
    await _save_stages(conn, cases, before)
    await _withdraw(conn, cases)
    await _save_points(conn, cases)
    await _save_tasks(conn, cases, now)
    await _save_deliveries(conn, cases, now)
    await _save_suppressions(conn, cases, hash_of)
    await _save_traces(conn, cases)


def insert_new(conn: AsyncConnection, table: Table) -> Any:
    """An INSERT that leaves rows alone which are there already (by any unique index)."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def _each(cases: Mapping[int, Case], kind: type[Effect]) -> Iterable[tuple[int, Any]]:
    for lead_id, case in cases.items():
        for effect in case.effects:
            if isinstance(effect, kind):
                yield lead_id, effect


async def _many(conn: AsyncConnection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await conn.execute(statement, rows)


async def _save_leads(conn: AsyncConnection, cases: Mapping[int, Case], before: Mapping[int, Before]) -> None:
    """Only what changed: writing a column anew costs its indexes, and most steps change nothing of the lead."""
    changed = []
    for lead_id, case in cases.items():
        old = before[lead_id].lead
        new = lead_values(case.person, case.wake_at)
        changed.append((lead_id, {name: value for name, value in new.items() if value != old[name]}))
    await _update(conn, _T["lead"], changed)


async def _save_runs(conn: AsyncConnection, cases: Mapping[int, Case], before: Mapping[int, Before]) -> None:
    new: list[dict[str, Any]] = []
    changed = []
    for lead_id, case in cases.items():
        for name, run in case.runs.items():
            old = before[lead_id].runs.get(name)
            if old is run:
                continue
            values = enrolment_values(lead_id, run)
            if old is None:
                new.append(values)
                continue
            assert old.id is not None
            was = enrolment_values(lead_id, old)
            changed.append(
                (old.id, {column: value for column, value in values.items() if value != was[column]})
            )
    await _many(conn, insert(_T["enrolment"]), new)
    await _update(conn, _T["enrolment"], changed)


async def _update(conn: AsyncConnection, table: Table, changed: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Update rows by id; those that change the same columns share a statement."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, values in changed:
        if values:
            alike[tuple(values)].append({"row_id": row_id, **values})
    for rows in alike.values():
        await conn.execute(update(table).where(table.c.id == bindparam("row_id")), rows)


async def _save_events(conn: AsyncConnection, cases: Mapping[int, Case], now: datetime) -> None:
    table = _T["event"]
    handled = [{"row_id": event.id} for case in cases.values() for event in case.handled]
    statement = update(table).where(table.c.id == bindparam("row_id")).values(handled_at=now)
    await _many(conn, statement, handled)
    raised = [
        {
            "lead_id": lead_id,
            "type": event.type,
            "at": event.at,
            "learned_at": event.learned_at,
            "data": dict(event.data),
            "depth": event.depth,
            "handled_at": now,
        }
        for lead_id, case in cases.items()
        for event in case.raised
    ]
    await _many(conn, insert(table), raised)


async def _withdraw(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    """What was queued by runs that ended, service mail excepted; for the suppressed service mail as well.

    What was planned for the very minute in which the run ends stays: `email: goodbye`, then `stop: done`, says goodbye.
    """
    table = _T["message"]
    left = [
        {"lead": lead_id, "of": effect.run, "because": effect.because, "end": effect.at}
        for lead_id, effect in _each(cases, WithdrawEmails)
    ]
    waiting = _in_states(table, "queued", "deferred", "held")
    another = table.c.planned_at != bindparam("end", type_=table.c.planned_at.type)
    mine = (table.c.lead_id == bindparam("lead"), table.c.run == bindparam("of"), waiting, another)
    gone: dict[str, Any] = {"state": "withdrawn", "next_at": None, "why": bindparam("because")}
    await _many(conn, update(table).where(*mine, table.c.service.is_(None)).values(gone), left)
    suppressed = [{"lead": lead_id, "because": "suppressed"} for lead_id, _ in _each(cases, Suppress)]
    await _many(
        conn, update(table).where(table.c.lead_id == bindparam("lead"), waiting).values(gone), suppressed
    )


async def _save_messages(conn: AsyncConnection, cases: Mapping[int, Case], now: datetime) -> None:
    """The outbox rows; a second one under the same send key is not written."""
    rows = [message_values(lead_id, email, now) for lead_id, email in _each(cases, SendEmail)]
    await _many(conn, insert_new(conn, _T["message"]), rows)


async def _save_stages(
    conn: AsyncConnection, cases: Mapping[int, Case], before: Mapping[int, Before]
) -> None:
    """A stage the campaign itself set does not stop what it has queued."""
    table = _T["message"]
    rows = []
    for lead_id, case in cases.items():
        for name, run in case.runs.items():
            old = before[lead_id].runs.get(name)
            new = run.own_stages - (old.own_stages if old is not None else frozenset())
            if new:
                rows.append({"lead": lead_id, "of": name, "more": " " + " ".join(sorted(new))})
    mine = (table.c.lead_id == bindparam("lead"), table.c.run == bindparam("of"), table.c.stages.is_not(None))
    undone = _in_states(table, "queued", "claimed", "deferred", "held")
    more = table.c.stages + bindparam("more", type_=table.c.stages.type)
    await _many(conn, update(table).where(*mine, undone).values(stages=more), rows)


def _in_states(table: Table, *states: str) -> ColumnElement[bool]:
    # Not `in_`: its parameter grows, which a statement for many rows cannot have.
    return or_(*(table.c.state == state for state in states))


async def _save_points(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    rows = [
        {
            "lead_id": lead_id,
            "points": given.points,
            "kind": str(given.kind),
            "rule": given.rule,
            "reason": given.reason,
            "at": given.at,
            "event_id": given.event_id or None,
        }
        for lead_id, given in _each(cases, GivePoints)
    ]
    await _many(conn, insert(_T["score_entry"]), rows)


async def _save_tasks(conn: AsyncConnection, cases: Mapping[int, Case], now: datetime) -> None:
    rows = [
        {
            "lead_id": lead_id,
            "run": task.run,
            "step": task.step,
            "text": task.text,
            "who": task.who,
            "colleague": cases[lead_id].person.fields.get("owner") if task.who == "owner" else task.who,
            "kind": task.kind,
            "due_at": task.due,
            "results": list(task.results),
            "releases": task.releases,
            "once": task.once,
            "data": dict(task.data),
            "created_at": task.at,
        }
        for lead_id, task in _each(cases, OpenTask)
    ]
    await _many(conn, insert_new(conn, _T["task"]), rows)


async def _save_deliveries(conn: AsyncConnection, cases: Mapping[int, Case], now: datetime) -> None:
    rows = [
        {
            "kind": "webhook" if isinstance(effect, CallWebhook) else "notify",
            "target": effect.name if isinstance(effect, CallWebhook) else effect.who,
            "payload": dict(effect.data) if isinstance(effect, CallWebhook) else {"text": effect.text},
            "lead_id": lead_id,
            "next_at": now,
            "created_at": effect.at,
        }
        for kind in (CallWebhook, TellPerson)
        for lead_id, effect in _each(cases, kind)
    ]
    await _many(conn, insert(_T["delivery"]), rows)


async def _save_suppressions(
    conn: AsyncConnection, cases: Mapping[int, Case], hash_of: Callable[[str], str]
) -> None:
    rows = []
    for lead_id, effect in _each(cases, Suppress):
        email = cases[lead_id].person.fields.get("email")
        if email:
            rows.append(
                {
                    "hash": hash_of(email),
                    "address": email,
                    "lead_id": lead_id,
                    "reason": effect.reason,
                    "at": effect.at,
                }
            )
    await _many(conn, insert_new(conn, _T["suppression"]), rows)


async def _save_traces(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    rows = [
        {
            "lead_id": lead_id,
            "run": line.run,
            "step": line.step,
            "at": line.at,
            "word": line.word,
            "text": line.text,
        }
        for lead_id, line in _each(cases, Traced)
    ]
    await _many(conn, insert(_T["trace"]), rows)
