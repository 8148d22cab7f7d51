"""Clicks and openings: each counted once, none for the erased (rows F5, reliability.md F88, F92)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.services.track import click, opened, target_of
from nurture.store.engine import Store
from nurture.store.queries import links
from tests.web.books import NOW, SECRET, Books

URL = "https://example.com/prices?for=pumps#now"
OTHER = "https://example.com/other"


@pytest.fixture
async def books(store: Store) -> Books:
    async with store.write() as conn:
        await links.keep(conn, [URL, OTHER])
    return Books(store)


async def follow(books: Books, message: int, url: str = URL, days: int = 0) -> bool:
    now = NOW + timedelta(days=days)
    return await click(books.store, message, links.hash_of(url), url, now=now, secret=SECRET)


async def test_a_link_leads_to_what_is_stored(books: Books) -> None:
    assert await target_of(books.store, links.hash_of(URL)) == URL
    assert await target_of(books.store, links.hash_of("https://evil.example")) is None
    assert await target_of(books.store, "") is None


async def test_the_first_click_on_each_link_counts(books: Books) -> None:
    message = await books.message(await books.lead())
    assert await follow(books, message)
    assert not await follow(books, message, days=1)
    assert await follow(books, message, OTHER, days=2)
    assert await books.events() == ["email.clicked", "email.clicked"]
    first = (await books.rows("event", type="email.clicked"))[0]
    assert first["data"] == {
        "campaign": "farewell", "run": "farewell-1", "step": "letter", "template": "farewell", "message": message,
        "link": URL,
    }  # fmt: skip
    (row,) = await books.rows("message")
    assert row["clicked_at"] == NOW


async def test_an_opening_counts_once(books: Books) -> None:
    message = await books.message(await books.lead())
    assert await opened(books.store, message, now=NOW, secret=SECRET)
    assert not await opened(books.store, message, now=NOW + timedelta(1), secret=SECRET)
    (row,) = await books.rows("message")
    assert row["opened_at"] == NOW
    assert await books.events() == ["email.opened"]


async def test_the_erased_leave_no_trace(books: Books) -> None:
    lead_id = await books.lead()
    message = await books.message(lead_id)
    await books.erase(lead_id)
    assert not await follow(books, message)
    assert not await follow(books, 4711)
    assert await books.events() == []
