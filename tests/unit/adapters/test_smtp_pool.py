"""Kept connections: shared, capped, replaced when they have died, closed when idle."""

from __future__ import annotations

import asyncio
import logging

import pytest

from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay, Timeouts
from nurture.core.errors import NurtureError, UsageError
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.mail.replies import Outcome, Stage
from nurture.ports import NotSent

RAW = b"From: us@example.org\r\nSubject: Hello\r\n\r\nGood morning.\r\n"


def relay_at(server: SmtpServer, **more: object) -> Relay:
    timeouts = Timeouts(connect=1, command=1, data=1, block=1, dot=1)
    return Relay(**{"host": "127.0.0.1", "port": server.port, "timeouts": timeouts, **more})  # type: ignore[arg-type]


async def send(mailer: SmtpMailer, recipient: str = "ada@example.org", raw: bytes = RAW) -> int:
    async with mailer.connection() as connection:
        offer = await connection.offer("us@example.org", recipient, raw)
        return (await offer.finish()).code


async def test_one_connection_serves_one_mail_after_another() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server)) as mailer:
        assert [await send(mailer) for _ in range(5)] == [250] * 5
        assert server.connections == 1


async def test_no_more_connections_than_asked_for() -> None:
    script = Script([Fault(at="DOT", do=Do.SLOW, seconds=0.02)])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server, connections=3)) as mailer:
        await asyncio.gather(*(send(mailer) for _ in range(20)))
        assert server.connections == 3
        assert len(server.accepted) == 20


async def test_a_connection_is_changed_after_its_share() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server, mails_per_connection=2)) as mailer:
        for _ in range(5):
            await send(mailer)
        assert [one.connection for one in server.accepted] == [1, 1, 2, 2, 3]


async def test_an_idle_connection_says_goodbye() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server, idle_seconds=0.05)) as mailer:
        await send(mailer)
        await asyncio.sleep(0.15)
        assert server.commands[-1] == "QUIT"
        await send(mailer)
        assert server.connections == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(at="MAIL", do=Do.DROP, skip=1, times=1),
        Fault(at="MAIL", do=Do.SAY, answer="421 4.4.2 idle for too long", skip=1, times=1),
        Fault(at="DATA", do=Do.DROP, skip=1, times=1),
    ],
)
async def test_a_kept_connection_that_died_costs_nothing(fault: Fault) -> None:
    async with SmtpServer(script=Script([fault])) as server, SmtpMailer(relay_at(server)) as mailer:
        assert [await send(mailer), await send(mailer)] == [250, 250]
        assert server.connections == 2
        assert len(server.accepted) == 2


async def test_a_restarted_server_costs_nothing() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server, connections=3)) as mailer:
        await asyncio.gather(*(send(mailer) for _ in range(3)))
        server.hang_up()
        assert await asyncio.gather(*(send(mailer) for _ in range(3))) == [250] * 3


async def test_a_new_connection_that_breaks_is_told() -> None:
    script = Script([Fault(at="MAIL", do=Do.DROP)])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        with pytest.raises(NotSent):
            await send(mailer)
        assert server.connections == 1


async def test_a_refusal_leaves_the_connection_usable() -> None:
    script = Script([Fault(at="RCPT", do=Do.SAY, answer="550 5.1.1 nobody", about="no@*")])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        async with mailer.connection() as connection:
            with pytest.raises(NotSent):
                await connection.offer("us@example.org", "no@example.org", RAW)
            await (await connection.offer("us@example.org", "yes@example.org", RAW)).finish()
        assert server.connections == 1
        assert server.commands.count("RSET") == 1


async def test_one_message_at_a_time() -> None:
    async with (
        SmtpServer() as server,
        SmtpMailer(relay_at(server)) as mailer,
        mailer.connection() as connection,
    ):
        offer = await connection.offer("us@example.org", "ada@example.org", RAW)
        with pytest.raises(NurtureError, match="still open"):
            await connection.offer("us@example.org", "bob@example.org", RAW)
        await offer.finish()
        with pytest.raises(NurtureError, match="already"):
            await offer.finish()


async def test_what_a_server_can_do_is_asked_anew_on_each_connection() -> None:
    accented = "Subject: Grüße\r\n\r\n".encode()
    async with SmtpServer() as server, SmtpMailer(relay_at(server)) as mailer:
        assert await send(mailer, "jürgen@example.org", accented) == 250
        server.hang_up()
        server.extensions.remove("SMTPUTF8")
        with pytest.raises(NotSent) as failure:
            await send(mailer, "jürgen@example.org", accented)
        assert failure.value.meaning.word == "needs_smtputf8"
        server.hang_up()
        server.extensions.remove("8BITMIME")
        with pytest.raises(NotSent) as failure:
            await send(mailer, raw=b"Subject: x\r\n\r\n" + "Grüße\r\n".encode())
        assert failure.value.meaning.word == "needs_8bitmime"
        server.hang_up()
        server.size = 1000
        with pytest.raises(NotSent) as failure:
            await send(mailer, raw=RAW + b"x" * 1000)
        assert failure.value.meaning.word == "too_big"


async def test_a_login() -> None:
    users = {"nurture": "gehe!m"}
    async with SmtpServer(users=users) as server:
        mailer = SmtpMailer(relay_at(server, username="nurture", password="gehe!m"))
        await send(mailer)
        await mailer.close()
    assert server.accepted[0].user == "nurture"


@pytest.mark.parametrize(
    ("users", "script", "outcome", "word"),
    [
        ({"nurture": "other"}, None, Outcome.OURS, "login_refused"),
        ({}, None, Outcome.OURS, "login_refused"),
        (
            {"nurture": "pa55w0rd"},
            Fault(at="AUTH", do=Do.SAY, answer="454 4.7.0 later"),
            Outcome.LATER,
            "try_later",
        ),
        ({"nurture": "pa55w0rd"}, Fault(at="AUTH", do=Do.DROP), Outcome.LATER, "connection_lost"),
        (
            {"nurture": "pa55w0rd"},
            Fault(at="AUTH", do=Do.SAY, answer="535 5.7.8 pa55w0rd is wrong"),
            Outcome.OURS,
            "login_refused",
        ),
    ],
)
async def test_a_refused_login_is_our_affair_and_keeps_the_password(
    users: dict[str, str], script: Fault | None, outcome: Outcome, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SmtpServer(users=users, script=Script([script] if script else [])) as server:
        relay = relay_at(server, username="nurture", password="pa55w0rd")
        mailer = SmtpMailer(relay)
        with pytest.raises(NotSent) as failure:
            await send(mailer)
        await mailer.close()
    assert failure.value.stage is Stage.AUTH
    assert (failure.value.meaning.outcome, failure.value.meaning.word) == (outcome, word)
    assert "pa55w0rd" not in f"{failure.value} {failure.value.reply} {relay!r} {caplog.text}"


async def test_a_server_that_wants_a_login_we_do_not_have() -> None:
    async with SmtpServer(users={"nurture": "secret"}) as server, SmtpMailer(relay_at(server)) as mailer:
        with pytest.raises(NotSent) as failure:
            await send(mailer)
        assert failure.value.meaning.word == "login_needed"


def test_a_password_does_not_cross_the_network_in_plain_text() -> None:
    with pytest.raises(UsageError, match=r"smtp\.security"):
        Relay(host="relay.example.org", username="us", password="secret")
    Relay(host="relay.example.org", username="us", password="secret", security="starttls")
    Relay(host="relay.example.org")


async def test_a_closed_mailer_sends_nothing() -> None:
    async with SmtpServer() as server:
        async with SmtpMailer(relay_at(server)) as mailer:
            await send(mailer)
        with pytest.raises(NurtureError, match="closed"):
            await send(mailer)
        assert len(server.accepted) == 1


async def test_what_a_relay_says_of_itself() -> None:
    async with SmtpServer(size=1234) as server, SmtpMailer(relay_at(server)) as mailer:
        facts = await mailer.look()
        assert (facts.extensions["size"], facts.tls) == ("1234", None)
