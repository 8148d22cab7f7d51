"""Looking into the books: what a story has written, told shortly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from nurture.services.record import find_or_add_lead, record
from nurture.store.engine import Store
from nurture.store.queries import suppressions
from nurture.store.tables import Row

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, 10:00 in Berlin."""

KEY = b"\x5a" * 32
SECRET = KEY.hex()
T = Row.metadata.tables


@dataclass
class Books:
    """One database, and short ways to write into it and read from it."""

    store: Store

    async def lead(self, now: datetime = NOW, **fields: Any) -> int:
        """A lead; its creation is not told of again."""
        fields = {"email": "ada@example.org", **fields}
        async with self.store.write() as conn:
            lead_id, _ = await find_or_add_lead(conn, fields, now=now, secret=SECRET)
        return lead_id

    async def message(self, lead_id: int, *, now: datetime = NOW, **columns: Any) -> int:
        """A sent message of a campaign."""
        values = {
            "lead_id": lead_id,
            "campaign": "farewell",
            "version": "v1",
            "run": "farewell-1",
            "step": "letter",
            "template": "farewell",
            "send_key": f"{lead_id}|{columns}",
            "state": "sent",
            "planned_at": now,
            "created_at": now,
            **columns,
        }
        async with self.store.write() as conn:
            statement = insert(T["message"]).values(**values).returning(T["message"].c.id)
            return int(await conn.scalar(statement) or 0)

    async def happened(self, lead_id: int, type: str, now: datetime = NOW, **data: Any) -> None:
        """An event."""
        async with self.store.write() as conn:
            await record(conn, lead_id, type, data, now=now, secret=SECRET)

    async def erase(self, lead_id: int) -> None:
        """What erasure leaves: the row without the person."""
        async with self.store.write() as conn:
            await conn.execute(T["address"].delete().where(T["address"].c.lead_id == lead_id))
            gone = {"email": None, "name": None, "erased_at": NOW}
            await conn.execute(update(T["lead"]).where(T["lead"].c.id == lead_id).values(**gone))

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, in order."""
        query = select(T[table])
        for name, value in where.items():
            query = query.where(T[table].c[name] == value)
        async with self.store.read() as conn:
            found = (await conn.execute(query)).mappings().all()
        key = "hash" if table == "link" else "id"
        return sorted((dict(row) for row in found), key=lambda row: row[key])

    async def events(self, lead_id: int | None = None) -> list[str]:
        """The types of all events (of a lead), in order, its creation left out."""
        where = {} if lead_id is None else {"lead_id": lead_id}
        return [row["type"] for row in await self.rows("event", **where) if row["type"] != "lead.created"]

    async def data(self, type: str) -> dict[str, Any]:
        """The data of the one event of a type."""
        (row,) = await self.rows("event", type=type)
        return dict(row["data"])

    async def consents(self) -> list[tuple[str, bool]]:
        """What was allowed and taken back, in order."""
        return [(row["topic"], row["given"]) for row in await self.rows("consent")]

    async def suppressed(self, address: str = "ada@example.org") -> bool:
        """Whether an address must not be mailed."""
        async with self.store.read() as conn:
            return await suppressions.is_suppressed(conn, address, SECRET)

    async def confirmations(self) -> int:
        """How many confirmation mails were queued and not taken back."""
        mails = await self.rows("message", service="confirmation")
        return sum(mail["state"] != "withdrawn" for mail in mails)
