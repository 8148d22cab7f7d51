"""Cases: which leads something is due for, and everything a batch of them needs, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key
from nurture.core.case import Case
from nurture.core.person import Mail, Person
from nurture.core.place import Place
from nurture.store.rows import enrolment_of, event_of, fields_of, mail_of, score_of
from nurture.store.tables import Row

_LEAD, _EVENT, _RUN = (Row.metadata.tables[name] for name in ("lead", "event", "enrolment"))
_MESSAGE, _ENTRY, _TASK = (Row.metadata.tables[name] for name in ("message", "score_entry", "task"))
_SUPPRESSION, _ADDRESS, _PAUSE = (Row.metadata.tables[name] for name in ("suppression", "address", "pause"))

PlaceOf = Callable[[Mapping[str, Any]], Place]
"""Where a lead lives, by its fields."""

OwnerOf = Callable[[str | None], Mapping[str, Any]]
"""The responsible person's data, by key."""


def due_leads_query(limit: int, without: Collection[int] = ()) -> Any:
    """Leads with an event to handle, a step that is due, or a time of their own that has come; parameter `now`."""
    now = bindparam("now", type_=_EVENT.c.learned_at.type)

    def others(lead_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
        return (lead_id.not_in(without),) if without else ()

    events = (
        select(_EVENT.c.lead_id.label("id"), _EVENT.c.learned_at.label("at"))
        .where(_EVENT.c.handled_at.is_(None), _EVENT.c.learned_at <= now, *others(_EVENT.c.lead_id))
        .order_by(_EVENT.c.learned_at)
        .limit(limit)
    )
    steps = (
        select(_RUN.c.lead_id.label("id"), _RUN.c.due_at.label("at"))
        .where(_RUN.c.due_at.is_not(None), _RUN.c.due_at <= now, *others(_RUN.c.lead_id))
        .order_by(_RUN.c.due_at)
        .limit(limit)
    )
    wakes = (
        select(_LEAD.c.id.label("id"), _LEAD.c.wake_at.label("at"))
        .where(_LEAD.c.wake_at.is_not(None), _LEAD.c.wake_at <= now, *others(_LEAD.c.id))
        .order_by(_LEAD.c.wake_at)
        .limit(limit)
    )
    return union_all(
        *(select(*each.subquery().c) for each in (events, steps, wakes)),
    )


async def due_leads(
    conn: AsyncConnection, now: datetime, limit: int, without: Collection[int] = ()
) -> list[int]:
    """At most `limit` leads something is due for, the longest due first, none of `without`.

    An index look-up, never a scan.
    """
    rows = (await conn.execute(due_leads_query(limit, without), {"now": now})).all()
    order: dict[int, datetime] = {}
    for lead_id, at in rows:
        if lead_id not in order or at < order[lead_id]:
            order[lead_id] = at
    return sorted(order, key=lambda lead_id: (order[lead_id], lead_id))[:limit]


_FIRSTS = tuple(
    select(column.label("at")).where(known).order_by(column).limit(1)
    for column, known in (
        (_EVENT.c.learned_at, _EVENT.c.handled_at.is_(None)),
        (_RUN.c.due_at, _RUN.c.due_at.is_not(None)),
        (_LEAD.c.wake_at, _LEAD.c.wake_at.is_not(None)),
    )
)
_NEXT_DUE = union_all(*(select(*first.subquery().c) for first in _FIRSTS))


async def next_due(conn: AsyncConnection) -> datetime | None:
    """The first time anything is due, past or future; None when nothing ever is. Three looks into indexes."""
    return min((await conn.scalars(_NEXT_DUE)).all(), default=None)


async def lock_leads(conn: AsyncConnection, lead_ids: Sequence[int]) -> list[int]:
    """Those of the leads nobody else works on, locked until the transaction ends (one lock per lead, Events 2)."""
    if conn.dialect.name == "sqlite":
        return list(lead_ids)
    query = (
        select(_LEAD.c.id)
        .where(_LEAD.c.id.in_(lead_ids))
        .order_by(_LEAD.c.id)
        .with_for_update(skip_locked=True)
    )
    free = set((await conn.scalars(query)).all())
    return [lead_id for lead_id in lead_ids if lead_id in free]


async def load_cases(
    conn: AsyncConnection,
    lead_ids: Sequence[int],
    *,
    listens: Collection[str],
    place_of: PlaceOf,
    owner_of: OwnerOf,
    hash_of: Callable[[str], str],
    company: Mapping[str, Any],
) -> dict[int, Case]:
    """The cases of these leads, by id, with the history conditions look back at (`listens`)."""
    found = await conn.execute(select(_LEAD).where(_LEAD.c.id.in_(lead_ids)))
    leads = [dict(row) for row in found.mappings()]
    paused = frozenset((await conn.scalars(select(_PAUSE.c.scope))).all())
    suppressed = await _suppressed(conn, leads, hash_of)
    bouncing = await _bouncing(conn, leads)
    cases: dict[int, Case] = {}
    for row in leads:
        fields = fields_of(row)
        person = Person(
            seed=row["seed"],
            id=row["id"],
            place=place_of(fields),
            fields=fields,
            owner=owner_of(row["owner"]),
            company=company,
            tags=frozenset(row["tags"] or ()),
            stage=row["stage"],
            temperature=row["temperature"],
            consent=row["consent"],
            topics=row["topics"] or {},
            suppressed=row["id"] in suppressed or row["erased_at"] is not None,
            reachable=bool(row["email"]) and row["id"] not in bouncing,
            absent_until=row["absent_until"],
            postponed_until=row["postponed_until"],
            score=score_of(row),
            mql_fired=row["mql_fired"],
            paused=paused,
        )
        cases[row["id"]] = Case(person, wake_at=row["wake_at"])
    await _add_runs(conn, cases)
    await _add_events(conn, cases, listens)
    await _add_mails(conn, cases)
    await _add_points(conn, cases)
    await _add_tasks(conn, cases)
    return cases


async def _suppressed(
    conn: AsyncConnection, leads: Sequence[dict[str, Any]], hash_of: Callable[[str], str]
) -> set[int]:
    hashes = {row["id"]: hash_of(row["email"]) for row in leads if row["email"]}
    ids = [row["id"] for row in leads]
    query = select(_SUPPRESSION.c.hash, _SUPPRESSION.c.lead_id).where(
        or_(_SUPPRESSION.c.hash.in_(set(hashes.values())), _SUPPRESSION.c.lead_id.in_(ids))
    )
    found = (await conn.execute(query)).all()
    known = {row.hash for row in found}
    return {lead_id for lead_id, hash in hashes.items() if hash in known} | {row.lead_id for row in found}


async def _bouncing(conn: AsyncConnection, leads: Sequence[dict[str, Any]]) -> set[int]:
    """Leads whose present email address, however it is written, is known to bounce for good."""
    keys = {row["id"]: email_key(row["email"]) for row in leads if row["email"]}
    query = select(_ADDRESS.c.value).where(
        _ADDRESS.c.kind == "email", _ADDRESS.c.value.in_(set(keys.values())), _ADDRESS.c.bounce == "hard"
    )
    found = set((await conn.scalars(query)).all())
    return {lead_id for lead_id, key in keys.items() if key in found}


async def _add_runs(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    query = select(_RUN).where(_RUN.c.lead_id.in_(cases)).order_by(_RUN.c.id)
    for row in await conn.execute(query):
        cases[row.lead_id].runs[row.run] = enrolment_of(row)


async def _add_events(conn: AsyncConnection, cases: Mapping[int, Case], listens: Collection[str]) -> None:
    """What is not handled yet, and the handled events somebody looks back at."""
    mine = _EVENT.c.lead_id.in_(cases)
    waiting = (
        select(_EVENT).where(mine, _EVENT.c.handled_at.is_(None)).order_by(_EVENT.c.learned_at, _EVENT.c.id)
    )
    for row in await conn.execute(waiting):
        cases[row.lead_id].queue.append(event_of(row))
    if not listens:
        return
    wanted = [_EVENT.c.type.in_([name for name in listens if name != "reply"])]
    if "reply" in listens:
        wanted.append(_EVENT.c.type.like("reply.%"))
    handled = (
        select(_EVENT)
        .where(mine, _EVENT.c.handled_at.is_not(None), or_(*wanted))
        .order_by(_EVENT.c.learned_at, _EVENT.c.id)
    )
    history: dict[int, list[Any]] = defaultdict(list)
    for row in await conn.execute(handled):
        history[row.lead_id].append(event_of(row))
    for lead_id, events in history.items():
        cases[lead_id].person.events = tuple(events)


async def _add_mails(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    columns = (
        "lead_id",
        "run",
        "campaign",
        "step",
        "template",
        "planned_at",
        "occasion",
        "occurrence",
        "service",
    )
    marks = ("opened_at", "clicked_at", "replied_at")
    query = (
        select(*(_MESSAGE.c[name] for name in (*columns, *marks)))
        .where(_MESSAGE.c.lead_id.in_(cases), _MESSAGE.c.state != "withdrawn")
        .order_by(_MESSAGE.c.planned_at, _MESSAGE.c.id)
    )
    mails: dict[int, list[Mail]] = defaultdict(list)
    for row in await conn.execute(query):
        mails[row.lead_id].append(mail_of(row))
    for lead_id, found in mails.items():
        cases[lead_id].person.mails = tuple(found)


async def _add_points(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    """When each rule gave points, and the profile points held."""
    query = (
        select(_ENTRY.c.lead_id, _ENTRY.c.kind, _ENTRY.c.rule, _ENTRY.c.reason, _ENTRY.c.points, _ENTRY.c.at)
        .where(_ENTRY.c.lead_id.in_(cases), _ENTRY.c.withdrawn_at.is_(None))
        .order_by(_ENTRY.c.id)
    )
    for lead_id, kind, rule, reason, points, at in await conn.execute(query):
        person = cases[lead_id].person
        if kind == "profile":
            person.profile = {**person.profile, reason: person.profile.get(reason, 0) + points}
        elif rule:
            person.given = {**person.given, rule: (*person.given.get(rule, ()), at)}


async def _add_tasks(conn: AsyncConnection, cases: Mapping[int, Case]) -> None:
    query = select(_TASK.c.lead_id, _TASK.c.once).where(
        _TASK.c.lead_id.in_(cases), _TASK.c.once.is_not(None), _TASK.c.state.in_(("open", "overdue"))
    )
    for lead_id, once in await conn.execute(query):
        cases[lead_id].open_once.add(once)
