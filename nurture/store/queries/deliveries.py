"""Webhooks to call and colleagues to tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_D, _LEAD = Row.metadata.tables["delivery"], Row.metadata.tables["lead"]


async def claim(conn: AsyncConnection, now: datetime, until: datetime, limit: int) -> list[dict[str, Any]]:
    """Take what is due; should we die over it, it is due again at `until`. With the lead each is about."""
    query = (
        select(_D.c.id)
        .where(_D.c.next_at.is_not(None), _D.c.next_at <= now)
        .order_by(_D.c.next_at)
        .limit(limit)
    )
    if conn.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    ids = (await conn.scalars(query)).all()
    if not ids:
        return []
    taken = update(_D).where(_D.c.id.in_(ids)).values(next_at=until, attempts=_D.c.attempts + 1)
    await conn.execute(taken)
    found = (
        select(
            _D,
            _LEAD.c.email.label("lead_email"),
            _LEAD.c.name.label("lead_name"),
            _LEAD.c.owner.label("lead_owner"),
        )
        .join(_LEAD, _LEAD.c.id == _D.c.lead_id, isouter=True)
        .where(_D.c.id.in_(ids))
        .order_by(_D.c.id)
    )
    return [dict(row) for row in (await conn.execute(found)).mappings()]


async def settle(conn: AsyncConnection, key: int, values: Mapping[str, Any]) -> None:
    """Write what became of one."""
    await conn.execute(update(_D).where(_D.c.id == key).values(**dict(values)))


async def next_due(conn: AsyncConnection) -> datetime | None:
    """When the next one is due; None when none waits."""
    query = select(_D.c.next_at).where(_D.c.next_at.is_not(None)).order_by(_D.c.next_at).limit(1)
    return await conn.scalar(query)
