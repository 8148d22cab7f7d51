"""Answers read beside the mail of ours that they answer: it says what was asked, and which lines are not the person's."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.unit.services.mail_office import MESSAGE, RECEIVED, Office, reply

OURS = """\
From: Berg Pumps <hello@us.example>
To: ada@example.org
Subject: Hello
Message-ID: <sent.1@us.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=B

--B
Content-Type: text/plain; charset=utf-8

Dear Ada,

thank you for your interest in our pumps. How many pumps do you run today?

Do you have somebody who looks after them?

{asks}

Kind regards
Anna Berg

You receive this email because you gave us your address.
Unsubscribe: https://us.example/u/abc

--B
Content-Type: text/html; charset=utf-8

<p>Dear Ada,</p><p>thank you for your interest in our pumps. How many pumps do you run today?</p>
<p>Do you have somebody who looks after them?</p><p>{asks}</p><p>Kind regards<br>Anna Berg</p>
<p>You receive this email because you gave us your address. <a href="https://us.example/u/abc">Unsubscribe</a></p>
--B--
"""
BLOCK = (
    "From: Berg Pumps <hello@us.example>\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: Ada\nSubject: Hello\n\n"
)


async def sent(office: Office, asks: str) -> None:
    raw = OURS.format(asks=asks).replace("\n", "\r\n").encode()
    async with office.store.write() as conn:
        await conn.execute(update(MESSAGE).values(raw=raw))


async def read(office: Office, text: str) -> dict[str, object]:
    await office.gets(reply(text, to=office.reply_to))
    async with office.store.read() as conn:
        return dict((await conn.scalars(select(RECEIVED.c.verdict))).one())


@pytest.mark.parametrize(
    ("asks", "text", "event"),
    [
        ("May we go on writing to you?", "No.", "unsubscribed"),
        ("May we go on writing to you?", "no thanks\n\nSent from my iPhone", "unsubscribed"),
        ("Are you the right person for this?", "No, I'm not.", "reply.wrong_person"),
        ("Shall we show you how they work?", "No.", "reply.refused"),
        ("Shall we show you how they work?", "Yes please", "reply.interested"),
    ],
)
async def test_a_bare_answer_is_read_with_what_we_asked(
    office: Office, asks: str, text: str, event: str
) -> None:
    await sent(office, asks)
    await read(office, text)
    assert event in [kind for _, kind, _ in await office.events()]


@pytest.mark.parametrize("block", [BLOCK, "-----Original Message-----\n" + BLOCK])
async def test_answers_without_marks_in_our_mail_are_the_persons(office: Office, block: str) -> None:
    await sent(office, "Shall we show you how they work?")
    text = (
        f"Hello Anna,\n\n{block}Dear Ada,\n\nthank you for your interest in our pumps. How many pumps do you\n"
        "run today?\n\nThree, one of them is from 1978.\n\nDo you have somebody who looks after them?\n\nOnly me.\n\n"
        "Shall we show you how they work?\n\nYes please, call me in the morning.\n\nKind regards\nAnna Berg\n\n"
        "You receive this email because you gave us your address. Unsubscribe<https://us.example/u/abc>\n"
    )
    said = await read(office, text)
    assert said["text"] == (
        "Hello Anna,\n\nThree, one of them is from 1978.\n\nOnly me.\n\nYes please, call me in the morning."
    )
    assert said["intent"] == "interested"


async def test_where_our_mail_is_no_longer_kept_it_is_read_alone(office: Office) -> None:
    said = await read(office, "No.")
    assert (said["intent"], said["asked"]) == ("refused", "")


async def test_the_mail_of_a_proof_only(office: Office) -> None:
    """A mail that nothing but its sender connects with us may answer another mail than the last one."""
    await sent(office, "May we go on writing to you?")
    await office.gets(reply("No.", to="hello@us.example"))
    assert [kind for _, kind, _ in await office.events()] == ["reply.refused"]
