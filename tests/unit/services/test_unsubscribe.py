"""Ending mail, and allowing it again, as stories on both databases (reliability.md L2–L6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.services.unsubscribe import choose_topics, reader_of, unsubscribe
from nurture.store.engine import Store
from tests.web.books import NOW, SECRET, Books, T

LATER = NOW + timedelta(days=400)
WORDS = {"email": "Emails from us", "greetings": "A greeting at the turn of the year"}
PROOF = {"by": "page", "ip": "192.0.2.7"}


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store)


async def end(books: Books, lead_id: int, now=NOW) -> bool:  # type: ignore[no-untyped-def]
    return await unsubscribe(books.store, lead_id, now=now, secret=SECRET, proof=PROOF)


async def choose(books: Books, lead_id: int, *ticked: str, now=NOW) -> None:  # type: ignore[no-untyped-def]
    wanted = {topic: topic in ticked for topic in WORDS}
    await choose_topics(books.store, lead_id, wanted, WORDS, now=now, secret=SECRET, proof=PROOF)


async def test_it_suppresses_every_address_and_withdraws_what_is_queued(books: Books) -> None:
    lead_id = await books.lead(phone="+49 30 1")
    await books.lead(phone="+49 30 1", email="ada@second.example")
    queued = await books.message(lead_id, state="queued", next_at=NOW)
    assert await end(books, lead_id)
    assert await books.suppressed()
    assert await books.suppressed("Ada@Second.example")
    assert (await books.rows("message", id=queued))[0]["state"] == "withdrawn"
    assert await books.events(lead_id) == ["unsubscribed"]
    (kept,) = await books.rows("consent")
    assert (kept["topic"], kept["given"], kept["proof"]) == ("email", False, PROOF)


async def test_the_second_time_nothing_is_written(books: Books) -> None:
    lead_id = await books.lead()
    await end(books, lead_id)
    assert not await end(books, lead_id, LATER)
    assert await books.events() == ["unsubscribed"]
    assert await books.consents() == [("email", False)]


async def test_an_address_that_came_later_is_ended_as_well(books: Books) -> None:
    lead_id = await books.lead(phone="+49 30 1")
    await end(books, lead_id)
    await books.lead(phone="+49 30 1", email="ada@new.example")
    assert await end(books, lead_id, LATER)
    assert await books.suppressed("ada@new.example")


async def test_after_a_new_opt_in_the_same_link_works_again(books: Books) -> None:
    lead_id = await books.lead()
    await end(books, lead_id)
    await choose(books, lead_id, "email", now=NOW + timedelta(days=1))
    assert not await books.suppressed()
    assert await end(books, lead_id, LATER)
    assert await books.suppressed()


async def test_somebody_without_an_address_says_it_once(books: Books) -> None:
    lead_id = await books.lead(email="", phone="+49 30 1")
    assert await end(books, lead_id)
    assert not await end(books, lead_id, LATER)
    assert await books.events() == ["unsubscribed"]


async def test_the_erased_and_the_unknown_are_answered_and_left_alone(books: Books) -> None:
    lead_id = await books.lead()
    await books.erase(lead_id)
    assert not await end(books, lead_id)
    assert not await end(books, 4711)
    assert await books.events() == []
    assert await reader_of(books.store, lead_id, SECRET) is None


async def test_their_page_shows_what_holds(books: Books) -> None:
    lead_id = await books.lead(language="da")
    reader = await reader_of(books.store, lead_id, SECRET)
    assert reader is not None
    assert (reader.email, reader.language) == ("ada@example.org", "da")
    assert [reader.allows(topic) for topic in ("email", "greetings")] == [True, False]
    await choose(books, lead_id, "email", "greetings")
    after = await reader_of(books.store, lead_id, SECRET)
    assert after is not None
    assert after.allows("greetings")


async def test_only_what_changes_is_recorded(books: Books) -> None:
    lead_id = await books.lead()
    await choose(books, lead_id, "email")
    assert await books.events() == []
    await choose(books, lead_id, "email", "greetings")
    await choose(books, lead_id, "email", "greetings")
    assert await books.events() == ["consent.given"]
    assert await books.consents() == [("greetings", True)]
    (kept,) = await books.rows("consent")
    assert kept["wording"] == WORDS["greetings"]


async def test_unticking_mail_as_such_ends_it_at_once(books: Books) -> None:
    lead_id = await books.lead()
    await choose(books, lead_id, "greetings")
    assert await books.suppressed()
    assert await books.events() == ["consent.withdrawn", "consent.given"]


async def test_the_page_shows_a_new_choice_before_the_daemon_has_heard_of_it(books: Books) -> None:
    lead_id = await books.lead()
    await end(books, lead_id)
    async with books.store.write() as conn:
        await conn.execute(T["lead"].update().values(consent="withdrawn"))
    before = await reader_of(books.store, lead_id, SECRET)
    await choose(books, lead_id, "email", now=LATER)
    after = await reader_of(books.store, lead_id, SECRET)
    assert before is not None
    assert after is not None
    assert (before.allows("email"), after.allows("email")) == (False, True)


async def test_choosing_for_the_erased_does_nothing(books: Books) -> None:
    lead_id = await books.lead()
    await books.erase(lead_id)
    await choose(books, lead_id, "email", "greetings")
    assert await books.consents() == []
