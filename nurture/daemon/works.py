"""What the daemon does, as pieces of work it only has to call in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nurture.ports import Mailbox
from nurture.store.queries import cases, events, inbox, messages
from nurture.wiring import App, lmtp_servers

Piece = Callable[[], Awaitable[int]]
"""A bounded piece of work; answers how much was done, 0 for nothing."""


@dataclass(slots=True)
class Works:
    """The pieces, made of an application by `works_of`.

    `advance`, `deliver`, `act`, `tell`: see the services. `fetch` has one piece a mailbox, by its name; `news` waits for
    one (see `Mailbox.wait`), and after `fetch_anyway` seconds it is looked into without. `servers` take mail until an event
    is set, and call what they are given when some came.
    `bells` rings what is overdue and answers how many rang. `edited` is None while the project's files are as they were
    taken up, else what they look like; `reload` takes them up. `idle` answers whether no event is unhandled and nothing is due or claimable; `report` what
    is left for later. `start` recovers what a crash left behind, `halt` lets nothing new
    be handed over, `close` lets everything go.
    """

    now: Callable[[], datetime]
    advance: Piece
    deliver: Piece
    act: Piece
    tell: Piece
    bells: Piece
    reload: Piece
    idle: Callable[[], Awaitable[bool]]
    report: Callable[[], Awaitable[dict[str, int]]]
    start: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    halt: Callable[[], None] = lambda: None
    fetch: dict[str, Piece] = field(default_factory=dict)
    news: dict[str, Callable[[float], Awaitable[bool]]] = field(default_factory=dict)
    fetch_every: float = 30.0
    fetch_anyway: float = 600.0
    servers: dict[str, Callable[[asyncio.Event, Callable[[], None]], Coroutine[Any, Any, None]]] = field(
        default_factory=dict
    )
    edited: Callable[[], object | None] = lambda: None
    database: Path | None = None
    web: Any = None
    served: Mapping[str, Any] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 8025


def works_of(app: App, *, web: Any = None) -> Works:
    """The pieces of work the daemon calls in time."""

    def fetcher(mailbox: Mailbox) -> Piece:
        async def fetch() -> int:
            return await app.receiver.fetch(mailbox, app.clock.now())

        return fetch

    async def advance() -> int:
        await app.follow()
        return await app.advancer.advance(app.clock.now())

    async def deliver() -> int:
        return await app.deliverer.deliver(app.clock.now())

    async def act() -> int:
        return await app.receiver.act(app.clock.now())

    async def tell() -> int:
        return await app.teller.tell(app.clock.now())

    async def bells() -> int:
        return await app.belfry.ring(app.clock.now())

    async def reload() -> int:
        return len((await app.take_up()).taken_up)

    async def start() -> None:
        now = app.clock.now()
        await app.deliverer.take_in_journal(now)
        await app.deliverer.recover(now, alone=app.store.is_sqlite)

    def halt() -> None:
        app.deliverer.closing = True

    return Works(
        now=app.clock.now,
        advance=advance,
        deliver=deliver,
        act=act,
        tell=tell,
        bells=bells,
        reload=reload,
        idle=lambda: is_idle(app),
        report=lambda: left_over(app),
        start=start,
        close=app.close,
        halt=halt,
        fetch={name: fetcher(mailbox) for name, mailbox in app.mailboxes.items()},
        news={name: mailbox.wait for name, mailbox in app.mailboxes.items()},
        servers={server.name: server.serve for server in lmtp_servers(app)},
        edited=app.edited,
        database=app.store.path,
        web=web,
        host=app.settings.web.host,
        port=app.settings.web.port,
    )


async def is_idle(app: App) -> bool:
    """Whether no event is unhandled and nothing is due or claimable."""
    now = app.clock.now()
    async with app.store.read() as conn:
        due = await cases.next_due(conn)
        if due is not None and due <= now:
            return False
        return not await messages.claimable(conn, now) and not await inbox.count_waiting(conn)


async def left_over(app: App) -> dict[str, int]:
    """What is left for later: messages by state, events not handled, mails not read."""
    async with app.store.read() as conn:
        states = await messages.counts(conn)
        left = {name: states[name] for name in ("queued", "deferred", "held", "in_doubt") if states.get(name)}
        unhandled, unread = await events.count_unhandled(conn), await inbox.count_waiting(conn)
    return {**left, **({"events": unhandled} if unhandled else {}), **({"mails": unread} if unread else {})}
