"""The daemon: start everything, watch everything, stop in time (semantics.md, The daemon's ends)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from nurture.core.errors import OutsideError
from nurture.daemon import loops
from nurture.daemon.health import Health
from nurture.daemon.lock import DaemonLock
from nurture.daemon.loops import Loop
from nurture.daemon.server import serve
from nurture.daemon.works import Works

log = structlog.get_logger(__name__)

GRACE = 30.0
"""Seconds that what is in hand gets to finish after SIGTERM."""

_ROUNDS = 10_000


async def run(
    works: Works,
    *,
    web: bool = True,
    health: Health | None = None,
    stop: asyncio.Event | None = None,
    begun: Callable[[], None] = lambda: None,
    grace: float = GRACE,
) -> None:
    """Run until SIGTERM or SIGINT (or `stop`); what is in hand gets `grace` seconds to finish.

    `begun` is called once the database is ours. Raises StoreBusy when another daemon runs on the same SQLite file.
    """
    health, stop = health or Health(), stop or asyncio.Event()
    with DaemonLock(works.database) if works.database else nullcontext() as lock:
        try:
            await works.start()
            begun()
            async with _signals(stop), _bells(works, health):
                tasks = _tasks(works, health, stop, web=web)
                if lock is not None:
                    tasks["database"] = lock.watch(stop)
                await _watch_over(tasks, stop, works.halt, grace)
        finally:
            await works.close()
    log.info("daemon.stopped")


async def once(works: Works) -> dict[str, int]:
    """Handle what is due now, poll the inbox once, ring overdue bells, deliver, end; answers what is left."""
    with DaemonLock(works.database) if works.database else nullcontext():
        try:
            await works.start()
            await _round(works)
            return await works.report()
        finally:
            await works.close()


async def until_idle(works: Works) -> dict[str, int]:
    """The same until no event is unhandled and nothing is due or claimable; answers what is left for later."""
    with DaemonLock(works.database) if works.database else nullcontext():
        try:
            await works.start()
            for _ in range(_ROUNDS):
                await _round(works)
                if await works.idle():
                    break
            return await works.report()
        finally:
            await works.close()


async def _round(works: Works) -> None:
    await works.reload()
    await works.bells()
    for fetch in works.fetch.values():
        await fetch()
    for piece in (works.act, works.advance, works.deliver, works.advance, works.tell):
        while await piece():
            pass


def _tasks(
    works: Works, health: Health, stop: asyncio.Event, *, web: bool
) -> dict[str, Coroutine[Any, Any, None]]:
    """Everything that runs beside one another, by name."""
    advance = Loop("advance", works.advance, rest=1.0)
    deliver = Loop("deliver", works.deliver, rest=5.0)
    act = Loop("act", works.act, rest=5.0)
    advance.work = _waking(advance.work, deliver)
    act.work = _waking(act.work, advance)
    going = [advance, deliver, act, Loop("tell", works.tell, rest=5.0)]
    for name, piece in works.fetch.items():
        news = works.news.get(name)
        rest = works.fetch_every if news is None else works.fetch_anyway
        going.append(Loop(f"inbox {name}", _waking(piece, act), rest=rest, news=news))
    going.append(_files(works))
    tasks = {loop.name: loops.run(loop, stop, health, works.now) for loop in going}
    for name, served in works.servers.items():
        tasks[name] = served(stop, act.wake.set)
    if web and works.web is not None:
        tasks["web"] = serve(works.web, works.host, works.port, stop, works.served)
    return tasks


def _waking(work: Callable[[], Any], other: Loop) -> Callable[[], Any]:
    """The work, which wakes the loop that goes on with what it did."""

    async def piece() -> int:
        done: int = await work()
        if done:
            other.wake.set()
        return done

    return piece


def _files(works: Works) -> Loop:
    """Take up edits. The files are looked at from outside, and read when they look the same twice: nobody writes then.

    No notices of the system's: they miss what was edited while we read, files put in another's place, and folders of
    other machines.
    """
    last: object = None

    async def look() -> int:
        nonlocal last
        edited = await asyncio.to_thread(works.edited)
        if edited is not None and edited == last:
            await works.reload()
        last = edited
        return 0

    return Loop("files", look, rest=1.0)


@asynccontextmanager
async def _bells(works: Works, health: Health) -> AsyncIterator[None]:
    """APScheduler rings the bells. It holds no truth: what rang when is in the database."""
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )

    async def ring() -> None:
        try:
            await works.bells()
            health.beat("bells", works.now())
        except OutsideError as error:
            health.trouble("bells", error)
            log.warning("bells.outside", error=str(error))
        except Exception as error:
            health.trouble("bells", error)
            log.exception("bells.failed")

    scheduler.add_job(ring, "interval", minutes=1, next_run_time=works.now(), id="bells")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


@asynccontextmanager
async def _signals(stop: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    known: list[signal.Signals] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(name, stop.set)
            known.append(name)
        except (NotImplementedError, RuntimeError, ValueError):
            continue
    try:
        yield
    finally:
        for name in known:
            loop.remove_signal_handler(name)


async def _watch_over(
    work: dict[str, Coroutine[Any, Any, None]],
    stop: asyncio.Event,
    halt: Callable[[], None],
    grace: float = GRACE,
) -> None:
    """Run all until stop; a task that ends by itself ends the daemon, with its error."""
    tasks: set[asyncio.Task[Any]] = {asyncio.create_task(each, name=name) for name, each in work.items()}
    stopping: asyncio.Task[Any] = asyncio.create_task(stop.wait(), name="stop")
    try:
        done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in done if task is not stopping and not stop.is_set()]
        stop.set()
        halt()
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            log.error("daemon.cut_off", task=task.get_name())
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
