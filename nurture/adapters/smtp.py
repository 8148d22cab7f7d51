"""The `Mailer`: kept connections to one relay, one message at a time on each, the final dot withheld until asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from nurture.adapters.smtp_link import Link, Relay, open_link
from nurture.core.errors import NurtureError
from nurture.mail.replies import Because, Reply
from nurture.ports import NotSent


class SmtpOffer:
    """A message without its dot. See `nurture.ports.Offer`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._spent = False

    @property
    def open(self) -> bool:
        """Whether it was neither finished nor abandoned."""
        return not self._spent

    async def finish(self) -> Reply:
        """Write the dot, wait for the answer."""
        if self._spent:
            raise NurtureError("This offer has been finished or abandoned already.")
        self._spent = True
        return await self._link.finish()

    def abandon(self) -> None:
        """Cut the connection without the dot; nothing when the offer is spent."""
        if not self._spent:
            self._spent = True
            self._link.abort()


class SmtpConnection:
    """A place at the relay: one kept connection, replaced when it has died. See `nurture.ports.MailConnection`."""

    def __init__(self, mailer: SmtpMailer) -> None:
        self._mailer = mailer
        self._link: Link | None = None
        self._offer: SmtpOffer | None = None

    async def offer(self, envelope_from: str, recipient: str, raw: bytes) -> SmtpOffer:
        """Bring a message to the point before the dot; a kept connection that has died meanwhile costs nothing."""
        if self._offer is not None and self._offer.open:
            raise NurtureError("The last offer on this connection is still open.")
        link = self._usable(self._link) or self._mailer.take_idle()
        if link is not None:
            self._link = link
            try:
                return await self._offer_on(link, envelope_from, recipient, raw)
            except NotSent as failure:
                if not _died_while_kept(failure):
                    raise
        self._link = link = await self._mailer.open_link()
        return await self._offer_on(link, envelope_from, recipient, raw)

    async def _offer_on(self, link: Link, envelope_from: str, recipient: str, raw: bytes) -> SmtpOffer:
        await link.offer(envelope_from, recipient, raw)
        self._offer = SmtpOffer(link)
        return self._offer

    def _usable(self, link: Link | None) -> Link | None:
        """`link`, unless it is dead or has served its share."""
        if link is None or not link.alive:
            return None
        if link.served >= self._mailer.relay.mails_per_connection:
            link.close()
            return None
        return link

    def release(self) -> None:
        """Give the place back; an open offer is abandoned."""
        if self._offer is not None:
            self._offer.abandon()
        if (link := self._usable(self._link)) is not None:
            self._mailer.keep(link)
        self._link = None


def _died_while_kept(failure: NotSent) -> bool:
    """Whether a kept connection was at fault: closed by the server since its last message, or closing now."""
    closing = failure.reply is not None and failure.reply.code == 421
    return closing or failure.meaning.word is Because.CONNECTION_LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFacts:
    """What a relay says of itself: its EHLO keywords in lower case, and the encryption in use, if any."""

    extensions: dict[str, str]
    tls: str | None


class SmtpMailer:
    """A pool of at most `relay.connections` connections. For one event loop. See `nurture.ports.Mailer`."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._places = asyncio.Semaphore(relay.connections)
        self._idle: dict[Link, asyncio.TimerHandle] = {}
        self._tls = relay.tls
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[SmtpConnection]:
        """A place of our own; see `nurture.ports.Mailer.connection`."""
        async with self._places:
            if self._closed:
                raise NurtureError("The mailer has been closed.")
            place = SmtpConnection(self)
            try:
                yield place
            finally:
                place.release()

    async def look(self) -> RelayFacts:
        """Connect, log in and say what the relay can do; for ``nurture doctor``. Raises `NotSent`."""
        link = await self.open_link()
        link.close()
        return RelayFacts(extensions=link.extensions, tls=link.tls)

    async def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        for link, timer in self._idle.items():
            timer.cancel()
            link.close()
        self._idle.clear()
        await asyncio.sleep(0)

    async def open_link(self) -> Link:
        """A new connection. Raises `NotSent`."""
        if self._tls is None and self.relay.security != "none":
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        return await open_link(self.relay, self._tls)

    def take_idle(self) -> Link | None:
        """The kept connection used last, if one is alive."""
        while self._idle:
            link, timer = self._idle.popitem()
            timer.cancel()
            if link.alive:
                return link
            link.abort()
        return None

    def keep(self, link: Link) -> None:
        """Keep a connection for the next message, for `relay.idle_seconds` at most."""
        if self._closed:
            link.close()
            return
        timer = asyncio.get_running_loop().call_later(self.relay.idle_seconds, self._expire, link)
        self._idle[link] = timer

    def _expire(self, link: Link) -> None:
        if self._idle.pop(link, None) is not None:
            link.close()
