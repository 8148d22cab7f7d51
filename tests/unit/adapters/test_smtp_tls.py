"""Encryption: what is required is had or nothing is sent, and nothing said in plain text is believed after it."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay, Timeouts
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.mail.replies import Cause, Outcome
from nurture.ports import NotSent

Authority = dict[str, ssl.SSLContext]
RAW = b"From: us@example.org\r\nSubject: Hello\r\n\r\nGood morning.\r\n"
SHORT = Timeouts(connect=1, command=1, data=1, block=1, dot=1)
INJECTED = "220 2.0.0 go ahead\r\n250-evil.example\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1"


async def send(mailer: SmtpMailer) -> int:
    async with mailer.connection() as connection:
        return (await (await connection.offer("us@example.org", "ada@example.org", RAW)).finish()).code


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_and_a_login_inside_tls(here: Authority, security: str) -> None:
    tls = {"starttls": here["server"]} if security == "starttls" else {"tls": here["server"]}
    async with SmtpServer(users={"us": "secret"}, **tls) as server:
        relay = Relay(
            host="127.0.0.1",
            port=server.port,
            security=security,  # type: ignore[arg-type]
            username="us",
            password="secret",
            tls=here["client"],
            timeouts=SHORT,
        )
        async with SmtpMailer(relay) as mailer:
            assert await send(mailer) == 250
            assert await send(mailer) == 250
            assert ((await mailer.look()).tls or "").startswith("TLSv1.")
    assert [(one.tls, one.user, one.connection) for one in server.accepted] == [(True, "us", 1)] * 2


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(at="STARTTLS", do=Do.SAY, answer="454 4.7.0 not now")],
        [Fault(at="STARTTLS", do=Do.SAY, answer="501 5.5.4 what")],
        [Fault(at="STARTTLS", do=Do.GARBLE, answer="220 2.0.0 go ahead")],  # and then goes on in plain text
        [Fault(at="STARTTLS", do=Do.DROP)],
    ],
    ids=["refused", "not understood", "fails", "dropped"],
)
async def test_required_tls_never_becomes_plain_text(here: Authority, faults: list[Fault]) -> None:
    async with SmtpServer(starttls=here["server"], script=Script(faults)) as server:
        relay = Relay(
            host="127.0.0.1", port=server.port, security="starttls", tls=here["client"], timeouts=SHORT
        )
        async with SmtpMailer(relay) as mailer:
            with pytest.raises(NotSent) as failure:
                await send(mailer)
    assert failure.value.meaning.word == "no_tls"
    assert (failure.value.meaning.outcome, failure.value.meaning.cause) == (Outcome.LATER, Cause.CONFIG)
    assert not [line for line in server.commands if line.startswith("MAIL")]


async def test_tls_not_offered_is_not_done_without() -> None:
    async with SmtpServer() as server:
        relay = Relay(host="127.0.0.1", port=server.port, security="starttls", timeouts=SHORT)
        async with SmtpMailer(relay) as mailer:
            with pytest.raises(NotSent, match="offers no STARTTLS"):
                await send(mailer)
    assert server.commands == ["EHLO localhost"] or server.commands[0].startswith("EHLO")
    assert not [line for line in server.commands if line.startswith("MAIL")]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("trouble", ["unknown authority", "another name"])
async def test_a_certificate_that_is_not_theirs(
    here: Authority, elsewhere: Authority, security: str, trouble: str
) -> None:
    shown = here if trouble == "unknown authority" else elsewhere
    tls = {"starttls": shown["server"]} if security == "starttls" else {"tls": shown["server"]}
    checks = elsewhere["client"]
    async with SmtpServer(**tls) as server:
        relay = Relay(
            host="127.0.0.1",
            port=server.port,
            security=security,  # type: ignore[arg-type]
            tls=checks,
            timeouts=SHORT,
        )
        async with SmtpMailer(relay) as mailer:
            with pytest.raises(NotSent) as failure:
                await send(mailer)
    assert failure.value.meaning.word == "no_tls"
    assert server.accepted == []


async def test_what_was_slipped_in_before_tls_is_not_believed_after_it(here: Authority) -> None:
    """The reply injection of RFC 3207 §6 against clients: EHLO's answer must come from inside TLS."""
    script = Script([Fault(at="STARTTLS", do=Do.SAY, answer=INJECTED)])
    async with SmtpServer(starttls=here["server"], script=script) as server:
        relay = Relay(
            host="127.0.0.1", port=server.port, security="starttls", tls=here["client"], timeouts=SHORT
        )
        async with SmtpMailer(relay) as mailer:
            facts = await mailer.look()
    assert facts.extensions["size"] == "50000000"
    assert "auth" not in facts.extensions


async def test_commands_slipped_in_before_tls_are_forgotten_by_the_server(here: Authority) -> None:
    async with SmtpServer(starttls=here["server"]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reader.readline()
        writer.write(b"EHLO us\r\nSTARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")
        while not (await reader.readline()).startswith(b"220"):
            pass
        await writer.start_tls(here["client"], server_hostname="127.0.0.1")
        writer.write(b"EHLO us\r\nRCPT TO:<ada@example.org>\r\n")
        while not (await reader.readline()).startswith(b"250 "):
            pass
        assert (await reader.readline()).startswith(b"503")
        writer.close()
        await writer.wait_closed()
