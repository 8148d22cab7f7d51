"""The event log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_EVENT = Row.metadata.tables["event"]


async def append(
    conn: AsyncConnection,
    lead_id: int,
    type: str,
    data: Mapping[str, Any],
    at: datetime,
    learned_at: datetime,
    key: str | None = None,
) -> int | None:
    """Append an event; None when one with this key is there already."""
    values = {
        "lead_id": lead_id,
        "type": type,
        "data": dict(data),
        "at": at,
        "learned_at": learned_at,
        "key": key,
    }
    found = await conn.execute(insert_new(conn, _EVENT).values(**values).returning(_EVENT.c.id))
    return found.scalar()


async def append_many(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append events given as columns; those whose key is there already are left out."""
    if rows:
        await conn.execute(insert_new(conn, _EVENT), [dict(row) for row in rows])


async def of_lead(conn: AsyncConnection, lead_id: int, limit: int = 500) -> list[dict[str, Any]]:
    """A lead's events, the oldest first."""
    query = (
        select(_EVENT)
        .where(_EVENT.c.lead_id == lead_id)
        .order_by(_EVENT.c.learned_at, _EVENT.c.id)
        .limit(limit)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def count_unhandled(conn: AsyncConnection) -> int:
    """How many events wait to be handled."""
    return int(await conn.scalar(select(func.count()).where(_EVENT.c.handled_at.is_(None))) or 0)
