"""Reading and writing a line protocol on a loopback connection, with TLS begun midway; shared by both servers."""

from __future__ import annotations

import asyncio
import ssl
from typing import Self

MAX_LINE = 64 * 1024


class Hangup(Exception):
    """The other side has gone, or a fault wants the connection closed."""


class Wire:
    """The bytes of one connection. The buffer is ours, so that nothing sent before TLS is believed after it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()
        self.tls = writer.get_extra_info("sslcontext") is not None

    async def line(self) -> bytes:
        """The next line without its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise Hangup
            await self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    async def octets(self, count: int) -> bytes:
        """Exactly so many bytes."""
        while len(self._buffer) < count:
            await self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def until(self, mark: bytes, *, at_most: int) -> bytes | None:
        """The bytes before `mark`, which is eaten; None when there are more than `at_most` (read on, not kept)."""
        start, over = 0, False
        while (end := self._buffer.find(mark, start)) < 0:
            start = max(0, len(self._buffer) - len(mark) + 1)
            if len(self._buffer) > at_most:
                over = True
                del self._buffer[:start]
                start = 0
            await self._more()
        taken = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return None if over or len(taken) > at_most else taken

    def put_back(self, data: bytes) -> None:
        """Let `data` be read next."""
        self._buffer[:0] = data

    async def _more(self) -> None:
        try:
            data = await self._reader.read(64 * 1024)
        except (ConnectionError, ssl.SSLError):
            raise Hangup from None
        if not data:
            raise Hangup
        self._buffer += data

    @property
    def waiting(self) -> int:
        """How many bytes have come that nobody has read."""
        return len(self._buffer)

    async def send(self, data: bytes) -> None:
        """Write and flush."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (ConnectionError, ssl.SSLError):
            raise Hangup from None

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS; what came in plain text before it is forgotten (RFC 3207 §4.2)."""
        self._buffer.clear()
        try:
            await self._writer.start_tls(context)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            raise Hangup from None
        self.tls = True

    def cut(self) -> None:
        """Close at once."""
        transport = self._writer.transport
        if self.tls:
            transport.close()
        else:
            transport.abort()


class LoopbackServer:
    """Listens on 127.0.0.1 and runs `_session` for each connection. ``async with Server() as s: s.port``."""

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.port = port
        self.connections = 0
        self._implicit_tls = tls
        self._server: asyncio.Server | None = None
        self._running: dict[asyncio.Task[None], Wire] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, ssl=self._implicit_tls, limit=1 << 20
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Cut every connection there is, as a restart would."""
        for task, wire in list(self._running.items()):
            wire.cut()
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        wire = Wire(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._running[task] = wire
        try:
            await self._session(wire)
        except (Hangup, asyncio.CancelledError):
            pass
        finally:
            wire.cut()
            del self._running[task]

    async def _session(self, wire: Wire) -> None:
        raise NotImplementedError
