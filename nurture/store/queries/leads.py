"""Leads and their addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key, phone_key
from nurture.store.queries.outcomes import insert_new
from nurture.store.rows import WRITABLE
from nurture.store.tables import Row

_LEAD, _ADDRESS = (Row.metadata.tables[name] for name in ("lead", "address"))


async def find_by_email(conn: AsyncConnection, email: str) -> int | None:
    """The lead any of whose addresses this is."""
    query = select(_ADDRESS.c.lead_id).where(_ADDRESS.c.kind == "email", _ADDRESS.c.value == email_key(email))
    return await conn.scalar(query)


async def find_by_phone(conn: AsyncConnection, phone: str) -> int | None:
    """The lead with this phone number."""
    query = select(_ADDRESS.c.lead_id).where(_ADDRESS.c.kind == "phone", _ADDRESS.c.value == phone_key(phone))
    return await conn.scalar(query)


async def find_by_emails(conn: AsyncConnection, emails: Sequence[str]) -> dict[str, int]:
    """Leads by address key."""
    keys = [email_key(email) for email in emails]
    query = select(_ADDRESS.c.value, _ADDRESS.c.lead_id).where(
        _ADDRESS.c.kind == "email", _ADDRESS.c.value.in_(keys)
    )
    return dict((await conn.execute(query)).all())


async def add_lead(conn: AsyncConnection, seed: str, fields: Mapping[str, Any], now: datetime) -> int:
    """A new lead; `fields` by their names, own fields among them. Its email and phone become addresses."""
    columns, own = split_fields(fields)
    values = {**columns, "own": own, "email": fields.get("email"), "seed": seed, "created_at": now}
    lead_id = await conn.scalar(insert(_LEAD).values(**values).returning(_LEAD.c.id))
    assert lead_id is not None
    await add_addresses(conn, lead_id, fields, now)
    return int(lead_id)


async def add_addresses(
    conn: AsyncConnection, lead_id: int, fields: Mapping[str, Any], now: datetime
) -> None:
    """Keep the email and phone among `fields` as addresses of the lead; those known already stay as they are."""
    rows = []
    for kind, key_of in (("email", email_key), ("phone", phone_key)):
        written = fields.get(kind)
        if written and key_of(str(written)):
            rows.append(
                {
                    "lead_id": lead_id,
                    "kind": kind,
                    "value": key_of(str(written)),
                    "domain": key_of(str(written)).rpartition("@")[2] if kind == "email" else None,
                    "written": str(written),
                    "created_at": now,
                }
            )
    if rows:
        await conn.execute(insert_new(conn, _ADDRESS), rows)


def split_fields(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields that are columns, and a project's own ones."""
    columns = {name: value for name, value in fields.items() if name in WRITABLE}
    known = WRITABLE | {"email", "stage", "temperature", "score", "consent", "tags", "created_at"}
    own = {name: value for name, value in fields.items() if name not in known}
    return columns, own


async def set_fields(conn: AsyncConnection, lead_id: int, fields: Mapping[str, Any]) -> None:
    """Set fields of a lead; own ones are merged into what is there."""
    columns, own = split_fields(fields)
    if own:
        before = await conn.scalar(select(_LEAD.c.own).where(_LEAD.c.id == lead_id))
        columns["own"] = {**(before or {}), **own}
    if fields.get("email"):
        columns["email"] = fields["email"]
    if columns:
        await conn.execute(update(_LEAD).where(_LEAD.c.id == lead_id).values(**columns))


async def lock(conn: AsyncConnection, lead_id: int) -> Mapping[str, Any] | None:
    """A lead's row, locked until the transaction ends."""
    query = select(_LEAD).where(_LEAD.c.id == lead_id)
    if conn.dialect.name != "sqlite":
        query = query.with_for_update()
    row = (await conn.execute(query)).mappings().first()
    return dict(row) if row is not None else None


async def get(conn: AsyncConnection, lead_id: int) -> Mapping[str, Any] | None:
    """A lead's row."""
    row = (await conn.execute(select(_LEAD).where(_LEAD.c.id == lead_id))).mappings().first()
    return dict(row) if row is not None else None


async def search(
    conn: AsyncConnection, text: str = "", *, stage: str | None = None, limit: int = 100
) -> list[Any]:
    """Leads whose name, address or company holds the text, the newest first."""
    query = select(_LEAD).where(_LEAD.c.erased_at.is_(None)).order_by(_LEAD.c.id.desc()).limit(limit)
    if text:
        columns = (_LEAD.c.email, _LEAD.c.name, _LEAD.c.company)
        sought = (func.lower(column).contains(text.lower(), autoescape=True) for column in columns)
        query = query.where(or_(*sought))
    if stage:
        query = query.where(_LEAD.c.stage == stage)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def mark_verified(conn: AsyncConnection, lead_id: int, email: str, how: str, now: datetime) -> None:
    """The lead confirmed that the address is theirs."""
    mine = (_ADDRESS.c.lead_id == lead_id, _ADDRESS.c.kind == "email", _ADDRESS.c.value == email_key(email))
    await conn.execute(update(_ADDRESS).where(*mine).values(verified_at=now, verified_how=how))


async def mark_bounced(conn: AsyncConnection, email: str, kind: str, now: datetime) -> int:
    """Note a bounce of an address (`hard` or `soft`); answers how many soft ones it has had."""
    mine = (_ADDRESS.c.kind == "email", _ADDRESS.c.value == email_key(email))
    changes: dict[str, Any] = {"bounced_at": now}
    if kind == "hard":
        changes["bounce"] = "hard"
    else:
        changes["soft_bounces"] = _ADDRESS.c.soft_bounces + 1
    await conn.execute(update(_ADDRESS).where(*mine).values(**changes))
    return int(await conn.scalar(select(_ADDRESS.c.soft_bounces).where(*mine)) or 0)


async def loads(conn: AsyncConnection) -> dict[str, int]:
    """How many open leads each colleague has."""
    still_open = _LEAD.c.stage.not_in(("customer", "junk"))
    query = select(_LEAD.c.owner, func.count()).where(_LEAD.c.owner.is_not(None), still_open)
    return dict((await conn.execute(query.group_by(_LEAD.c.owner))).all())
