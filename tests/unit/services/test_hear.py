"""What is done about an automatic answer that only its words give away: a person may have written it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nurture.inbound.detectors import auto_reply
from nurture.services.hear import SURELY_AUTOMATIC
from tests.unit.services.mail_office import RECEIVED, Office, reply

DOUBTED = "Our office is closed on Thursday for the staff outing."
NOTE = (
    "Thank you for your message. I am out of the office until 16 March 2026 with no access to email. "
    "In urgent cases please contact the reception."
)


@pytest.fixture(autouse=True)
def a_text_that_could_be_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the classifier makes of a text changes with what it learns; here it hardly tells."""
    monkeypatch.setattr(auto_reply, "machine_chance", lambda text, lexicon: 0.3)


async def confidence(office: Office) -> tuple[str, float]:
    async with office.store.read() as conn:
        verdict = await conn.scalar(select(RECEIVED.c.verdict))
    return verdict["kind"], verdict["confidence"]


async def test_few_words_of_a_machine_and_no_header_make_a_task(office: Office) -> None:
    await office.gets(reply(DOUBTED, to=office.reply_to))
    kind, sure = await confidence(office)
    assert (kind, sure < SURELY_AUTOMATIC) == ("auto_reply", True)
    assert [kind for _, kind, _ in await office.events()] == ["auto_reply"]
    [(kind, text)] = await office.tasks()
    assert kind == "reply"
    assert DOUBTED in text
    assert "our office is closed" in text
    assert "nurture reply correct 1 --intent" in text


@pytest.mark.parametrize(
    ("text", "header"),
    [(DOUBTED, "Auto-Submitted: auto-replied\n"), (NOTE, "")],
    ids=["header", "plain note"],
)
async def test_a_header_or_a_plain_note_makes_none(office: Office, text: str, header: str) -> None:
    await office.gets(reply(text, to=office.reply_to, more=header))
    kind, sure = await confidence(office)
    assert (kind, sure >= SURELY_AUTOMATIC) == ("auto_reply", True)
    assert [kind for _, kind, _ in await office.events()] == ["auto_reply"]
    assert await office.tasks() == []


async def test_the_same_mail_twice_asks_once(office: Office) -> None:
    await office.gets(reply(DOUBTED, to=office.reply_to))
    await office.gets(reply(DOUBTED, to=office.reply_to))
    assert len(await office.tasks()) == 1
