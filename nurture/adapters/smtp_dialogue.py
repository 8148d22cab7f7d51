"""The talk on an open SMTP connection: commands out, replies in, strictly read and bounded in size.

aiosmtplib makes the connection; this takes it over after the login, because the library can tell neither "lost
before the final dot" from "lost after it", nor pipeline (RFC 2920).
"""

from __future__ import annotations

import asyncio
import re
from collections import deque

from nurture.mail import replies
from nurture.mail.replies import Because, Reply

MAX_LINE = 4096
MAX_LINES = 200
MAX_WAITING = 8
"""Bounds of one reply and of replies nobody asked for; RFC 5321 §4.5.3.1.5 knows lines of 512 octets."""

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r?\n")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")


class NoReply(Exception):
    """No complete, readable reply came; `word` says how: lost, timed out or garbled. Never leaves the adapter."""

    def __init__(self, word: Because, detail: str = "") -> None:
        super().__init__(detail or word.sentence)
        self.word = word


class Dialogue(asyncio.Protocol):
    """One connection's bytes, from the login to the end. Not for several tasks at once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._lines: list[str] = []
        self._code = 0
        self._waiting: deque[Reply] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = False
        self._end: NoReply | None = None
        # With next to no buffer of our own, "drained" means that the kernel has it (under TLS: the socket below).
        # Not 0: asyncio's TLS transport takes "0 bytes waiting, 0 allowed" for full and pauses for ever.
        transport.set_write_buffer_limits(high=1, low=0)
        transport.set_protocol(self)

    @property
    def alive(self) -> bool:
        """Whether the connection stands and has said nothing unasked."""
        return self._end is None and not self._transport.is_closing() and not self.spoke_unasked

    @property
    def spoke_unasked(self) -> bool:
        """Whether there are bytes nobody has asked for yet."""
        return bool(self._waiting or self._buffer or self._lines)

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `NoReply` when the connection has ended, in which case nothing was written."""
        if self._end is not None or self._transport.is_closing():
            raise self._end or NoReply(Because.CONNECTION_LOST)
        self._transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until the kernel has taken everything written."""
        if self._end is not None:
            raise self._end
        if not self._paused:
            return
        self._writer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._writer
        except TimeoutError:
            raise NoReply(Because.TIMED_OUT, f"the server took nothing for {seconds:g} seconds") from None
        finally:
            self._writer = None

    async def read(self, seconds: float) -> Reply:
        """The next complete reply. Raises `NoReply`."""
        if not self._waiting:
            await self._await_reply(seconds)
        return self._waiting.popleft()

    async def _await_reply(self, seconds: float) -> None:
        if self._end is not None:
            raise self._end
        self._reader = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._reader
        except TimeoutError:
            raise NoReply(Because.TIMED_OUT, f"no answer within {seconds:g} seconds") from None
        finally:
            self._reader = None

    def abort(self) -> None:
        """Cut the connection at once; what lies unsent is thrown away."""
        self._fail(NoReply(Because.CONNECTION_LOST, "cut by us"))

    def say_goodbye(self) -> None:
        """QUIT and close, without waiting for the answer."""
        if self.alive:
            self._transport.write(b"QUIT\r\n")
        self._end = self._end or NoReply(Because.CONNECTION_LOST, "closed by us")
        self._transport.close()

    # What the event loop calls.

    def data_received(self, data: bytes) -> None:
        """Cut the bytes into lines, the lines into replies."""
        if self._end is not None:
            return
        self._buffer += data
        try:
            self._cut_lines()
        except NoReply as garbled:
            self._fail(garbled)
        if self._waiting:
            _wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended; replies already complete stay readable."""
        detail = f"{exc}" if exc is not None else "the server closed the connection"
        self._finish(NoReply(Because.CONNECTION_LOST, detail))

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        self._paused = True

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._paused = False
        _wake(self._writer)

    def _cut_lines(self) -> None:
        while (end := self._buffer.find(b"\n")) >= 0:
            if end >= MAX_LINE:
                break
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            self._take_line(line)
        if len(self._buffer) >= MAX_LINE:
            raise NoReply(Because.GARBLED, f"a line of more than {MAX_LINE} octets")

    def _take_line(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            raise NoReply(Because.GARBLED, f"not a reply: {readable(line[:80])!r}")
        code = int(found[1])
        if self._lines and code != self._code:
            raise NoReply(Because.GARBLED, f"a reply that begins with {self._code} and goes on with {code}")
        self._code = code
        self._lines.append(readable(found[3] or b""))
        if len(self._lines) > MAX_LINES or len(self._waiting) >= MAX_WAITING:
            raise NoReply(Because.GARBLED, f"a reply of more than {MAX_LINES} lines, or replies without end")
        if found[2] != b"-":
            self._waiting.append(replies.reply(code, "\n".join(self._lines)))
            self._lines = []

    def _fail(self, end: NoReply) -> None:
        self._finish(end)
        self._transport.abort()

    def _finish(self, end: NoReply) -> None:
        if self._end is None:
            self._end = end
        for waiter in (self._reader, self._writer):
            if waiter is not None and not waiter.done():
                waiter.set_exception(self._end)


def readable(octets: bytes) -> str:
    """Text from a server as it may be shown and logged: no control characters."""
    return octets.decode("utf-8", "replace").translate(_CONTROLS).strip()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
