"""Mail over LMTP: Python's own client, then a client without manners."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from nurture.adapters.lmtp import MOST_ERRORS, MOST_RECIPIENTS, LmtpServer
from nurture.core.errors import OutsideError, UsageError

MAIL = b"Subject: hi\r\n\r\nHello\r\n.one dot\r\n..two\r\n"


class Box:
    """What was kept; `broken` makes keeping fail."""

    def __init__(self) -> None:
        self.mails: list[tuple[bytes, str]] = []
        self.broken = False
        self.woken = 0

    async def keep(self, raw: bytes, mailbox: str) -> None:
        if self.broken:
            raise OutsideError("the database is away")
        self.mails.append((raw, mailbox))

    def came(self) -> None:
        self.woken += 1


@asynccontextmanager
async def serving(box: Box, **more: Any) -> AsyncIterator[LmtpServer]:
    stop = asyncio.Event()
    server = LmtpServer("127.0.0.1", 0, box.keep, **more)
    task = asyncio.create_task(server.serve(stop, box.came))
    await asyncio.wait_for(server.ready.wait(), 5)
    try:
        yield server
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def talk(server: LmtpServer, *pieces: bytes) -> bytes:
    """Everything said at once, then all that is answered until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for piece in pieces:
        writer.write(piece)
    await writer.drain()
    writer.write_eof()
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return said


def codes(said: bytes) -> list[str]:
    return [line[:3].decode() for line in said.splitlines() if line[3:4] != b"-"]


async def test_a_mail_is_kept_whole() -> None:
    box = Box()

    def send(port: int) -> dict[str, tuple[int, bytes]]:
        with smtplib.LMTP("127.0.0.1", port) as client:
            return client.sendmail("ada@example.org", ["us+token@us.example"], MAIL)

    async with serving(box) as server:
        assert await asyncio.to_thread(send, server.port) == {}
    [(raw, mailbox)] = box.mails
    head = b"Return-Path: <ada@example.org>\r\nDelivered-To: us+token@us.example\r\n"
    assert (raw, mailbox, box.woken) == (head + MAIL, "lmtp", 1)


BEGIN = b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@us.example>\r\n"


async def test_every_recipient_gets_an_answer_and_commands_come_together() -> None:
    box = Box()
    async with serving(box) as server:
        said = await talk(
            server, BEGIN + b"RCPT TO:<b@us.example>\r\nDATA\r\nSubject: x\r\n\r\ny\r\n.\r\nQUIT\r\n"
        )
        assert codes(said) == ["220", "250", "250", "250", "250", "354", "250", "250", "221"]
    [(raw, _)] = box.mails
    assert raw.startswith(
        b"Return-Path: <>\r\nDelivered-To: a@us.example\r\nDelivered-To: b@us.example\r\nSubject: x"
    )


async def test_what_is_not_stored_is_not_answered_for() -> None:
    box = Box()
    async with serving(box) as server:
        box.broken = True
        assert codes(await talk(server, BEGIN + b"DATA\r\nx\r\n.\r\n"))[-1] == "451"
        box.broken = False
        assert codes(await talk(server, BEGIN + b"DATA\r\nx\r\n.\r\n"))[-1] == "250"
        await talk(server, BEGIN + b"DATA\r\nhalf a mail")
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (b"MAIL FROM:<a@x.example>\r\n", ["503"]),
        (b"EHLO x\r\n", ["500"]),
        (b"LHLO x\r\nRCPT TO:<a@us.example>\r\n", ["250", "503"]),
        (b"LHLO x\r\nMAIL FROM:a\r\n", ["250", "501"]),
        (b"LHLO x\r\nMAIL FROM:<a@x.example> SIZE=99999999999\r\n", ["250", "552"]),
        (b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\nDATA\r\n", ["250", "250", "501", "503"]),
        (BEGIN + b"RSET\r\nDATA\r\n", ["250", "250", "250", "250", "503"]),
        (b"NOOP\r\nVRFY a\r\n\r\n\x00\xff\r\n", ["250", "252", "500", "500"]),
        (BEGIN + b"DATA\r\n.\r\n", ["250", "250", "250", "354", "250"]),
    ],
)
async def test_the_dialogue(words: bytes, answers: list[str]) -> None:
    async with serving(Box()) as server:
        assert codes(await talk(server, words))[1:] == answers


async def test_too_much_is_refused_and_the_connection_goes_on() -> None:
    box = Box()
    async with serving(box, most_octets=10_000) as server:
        big = b"x" * 70 + b"\r\n"
        said = await talk(
            server, BEGIN, b"DATA\r\n", big * 1000, b".\r\n", BEGIN[8:], b"DATA\r\nsmall\r\n.\r\n"
        )
        assert codes(said)[-5:] == ["552", "250", "250", "354", "250"]
        many = b"".join(b"RCPT TO:<a%d@us.example>\r\n" % one for one in range(MOST_RECIPIENTS + 1))
        assert codes(await talk(server, b"LHLO x\r\nMAIL FROM:<>\r\n", many))[-1] == "452"
    assert [raw[-7:] for raw, _ in box.mails] == [b"small\r\n"]


async def test_an_end_with_bare_line_feeds_is_no_end() -> None:
    box = Box()
    async with serving(box) as server:
        smuggled = b"DATA\r\none\n.\nMAIL FROM:<evil@x.example>\r\n\r\n.\r\nNOOP\r\n"
        assert codes(await talk(server, BEGIN + smuggled))[-2:] == ["250", "250"]
    [(raw, _)] = box.mails
    assert raw.endswith(b"one\n.\nMAIL FROM:<evil@x.example>\r\n\r\n")


@pytest.mark.parametrize("words", [b"x" * 5000, b"BAD\r\n" * (MOST_ERRORS + 1)])
async def test_who_talks_nonsense_is_cut_off(words: bytes) -> None:
    async with serving(Box()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(words)
        said = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert codes(said)[-1] in ("421", "500")


async def test_who_is_silent_is_cut_off() -> None:
    async with serving(Box(), seconds=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"220")
        writer.close()


async def test_only_this_machine_is_served_and_a_taken_port_is_told() -> None:
    keep: Callable[[bytes, str], Awaitable[None]] = Box().keep
    with pytest.raises(UsageError, match="this machine only"):
        LmtpServer("0.0.0.0", 8024, keep)
    async with serving(Box()) as server:
        with pytest.raises(OutsideError, match=f":{server.port}"):
            await LmtpServer("127.0.0.1", server.port, keep).serve(asyncio.Event())
