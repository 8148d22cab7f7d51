"""Columns of single rows, changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_LEAD, _TASK = (Row.metadata.tables[name] for name in ("lead", "task"))


async def lead(conn: AsyncConnection, lead_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a lead."""
    await conn.execute(update(_LEAD).where(_LEAD.c.id == lead_id).values(**dict(values)))


async def task(conn: AsyncConnection, task_id: int, values: Mapping[str, Any]) -> bool:
    """Set columns of a task; False when there is none."""
    return (
        await conn.execute(update(_TASK).where(_TASK.c.id == task_id).values(**dict(values)))
    ).rowcount == 1
