"""The demo's SMTP server, spoken to by the standard library's client and by hand."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage

import pytest

from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import Accepted, SmtpServer


def letter(to: str = "ada@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "us@example.org", to, "Hello"
    mail.set_content(".a line with a dot\nanother\n")
    return mail


async def talk(server: SmtpServer, *lines: bytes) -> list[str]:
    """Say the lines, one after the other's answer; all answers' codes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    codes = []
    for line in (b"", *lines):
        writer.write(line)
        answer = await reader.readline()
        while answer[3:4] == b"-":
            answer = await reader.readline()
        codes.append(answer[:3].decode())
    writer.close()
    await writer.wait_closed()
    return codes


async def test_another_programs_client_can_send() -> None:
    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.login("us", "secret")
            client.send_message(letter())
            client.send_message(letter("bob@example.org"))

    seen: list[Accepted] = []
    async with SmtpServer(users={"us": "secret"}, on_accept=seen.append) as server:
        await asyncio.to_thread(send, server.port)
        assert seen == server.accepted
    assert [one.recipients for one in seen] == [("ada@example.org",), ("bob@example.org",)]
    assert (seen[0].envelope_from, seen[0].user) == ("us@example.org", "us")
    assert b"\r\n.a line with a dot\r\n" in seen[0].raw


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([b"MAIL FROM:<a@b.example>\r\n"], ["503"]),
        ([b"EHLO us\r\n", b"RCPT TO:<a@b.example>\r\n", b"DATA\r\n"], ["250", "503", "503"]),
        ([b"EHLO us\r\n", b"MAIL FROM: a@b.example\r\n", b"BOO\r\n"], ["250", "501", "500"]),
        ([b"EHLO us\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<>\r\n"], ["250", "250", "503", "501"]),
        ([b"EHLO us\r\n", b"AUTH PLAIN x\r\n", b"STARTTLS\r\n", b"NOOP\r\n", b"QUIT\r\n"], ["250", "503", "454", "250", "221"]),
        ([b"HELO us\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<a@b.example>\r\n", b"DATA\r\n", b".\r\n"],
         ["250", "250", "250", "354", "250"]),
        ([b"EHLO us\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RSET\r\n", b"RCPT TO:<a@b.example>\r\n"], ["250", "250", "250", "503"]),
    ],
)  # fmt: skip
async def test_the_order_of_commands_is_kept(lines: list[bytes], codes: list[str]) -> None:
    async with SmtpServer() as server:
        assert await talk(server, *lines) == ["220", *codes]


@pytest.mark.parametrize(
    ("auth", "codes"),
    [
        ([b"AUTH PLAIN AHVzAHNlY3JldA==\r\n"], ["235"]),
        ([b"AUTH PLAIN\r\n", b"AHVzAHNlY3JldA==\r\n"], ["334", "235"]),
        ([b"AUTH LOGIN\r\n", b"dXM=\r\n", b"c2VjcmV0\r\n"], ["334", "334", "235"]),
        ([b"AUTH PLAIN AHVzAHdyb25n\r\n"], ["535"]),
        ([b"AUTH PLAIN *\r\n"], ["501"]),
        ([b"AUTH CRAM-MD5\r\n"], ["504"]),
        ([b"MAIL FROM:<a@b.example>\r\n"], ["530"]),
    ],
)
async def test_logins(auth: list[bytes], codes: list[str]) -> None:
    async with SmtpServer(users={"us": "secret"}) as server:
        assert await talk(server, b"EHLO us\r\n", *auth) == ["220", "250", *codes]
        assert not any("secret" in line or "c2Vj" in line for line in server.commands if "AUTH" in line)


async def test_a_message_over_the_size_is_refused_and_not_kept() -> None:
    lines = (b"EHLO us\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<a@b.example>\r\n", b"DATA\r\n")
    async with SmtpServer(size=1000) as server:
        assert (await talk(server, *lines, b"x" * 200_000 + b"\r\n.\r\n"))[-1] == "552"
        assert server.accepted == []


def test_a_script_counts_what_it_has_done() -> None:
    script = Script([Fault(at="RCPT", do=Do.SAY, about="*@slow.example", skip=1, times=2)])
    struck = [script.next("RCPT", f"a{n}@slow.example") is not None for n in range(5)]
    assert struck == [False, True, True, False, False]
    assert script.next("RCPT", "a@fast.example") is None
    script.add(Fault(at="MAIL", do=Do.DROP))
    assert script.next("MAIL") is not None
    script.clear()
    assert script.next("MAIL") is None


async def test_a_server_that_closes_leaves_no_connection_open() -> None:
    async with SmtpServer(script=Script([Fault(at="CONNECT", do=Do.HANG)])) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(1):
        assert await reader.read() == b""
    writer.close()
