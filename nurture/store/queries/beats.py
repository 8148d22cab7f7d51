"""The daemon's signs of life: when each bell rang last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_BELL = Row.metadata.tables["bell"]


async def all_rings(conn: AsyncConnection) -> dict[str, datetime]:
    """When each bell rang last, by name."""
    return dict((await conn.execute(select(_BELL.c.name, _BELL.c.rang_at))).all())
