"""Link targets: clicks lead only to what is stored here."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_LINK = Row.metadata.tables["link"]


def hash_of(url: str) -> str:
    """The short name of a target in click tokens."""
    return blake2b(url.encode(), digest_size=8).hexdigest()


async def keep(conn: AsyncConnection, urls: Iterable[str]) -> None:
    """Store targets; those known already stay."""
    rows = [{"hash": hash_of(url), "url": url} for url in dict.fromkeys(urls)]
    if rows:
        await conn.execute(insert_new(conn, _LINK), rows)


async def target(conn: AsyncConnection, hash: str) -> str | None:
    """The stored target, or None."""
    return await conn.scalar(select(_LINK.c.url).where(_LINK.c.hash == hash))
