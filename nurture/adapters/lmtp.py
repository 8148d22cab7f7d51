"""Mail handed to us by a mail server on this machine: LMTP (RFC 2033) on loopback.

There is no login, so nothing but this machine may reach it. A mail is answered for only when it is stored; until then
the other server keeps it and tries again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from nurture.adapters.plaintext import is_loopback
from nurture.core.errors import OutsideError, UsageError

log = structlog.get_logger(__name__)

Keep = Callable[[bytes, str], Awaitable[None]]
"""Stores a mail durably under a mailbox's name, or raises."""

MOST_OCTETS: Final = 25_000_000
MOST_CONNECTIONS: Final = 20
MOST_RECIPIENTS: Final = 100
MOST_ERRORS: Final = 20
SECONDS: Final = 300.0
"""How long the other side may be silent (RFC 5321 section 4.5.3.2)."""

_MOST_LINE: Final = 2048
_END: Final = b"\r\n.\r\n"
_PATH: Final = re.compile(r"(?:FROM|TO):[ ]*<([^<>\s\x00-\x1f\x7f]*)>", re.IGNORECASE)


class _Gone(Exception):
    """The other side has gone, is silent for too long, or must go."""


@dataclass(slots=True)
class _Letter:
    """What a transaction has so far: who it is from (None: no MAIL yet) and who it is for."""

    sender: str | None = None
    recipients: list[str] = field(default_factory=list)


class LmtpServer:
    """Takes mail on `host`:`port` and stores it by `keep`. Raises UsageError for a host that others can reach."""

    def __init__(
        self, host: str, port: int, keep: Keep, *, seconds: float = SECONDS, most_octets: int = MOST_OCTETS
    ) -> None:
        if not is_loopback(host):
            raise UsageError(f"LMTP has no login: it is served on this machine only, not on {host}.")
        self.host, self.port = host, port
        self.name = f"lmtp {host}:{port}"
        self._keep = keep
        self._seconds = seconds
        self._most_octets = most_octets
        self._going: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()

    async def serve(self, stop: asyncio.Event, came: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; `came` is called after each stored mail. Raises OutsideError when the port is taken."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._going.add(task)
            try:
                await self._session(_Line(reader, writer, self._seconds), came)
            except (_Gone, ConnectionError, asyncio.CancelledError):
                pass
            finally:
                self._going.discard(task)
                writer.close()

        try:
            server = await asyncio.start_server(connected, self.host, self.port, limit=1 << 20)
        except OSError as error:
            raise OutsideError(f"LMTP cannot listen on {self.host}:{self.port}: {error.strerror}") from None
        self.port = int(server.sockets[0].getsockname()[1])
        self.ready.set()
        try:
            await stop.wait()
        finally:
            server.close()
            for task in list(self._going):
                task.cancel()
            await asyncio.gather(*self._going, return_exceptions=True)
            await server.wait_closed()

    async def _session(self, line: _Line, came: Callable[[], None]) -> None:
        if len(self._going) > MOST_CONNECTIONS:
            await line.say("421 4.3.2 too many connections")
            return
        await line.say("220 nurture LMTP")
        letter, greeted, errors = _Letter(), False, 0
        while errors < MOST_ERRORS:
            command, argument = await line.command()
            match command:
                case "LHLO":
                    greeted, letter = True, _Letter()
                    size = f"250 SIZE {self._most_octets}"
                    answers = [
                        "250-nurture",
                        "250-PIPELINING",
                        "250-ENHANCEDSTATUSCODES",
                        "250-8BITMIME",
                        size,
                    ]
                case "MAIL" if greeted and letter.sender is None:
                    answers = [self._mail(argument, letter)]
                case "RCPT" if letter.sender is not None:
                    answers = [_recipient(argument, letter)]
                case "DATA" if letter.recipients:
                    answers = await self._data(line, letter, came)
                    letter = _Letter()
                case "RSET":
                    letter, answers = _Letter(), ["250 2.0.0 forgotten"]
                case "NOOP":
                    answers = ["250 2.0.0 yes"]
                case "VRFY":
                    answers = ["252 2.5.0 send and see"]
                case "QUIT":
                    await line.say("221 2.0.0 bye")
                    return
                case "HELO" | "EHLO":
                    answers = ["500 5.5.1 this is LMTP: LHLO"]
                case "MAIL" | "RCPT" | "DATA":
                    answers = ["503 5.5.1 not now"]
                case _:
                    answers = ["500 5.5.2 what?"]
            errors += answers[0].startswith("50")
            await line.say(*answers)
        await line.say("421 4.7.0 too many errors")

    def _mail(self, argument: str, letter: _Letter) -> str:
        path = _PATH.match(argument)
        if path is None:
            return "501 5.5.4 MAIL FROM:<address>"
        size = re.search(r"\bSIZE=(\d{1,18})\b", argument, re.IGNORECASE)
        if size is not None and int(size[1]) > self._most_octets:
            return "552 5.3.4 too big"
        letter.sender = path[1]
        return "250 2.1.0 yes"

    async def _data(self, line: _Line, letter: _Letter, came: Callable[[], None]) -> list[str]:
        """One answer for each recipient (RFC 2033 section 4.2); the mail is stored once, with all their addresses."""
        await line.say("354 go on")
        body = await line.body(self._most_octets)
        if body is None:
            return ["552 5.3.4 too big"] * len(letter.recipients)
        head = [f"Return-Path: <{letter.sender}>", *(f"Delivered-To: {one}" for one in letter.recipients)]
        raw = "".join(f"{one}\r\n" for one in head).encode("utf-8", "replace") + body
        try:
            await self._keep(raw, "lmtp")
        except Exception as error:
            log.warning("lmtp.not_kept", error=f"{type(error).__name__}: {error}")
            return ["451 4.3.0 cannot store it now"] * len(letter.recipients)
        came()
        return ["250 2.0.0 kept"] * len(letter.recipients)


def _recipient(argument: str, letter: _Letter) -> str:
    path = _PATH.match(argument)
    if path is None or not path[1]:
        return "501 5.5.4 RCPT TO:<address>"
    if len(letter.recipients) >= MOST_RECIPIENTS:
        return "452 4.5.3 too many recipients"
    letter.recipients.append(path[1])
    return "250 2.1.5 yes"


class _Line:
    """The connection: bounded lines and bodies, bounded silence. Lines end with CRLF only, so nothing is smuggled."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._reader = reader
        self._writer = writer
        self._seconds = seconds
        self._buffer = bytearray()

    async def command(self) -> tuple[str, str]:
        """The next command in capitals, and the rest of its line. Raises _Gone for a line without end."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _MOST_LINE:
                await self.say("500 5.5.6 the line is too long")
                raise _Gone
            await self._more()
        text = bytes(self._buffer[:end]).decode("utf-8", "replace")
        del self._buffer[: end + 2]
        word, _, rest = text.strip().partition(" ")
        return word.upper(), rest.strip()

    async def body(self, at_most: int) -> bytes | None:
        """The mail up to the lone dot, dots undone (RFC 5321 section 4.5.2); None when it is more than `at_most`."""
        # The dot of an empty mail stands at the beginning of a line as well.
        self._buffer[:0] = b"\r\n"
        start, over = 0, False
        while (end := self._buffer.find(_END, start)) < 0:
            start = max(0, len(self._buffer) - len(_END) + 1)
            if len(self._buffer) > at_most + 2:
                over = True
                del self._buffer[:start]
                start = 0
            await self._more()
        taken = bytes(self._buffer[2 : end + 2])
        del self._buffer[: end + len(_END)]
        if over or len(taken) > at_most:
            return None
        return (b"\r\n" + taken).replace(b"\r\n..", b"\r\n.")[2:]

    async def say(self, *answers: str) -> None:
        """Answer."""
        self._writer.write("".join(f"{answer}\r\n" for answer in answers).encode("ascii", "replace"))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._writer.drain(), self._seconds)

    async def _more(self) -> None:
        try:
            data = await asyncio.wait_for(self._reader.read(64 * 1024), self._seconds)
        except (TimeoutError, ConnectionError):
            raise _Gone from None
        if not data:
            raise _Gone
        self._buffer += data
