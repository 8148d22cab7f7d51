"""Why the engine did or did not do something, and what people changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_TRACE, _AUDIT, _ENTRY = (Row.metadata.tables[name] for name in ("trace", "audit", "score_entry"))


async def of_lead(conn: AsyncConnection, lead_id: int, limit: int = 200) -> list[dict[str, Any]]:
    """The latest lines of a lead's trace, the oldest of them first."""
    query = select(_TRACE).where(_TRACE.c.lead_id == lead_id).order_by(_TRACE.c.id.desc()).limit(limit)
    return [dict(row) for row in (await conn.execute(query)).mappings()][::-1]


async def points_of_lead(conn: AsyncConnection, lead_id: int, limit: int = 200) -> list[dict[str, Any]]:
    """The latest entries of a lead's ledger of points, the oldest of them first."""
    query = select(_ENTRY).where(_ENTRY.c.lead_id == lead_id).order_by(_ENTRY.c.id.desc()).limit(limit)
    return [dict(row) for row in (await conn.execute(query)).mappings()][::-1]


async def note(
    conn: AsyncConnection,
    who: str,
    what: str,
    now: datetime,
    *,
    lead_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note what a user or command changed."""
    values = {"at": now, "who": who, "what": what, "lead_id": lead_id, "data": dict(data or {})}
    await conn.execute(insert(_AUDIT).values(**values))
