"""The versions of campaigns: their texts as applied, which is current, and how many leads stand where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_V, _RUN = Row.metadata.tables["version"], Row.metadata.tables["enrolment"]
_OPEN = ("active", "held")


async def current(conn: AsyncConnection) -> dict[str, dict[str, Any]]:
    """The version new runs begin on, by campaign: `hash` and `text`."""
    rows = await conn.execute(select(_V.c.campaign, _V.c.hash, _V.c.text).where(_V.c.current))
    return {row.campaign: {"hash": row.hash, "text": row.text} for row in rows}


async def in_use(conn: AsyncConnection) -> list[dict[str, Any]]:
    """The versions open runs are on: `campaign`, `hash`, `text`."""
    used = select(_RUN.c.campaign, _RUN.c.version).where(_RUN.c.state.in_(_OPEN)).distinct().subquery()
    query = select(_V.c.campaign, _V.c.hash, _V.c.text).join(
        used, (used.c.campaign == _V.c.campaign) & (used.c.version == _V.c.hash)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def make_current(conn: AsyncConnection, campaign: str, hash: str, text: str, now: datetime) -> None:
    """Keep a version and have new runs begin on it."""
    await conn.execute(update(_V).where(_V.c.campaign == campaign, _V.c.current).values(current=False))
    values = {"campaign": campaign, "hash": hash, "text": text, "applied_at": now}
    await conn.execute(insert_new(conn, _V).values(**values))
    mine = (_V.c.campaign == campaign, _V.c.hash == hash)
    await conn.execute(update(_V).where(*mine).values(current=True))


async def retire(conn: AsyncConnection, campaign: str) -> None:
    """Nobody enters this campaign any more."""
    await conn.execute(update(_V).where(_V.c.campaign == campaign, _V.c.current).values(current=False))


async def standing(conn: AsyncConnection, campaigns: Collection[str]) -> dict[str, int]:
    """How many leads stand at each step of these campaigns."""
    query = (
        select(_RUN.c.step, func.count())
        .where(_RUN.c.campaign.in_(campaigns), _RUN.c.state.in_(_OPEN), _RUN.c.step.is_not(None))
        .group_by(_RUN.c.step)
    )
    return dict((await conn.execute(query)).all())


async def behind(conn: AsyncConnection, campaigns: Collection[str], hash: str, limit: int) -> Sequence[int]:
    """Leads with an open run of these campaigns on another version than this."""
    query = (
        select(_RUN.c.lead_id)
        .where(_RUN.c.campaign.in_(campaigns), _RUN.c.state.in_(_OPEN), _RUN.c.version != hash)
        .distinct()
        .limit(limit)
    )
    return (await conn.scalars(query)).all()
