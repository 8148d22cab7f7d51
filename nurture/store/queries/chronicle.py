"""What is new since one last looked, over all leads, in the order it was written: for whoever tells it as it happens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_T = Row.metadata.tables
_LEAD, _EVENT, _TASK, _RECEIVED = _T["lead"], _T["event"], _T["task"], _T["received"]
_MESSAGE, _RUN = _T["message"], _T["enrolment"]


async def events_after(conn: AsyncConnection, last: int) -> list[dict[str, Any]]:
    """Events with greater ids, with the lead's address."""
    query = (
        select(_EVENT.c.id, _EVENT.c.type, _EVENT.c.at, _EVENT.c.learned_at, _EVENT.c.data, _LEAD.c.email)
        .join(_LEAD, _LEAD.c.id == _EVENT.c.lead_id)
        .where(_EVENT.c.id > last)
        .order_by(_EVENT.c.id)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def tasks_after(conn: AsyncConnection, last: int) -> list[dict[str, Any]]:
    """Tasks with greater ids, with the lead's address."""
    query = (
        select(_TASK, _LEAD.c.email)
        .join(_LEAD, _LEAD.c.id == _TASK.c.lead_id, isouter=True)
        .where(_TASK.c.id > last)
        .order_by(_TASK.c.id)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def mails_after(conn: AsyncConnection, last: int) -> list[dict[str, Any]]:
    """Mails received that were acted on, with greater ids: the verdict, and the lead's address where one is known."""
    columns = [column for column in _RECEIVED.c if column.name != "raw"]
    query = (
        select(*columns, _LEAD.c.email)
        .join(_LEAD, _LEAD.c.id == _RECEIVED.c.lead_id, isouter=True)
        .where(_RECEIVED.c.id > last, _RECEIVED.c.state == "done")
        .order_by(_RECEIVED.c.id)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def held_up(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Messages the relay put off, or of which nobody knows yet whether it took them."""
    columns = (_MESSAGE.c.id, _MESSAGE.c.state, _MESSAGE.c.template, _MESSAGE.c.reply_text, _LEAD.c.email)
    query = select(*columns).join(_LEAD, _LEAD.c.id == _MESSAGE.c.lead_id)
    query = query.where(_MESSAGE.c.state.in_(("deferred", "in_doubt"))).order_by(_MESSAGE.c.id)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def all_messages(conn: AsyncConnection) -> list[dict[str, Any]]:
    """The whole outbox without the bytes, with the lead's address."""
    columns = [column for column in _MESSAGE.c if column.name not in ("raw", "values")]
    query = select(*columns, _LEAD.c.email).join(_LEAD, _LEAD.c.id == _MESSAGE.c.lead_id)
    return [dict(row) for row in (await conn.execute(query.order_by(_MESSAGE.c.id))).mappings()]


async def all_runs(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Every run of every lead: where it stands, when it goes on, or how it ended."""
    query = select(_RUN, _LEAD.c.email).join(_LEAD, _LEAD.c.id == _RUN.c.lead_id).order_by(_RUN.c.id)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def all_leads(conn: AsyncConnection) -> list[dict[str, Any]]:
    """Every lead, the oldest first."""
    query = select(_LEAD).where(_LEAD.c.erased_at.is_(None)).order_by(_LEAD.c.id)
    return [dict(row) for row in (await conn.execute(query)).mappings()]
