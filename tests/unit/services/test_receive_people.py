"""Whom a reply is from, as stories: colleagues, second addresses, two leads, successors (issue: Matching)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nurture.core.effects import SendEmail
from nurture.core.tokens import Purpose, plus_address, sign
from nurture.services.record import find_or_add_lead
from nurture.services.sameness import same_organisation, same_person
from nurture.store.queries import leads
from nurture.store.queries.outcomes import insert_new
from nurture.store.rows import message_values
from tests.unit.services.mail_office import KEY, MESSAGE, NOW, RECEIVED, SECRET, Office, reply

ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}


async def set_name(office: Office) -> None:
    async with office.store.write() as conn:
        await leads.set_fields(conn, 1, {"name": "Ada Lovelace", "owner": "anna@us.example"})


async def a_message_to_bob(office: Office) -> str:
    """Another lead's message; answers where its replies go."""
    async with office.store.write() as conn:
        bob, _ = await find_or_add_lead(conn, {"email": "bob@other.example"}, now=NOW, secret=SECRET)
        email = SendEmail(at=NOW, run="d/1", step="hello", campaign="d", version="v", template="hello")
        more = {"state": "sent", "message_id": "<sent.2@us.example>", "recipient": "bob@other.example"}
        values = {**message_values(bob, email, NOW), **more, "sent_at": NOW}
        made = await conn.execute(insert_new(conn, MESSAGE).values(**values).returning(MESSAGE.c.id))
    return plus_address("hello@us.example", sign(Purpose.REPLY, str(made.scalar()), KEY))


@pytest.mark.parametrize(
    ("address", "shown", "same"),
    [
        ("ada.lovelace@home.example", "", True),
        ("lovelace.ada@home.example", "", True),
        ("adalovelace@home.example", "", True),
        ("x@home.example", "Ada Lovelace", True),
        ("x@home.example", "Lovelace, Ada", True),
        ("x@home.example", "Dr. Ada Lovelace (Analytical Engines)", True),
        ("info@example.org", "Ada Lovelace", True),
        ("info.ada@home.example", "", False),
        ("ada@home.example", "Ada", False),
        ("a.lovelace@example.org", "", False),
        ("eva@example.org", "Eva for Ada Lovelace", False),
        ("byron@example.org", "Lord Byron", False),
        ("", "", False),
    ],
)
def test_whose_address_it_is(address: str, shown: str, same: bool) -> None:
    assert same_person(address, shown, ["ada@example.org"], ADA) is same


@pytest.mark.parametrize("written", ["Jürgen Müller", "Juergen Mueller", "MÜLLER Jürgen"])
def test_a_name_in_another_spelling_is_the_same(written: str) -> None:
    assert same_person("jm@home.example", written, [], {"first_name": "Jürgen", "last_name": "Müller"})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@firm.example", "b@firm.example", True),
        ("a@firm.example", "b@mail.firm.example", True),
        ("a@firm.example", "b@otherfirm.example", False),
        ("a@gmail.com", "b@gmail.com", False),
        ("a@yahoo.co.uk", "b@yahoo.co.uk", False),
        ("a@web.de", "b@web.de", False),
    ],
)
def test_who_is_at_one_company(one: str, other: str, same: bool) -> None:
    assert same_organisation(one, other) is same


@pytest.mark.parametrize(
    ("sender", "who"),
    [("Carl <carl@example.org>", "colleague"), ("Carl <carl@elsewhere.example>", "stranger")],
)
async def test_what_another_answers_is_proposed_with_who_they_are(
    office: Office, sender: str, who: str
) -> None:
    await office.gets(reply("No thanks, we have no budget for this.", to=office.reply_to, sender=sender))
    [(lead, kind, data)] = await office.events()
    assert (lead, kind, data["proposed"], data["who"]) == (1, "reply.unclear", "refused", who)


async def test_the_lead_writing_from_home_is_understood_and_the_address_learnt(office: Office) -> None:
    await set_name(office)
    await office.gets(
        reply("Yes, I am interested. Call me.", to=office.reply_to, sender="Ada Lovelace <al@home.example>")
    )
    await office.gets(
        reply("How much does the installation cost?", to="hello@us.example", sender="al@home.example")
    )
    assert [(lead, kind) for lead, kind, _ in await office.events()] == [
        (1, "reply.interested"),
        (1, "reply.question"),
    ]
    async with office.store.read() as conn:
        assert await leads.find_by_email(conn, "al@home.example") == 1


async def test_a_name_alone_teaches_no_address(office: Office) -> None:
    await set_name(office)
    await office.gets(reply("Yes, call me.", to="hello@us.example", sender="Ada Lovelace <al@home.example>"))
    assert await office.events() == []
    async with office.store.read() as conn:
        assert await leads.find_by_email(conn, "al@home.example") is None


async def test_a_desk_is_nobodys_address(office: Office) -> None:
    await set_name(office)
    await office.gets(
        reply("Yes, I am interested.", to=office.reply_to, sender="Ada Lovelace <info@example.org>")
    )
    [(_, kind, data)] = await office.events()
    assert (kind, data["proposed"]) == ("reply.unclear", "interested")
    async with office.store.read() as conn:
        assert await leads.find_by_email(conn, "info@example.org") is None


async def test_a_reply_between_two_leads_is_neithers(office: Office) -> None:
    await office.gets(reply("We are interested!", to=office.reply_to, sender="Bob <bob@other.example>"))
    assert await office.events() == []
    [(kind, text)] = await office.tasks()
    assert kind == "reply"
    for part in (
        "bob@other.example wrote",
        "ada@example.org",
        "We are interested!",
        "interested",
        "reply correct 1",
    ):
        assert part in text
    async with office.store.read() as conn:
        assert list((await conn.execute(select(RECEIVED.c.lead_id, RECEIVED.c.state))).all()) == [
            (None, "done")
        ]


async def test_who_asks_to_be_left_alone_is_even_with_anothers_token(office: Office) -> None:
    await office.gets(reply("Please unsubscribe me.", to=office.reply_to, sender="Bob <bob@other.example>"))
    assert [(lead, kind) for lead, kind, _ in await office.events()] == [(2, "unsubscribed")]
    assert await office.suppressed("bob@other.example")
    assert not await office.suppressed("ada@example.org")


async def test_tokens_of_two_leads_belong_to_the_writer_or_to_nobody(office: Office) -> None:
    both = f"{office.reply_to}, {await a_message_to_bob(office)}"
    await office.gets(reply("Yes, I am interested.", to=both, sender="Bob <bob@other.example>"))
    assert [(lead, kind) for lead, kind, _ in await office.events()] == [(2, "reply.interested")]
    await office.gets(reply("Yes, we are interested.", to=both, sender="Zoe <zoe@nowhere.example>"))
    assert len(await office.events()) == 1
    assert [kind for kind, _ in await office.tasks()] == ["reply"]


async def test_of_a_chain_of_messages_the_writers_own_is_answered(office: Office) -> None:
    await a_message_to_bob(office)
    chain = "References: <sent.1@us.example> <sent.2@us.example>\n"
    await office.gets(reply("Yes, I am interested.", to="hello@us.example", more=chain))
    [(lead, kind, data)] = await office.events()
    assert (lead, kind, data["campaign"]) == (1, "reply.interested", "c")


async def test_one_mail_in_two_mailboxes_is_one_answer(office: Office) -> None:
    raw = reply("Yes, I am interested.", to=office.reply_to)
    await office.gets(raw)
    await office.gets("Received: from mx by other\n" + raw)
    assert [kind for _, kind, _ in await office.events()] == ["reply.interested"]
    async with office.store.read() as conn:
        states = (await conn.scalars(select(RECEIVED.c.state).order_by(RECEIVED.c.id))).all()
    assert states == ["done", "duplicate"]


LEFT = "I no longer work at Example Ltd. Please contact my successor carl@example.org from now on."


@pytest.mark.parametrize("proven", [True, False])
async def test_who_left_is_told_to_the_owner_with_the_successor(office: Office, proven: bool) -> None:
    await set_name(office)
    to = office.reply_to if proven else "hello@us.example"
    await office.gets(reply(LEFT, to=to, more="Auto-Submitted: auto-replied\n"))
    [(kind, text)] = await office.tasks()
    assert kind == "address"
    assert "Ada Lovelace is no longer with the company" in text
    assert "carl@example.org" in text
    assert await office.bounce_of() == ("hard" if proven else None)


async def test_a_claimed_absence_is_not_believed_for_months(office: Office) -> None:
    away = "I am out of the office until 16 May 2026."
    auto = "Auto-Submitted: auto-replied\n"
    await office.gets(reply(away, to="hello@us.example", more=auto))
    await office.gets(reply(away, to=office.reply_to, more=auto))
    first, second = [data for _, _, data in await office.events()]
    assert "until" not in first
    assert second["until"].month == 5
