"""Every stage of the SMTP dialogue × every fault: what is certain is told as certain, what is doubtful as doubtful."""

from __future__ import annotations

import asyncio

import pytest

from nurture.adapters.smtp import SmtpConnection, SmtpMailer
from nurture.adapters.smtp_link import Relay, Timeouts
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import EXTENSIONS, SmtpServer
from nurture.mail.replies import Outcome, Reply
from nurture.ports import InDoubt, NotSent

RAW = b"From: us@example.org\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\n" + b"Good morning.\r\n" * 40
SHORT = Timeouts(connect=0.4, command=0.4, data=0.4, block=0.4, dot=0.4)
PIPELINED, ONE_BY_ONE = EXTENSIONS, ("8BITMIME",)


def relay_at(server: SmtpServer, **more: object) -> Relay:
    return Relay(**{"host": "127.0.0.1", "port": server.port, "timeouts": SHORT, "connections": 4, **more})  # type: ignore[arg-type]


async def send(mailer: SmtpMailer, recipient: str = "ada@example.org", raw: bytes = RAW) -> str:
    """Send one mail; what came of it as one word."""
    try:
        async with mailer.connection() as connection:
            offer = await connection.offer("us@example.org", recipient, raw)
            answer = await offer.finish()
    except NotSent as failure:
        return f"not sent at {failure.stage}: {failure.meaning.word}"
    except InDoubt:
        return "in doubt"
    return f"answered {answer.code}"


BEFORE_THE_DOT = [
    ("CONNECT", Do.SAY, "421 4.3.2 closing", "not sent at connect: too_fast"),
    ("CONNECT", Do.SAY, "554 5.7.1 no", "not sent at connect: blocked"),
    ("CONNECT", Do.DROP, "", "not sent at connect: unreachable"),
    ("CONNECT", Do.HALF, "", "not sent at connect: unreachable"),
    ("CONNECT", Do.HANG, "", "not sent at connect: timed_out"),
    ("CONNECT", Do.GARBLE, "hello there", "not sent at connect: garbled"),
    ("CONNECT", Do.FLOOD, "", "not sent at connect: garbled"),
    ("EHLO", Do.SAY, "421 4.3.2 closing", "not sent at helo: too_fast"),
    ("EHLO", Do.SAY, "450 4.3.2 not now", "not sent at helo: try_later"),
    ("EHLO", Do.DROP, "", "not sent at helo: connection_lost"),
    ("EHLO", Do.HANG, "", "not sent at helo: timed_out"),
    ("MAIL", Do.SAY, "421 4.7.0 slow down", "not sent at mail: too_fast"),
    ("MAIL", Do.SAY, "451 4.3.0 later", "not sent at mail: try_later"),
    ("MAIL", Do.SAY, "550 5.1.8 not you", "not sent at mail: bad_sender"),
    ("MAIL", Do.DROP, "", "not sent at mail: connection_lost"),
    ("MAIL", Do.HALF, "", "not sent at mail: connection_lost"),
    ("MAIL", Do.HANG, "", "not sent at mail: timed_out"),
    ("MAIL", Do.GARBLE, "was ist das", "not sent at mail: garbled"),
    ("MAIL", Do.GARBLE, "250-one\r\n251 two", "not sent at mail: garbled"),
    ("MAIL", Do.GARBLE, "354 go on", "not sent at mail: garbled"),
    ("MAIL", Do.FLOOD, "", "not sent at mail: garbled"),
    ("RCPT", Do.SAY, "421 4.3.2 closing", "not sent at rcpt: too_fast"),
    ("RCPT", Do.SAY, "450 4.2.0 greylisted", "not sent at rcpt: greylisted"),
    ("RCPT", Do.SAY, "550 5.1.1 no such user", "not sent at rcpt: unknown_address"),
    ("RCPT", Do.DROP, "", "not sent at rcpt: connection_lost"),
    ("RCPT", Do.HANG, "", "not sent at rcpt: timed_out"),
    ("DATA", Do.SAY, "421 4.3.2 closing", "not sent at data: too_fast"),
    ("DATA", Do.SAY, "451 4.3.0 later", "not sent at data: try_later"),
    ("DATA", Do.SAY, "554 5.5.1 no valid recipients", "not sent at data: refused"),
    ("DATA", Do.GARBLE, "250 2.0.0 taken", "not sent at data: garbled"),
    ("DATA", Do.DROP, "", "not sent at data: connection_lost"),
    ("DATA", Do.HANG, "", "not sent at data: timed_out"),
]


@pytest.mark.parametrize("extensions", [PIPELINED, ONE_BY_ONE], ids=["pipelined", "one by one"])
@pytest.mark.parametrize(("at", "do", "answer", "outcome"), BEFORE_THE_DOT)
async def test_before_the_dot_a_fault_is_certain_and_the_next_mail_goes_out(
    at: str, do: Do, answer: str, outcome: str, extensions: tuple[str, ...]
) -> None:
    fault = Fault(at=at, do=do, answer=answer, times=1, seconds=2)
    async with SmtpServer(script=Script([fault]), extensions=extensions) as server:
        async with SmtpMailer(relay_at(server)) as mailer:
            assert await send(mailer) == outcome
            assert server.accepted == []
            assert await send(mailer) == "answered 250"
        assert len(server.accepted) == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        (Fault(at="DOT", do=Do.SAY, answer="451 4.3.0 disk full"), "answered 451", 0),
        (Fault(at="DOT", do=Do.SAY, answer="421 4.3.2 closing"), "answered 421", 0),
        (Fault(at="DOT", do=Do.SAY, answer="550 5.7.1 spam"), "answered 550", 0),
        (Fault(at="DOT", do=Do.SLOW, seconds=0.2), "answered 250", 1),
        (Fault(at="DOT", do=Do.DROP), "in doubt", 0),
        (Fault(at="DOT", do=Do.DROP, accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.HALF, accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.HANG, accept=True, seconds=2), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="ok, got it", accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="250-yes\r\n550 no", accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="354 go on", accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="220 hello", accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="250 " + "x" * 9000, accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.GARBLE, answer="99 bottles", accept=True), "in doubt", 1),
        (Fault(at="DOT", do=Do.FLOOD, accept=True), "in doubt", 1),
    ],
    ids=lambda value: f"{value.do} {value.answer[:12]} {value.accept}" if isinstance(value, Fault) else None,
)
async def test_after_the_dot_only_a_readable_answer_is_certain(
    fault: Fault, outcome: str, taken: int
) -> None:
    async with SmtpServer(script=Script([fault])) as server, SmtpMailer(relay_at(server)) as mailer:
        assert await send(mailer) == outcome
        assert len(server.accepted) == taken


@pytest.mark.parametrize(
    ("do", "answer", "outcome"),
    [
        (Do.DROP, "", "not sent at data: connection_lost"),
        (Do.SAY, "451 4.3.0 disk full", "not sent at data: try_later"),
        (Do.GARBLE, "250 2.0.0 taken already", "not sent at data: garbled"),
    ],
)
async def test_a_server_that_speaks_or_leaves_during_the_body_gets_no_dot(
    do: Do, answer: str, outcome: str
) -> None:
    script = Script([Fault(at="BODY", do=do, answer=answer, octets=100, times=1)])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        async with mailer.connection() as connection:
            offering = _offer_slowly(connection)
            with pytest.raises(NotSent) as failure:
                await offering
        assert f"not sent at {failure.value.stage}: {failure.value.meaning.word}" == outcome
        assert failure.value.meaning.outcome is Outcome.LATER
        await asyncio.sleep(0.05)
        assert (server.accepted, server.unfinished) == ([], 1)


async def _offer_slowly(connection: SmtpConnection) -> Reply:
    offer = await connection.offer("us@example.org", "ada@example.org", RAW)
    await asyncio.sleep(0.1)  # the server's word comes while the dot is withheld
    return await offer.finish()


async def test_a_body_that_is_not_taken_in_time_is_not_sent() -> None:
    script = Script([Fault(at="BODY", do=Do.HANG, octets=1000, seconds=3)])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        big = RAW + b"x" * 76 + b"\r\n" + b"y" * 20_000_000
        assert await send(mailer, raw=big) == "not sent at data: timed_out"
        assert server.accepted == []


async def test_without_its_dot_a_message_does_not_exist() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server)) as mailer:
        async with mailer.connection() as connection:
            offer = await connection.offer("us@example.org", "ada@example.org", RAW)
            await asyncio.sleep(0.05)
            assert server.accepted == []
            offer.abandon()
            offer.abandon()
        async with mailer.connection() as connection:
            await connection.offer("us@example.org", "bob@example.org", RAW)
        await asyncio.sleep(0.05)
        assert (server.accepted, server.unfinished) == ([], 2)
        assert await send(mailer) == "answered 250"


async def test_a_task_cancelled_before_the_dot_leaves_nothing_behind() -> None:
    async with SmtpServer() as server, SmtpMailer(relay_at(server)) as mailer:
        offered = asyncio.Event()

        async def stuck() -> None:
            async with mailer.connection() as connection:
                await connection.offer("us@example.org", "ada@example.org", RAW)
                offered.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(stuck())
        await offered.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.05)
        assert (server.accepted, server.unfinished) == ([], 1)


async def test_one_bad_address_among_many_fails_alone() -> None:
    script = Script([Fault(at="RCPT", do=Do.SAY, answer="550 5.1.1 no such user", about="bad@*")])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        people = ["bad@example.org" if n == 57 else f"p{n}@example.org" for n in range(200)]
        outcomes = await asyncio.gather(*(send(mailer, person) for person in people))
        assert outcomes.count("answered 250") == 199
        assert outcomes[57] == "not sent at rcpt: unknown_address"
        assert sorted(one.recipients[0] for one in server.accepted) == sorted({*people} - {"bad@example.org"})
        assert server.connections <= 4


async def test_a_relay_that_is_not_there() -> None:
    async with SmtpServer() as server:
        relay = relay_at(server)
    async with SmtpMailer(relay) as mailer:
        assert await send(mailer) == "not sent at connect: unreachable"


async def test_a_server_that_only_knows_helo() -> None:
    script = Script([Fault(at="EHLO", do=Do.SAY, answer="502 5.5.1 too modern")])
    async with SmtpServer(script=script) as server, SmtpMailer(relay_at(server)) as mailer:
        assert await send(mailer) == "answered 250"
        assert server.accepted[0].parameters == ""
