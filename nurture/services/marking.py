"""The marker before the dot, for many connections in one commit (group commit)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from nurture.ports import HandOver, Journal
from nurture.store.engine import Store
from nurture.store.queries import messages


@dataclass(slots=True)
class Marker:
    """Marks messages as being handed over. `mark` waits for the group it falls into."""

    store: Store
    owner: str
    clock: Callable[[], datetime]
    journal: Journal | None = None
    _waiting: dict[tuple[int, int, str], asyncio.Future[bool]] = field(default_factory=dict)
    _running: asyncio.Task[None] | None = None

    async def mark(self, message: int, attempt: int, send_key: str) -> bool:
        """Whether the message may go: the marker is durable when this answers True."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[message, attempt, send_key] = answer
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        # One turn of the loop, so that connections that are ready now share this commit.
        await asyncio.sleep(0)
        while self._waiting:
            group, self._waiting = self._waiting, {}
            try:
                may_go = await self._commit(list(group))
            except BaseException as error:
                for answer in group.values():
                    if not answer.done():
                        answer.set_exception(error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (message, _, _), answer in group.items():
                if not answer.done():
                    answer.set_result(message in may_go)

    async def _commit(self, group: list[tuple[int, int, str]]) -> set[int]:
        now = self.clock()
        if self.journal is not None:
            await self.journal.note(
                [HandOver(send_key=key, attempt=attempt, at=now) for _, attempt, key in group]
            )
        async with self.store.write() as conn:
            return await messages.mark(
                conn, [(message, attempt) for message, attempt, _ in group], self.owner, now
            )
