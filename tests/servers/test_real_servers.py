"""Our way out through a real Postfix, our way in from a real Dovecot."""

from __future__ import annotations

import asyncio
import imaplib
import subprocess
from typing import Any

import pytest

from nurture.adapters.imap import KEYWORD, ImapAccount, ImapMailbox
from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay
from nurture.mail.replies import Outcome
from nurture.ports import Fetched, LoginRefused, NotSent, Position

pytestmark = pytest.mark.servers


def mail(subject: str, body: bytes = b"Good morning.\r\n") -> bytes:
    head = f"From: us@nurture.test\r\nTo: you\r\nSubject: {subject}\r\nMessage-ID: <{subject}@nurture.test>\r\n\r\n"
    return head.encode() + body


def account(host: Any, name: str, **more: object) -> ImapAccount:
    usual = {
        "host": "127.0.0.1",
        "port": host.imap,
        "security": "none",
        "username": name,
        "password": host.password,
    }
    return ImapAccount(**{**usual, **more})  # type: ignore[arg-type]


async def send(mailer: SmtpMailer, to: str, raw: bytes) -> str:
    async with mailer.connection() as connection:
        offer = await connection.offer("us@nurture.test", to, raw)
        return str(await offer.finish())


async def read(box: ImapMailbox, position: Position | None, count: int) -> list[Fetched]:
    """Poll until so many mails have come; a delivery takes its moment."""
    found: list[Fetched] = []
    for _ in range(100):
        found += [one async for one in box.poll(found[-1].position if found else position)]
        if len(found) >= count:
            break
        await asyncio.sleep(0.1)
    return found


async def test_a_mail_goes_out_and_comes_in(mail_host: Any) -> None:
    box = ImapMailbox(account(mail_host, "ada", done="flag"))
    start = await box.end()
    body = b".dots\r\n..and more\r\n" + "Grüße\r\n".encode()
    async with SmtpMailer(Relay(host="127.0.0.1", port=mail_host.smtp)) as mailer:
        facts = await mailer.look()
        assert {"pipelining", "8bitmime", "smtputf8", "size"} <= set(facts.extensions)
        answer = await send(mailer, "ada@people.test", mail("hello", body))
    assert answer.startswith("250 2.0.0 Ok: queued as ")
    (one,) = await read(box, start, 1)
    assert one.raw.endswith(body)
    assert b"Message-ID: <hello@nurture.test>" in one.raw
    assert (one.size, one.truncated) == (len(one.raw), False)
    await box.done(one)
    assert KEYWORD in {flag for seen in await read(box, start, 1) for flag in seen.flags}
    await box.close()


async def test_without_the_dot_postfix_has_no_message(mail_host: Any) -> None:
    box = ImapMailbox(account(mail_host, "bob"))
    start = await box.end()
    async with SmtpMailer(Relay(host="127.0.0.1", port=mail_host.smtp)) as mailer:
        async with mailer.connection() as connection:
            offer = await connection.offer(
                "us@nurture.test", "bob@people.test", mail("never", b"x\r\n" * 50_000)
            )
            await asyncio.sleep(0.2)
            offer.abandon()
        await send(mailer, "bob@people.test", mail("after"))
    found = await read(box, start, 1)
    assert [b"after" in one.raw for one in found] == [True]
    assert "lost connection after DATA" in mail_host.log()
    assert mail_host.log().count("message-id=<never@nurture.test>") <= 1
    await box.close()


@pytest.mark.parametrize(
    ("to", "outcome", "word"),
    [
        ("nobody@people.test", Outcome.NEVER, "unknown_address"),
        ("ada@elsewhere.test", Outcome.LATER, "relay_denied"),
    ],
)
async def test_what_postfix_refuses(mail_host: Any, to: str, outcome: Outcome, word: str) -> None:
    async with SmtpMailer(Relay(host="127.0.0.1", port=mail_host.smtp)) as mailer:
        with pytest.raises(NotSent) as failure:
            await send(mailer, to, mail("refused"))
        assert (failure.value.meaning.outcome, failure.value.meaning.word) == (outcome, word)
        assert (await send(mailer, "ada@people.test", mail("next"))).startswith("250")


async def test_a_login_inside_starttls(mail_host: Any) -> None:
    def relay(password: str) -> Relay:
        return Relay(
            host="127.0.0.1",
            port=mail_host.submission,
            security="starttls",
            username="hello",
            password=password,
            tls=mail_host.tls,
        )

    async with SmtpMailer(relay(mail_host.password)) as mailer:
        assert ((await mailer.look()).tls or "").startswith("TLSv1.")
        assert (await send(mailer, "ada@people.test", mail("tls"))).startswith("250")
    async with SmtpMailer(relay("wrong")) as mailer:
        with pytest.raises(NotSent) as failure:
            await send(mailer, "ada@people.test", mail("tls"))
    assert failure.value.meaning.word == "login_refused"


async def test_many_mails_each_exactly_once(mail_host: Any) -> None:
    box = ImapMailbox(account(mail_host, "hello"))
    start = await box.end()
    async with SmtpMailer(Relay(host="127.0.0.1", port=mail_host.smtp, connections=4)) as mailer:
        await asyncio.gather(*(send(mailer, "hello@people.test", mail(f"n{n}")) for n in range(60)))
    found = await read(box, start, 60)
    subjects = sorted(
        line for one in found for line in one.raw.split(b"\r\n") if line.startswith(b"Subject:")
    )
    assert subjects == sorted(f"Subject: n{n}".encode() for n in range(60))
    await box.close()


async def test_a_rebuilt_folder_a_huge_mail_and_a_move(mail_host: Any) -> None:
    def append(raw: bytes) -> None:
        client = imaplib.IMAP4("127.0.0.1", mail_host.imap)
        client.login("bob", mail_host.password)
        if client.select("Rebuilt")[0] != "OK":
            client.create("Rebuilt")
        assert client.append("Rebuilt", "", None, raw)[0] == "OK"
        client.logout()

    await asyncio.to_thread(append, mail("small"))
    await asyncio.to_thread(append, mail("huge", b"x" * 78 * 50_000 + b"\r\n"))
    box = ImapMailbox(account(mail_host, "bob", folder="Rebuilt", done="move", move_to="Read"))
    small, huge = await read(box, None, 2)
    assert (small.truncated, huge.truncated, len(huge.raw)) == (False, True, 256_000)
    assert huge.size > 3_900_000
    doveadm = ["doveadm", "-c", str(mail_host.folder / "dovecot.conf"), "mailbox"]
    await box.close()
    box = ImapMailbox(box.account)
    rebuild = [*doveadm, "update", "-u", "bob", "--uid-validity", "4242", "Rebuilt"]
    await asyncio.to_thread(subprocess.run, rebuild, check=True)
    again = await read(box, huge.position, 2)
    assert [one.position.uidvalidity for one in again] == [4242, 4242]
    for one in again:
        await box.done(one)
    assert await read_once(box) == []
    moved = ImapMailbox(account(mail_host, "bob", folder="Read"))
    assert [one.truncated for one in await read(moved, None, 2)] == [False, True]
    await moved.close()
    await box.close()


async def read_once(box: ImapMailbox) -> list[Fetched]:
    return [one async for one in box.poll(None)]


async def test_a_wrong_password_is_told(mail_host: Any) -> None:
    box = ImapMailbox(account(mail_host, "ada", password="wrong"))
    with pytest.raises(LoginRefused):
        await read_once(box)
