"""Rows to begin with: a lead, a message, a run, as the tests of the store want them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.case import Case
from nurture.core.person import Person
from nurture.store.queries import cases, leads
from nurture.store.queries.outcomes import before_of, save_cases
from nurture.store.tables import Row
from tests.conftest import NOW
from tests.unit.core.small import LONDON

T = Row.metadata.tables
SECRET = "secret"


def hash_of(address: str) -> str:
    return keyed_hash(address, SECRET)


async def add_lead(conn: AsyncConnection, email: str = "ada@example.org", **fields: Any) -> int:
    return await leads.add_lead(conn, email, {"email": email, **fields}, NOW)


async def add_message(conn: AsyncConnection, lead_id: int, **values: Any) -> int:
    """A queued message, due now."""
    number = len((await conn.execute(select(T["message"].c.id))).all()) + 1
    row = {
        "lead_id": lead_id,
        "run": "test/1",
        "campaign": "test",
        "version": "v",
        "step": "welcome",
        "template": "welcome",
        "send_key": f"key {number}",
        "planned_at": NOW,
        "next_at": NOW,
        "created_at": NOW,
        **values,
    }
    return int(await conn.scalar(insert(T["message"]).values(**row).returning(T["message"].c.id)) or 0)


async def column(conn: AsyncConnection, table: str, name: str) -> list[Any]:
    """One column of a whole table, by id."""
    found = T[table]
    return list((await conn.scalars(select(found.c[name]).order_by(found.c.id))).all())


async def load(
    conn: AsyncConnection, *lead_ids: int, listens: frozenset[str] = frozenset()
) -> dict[int, Case]:
    return await cases.load_cases(
        conn,
        lead_ids,
        listens=listens,
        place_of=lambda fields: LONDON,
        owner_of=lambda owner: {"name": owner or "nobody"},
        hash_of=hash_of,
        company={"name": "Example"},
    )


async def save(
    conn: AsyncConnection, case: Case, before: Mapping[int, Any] | None = None, now: datetime = NOW
) -> None:
    """Write one case; without `before`, against what is in the database now."""
    lead_id = case.person.id
    known = before if before is not None else before_of(await load(conn, lead_id))
    await save_cases(conn, {lead_id: case}, known, now, hash_of)


def same_person(one: Person, other: Person) -> None:
    """Everything a decision reads is the same, but for the score as last told."""
    for name in Person.__dataclass_fields__:
        if name != "score_now":
            assert getattr(one, name) == getattr(other, name), name
