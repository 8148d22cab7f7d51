"""Clicks and opened mails (row F5): people, not scanners; a link leads only to what is stored for it."""

from __future__ import annotations

from datetime import datetime

from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import links, messages, origins


async def target_of(store: Store, link: str) -> str | None:
    """Where a link leads: the stored target, or None."""
    async with store.read() as conn:
        return await links.target(conn, link)


async def click(store: Store, message: int, link: str, url: str, *, now: datetime, secret: str) -> bool:
    """A person followed a link of a message; False when they did before, or the message or person is gone.

    The first click on each link of a message is the event `email.clicked`.
    """
    return await _noted(
        store, message, "email.clicked", "clicked_at", f"click:{message}:{link}", url, now, secret
    )


async def opened(store: Store, message: int, *, now: datetime, secret: str) -> bool:
    """A message's picture was fetched; False when it was before, or the message or person is gone."""
    return await _noted(store, message, "email.opened", "opened_at", f"open:{message}", None, now, secret)


async def _noted(
    store: Store, message: int, type: str, column: str, key: str, url: str | None, now: datetime, secret: str
) -> bool:
    async with store.read() as conn:
        found = await origins.origin(conn, message)
    if found is None or found.erased:
        return False
    data = found.told() | ({"link": url} if url is not None else {})
    async with store.write() as conn:
        await messages.note(conn, message, column, now)
        return await record(conn, found.lead_id, type, data, now=now, secret=secret, key=key) is not None
