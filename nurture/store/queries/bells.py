"""When bells rang; letting many leads into a campaign at once; what housekeeping deletes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, func, insert, literal, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.event import ENTER, RESUME
from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row
from nurture.store.types import Json, UtcTime

_T = Row.metadata.tables
_BELL, _LEAD, _EVENT, _MEMBER = _T["bell"], _T["lead"], _T["event"], _T["membership"]
_PAUSE, _RUN, _MESSAGE, _RECEIVED, _TRACE = (
    _T["pause"],
    _T["enrolment"],
    _T["message"],
    _T["received"],
    _T["trace"],
)
_VALUES = 5_000
"""Values for one statement: a database takes no more than some 32,000, and a segment may lose more at once."""

_HELD = (_MESSAGE.c.state == "held", _MESSAGE.c.why == "paused")


async def rang(conn: AsyncConnection, name: str) -> datetime | None:
    """When a bell rang last."""
    return await conn.scalar(select(_BELL.c.rang_at).where(_BELL.c.name == name))


async def ring(conn: AsyncConnection, name: str, now: datetime, last: datetime | None) -> bool:
    """Note that a bell rings now; False when another daemon was quicker."""
    if last is None:
        done = await conn.execute(insert_new(conn, _BELL).values(name=name, rang_at=now))
    else:
        mine = (_BELL.c.name == name, _BELL.c.rang_at == last)
        done = await conn.execute(update(_BELL).where(*mine).values(rang_at=now))
    return done.rowcount == 1


async def places(conn: AsyncConnection, stages: Iterable[str]) -> list[tuple[str | None, str | None]]:
    """The (time zone, country) pairs of leads in these stages."""
    query = select(_LEAD.c.timezone, _LEAD.c.country).where(_LEAD.c.stage.in_(list(stages))).distinct()
    return list((await conn.execute(query)).all())


async def let_in(
    conn: AsyncConnection,
    campaign: str,
    where: Sequence[ColumnElement[bool]],
    at: datetime,
    now: datetime,
    occasion: str,
    data: Mapping[str, Any],
) -> int:
    """Record for every lead `where` holds that the calendar lets it into a campaign at `at`; once per occasion."""
    told = {"campaign": campaign, "by": "calendar", "by_calendar": True, **data}
    rows = select(
        _LEAD.c.id,
        literal(ENTER),
        literal(at, UtcTime),
        literal(at, UtcTime),
        literal(told, Json),
        literal(f"{campaign}:{occasion}:", String) + cast(_LEAD.c.id, String),
        literal(0),
    ).where(_LEAD.c.erased_at.is_(None), *where)
    statement = insert_new(conn, _EVENT).from_select(
        ["lead_id", "type", "at", "learned_at", "data", "key", "depth"], rows
    )
    return (await conn.execute(statement)).rowcount


async def candidates(
    conn: AsyncConnection, where: Sequence[ColumnElement[bool]], after: int, limit: int
) -> list[int]:
    """Ids of leads `where` holds for, in pages: those greater than `after`."""
    query = select(_LEAD.c.id).where(_LEAD.c.erased_at.is_(None), _LEAD.c.id > after, *where)
    return list((await conn.scalars(query.order_by(_LEAD.c.id).limit(limit))).all())


async def members(conn: AsyncConnection, campaign: str, lead_ids: Sequence[int]) -> set[int]:
    """Those of the leads the segment was true for when last looked at."""
    query = select(_MEMBER.c.lead_id).where(_MEMBER.c.campaign == campaign, _MEMBER.c.lead_id.in_(lead_ids))
    return set((await conn.scalars(query)).all())


async def all_members(conn: AsyncConnection, campaign: str) -> set[int]:
    """All leads the segment was true for when last looked at."""
    return set((await conn.scalars(select(_MEMBER.c.lead_id).where(_MEMBER.c.campaign == campaign))).all())


async def add_members(conn: AsyncConnection, campaign: str, lead_ids: Iterable[int]) -> None:
    """The segment is true for them now."""
    rows = [{"campaign": campaign, "lead_id": lead_id} for lead_id in lead_ids]
    if rows:
        await conn.execute(insert_new(conn, _MEMBER), rows)


async def remove_members(conn: AsyncConnection, campaign: str, lead_ids: Iterable[int]) -> None:
    """The segment is no longer true for them."""
    gone = list(lead_ids)
    for start in range(0, len(gone), _VALUES):
        mine = (_MEMBER.c.campaign == campaign, _MEMBER.c.lead_id.in_(gone[start : start + _VALUES]))
        await conn.execute(delete(_MEMBER).where(*mine))


async def pause(conn: AsyncConnection, scope: str, why: str, now: datetime) -> None:
    """Pause a campaign, or `everything`."""
    await conn.execute(insert_new(conn, _PAUSE).values(scope=scope, why=why, at=now))


async def paused(conn: AsyncConnection) -> dict[str, str]:
    """What is paused and why."""
    return dict((await conn.execute(select(_PAUSE.c.scope, _PAUSE.c.why))).all())


async def resume(conn: AsyncConnection, scope: str, now: datetime) -> int:
    """End a pause: the leads whose runs or messages it held are told; answers how many they are.

    The daemon then plans the runs and the messages anew (`services.release`).
    """
    await conn.execute(delete(_PAUSE).where(_PAUSE.c.scope == scope))
    one = scope != "everything"
    runs = select(_RUN.c.lead_id).where(_RUN.c.state == "held", _RUN.c.due_at.is_(None))
    letters = select(_MESSAGE.c.lead_id).where(*_HELD)
    if one:
        runs, letters = runs.where(_RUN.c.campaign == scope), letters.where(_MESSAGE.c.campaign == scope)
    leads = union(runs, letters).subquery()
    events = select(
        leads.c.lead_id,
        literal(RESUME),
        literal(now, UtcTime),
        literal(now, UtcTime),
        literal({"campaign": scope} if one else {}, Json),
        literal(0),
    )
    columns = ["lead_id", "type", "at", "learned_at", "data", "depth"]
    return (await conn.execute(insert(_EVENT).from_select(columns, events))).rowcount


async def held(conn: AsyncConnection, lead_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The messages of these leads that a pause held, in the order they were planned."""
    names = ("id", "lead_id", "run", "campaign", "step", "template", "occurrence", "occasion", "service")
    query = (
        select(*(_MESSAGE.c[name] for name in (*names, "planned_at", "latest")))
        .where(_MESSAGE.c.lead_id.in_(lead_ids), *_HELD)
        .order_by(_MESSAGE.c.planned_at, _MESSAGE.c.id)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def let_go(conn: AsyncConnection, message: int, values: Mapping[str, Any]) -> None:
    """Write what becomes of a message that a pause held."""
    await conn.execute(update(_MESSAGE).where(_MESSAGE.c.id == message, *_HELD).values(**dict(values)))


async def forget(conn: AsyncConnection, what: str, before: datetime) -> int:
    """Delete what is kept no longer: `raw_mail`, `messages` (their bytes), `traces`, `events`."""
    statements: Mapping[str, Any] = {
        "raw_mail": update(_RECEIVED)
        .where(_RECEIVED.c.received_at < before, _RECEIVED.c.raw.is_not(None), _RECEIVED.c.state == "done")
        .values(raw=None),
        "messages": update(_MESSAGE)
        .where(_MESSAGE.c.sent_at < before, _MESSAGE.c.raw.is_not(None))
        .values(raw=None, values={}),
        "traces": delete(_TRACE).where(_TRACE.c.at < before),
        "events": delete(_EVENT).where(_EVENT.c.learned_at < before, _EVENT.c.handled_at.is_not(None)),
    }
    return (await conn.execute(statements[what])).rowcount


async def count_leads(conn: AsyncConnection) -> int:
    """How many leads there are."""
    return int(await conn.scalar(select(func.count()).select_from(_LEAD)) or 0)
