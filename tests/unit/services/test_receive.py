"""Mail in, as stories: what each kind of mail does to the lead, what is proof and what is only a claim."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.demo.servers.imap_server import ImapServer
from nurture.services.hear import SOFT_BOUNCES
from nurture.services.receive import MOST_FAILURES
from nurture.store.queries import inbox, messages
from tests.unit.services.mail_office import MESSAGE, NOW, RECEIVED, Office, reply, report


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
