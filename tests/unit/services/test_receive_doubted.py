"""Who only says to be somebody: forged senders, and people at a lead's company whom we do not know (decision 12)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nurture.services.record import find_or_add_lead
from nurture.services.sameness import organisation_domains
from nurture.store.queries import leads
from tests.unit.services.mail_office import NOW, RECEIVED, SECRET, TASK, Office, reply

FORGED = "Authentication-Results: mx.us.example; dmarc=fail header.from=example.org\n"
TRUE = "Authentication-Results: mx.us.example; dmarc=pass header.from=example.org\n"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Yes, I am interested, please call me.", "interested"),
        ("No thanks, we have no budget for this.", "refused"),
        ("Please take me off your list.", "unsubscribe"),
    ],
)
async def test_a_forged_answer_without_proof_moves_nobody(office: Office, said: str, meant: str) -> None:
    await office.gets(reply(said, to="hello@us.example", more=FORGED))
    [(lead, kind, data)] = await office.events()
    assert (lead, kind, data["proposed"], data["who"]) == (1, "reply.unclear", meant, "doubted")
    assert "DMARC failed" in data["evidence"][0]
    assert "from" not in data
    assert not await office.suppressed()


async def test_with_proof_only_the_wish_to_be_left_alone_is_obeyed(office: Office) -> None:
    await office.gets(reply("Yes, I am interested, please call me.", to=office.reply_to, more=FORGED))
    await office.gets(reply("Please take me off your list.", to=office.reply_to, more=FORGED))
    assert [kind for _, kind, _ in await office.events()] == ["reply.unclear", "unsubscribed"]
    assert await office.suppressed()


async def test_a_sender_whose_domain_vouches_is_believed_as_before(office: Office) -> None:
    await office.gets(reply("Yes, I am interested, please call me.", to="hello@us.example", more=TRUE))
    assert [kind for _, kind, _ in await office.events()] == ["reply.interested"]


async def test_a_forged_absence_holds_nothing_back(office: Office) -> None:
    more = f"{FORGED}Auto-Submitted: auto-replied\n"
    await office.gets(reply("I am out of the office until 14 March.", to="hello@us.example", more=more))
    assert await office.events() == []


async def test_a_forged_name_teaches_no_address(office: Office) -> None:
    async with office.store.write() as conn:
        await leads.set_fields(conn, 1, {"name": "Ada Lovelace"})
    sender = "Ada Lovelace <al@home.example>"
    await office.gets(reply("Yes, call me.", to=office.reply_to, sender=sender, more=FORGED))
    async with office.store.read() as conn:
        assert await leads.find_by_email(conn, "al@home.example") is None


async def test_a_click_on_unsubscribe_with_a_forged_sender_asks_a_person(office: Office) -> None:
    raw = reply("", to="unsubscribe@us.example", more=FORGED).replace("Re: Hello", "unsubscribe")
    await office.gets(raw)
    assert not await office.suppressed()
    [(kind, text)] = await office.tasks()
    assert kind == "reply"
    assert "DMARC failed" in text


async def add(office: Office, email: str, name: str = "") -> int:
    async with office.store.write() as conn:
        found, _ = await find_or_add_lead(conn, {"email": email, "name": name}, now=NOW, secret=SECRET)
    return found


async def test_somebody_at_a_lead_s_company_is_proposed_as_a_colleague(office: Office) -> None:
    otto = await add(office, "otto@kunde.example", "Otto Kunde")
    await office.gets(
        reply("No thanks, we have no budget.", to="hello@us.example", sender="Eva <eva@mail.kunde.example>")
    )
    assert await office.events() == []
    [(kind, text)] = await office.tasks()
    assert kind == "reply"
    assert "Perhaps a colleague of Otto Kunde." in text
    assert "Proposed reading: refused" in text
    async with office.store.read() as conn:
        assert await conn.scalar(select(TASK.c.lead_id)) == otto
        assert await conn.scalar(select(RECEIVED.c.lead_id)) is None


@pytest.mark.parametrize("sender", ["eva@gmail.com", "eva@otherfirm.example", "eva@example"])
async def test_a_mail_provider_or_another_company_makes_no_colleague(office: Office, sender: str) -> None:
    for email in ("otto@gmail.com", "otto@kunde.example", "otto@firm.example"):
        await add(office, email)
    await office.gets(reply("No thanks.", to="hello@us.example", sender=f"Eva <{sender}>"))
    [(_, text)] = await office.tasks()
    assert "colleague" not in text


@pytest.mark.parametrize(
    ("address", "domains"),
    [
        ("a@firm.example", ("firm.example",)),
        ("a@mail.Firm.example", ("mail.firm.example", "firm.example")),
        ("a@gmail.com", ()),
        ("a@yahoo.co.uk", ()),
        ("a@example", ()),
        ("a@.example.", ()),
        ("", ()),
    ],
)
def test_at_which_domains_colleagues_are_looked_for(address: str, domains: tuple[str, ...]) -> None:
    assert organisation_domains(address) == domains
