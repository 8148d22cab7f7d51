"""Leads of one organisation, as far as the domains of their addresses tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_LEAD, _ADDRESS, _MESSAGE = (Row.metadata.tables[name] for name in ("lead", "address", "message"))


async def leads_at(conn: AsyncConnection, domains: Sequence[str], limit: int = 5) -> list[dict[str, Any]]:
    """`id`, `name` and `email` of leads with an address at one of these domains, those written to last first."""
    if not domains:
        return []
    return [dict(row) for row in (await conn.execute(leads_at_query(domains, limit))).mappings()]


def leads_at_query(domains: Sequence[str], limit: int = 5) -> Select[Any]:
    """The leads with an address at one of these domains; of very many, only the newest hundred are looked at."""
    there = (
        select(_ADDRESS.c.lead_id)
        .where(_ADDRESS.c.domain.in_([domain.lower() for domain in domains]), _ADDRESS.c.domain.is_not(None))
        .order_by(_ADDRESS.c.id.desc())
        .limit(100)
        .subquery()
    )
    last = (
        select(func.max(_MESSAGE.c.id))
        .where(_MESSAGE.c.lead_id == _LEAD.c.id)
        .correlate(_LEAD)
        .scalar_subquery()
    )
    return (
        select(_LEAD.c.id, _LEAD.c.name, _LEAD.c.email)
        .where(_LEAD.c.id.in_(select(there.c.lead_id)), _LEAD.c.erased_at.is_(None))
        .order_by(func.coalesce(last, 0).desc(), _LEAD.c.id)
        .limit(limit)
    )
