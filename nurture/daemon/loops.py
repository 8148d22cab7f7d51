"""A loop: do a piece of work until there is none, rest, again; survive every error with growing pauses, and say so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from nurture.core.errors import OutsideError
from nurture.daemon.health import Health

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class Loop:
    """`work` does a bounded piece and answers how much it did; `rest` is the pause in seconds when that was nothing.

    `wake` cuts a rest short, and so does `news`: it waits so many seconds at most and ends when there may be work.
    """

    name: str
    work: Callable[[], Awaitable[int]]
    rest: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    news: Callable[[float], Awaitable[bool]] | None = None


async def run(loop: Loop, stop: asyncio.Event, health: Health, now: Callable[[], datetime]) -> None:
    """Go round until `stop`; the piece in hand is finished first."""
    while not stop.is_set():
        pause, well = 0.0, True
        try:
            done = await loop.work()
            health.beat(loop.name, now())
            pause = 0.0 if done else loop.rest
        except Exception as error:
            well = False
            failures = health.trouble(loop.name, error)
            pause = min(_LONGEST_PAUSE, 2.0 ** min(failures, 6))
            _tell(loop.name, error, failures, pause)
        if pause:
            await _rest(loop, stop, pause, loop.news if well else None)
        else:
            await asyncio.sleep(0)


def _tell(name: str, error: Exception, failures: int, pause: float) -> None:
    """The outside world's failures in a line, our own with their trace."""
    if isinstance(error, OutsideError):
        log.warning("loop.outside", loop=name, error=str(error), failures=failures, again_in=pause)
    else:
        log.exception("loop.failed", loop=name, failures=failures, again_in=pause)


async def _rest(
    loop: Loop, stop: asyncio.Event, seconds: float, news: Callable[[float], Awaitable[bool]] | None
) -> None:
    """Rest, unless woken or stopped, or there are news."""
    loop.wake.clear()
    waits: list[asyncio.Future[bool]] = [
        asyncio.ensure_future(loop.wake.wait()),
        asyncio.ensure_future(stop.wait()),
    ]
    if news is not None:
        waits.append(asyncio.ensure_future(news(seconds)))
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
