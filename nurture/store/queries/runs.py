"""Runs of leads through campaigns, as people ask about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.event import LEAVE
from nurture.store.tables import Row
from nurture.store.types import Json, UtcTime

_RUN, _EVENT = (Row.metadata.tables[name] for name in ("enrolment", "event"))
_OPEN = ("active", "held")


async def of_lead(conn: AsyncConnection, lead_id: int) -> list[dict[str, Any]]:
    """A lead's runs, the first first."""
    query = select(_RUN).where(_RUN.c.lead_id == lead_id).order_by(_RUN.c.id)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def counts(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """How many runs of each campaign are in each state."""
    query = select(_RUN.c.campaign, _RUN.c.state, func.count()).group_by(_RUN.c.campaign, _RUN.c.state)
    found: dict[str, dict[str, int]] = {}
    for campaign, state, number in await conn.execute(query):
        found.setdefault(campaign, {})[state] = number
    return found


async def count_due(conn: AsyncConnection, now: datetime) -> int:
    """How many steps are due."""
    query = select(func.count()).where(_RUN.c.due_at.is_not(None), _RUN.c.due_at <= now)
    return int(await conn.scalar(query) or 0)


async def open_in(conn: AsyncConnection, campaigns: Collection[str], after: int, limit: int) -> list[int]:
    """Leads with an open run of these campaigns, by id after `after`, page by page."""
    query = (
        select(_RUN.c.lead_id)
        .where(_RUN.c.campaign.in_(campaigns), _RUN.c.state.in_(_OPEN), _RUN.c.lead_id > after)
        .distinct()
        .order_by(_RUN.c.lead_id)
        .limit(limit)
    )
    return list((await conn.scalars(query)).all())


async def take_all_out(conn: AsyncConnection, campaign: str, reason: str, now: datetime) -> int:
    """Record for everybody in a campaign that they are taken out; answers how many."""
    data = {"campaign": campaign, "reason": reason, "by": "hand"}
    leads = (
        select(
            _RUN.c.lead_id,
            literal(LEAVE),
            literal(now, UtcTime),
            literal(now, UtcTime),
            literal(data, Json),
            literal(0),
        )
        .where(_RUN.c.campaign == campaign, _RUN.c.state.in_(_OPEN))
        .distinct()
    )
    columns = ["lead_id", "type", "at", "learned_at", "data", "depth"]
    return (await conn.execute(insert(_EVENT).from_select(columns, leads))).rowcount
