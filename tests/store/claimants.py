"""Two who want the same at the same time: the second asks while the first has not committed yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.engine import Store

T = TypeVar("T")


async def both(
    store: Store,
    first: Callable[[AsyncConnection], Awaitable[T]],
    second: Callable[[AsyncConnection], Awaitable[T]],
) -> tuple[T, T]:
    """What each got. SQLite makes the second wait for its transaction, PostgreSQL may let it look at once."""
    asked = asyncio.Event()

    async def quick() -> T:
        async with store.write() as conn:
            got = await first(conn)
            asked.set()
            await asyncio.sleep(0.1)
            return got

    async def slow() -> T:
        await asked.wait()
        async with store.write() as conn:
            return await second(conn)

    one, other = await asyncio.gather(quick(), slow())
    return one, other
