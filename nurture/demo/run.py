"""`nurture demo`: four months in a minute. Everything is real but the clock and the people."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console

from nurture.adapters.clock import VirtualClock
from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay
from nurture.demo.closing import close, next_commands
from nurture.demo.letterbox import Letterbox
from nurture.demo.play import Play
from nurture.demo.promise import prove
from nurture.demo.servers.imap_server import ImapServer
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.demo.setting import new_project
from nurture.demo.show import Timeline
from nurture.demo.stage import OpenWeb, Stage, faults
from nurture.demo.story import FIRST_DAY, Actor, load_cast
from nurture.demo.summary import Summary, sum_up
from nurture.store.queries import bells
from nurture.wiring import open_app

DAYS: Final = 120
LOG: Final = "demo.log"
_USER, _PASSWORD = "hello", "demo"
_BEGIN: Final = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 4, tzinfo=UTC)
"""Before anybody of the cast gets up."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What a performance leaves behind. `seconds` are real ones."""

    folder: Path
    summary: Summary
    seconds: float


def main(
    out: Path | None = None,
    days: int = DAYS,
    *,
    web: OpenWeb,
    as_json: bool = False,
    console: Console | None = None,
) -> int:
    """Perform the story for so many days in a new project folder; answers the exit code, 1 for a broken promise.

    `web` opens the web application. Raises UsageError where `out` holds a project already.
    """
    console = console or Console(highlight=False)
    done = asyncio.run(perform(out, days, web, console, quiet=as_json))
    if as_json:
        told = {
            "days": days,
            "seconds": round(done.seconds, 1),
            "folder": str(done.folder),
            **done.summary.as_json(),
            "next": [command for command, _ in next_commands(done.folder, done.summary.addresses)],
        }
        console.print(
            json.dumps(told, ensure_ascii=False, indent=2), highlight=False, soft_wrap=True, markup=False
        )
    else:
        close(console, done.summary, done.folder, days, done.seconds)
    return 0 if done.summary.proof.kept else 1


async def perform(
    out: Path | None, days: int, web: OpenWeb, console: Console, *, quiet: bool = False
) -> Performance:
    """The whole story, told on `console` unless `quiet`."""
    began = time.monotonic()
    folder, cast = new_project(out), load_cast()
    with _log_to(folder / LOG):
        async with _set_up(folder, cast, web) as stage:
            timeline = _timeline(stage, console, days, quiet=quiet)
            if not quiet:
                _open(console, stage, days)
            timeline.legend()
            play = Play(stage, _BEGIN + timedelta(days=days), timeline.tell)
            with timeline.open():
                await play.perform()
            summary = await sum_up(stage, play.watch, await prove(stage))
            async with stage.app.store.write() as conn:
                await bells.pause(conn, "everything", "the demo is over", stage.clock.now())
    return Performance(folder, summary, time.monotonic() - began)


@asynccontextmanager
async def _set_up(folder: Path, cast: tuple[Actor, ...], web: OpenWeb) -> AsyncIterator[Stage]:
    """The mail servers on loopback, the application on its own clock, the cast's letterbox."""
    clock = VirtualClock(_BEGIN)
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(SmtpServer(script=faults()))
        post = await stack.enter_async_context(ImapServer(users={_USER: _PASSWORD}, now=clock.now))
        account = ImapAccount(
            host="127.0.0.1", port=post.port, security="none", username=_USER, password=_PASSWORD
        )
        mailbox = ImapMailbox(account)
        app = await open_app(
            folder,
            {},
            clock=clock,
            mailer=SmtpMailer(Relay(host="127.0.0.1", port=relay.port, connections=2)),
            mailboxes={mailbox.name: mailbox},
        )
        stack.push_async_callback(app.close)
        box = Letterbox(post.port, _USER, _PASSWORD)
        stack.push_async_callback(asyncio.to_thread, box.close)
        yield Stage(app, web(app), clock, relay, post, box, cast)


def _timeline(stage: Stage, console: Console, days: int, *, quiet: bool) -> Timeline:
    places = {
        address: stage.place_of(actor)
        for actor in stage.cast
        for address in {actor.email, actor.really}
        if address
    }
    return Timeline(console, FIRST_DAY, days, stage.app.catalog.company_place, places, quiet)


def _open(console: Console, stage: Stage, days: int) -> None:
    """The first lines: what one is about to see."""
    countries = len({actor.country for actor in stage.cast})
    console.print(
        f"[bold]{days} days at Pumpwerk, who make pumps.[/] {len(stage.cast)} people from {countries} countries get to "
        "know them. The clock is virtual, the people are invented; everything else is the engine itself: its database, "
        f"its web pages, real emails over SMTP (127.0.0.1:{stage.relay.port}) and real answers read over IMAP "
        f"(127.0.0.1:{stage.post.port}). Nothing leaves this machine.",
    )
    console.print()


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """The engine's log goes into a file beside the project, not between the lines of the story."""
    before = structlog.get_config()
    with path.open("a", encoding="utf-8") as file:
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.KeyValueRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.WriteLoggerFactory(file),
            cache_logger_on_first_use=False,
        )
        try:
            yield
        finally:
            structlog.configure(**before)
