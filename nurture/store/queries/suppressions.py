"""Who must not be mailed, and what people allowed, with proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_SUPPRESSION, _CONSENT, _ADDRESS, _MESSAGE = (
    Row.metadata.tables[name] for name in ("suppression", "consent", "address", "message")
)


async def suppress_lead(conn: AsyncConnection, lead_id: int, reason: str, now: datetime, secret: str) -> None:
    """Suppress every email address of a lead and withdraw what is queued for them, at once."""
    query = select(_ADDRESS.c.written).where(_ADDRESS.c.lead_id == lead_id, _ADDRESS.c.kind == "email")
    for address in (await conn.scalars(query)).all():
        await suppress(conn, address, reason, now, secret, lead_id)
    waiting = _MESSAGE.c.state.in_(("queued", "deferred", "held"))
    gone = {"state": "withdrawn", "next_at": None, "why": reason}
    await conn.execute(update(_MESSAGE).where(_MESSAGE.c.lead_id == lead_id, waiting).values(gone))


async def suppress(
    conn: AsyncConnection, address: str, reason: str, now: datetime, secret: str, lead_id: int | None = None
) -> None:
    """Suppress an address, known or not."""
    values = {
        "hash": keyed_hash(address, secret),
        "address": address,
        "lead_id": lead_id,
        "reason": reason,
        "at": now,
    }
    await conn.execute(insert_new(conn, _SUPPRESSION).values(**values))


async def lift(conn: AsyncConnection, address: str, secret: str, lead_id: int | None = None) -> int:
    """Lift a suppression: after the person's own new opt-in, or by hand. Answers how many were lifted."""
    mine = _SUPPRESSION.c.hash == keyed_hash(address, secret)
    if lead_id is not None:
        mine = or_(mine, _SUPPRESSION.c.lead_id == lead_id)
    return (await conn.execute(delete(_SUPPRESSION).where(mine))).rowcount


async def is_suppressed(conn: AsyncConnection, address: str, secret: str) -> bool:
    """Whether an address must not be mailed."""
    query = select(_SUPPRESSION.c.id).where(_SUPPRESSION.c.hash == keyed_hash(address, secret))
    return (await conn.scalar(query)) is not None


async def listed(conn: AsyncConnection, limit: int = 1000) -> list[dict[str, Any]]:
    """All suppressions, the newest first."""
    query = select(_SUPPRESSION).order_by(_SUPPRESSION.c.id.desc()).limit(limit)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def keep_consent(
    conn: AsyncConnection,
    lead_id: int,
    topic: str,
    given: bool,
    now: datetime,
    wording: str | None = None,
    proof: Mapping[str, Any] | None = None,
) -> None:
    """Keep what a person allowed or withdrew, with the wording they saw and the proof."""
    values = {
        "lead_id": lead_id,
        "topic": topic,
        "given": given,
        "wording": wording,
        "proof": dict(proof or {}),
        "at": now,
    }
    await conn.execute(insert(_CONSENT).values(**values))


async def consents_of(conn: AsyncConnection, lead_id: int) -> list[dict[str, Any]]:
    """A lead's consents, the oldest first."""
    query = select(_CONSENT).where(_CONSENT.c.lead_id == lead_id).order_by(_CONSENT.c.id)
    return [dict(row) for row in (await conn.execute(query)).mappings()]
