"""What mail systems say over time, and mail that means harm: counted, limited, kept for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from nurture.services.hear import SOFT_BOUNCES, SOFT_SPAN
from nurture.services.receive import MOST_FROM_ONE
from nurture.services.record import record
from nurture.store.tables import Row
from tests.unit.services.mail_office import NOW, RECEIVED, SECRET, Office, reply, report

TRACE = Row.metadata.tables["trace"]


async def traces(office: Office) -> list[tuple[str, str, str]]:
    async with office.store.read() as conn:
        return [tuple(row) for row in await conn.execute(select(TRACE.c.word, TRACE.c.run, TRACE.c.step))]


async def states(office: Office) -> list[str]:
    async with office.store.read() as conn:
        return list((await conn.scalars(select(RECEIVED.c.state).order_by(RECEIVED.c.id))).all())


async def bounces(
    office: Office, number: int, *, days: float = 1.0, proven: bool = True, first: int = 0
) -> None:
    for one in range(first, first + number):
        said = f"mailbox full, number {one}"
        to = office.reply_to if proven else "hello@us.example"
        await office.gets(report(to=to, status="4.2.2", said=said), now=NOW + timedelta(days=days * one))


async def test_soft_bounces_far_apart_never_become_a_hard_one(office: Office) -> None:
    await bounces(office, 3 * SOFT_BOUNCES, days=SOFT_SPAN.days / (SOFT_BOUNCES - 1) + 0.5)
    assert await office.bounce_of() is None


@pytest.mark.parametrize("sign", ["email.clicked", "reply.question", "auto_reply"])
async def test_a_sign_of_delivery_begins_the_count_anew(office: Office, sign: str) -> None:
    await bounces(office, SOFT_BOUNCES - 1)
    async with office.store.write() as conn:
        await record(conn, 1, sign, {}, now=NOW + timedelta(days=SOFT_BOUNCES - 1.5), secret=SECRET)
    await bounces(office, SOFT_BOUNCES - 1, first=SOFT_BOUNCES - 1)
    assert await office.bounce_of() is None
    await bounces(office, 1, first=2 * SOFT_BOUNCES)
    assert await office.bounce_of() == "hard"


async def test_forged_bounces_ask_a_person_and_stop_nothing(office: Office) -> None:
    await bounces(office, 3 * SOFT_BOUNCES, proven=False)
    assert await office.bounce_of() is None
    [(kind, text)] = await office.tasks()
    assert kind == "address"
    assert "nothing proves it" in text


async def test_blocks_make_one_task_a_day_for_the_operator(office: Office) -> None:
    for day in (0, 0, 1):
        said = f"blocked, see our blocklist: your IP has bad reputation (ref {day})"
        await office.gets(
            report(to=office.reply_to, status="5.7.1", said=said),
            now=NOW + timedelta(days=day),
        )
    await office.gets(
        report(to="hello@us.example", status="5.7.1", said="listed on a blocklist, spam source")
    )
    found = await office.tasks()
    assert [kind for kind, _ in found] == ["operator", "operator"]
    assert "blocklist" in found[0][1]
    assert [kind for _, kind, _ in await office.events()] == []
    assert await office.bounce_of() is None


DELAYED = (
    "From: MAILER-DAEMON@mx.example.org\nTo: {to}\nSubject: Delayed Mail (still being retried)\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\nNot delivered yet.\n\n"
    "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
    "Final-Recipient: rfc822; ada@example.org\nAction: {action}\nStatus: {status}\n\n--B--\n"
)


@pytest.mark.parametrize(
    ("action", "status", "word"), [("delayed", "4.4.1", "delay"), ("delivered", "2.0.0", "receipt")]
)
async def test_delays_and_receipts_are_noted_at_the_message_and_nothing_else(
    office: Office, action: str, status: str, word: str
) -> None:
    await office.gets(DELAYED.format(to=office.reply_to, action=action, status=status))
    assert await traces(office) == [(word, "c/1", "hello")]
    assert (await office.events(), await office.tasks()) == ([], [])


async def test_our_own_mail_come_back_is_not_acted_on(office: Office) -> None:
    raw = reply("Yes, I am interested.", to=office.reply_to)
    ours = raw.replace(raw.split("Message-ID: ")[1].split("\n")[0], office.message_id)
    await office.gets(ours)
    assert (await office.events(), await office.tasks()) == ([], [])
    async with office.store.read() as conn:
        [(kind, verdict)] = (await conn.execute(select(RECEIVED.c.kind, RECEIVED.c.verdict))).all()
    assert kind == "other"
    assert verdict["evidence"] == ["our own mail came back to us"]


def numbered(office: Office, number: int, **more: Any) -> str:
    return reply(f"How much does pump {number} cost?", to=office.reply_to, **more)


async def test_a_flood_of_one_sender_is_kept_and_not_acted_on(office: Office) -> None:
    for number in range(MOST_FROM_ONE + 5):
        await office.gets(numbered(office, number))
    assert len(await office.events()) == MOST_FROM_ONE
    assert (await states(office)).count("kept") == 5
    [(kind, text)] = await office.tasks()
    assert kind == "inbox"
    assert "ada@example.org wrote more than" in text
    await office.gets(reply("Please unsubscribe me.", to=office.reply_to))
    assert await office.suppressed()
    await office.gets(numbered(office, 99), now=NOW + timedelta(hours=2))
    assert (await office.events())[-1][1] == "reply.question"


async def test_a_flood_does_not_take_others_with_it(office: Office) -> None:
    for number in range(MOST_FROM_ONE + 1):
        await office.gets(reply(f"Buy {number}", to="hello@us.example", sender="zoe@nowhere.example"))
    await office.gets(reply("Yes, I am interested.", to=office.reply_to))
    assert [kind for _, kind, _ in await office.events()] == ["reply.interested"]
    assert len([text for kind, text in await office.tasks() if kind == "reply"]) == MOST_FROM_ONE
