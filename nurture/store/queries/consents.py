"""What a person allowed and took back, as their own pages need it: topics, suppression, confirmations asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key, keyed_hash
from nurture.store.queries.messages import CONFIRMATION
from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_CONSENT, _SUPPRESSION, _ADDRESS, _MESSAGE, _EVENT = (
    Row.metadata.tables[name] for name in ("consent", "suppression", "address", "message", "event")
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a lead's mail stands: its email addresses as written, and the newest suppression of any (None: none)."""

    addresses: tuple[str, ...]
    reason: str | None = None
    since: datetime | None = None
    all_of_them: bool = False


async def standing(conn: AsyncConnection, lead_id: int, secret: str) -> Standing:
    """How the lead's mail stands."""
    query = select(_ADDRESS.c.written).where(_ADDRESS.c.lead_id == lead_id, _ADDRESS.c.kind == "email")
    addresses = tuple((await conn.scalars(query.order_by(_ADDRESS.c.id))).all())
    hashes = {keyed_hash(address, secret) for address in addresses}
    mine = or_(_SUPPRESSION.c.lead_id == lead_id, _SUPPRESSION.c.hash.in_(hashes))
    found = (
        (await conn.execute(select(_SUPPRESSION).where(mine).order_by(_SUPPRESSION.c.at))).mappings().all()
    )
    if not found:
        return Standing(addresses)
    everything = hashes <= {row["hash"] for row in found}
    return Standing(addresses, found[-1]["reason"], found[-1]["at"], everything)


async def verified_at(conn: AsyncConnection, lead_id: int, email: str) -> datetime | None:
    """When the lead confirmed this address; None when they have not."""
    mine = (_ADDRESS.c.lead_id == lead_id, _ADDRESS.c.kind == "email", _ADDRESS.c.value == email_key(email))
    return await conn.scalar(select(_ADDRESS.c.verified_at).where(*mine))


async def topics(conn: AsyncConnection, lead_id: int) -> dict[str, bool]:
    """What was allowed or taken back last, by topic."""
    query = select(_CONSENT.c.topic, _CONSENT.c.given).where(_CONSENT.c.lead_id == lead_id)
    rows = await conn.execute(query.order_by(_CONSENT.c.id))
    return {row.topic: row.given for row in rows}


async def last_confirmation(conn: AsyncConnection, lead_id: int) -> dict[str, Any] | None:
    """The confirmation mail asked for last: its id, when, and whether it was taken back."""
    query = (
        select(_MESSAGE.c.id, _MESSAGE.c.created_at, _MESSAGE.c.state)
        .where(_MESSAGE.c.lead_id == lead_id, _MESSAGE.c.service == CONFIRMATION)
        .order_by(_MESSAGE.c.id.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).mappings().first()
    return dict(row) if row is not None else None


async def queue_confirmation(conn: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Queue a confirmation mail; `values` are its columns. False when one with its send key is there already."""
    statement = insert_new(conn, _MESSAGE).values(**dict(values)).returning(_MESSAGE.c.id)
    return (await conn.execute(statement)).scalar() is not None


async def submissions(conn: AsyncConnection, lead_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """The forms a lead sent, the newest first: `learned_at` and `data`."""
    query = (
        select(_EVENT.c.learned_at, _EVENT.c.data)
        .where(_EVENT.c.lead_id == lead_id, _EVENT.c.type == "form.submitted")
        .order_by(_EVENT.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]
