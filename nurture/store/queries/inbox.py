"""Mail we got: stored once per mailbox and content, then understood, then acted on once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, func, insert, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_R, _BOX, _EVENT, _TRACE = (Row.metadata.tables[name] for name in ("received", "mailbox", "event", "trace"))

_WAITING = _R.c.state == literal_column("'new'")
"""Written out, for a partial index is not used for a value that comes with the statement."""


async def keep(
    conn: AsyncConnection, mailbox: str, raw: bytes, now: datetime, uid: int | None = None
) -> int | None:
    """Store a mail; None when this mailbox had this very mail already."""
    values = {
        "mailbox": mailbox,
        "content": sha256(raw).hexdigest(),
        "uid": uid,
        "raw": raw,
        "received_at": now,
        "state": "new",
    }
    return (await conn.execute(insert_new(conn, _R).values(**values).returning(_R.c.id))).scalar()


async def position(conn: AsyncConnection, mailbox: str) -> tuple[int, int] | None:
    """How far a mailbox has been read: (UIDVALIDITY, last UID)."""
    row = (await conn.execute(select(_BOX.c.uidvalidity, _BOX.c.uid).where(_BOX.c.name == mailbox))).first()
    return None if row is None or row.uidvalidity is None else (row.uidvalidity, row.uid)


async def move_to(conn: AsyncConnection, mailbox: str, uidvalidity: int, uid: int, now: datetime) -> None:
    """Note how far a mailbox has been read."""
    values = {"uidvalidity": uidvalidity, "uid": uid, "read_at": now}
    await conn.execute(insert_new(conn, _BOX).values(name=mailbox, **values))
    await conn.execute(update(_BOX).where(_BOX.c.name == mailbox).values(**values))


async def waiting(conn: AsyncConnection, limit: int = 50) -> list[dict[str, Any]]:
    """Mails not yet acted on, the oldest first."""
    return [dict(row) for row in (await conn.execute(waiting_query(limit))).mappings()]


def waiting_query(limit: int) -> Select[Any]:
    """Mails not yet acted on, the oldest first."""
    return select(_R).where(_WAITING).order_by(_R.c.id).limit(limit)


async def get(conn: AsyncConnection, key: int) -> dict[str, Any] | None:
    """One mail we got."""
    row = (await conn.execute(select(_R).where(_R.c.id == key))).mappings().first()
    return dict(row) if row is not None else None


async def finish(conn: AsyncConnection, key: int, values: Mapping[str, Any]) -> bool:
    """Note what a mail was and what it belongs to; False when somebody else has."""
    mine = (_R.c.id == key, _R.c.state == "new")
    return (await conn.execute(update(_R).where(*mine).values(**dict(values)))).rowcount == 1


async def failed(conn: AsyncConnection, key: int, most: int) -> bool:
    """Count a failure to read a mail; True when it is put aside for a person because that was one too many."""
    await conn.execute(update(_R).where(_R.c.id == key).values(failures=_R.c.failures + 1))
    aside = (
        update(_R)
        .where(_R.c.id == key, _R.c.failures >= most, _R.c.state == "new")
        .values(state="quarantined")
    )
    return (await conn.execute(aside)).rowcount == 1


async def count_waiting(conn: AsyncConnection) -> int:
    """How many mails wait to be acted on."""
    return int(await conn.scalar(select(func.count()).where(_WAITING)) or 0)


async def of_lead(conn: AsyncConnection, lead_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """What a lead wrote to us, the newest first, without the bytes."""
    columns = [column for column in _R.c if column.name != "raw"]
    query = select(*columns).where(_R.c.lead_id == lead_id).order_by(_R.c.id.desc()).limit(limit)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def acted_on_from(conn: AsyncConnection, key: int, sender: str, since: datetime) -> int:
    """How many mails before this one were acted on since then that this address wrote."""
    return int(await conn.scalar(acted_on_query(key, sender, since)) or 0)


def acted_on_query(key: int, sender: str, since: datetime) -> Select[Any]:
    """The count of mails of this address, in any case, that were acted on since then, but for this one."""
    return select(func.count()).where(
        _R.c.sender == sender.lower(), _R.c.handled_at >= since, _R.c.state == "done", _R.c.id < key
    )


async def mark(conn: AsyncConnection, key: int, state: str) -> None:
    """Say what became of a mail that was dealt with."""
    await conn.execute(update(_R).where(_R.c.id == key).values(state=state))


async def soft_bounces(
    conn: AsyncConnection, lead_id: int, address: str, since: datetime
) -> list[dict[str, Any]]:
    """The data of an address's soft bounces since then, those before the last sign of delivery left out.

    A reply, an automatic answer, an opened or clicked mail is such a sign.
    """
    signs = or_(
        _EVENT.c.type.in_(("auto_reply", "email.clicked", "email.opened")), _EVENT.c.type.like("reply.%")
    )
    last = await conn.scalar(select(func.max(_EVENT.c.learned_at)).where(_EVENT.c.lead_id == lead_id, signs))
    query = select(_EVENT.c.data).where(
        _EVENT.c.lead_id == lead_id,
        _EVENT.c.type == "email.bounced",
        _EVENT.c.learned_at >= since,
        *(() if last is None else (_EVENT.c.learned_at > last,)),
    )
    found = [dict(data) for data in (await conn.scalars(query.limit(1000))).all()]
    return [data for data in found if not data.get("hard") and data.get("address") == address]


async def trace(conn: AsyncConnection, lead_id: int, values: Mapping[str, Any], now: datetime) -> None:
    """A line of a lead's trace: `word`, `text`, and the `run` and `step` it is about."""
    await conn.execute(insert(_TRACE).values(lead_id=lead_id, at=now, **dict(values)))
