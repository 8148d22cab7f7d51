"""A small SMTP server (RFC 5321) for the demo and the tests: real protocol, scripted faults, a ledger of what it took.

A message is in the ledger before its 250 is written, as a proper server's disk would have it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nurture.demo.servers.lines import Hangup, LoopbackServer, Wire
from nurture.demo.servers.script import Do, Fault, Script

EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
_PATH = re.compile(r"(?:FROM|TO):\s*<([^>]*)>\s*(.*)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message in the ledger: the envelope and the bytes as they were before dot-stuffing."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    parameters: str
    tls: bool
    user: str | None
    connection: int


class SmtpServer(LoopbackServer):
    """``async with SmtpServer(script=Script([...])) as relay: relay.port``; `relay.accepted` is the ledger.

    `users` (name → password) makes a login required; with `starttls` a context, TLS is offered, and the login is
    offered only inside it. `tls` is TLS from the first byte. `on_accept` is called for each message before its 250.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        script: Script | None = None,
        users: Mapping[str, str] | None = None,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        extensions: Iterable[str] = EXTENSIONS,
        size: int = 50_000_000,
        on_accept: Callable[[Accepted], None] | None = None,
    ) -> None:
        super().__init__(port, tls)
        self.script = script or Script()
        self.users = dict(users or {})
        self.starttls = starttls
        self.extensions = list(extensions)
        self.size = size
        self.on_accept = on_accept
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []
        self.unfinished = 0

    async def _session(self, wire: Wire) -> None:
        await _Session(self, wire, self.connections).run()

    def record(self, message: Accepted) -> None:
        """Put a message into the ledger."""
        self.accepted.append(message)
        if self.on_accept is not None:
            self.on_accept(message)


class _Session:
    """One connection's state."""

    def __init__(self, server: SmtpServer, wire: Wire, number: int) -> None:
        self._server = server
        self._wire = wire
        self._number = number
        self._user: str | None = None
        self._greeted = False
        self._sender: str | None = None
        self._parameters = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Greet, then answer command after command."""
        await self._answer("CONNECT", "220 relay.demo.invalid ESMTP")
        while True:
            text = (await self._wire.line()).decode("utf-8", "surrogateescape")
            verb, _, argument = text.partition(" ")
            verb = verb.upper()
            self._server.commands.append(verb if verb == "AUTH" else text)
            handler = _COMMANDS.get(verb)
            if handler is None:
                await self._wire.send(b"500 5.5.1 what is that\r\n")
            else:
                await handler(self, argument)

    async def _ehlo(self, _: str) -> None:
        self._greeted = True
        self._forget()
        offers = list(self._server.extensions)
        if self._server.size:
            offers.append(f"SIZE {self._server.size}")
        if self._server.starttls and not self._wire.tls:
            offers.append("STARTTLS")
        elif self._server.users:
            offers.append("AUTH PLAIN LOGIN")
        lines = ["relay.demo.invalid", *offers]
        dashed = [f"250-{line}" for line in lines[:-1]]
        await self._answer("EHLO", "\r\n".join([*dashed, f"250 {lines[-1]}"]))

    async def _helo(self, _: str) -> None:
        self._greeted = True
        await self._answer("HELO", "250 relay.demo.invalid")

    async def _starttls(self, _: str) -> None:
        context = self._server.starttls
        if context is None or self._wire.tls:
            await self._answer("STARTTLS", "454 4.7.0 no TLS here")
        elif await self._answer("STARTTLS", "220 2.0.0 go ahead"):
            await self._wire.start_tls(context)
            self._greeted, self._user = False, None
            self._forget()

    async def _auth(self, argument: str) -> None:
        mechanism, _, initial = argument.partition(" ")
        if not self._server.users:
            await self._wire.send(b"503 5.5.1 no login here\r\n")
            return
        try:
            if mechanism.upper() == "PLAIN":
                _, name, password = (await self._secret(initial, "")).split("\0")
            elif mechanism.upper() == "LOGIN":
                name = await self._secret(initial, "VXNlcm5hbWU6")
                password = await self._secret("", "UGFzc3dvcmQ6")
            else:
                await self._wire.send(b"504 5.5.4 not that one\r\n")
                return
        except (ValueError, binascii.Error):
            await self._wire.send(b"501 5.5.2 not base64\r\n")
            return
        if self._server.users.get(name) != password:
            await self._answer("AUTH", "535 5.7.8 wrong name or password")
        elif await self._answer("AUTH", "235 2.7.0 welcome"):
            self._user = name

    async def _secret(self, initial: str, prompt: str) -> str:
        if not initial:
            await self._wire.send(f"334 {prompt}\r\n".encode())
            initial = (await self._wire.line()).decode("ascii")
        return base64.b64decode(initial, validate=True).decode()

    async def _mail(self, argument: str) -> None:
        found = _PATH.fullmatch(argument)
        if not self._greeted:
            await self._wire.send(b"503 5.5.1 say EHLO first\r\n")
        elif self._server.users and self._user is None:
            await self._wire.send(b"530 5.7.0 log in first\r\n")
        elif found is None:
            await self._wire.send(b"501 5.5.4 MAIL FROM:<address>\r\n")
        elif self._sender is not None:
            await self._wire.send(b"503 5.5.1 one at a time\r\n")
        elif await self._answer("MAIL", "250 2.1.0 fine", found[1]):
            self._sender, self._parameters = found[1], found[2]

    async def _rcpt(self, argument: str) -> None:
        found = _PATH.fullmatch(argument)
        if self._sender is None:
            await self._wire.send(b"503 5.5.1 MAIL first\r\n")
        elif found is None or not found[1]:
            await self._wire.send(b"501 5.5.4 RCPT TO:<address>\r\n")
        elif await self._answer("RCPT", "250 2.1.5 fine", found[1]):
            self._recipients.append(found[1])

    async def _data(self, _: str) -> None:
        if not self._recipients:
            await self._wire.send(b"503 5.5.1 RCPT first\r\n")
            return
        if await self._answer("DATA", "354 end with a dot", self._recipients[-1]):
            await self._body()
        self._forget()

    async def _body(self) -> None:
        fault = self._server.script.next("BODY", self._recipients[-1])
        try:
            if fault is not None:
                await self._wire.octets(fault.octets)
                await self._misbehave(fault, "250 2.0.0 taken")
            # With a line end put before it, an empty message and a first line with a dot are like all others.
            self._wire.put_back(b"\r\n")
            taken = await self._wire.until(b"\r\n.\r\n", at_most=self._server.size or 10**9)
        except Hangup:
            self._server.unfinished += 1
            raise
        if taken is None:
            await self._wire.send(b"552 5.3.4 too big\r\n")
            return
        lines = (taken + b"\r\n").replace(b"\r\n..", b"\r\n.")
        await self._dot(lines.removeprefix(b"\r\n"))

    async def _dot(self, body: bytes) -> None:
        fault = self._server.script.next("DOT", self._recipients[-1])
        if fault is None or fault.accept or fault.do is Do.SLOW:
            self._server.record(
                Accepted(
                    envelope_from=self._sender or "",
                    recipients=tuple(self._recipients),
                    raw=body,
                    parameters=self._parameters,
                    tls=self._wire.tls,
                    user=self._user,
                    connection=self._number,
                )
            )
        proper = f"250 2.0.0 taken as {len(self._server.accepted)}"
        if fault is None:
            await self._wire.send(proper.encode() + b"\r\n")
        else:
            await self._misbehave(fault, proper)

    async def _rset(self, _: str) -> None:
        self._forget()
        await self._answer("RSET", "250 2.0.0 forgotten")

    async def _noop(self, _: str) -> None:
        await self._answer("NOOP", "250 2.0.0 fine")

    async def _quit(self, _: str) -> None:
        await self._answer("QUIT", "221 2.0.0 bye")
        raise Hangup

    def _forget(self) -> None:
        self._sender, self._parameters, self._recipients = None, "", []

    async def _answer(self, at: str, proper: str, about: str = "") -> bool:
        """Answer properly, or as the script wants it. True when things go on as if properly answered."""
        fault = self._server.script.next(at, about)
        if fault is None:
            await self._wire.send(proper.encode() + b"\r\n")
            return True
        return await self._misbehave(fault, proper)

    async def _misbehave(self, fault: Fault, proper: str) -> bool:
        send = self._wire.send
        if fault.do in (Do.SAY, Do.GARBLE):
            await send(fault.answer.encode() + b"\r\n")
            if fault.answer.startswith("421"):
                raise Hangup
            return fault.do is Do.SAY and fault.answer[:1] in "23"
        if fault.do is Do.SLOW:
            await asyncio.sleep(fault.seconds)
            await send(proper.encode() + b"\r\n")
            return True
        if fault.do is Do.FLOOD:
            await send(b"".join(b"%s-line %d\r\n" % (proper[:3].encode(), n) for n in range(3000)))
            await send(proper.encode() + b"\r\n")
            return True
        if fault.do is Do.HALF:
            await send(proper[:2].encode())
        elif fault.do is Do.HANG:
            await asyncio.sleep(fault.seconds)
        raise Hangup


_COMMANDS = {
    "EHLO": _Session._ehlo,
    "HELO": _Session._helo,
    "STARTTLS": _Session._starttls,
    "AUTH": _Session._auth,
    "MAIL": _Session._mail,
    "RCPT": _Session._rcpt,
    "DATA": _Session._data,
    "RSET": _Session._rset,
    "NOOP": _Session._noop,
    "QUIT": _Session._quit,
}
