"""Mail in, as stories: what each kind of mail does to the lead, what is proof and what is only a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.core.effects import SendEmail
from nurture.core.tokens import Purpose, plus_address, sign
from nurture.demo.servers.imap_server import ImapServer
from nurture.inbound.classify import classify
from nurture.inbound.verdict import Verdict
from nurture.services.receive import MOST_FAILURES, SOFT_BOUNCES, Receiver
from nurture.services.record import find_or_add_lead
from nurture.store.engine import Store
from nurture.store.queries import inbox, messages, suppressions
from nurture.store.queries.outcomes import insert_new
from nurture.store.rows import message_values
from nurture.store.tables import Row

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SECRET = "5a" * 32
KEY = bytes.fromhex(SECRET)
MESSAGE, EVENT, TASK, ADDRESS, RECEIVED = (
    Row.metadata.tables[name] for name in ("message", "event", "task", "address", "received")
)


class Reader:
    """Reads in this process; a mail that begins with `X-Fails` cannot be read."""

    async def read(self, raws: Sequence[bytes]) -> list[Verdict | None]:
        return [None if raw.startswith(b"X-Fails") else classify(raw, received_at=NOW) for raw in raws]


@dataclass
class Office:
    store: Store
    receiver: Receiver
    message: int
    reply_to: str
    message_id: str = "<sent.1@us.example>"

    async def gets(self, raw: str, *, now: datetime = NOW) -> None:
        """A mail comes in and is acted on."""
        await self.receiver.keep(raw.replace("\n", "\r\n").encode(), now)
        while await self.receiver.act(now):
            pass

    async def events(self) -> list[tuple[int, str, dict[str, Any]]]:
        async with self.store.read() as conn:
            query = select(EVENT.c.lead_id, EVENT.c.type, EVENT.c.data).where(EVENT.c.type != "lead.created")
            return [tuple(row) for row in await conn.execute(query.order_by(EVENT.c.id))]

    async def tasks(self) -> list[tuple[str, str]]:
        async with self.store.read() as conn:
            return [tuple(row) for row in await conn.execute(select(TASK.c.kind, TASK.c.text))]

    async def suppressed(self, address: str = "ada@example.org") -> bool:
        async with self.store.read() as conn:
            return await suppressions.is_suppressed(conn, address, SECRET)

    async def bounce_of(self, address: str = "ada@example.org") -> str | None:
        async with self.store.read() as conn:
            return await conn.scalar(select(ADDRESS.c.bounce).where(ADDRESS.c.value == address))


@pytest.fixture
async def office(store: Store) -> Office:
    async with store.write() as conn:
        lead_id, _ = await find_or_add_lead(conn, {"email": "ada@example.org"}, now=NOW, secret=SECRET)
        await find_or_add_lead(conn, {"email": "bob@other.example"}, now=NOW, secret=SECRET)
        values = message_values(
            lead_id,
            SendEmail(at=NOW, run="c/1", step="hello", campaign="c", version="v", template="hello"),
            NOW,
        )
        more = {
            "state": "sent",
            "message_id": Office.message_id,
            "recipient": "ada@example.org",
            "sent_at": NOW,
        }
        made = await conn.execute(
            insert_new(conn, MESSAGE).values(**{**values, **more}).returning(MESSAGE.c.id)
        )
        message = int(made.scalar() or 0)
    token = sign(Purpose.REPLY, str(message), KEY)
    return Office(store, Receiver(store, Reader(), SECRET), message, plus_address("hello@us.example", token))


def reply(text: str, *, to: str, sender: str = "Ada <ada@example.org>", more: str = "") -> str:
    return (
        f"From: {sender}\nTo: {to}\nSubject: Re: Hello\nDate: Wed, 4 Mar 2026 08:30:00 +0000\n"
        f"Message-ID: <answer.{abs(hash((text, sender, more)))}@example.org>\n{more}"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def report(*, to: str, status: str = "5.1.1", original: str = "", said: str = "User unknown") -> str:
    return (
        f"From: MAILER-DAEMON@mx.example.org\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        "Date: Wed, 4 Mar 2026 08:30:00 +0000\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\n"
        f"Your message could not be delivered.\n\n<ada@example.org>: host mx said: 550 {status} {said}\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} {said}\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\nSubject: Hello\n{original}\n--B--\n"
    )


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Yes, I am interested. Please call me.", "reply.interested"),
        ("Nein danke, wir haben keinen Bedarf.", "reply.refused"),
        ("Combien coûte l'installation d'une pompe ?", "reply.question"),
        ("Please unsubscribe me from this list.", "unsubscribed"),
        ("Пожалуйста, напишите мне в сентябре, сейчас нет времени.", "reply.later"),
    ],
)
async def test_a_reply_becomes_an_event_with_where_it_belongs(office: Office, text: str, event: str) -> None:
    await office.gets(reply(text, to=office.reply_to))
    [(lead, kind, data)] = await office.events()
    assert (lead, kind) == (1, event)
    assert (data["campaign"], data["run"], data["template"], data["message"]) == (
        "c",
        "c/1",
        "hello",
        office.message,
    )
    assert data["text"] == text
    async with office.store.read() as conn:
        row = await messages.get(conn, office.message)
    assert row is not None
    assert row["replied_at"] == NOW


async def test_an_unsubscription_suppresses_at_once(office: Office) -> None:
    await office.gets(reply("Unsubscribe me.", to=office.reply_to))
    assert await office.suppressed()


async def test_a_mail_is_acted_on_once(office: Office) -> None:
    raw = reply("Yes please, call me.", to=office.reply_to)
    for _ in range(3):
        await office.gets(raw)
    assert len(await office.events()) == 1


@pytest.mark.parametrize(
    ("to", "more", "matched"),
    [
        ("TOKEN", "", "token"),
        ("hello@us.example", "In-Reply-To: <sent.1@us.example>\n", "message_id"),
        ("hello@us.example", "References: <x@y.example> <sent.1@us.example> <z@y.example>\n", "message_id"),
        ("hello@us.example", "", "sender"),
    ],
)
async def test_by_what_a_reply_is_matched(office: Office, to: str, more: str, matched: str) -> None:
    await office.gets(reply("Yes, I am interested.", to=to.replace("TOKEN", office.reply_to), more=more))
    async with office.store.read() as conn:
        assert list((await conn.execute(select(RECEIVED.c.matched_by, RECEIVED.c.lead_id))).all()) == [
            (matched, 1)
        ]


async def test_somebody_elses_answer_is_proposed_never_assumed(office: Office) -> None:
    await office.gets(reply("Yes, we are interested!", to=office.reply_to, sender="Carl <carl@example.org>"))
    [(lead, kind, data)] = await office.events()
    assert (lead, kind, data["proposed"], data["from"]) == (
        1,
        "reply.unclear",
        "interested",
        "carl@example.org",
    )


async def test_a_reply_of_a_stranger_goes_to_a_person(office: Office) -> None:
    await office.gets(reply("Do you sell pumps?", to="hello@us.example", sender="Zoe <zoe@nowhere.example>"))
    assert await office.events() == []
    [(kind, text)] = await office.tasks()
    assert kind == "reply"
    assert "zoe@nowhere.example" in text
    assert "Do you sell pumps?" in text


async def test_a_forged_token_is_none(office: Office) -> None:
    forged = office.reply_to.replace(office.reply_to.split("+")[1].split("@")[0], "aebqfikkvof4wmmnr2kq")
    await office.gets(report(to=forged))
    assert await office.bounce_of() is None


@pytest.mark.parametrize(
    ("proof", "status", "bounce", "hard"),
    [(True, "5.1.1", "hard", True), (False, "5.1.1", None, False), (True, "4.2.2", None, False)],
)
async def test_a_bounce_stops_the_address_only_when_it_is_proven_and_hard(
    office: Office, proof: bool, status: str, bounce: str | None, hard: bool
) -> None:
    await office.gets(report(to=office.reply_to if proof else "hello@us.example", status=status))
    assert await office.bounce_of() == bounce
    assert [(kind, data["hard"]) for _, kind, data in await office.events()] == [("email.bounced", hard)]


async def test_many_soft_bounces_become_a_hard_one(office: Office) -> None:
    for day in range(SOFT_BOUNCES):
        said = f"mailbox full, day {day}"
        await office.gets(
            report(to=office.reply_to, status="4.2.2", said=said), now=NOW + timedelta(days=day)
        )
    assert await office.bounce_of() == "hard"


async def test_a_block_of_our_server_never_touches_the_address(office: Office) -> None:
    await office.gets(
        report(
            to=office.reply_to, status="5.7.1", said="blocked, see our blocklist: your IP has bad reputation"
        )
    )
    assert await office.bounce_of() is None
    assert await office.events() == []


COMPLAINT = (
    "From: fbl@provider.example\nTo: {to}\nSubject: complaint\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\n\nAn abuse report.\n\n"
    "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: FBL/1.0\nVersion: 1\n\n"
    "--B\nContent-Type: message/rfc822\n\nFrom: hello@us.example\nTo: {about}\nMessage-ID: {id}\nSubject: Hello\n\nhi\n--B--\n"
)


@pytest.mark.parametrize(
    ("message_id", "suppressed"), [("<sent.1@us.example>", True), ("<forged@x.example>", False)]
)
async def test_a_complaint_suppresses_only_with_proof(
    office: Office, message_id: str, suppressed: bool
) -> None:
    await office.gets(COMPLAINT.format(to="hello@us.example", about="ada@example.org", id=message_id))
    assert await office.suppressed() is suppressed


async def test_an_absence_note_is_no_reply_and_names_the_return(office: Office) -> None:
    text = "I am out of the office until 16 March 2026 with no access to email."
    await office.gets(reply(text, to=office.reply_to, more="Auto-Submitted: auto-replied\n"))
    [(_, kind, data)] = await office.events()
    assert kind == "auto_reply"
    assert data["until"].isoformat() in ("2026-03-16", "2026-03-17")


async def test_an_answer_settles_doubt(office: Office) -> None:
    async with office.store.write() as conn:
        await conn.execute(update(MESSAGE).values(state="in_doubt", marked_at=NOW))
    await office.gets(reply("Yes, I am interested.", to=office.reply_to))
    async with office.store.read() as conn:
        row = await messages.get(conn, office.message)
    assert row is not None
    assert (row["state"], row["assumed"]) == ("sent", False)


async def test_what_cannot_be_read_three_times_is_put_aside_with_a_task(office: Office) -> None:
    for _ in range(MOST_FAILURES):
        await office.receiver.keep(b"X-Fails: yes\n\nboom", NOW)
        await office.receiver.act(NOW)
    assert await office.receiver.act(NOW) == 0
    [(kind, text)] = await office.tasks()
    assert kind == "inbox"
    assert "put aside" in text
    await office.gets(reply("Yes, I am interested.", to=office.reply_to))
    assert [kind for _, kind, _ in await office.events()] == ["reply.interested"]


async def test_over_imap_each_mail_once_even_when_the_mailbox_is_numbered_anew(office: Office) -> None:
    async with ImapServer(users={"us": "pw"}) as server:
        account = ImapAccount(
            host="127.0.0.1", port=server.port, security="none", username="us", password="pw", pause_seconds=0
        )
        mailbox = ImapMailbox(account)
        server.put(reply("Yes, I am interested.", to=office.reply_to).replace("\n", "\r\n").encode())
        assert await office.receiver.fetch(mailbox, NOW) == 1
        assert await office.receiver.fetch(mailbox, NOW) == 0
        server.change_uidvalidity(777)
        assert await office.receiver.fetch(mailbox, NOW) == 0
        await mailbox.close()
    while await office.receiver.act(NOW):
        pass
    async with office.store.read() as conn:
        assert await inbox.count_waiting(conn) == 0
    assert len(await office.events()) == 1
