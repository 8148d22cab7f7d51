"""Numbers, slips in addresses, and double opt-in as stories on both databases (row Q6, reliability.md F86, F91, F92)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from nurture.core.duration import Duration
from nurture.core.errors import GrammarError
from nurture.services.capture import Agreed, Submission, capture
from nurture.services.unsubscribe import unsubscribe
from nurture.services.verify import Confirmation, Doubt, Outcome, confirm, doubts, parse_phone, suggestion
from nurture.store.engine import Store
from tests.web.books import NOW, SECRET, Books

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Duration(days=7)


@pytest.mark.parametrize(
    "written",
    ["+49 30 1234567", "030/123 45-67", "(030) 1234567", "0045 12345678", "8 (495) 123-45-67", "12345"],
)
def test_numbers_people_write(written: str) -> None:
    assert parse_phone(f"  {written} ") == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1234",
        "call me",
        "+49 30 1234567 or later",
        "1" * 16,
        "30 12\u202e345",
        "٣٤٥٦٧٨a",
        "++49 30 1234567",
    ],
)
def test_what_is_no_number(written: str) -> None:
    with pytest.raises(GrammarError):
        parse_phone(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmai.com", "ada@gmail.com"),
        ("ada@gmaill.com", "ada@gmail.com"),
        ("Ada.L@hotmial.com", "Ada.L@hotmail.com"),
        ("ada@outlok.com", "ada@outlook.com"),
        ("ada@gmail.com", None),
        ("ada@gmx.at", None),
        ("ada@wea.de", None),
        ("ada@mail.de", None),
        ("ada@pumpwerk.example", None),
        ("ada", None),
    ],
)
def test_slips_in_the_names_of_providers(written: str, meant: str | None) -> None:
    assert suggestion(written) == meant


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"name": "asdfgh"}, Doubt.JOKE),
        ({"first_name": "xxx"}, Doubt.JOKE),
        ({"name": "Mickey Mouse"}, Doubt.JOKE),
        ({"name": "12345"}, Doubt.JOKE),
        ({"first_name": "Ada", "last_name": "ada"}, Doubt.SAME),
        ({"phone": "+1 111 111"}, Doubt.PHONE),
        ({"phone": "0123456789"}, Doubt.PHONE),
        ({"email": "info@lund.example"}, Doubt.ROLE),
        ({"email": "ada@lund.example", "website": "https://www.other.example/x"}, Doubt.SITE),
        ({"email": "ada@lund.example", "website": "www.shop.lund.example"}, None),
        ({"email": "ada@gmail.com", "website": "lund.example"}, None),
        (
            {
                "name": "Testa Rossa",
                "first_name": "Bar-Lev",
                "last_name": "Abcarian",
                "phone": "+49 30 123456",
            },
            None,
        ),
        ({"name": "Ли", "company_size": 3}, None),
        ({}, None),
    ],
)
def test_what_makes_one_look_twice(fields: dict[str, Any], doubt: Doubt | None) -> None:
    assert doubts(fields) == ((doubt,) if doubt else ())


# -- double opt-in --------------------------------------------------------------------------------------------------


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store)


async def send_form(books: Books, now: datetime = NOW, **changes: Any) -> int:
    """The form with a box for mail, which asks for confirmation."""
    sent: dict[str, Any] = {
        "form": "news",
        "language": "en",
        "fields": {"email": "ada@example.org"},
        "answers": {"email": "ada@example.org"},
        "agreed": (Agreed("email", "You may write to me."),),
        "proof": {"form": "news", "ip": "192.0.2.7"},
        "confirmation": Confirmation(),
        **changes,
    }
    return (await capture(books.store, Submission(**sent), now=now, secret=SECRET)).lead_id


async def follow(books: Books, lead_id: int, now: datetime = NOW + HOUR) -> Outcome:
    proof = {"by": "double opt-in", "ip": "192.0.2.8"}
    return await confirm(books.store, lead_id, valid=WEEK, now=now, secret=SECRET, proof=proof)


async def test_the_whole_way(books: Books) -> None:
    lead_id = await send_form(books)
    assert await books.consents() == [], "nothing counts before it is confirmed"
    (mail,) = await books.rows("message")
    assert (mail["service"], mail["template"], mail["state"]) == ("confirmation", "confirm_address", "queued")
    assert (mail["in_doubt"], mail["next_at"], mail["lead_id"]) == ("resend", NOW, lead_id)
    assert mail["latest"] == NOW + 7 * DAY, "a link too old is not sent at all"
    assert await follow(books, lead_id) is Outcome.CONFIRMED
    assert await books.events() == ["form.submitted", "consent.given", "lead.verified"]
    (address,) = await books.rows("address")
    assert (address["verified_at"], address["verified_how"]) == (NOW + HOUR, "double opt-in")
    (kept,) = await books.rows("consent")
    assert kept["wording"] == "You may write to me."
    assert kept["proof"] == {
        "form": "news", "ip": "192.0.2.7", "confirmed": {"by": "double opt-in", "ip": "192.0.2.8"},
    }  # fmt: skip


async def test_confirming_twice_is_once(books: Books) -> None:
    lead_id = await send_form(books)
    await follow(books, lead_id)
    assert await follow(books, lead_id) is Outcome.CONFIRMED
    assert await follow(books, lead_id, NOW + 30 * DAY) is Outcome.CONFIRMED
    assert await books.events() == ["form.submitted", "consent.given", "lead.verified"]


async def test_an_old_link_confirms_nothing(books: Books) -> None:
    lead_id = await send_form(books)
    assert await follow(books, lead_id, NOW + 7 * DAY + HOUR) is Outcome.TOO_OLD
    assert await books.events() == ["form.submitted"]
    await send_form(books, NOW + 8 * DAY)
    assert await follow(books, lead_id, NOW + 8 * DAY + HOUR) is Outcome.CONFIRMED


async def test_one_confirmation_mail_a_day_whatever_the_forms(books: Books) -> None:
    for hour in range(5):
        await send_form(books, NOW + hour * HOUR, form=f"form{hour}")
    assert await books.confirmations() == 1
    await send_form(books, NOW + 23 * HOUR)
    assert await books.confirmations() == 1
    await send_form(books, NOW + 24 * HOUR)
    assert await books.confirmations() == 2


async def test_who_has_confirmed_and_asks_for_nothing_new_gets_no_mail(books: Books) -> None:
    lead_id = await send_form(books)
    await follow(books, lead_id)
    await send_form(books, NOW + 2 * DAY, agreed=())
    assert await books.confirmations() == 1


async def test_the_unsubscribed_come_back_by_their_own_opt_in(books: Books) -> None:
    lead_id = await books.lead()
    await unsubscribe(books.store, lead_id, now=NOW, secret=SECRET, proof={})
    await send_form(books, NOW + DAY, confirmation=None)
    assert await books.confirmations() == 1
    assert await books.suppressed(), "a form anybody can fill in lifts nothing"
    assert await books.consents() == [("email", False)]
    assert await follow(books, lead_id, NOW + DAY + HOUR) is Outcome.CONFIRMED
    assert not await books.suppressed()
    assert await books.consents() == [("email", False), ("email", True)]
    assert (await books.events())[-2:] == ["consent.given", "lead.verified"]


async def test_the_unsubscribed_are_asked_once(books: Books) -> None:
    lead_id = await books.lead()
    await unsubscribe(books.store, lead_id, now=NOW, secret=SECRET, proof={})
    for day in (1, 3, 9):
        await send_form(books, NOW + day * DAY)
    assert await books.confirmations() == 1


async def test_the_unsubscribed_are_not_asked_when_they_tick_nothing(books: Books) -> None:
    lead_id = await books.lead()
    await unsubscribe(books.store, lead_id, now=NOW, secret=SECRET, proof={})
    await send_form(books, NOW + DAY, agreed=())
    await send_form(books, NOW + DAY, agreed=(Agreed("greetings", "A greeting."),))
    assert await books.confirmations() == 0


async def test_who_complained_is_not_asked(books: Books) -> None:
    lead_id = await books.lead()
    await books.happened(lead_id, "email.complained")
    await send_form(books, NOW + DAY)
    assert await books.confirmations() == 0


async def test_an_old_link_does_not_undo_an_unsubscription(books: Books) -> None:
    lead_id = await send_form(books)
    await unsubscribe(books.store, lead_id, now=NOW + HOUR, secret=SECRET, proof={})
    assert await follow(books, lead_id, NOW + 2 * HOUR) is Outcome.CONFIRMED
    assert await books.suppressed()
    assert await books.consents() == [("email", False)]


async def test_unsubscribing_takes_back_a_confirmation_that_waits(books: Books) -> None:
    lead_id = await send_form(books)
    await unsubscribe(books.store, lead_id, now=NOW + HOUR, secret=SECRET, proof={})
    assert await books.confirmations() == 0


async def test_every_topic_that_was_ticked_counts(books: Books) -> None:
    lead_id = await send_form(books, agreed=(Agreed("email", "Mail."), Agreed("greetings", "A greeting.")))
    await send_form(books, NOW + HOUR, form="other", agreed=(Agreed("later", "Later."),))
    await follow(books, lead_id, NOW + 2 * HOUR)
    assert sorted(await books.consents()) == [("email", True), ("greetings", True), ("later", True)]


async def test_nobody_is_there_to_confirm(books: Books) -> None:
    lead_id = await books.lead()
    await books.erase(lead_id)
    assert await follow(books, lead_id) is Outcome.NOBODY
    assert await follow(books, 4711) is Outcome.NOBODY
