"""Who must not be mailed, however the address is written and whatever became of the lead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from nurture.store.engine import Store
from nurture.store.queries import leads, suppressions
from tests.conftest import NOW
from tests.store.seeds import SECRET, T, add_lead, add_message, column, load


@pytest.mark.parametrize("written", ["ada@example.org", "ADA@Example.ORG", " ada@example.org "])
async def test_an_address_is_one_however_it_is_written(store: Store, written: str) -> None:
    async with store.write() as conn:
        await suppressions.suppress(conn, written, "by hand", NOW, SECRET)
        assert await suppressions.is_suppressed(conn, "Ada@example.org", SECRET)
        assert not await suppressions.is_suppressed(conn, "ada@example.com", SECRET)
        assert not await suppressions.is_suppressed(conn, "Ada@example.org", "the secret of another project")


async def test_the_first_reason_stays(store: Store) -> None:
    async with store.write() as conn:
        await suppressions.suppress(conn, "ada@example.org", "unsubscribed", NOW, SECRET)
        await suppressions.suppress(conn, "ADA@example.org", "by hand", NOW + timedelta(1), SECRET)
        found = await suppressions.listed(conn)
    assert [(row["reason"], row["at"]) for row in found] == [("unsubscribed", NOW)]


async def test_a_suppression_outlives_the_lead(store: Store) -> None:
    """What is left after erasure is a keyed hash: the same person, imported again, is not mailed."""
    async with store.write() as conn:
        old = await add_lead(conn)
        await suppressions.suppress_lead(conn, old, "unsubscribed", NOW, SECRET)
        await conn.execute(delete(T["address"]))
        await conn.execute(update(T["suppression"]).values(address=None, lead_id=None))
        await conn.execute(delete(T["lead"]))
        assert "ada" not in str((await conn.execute(select(T["suppression"]))).all())
        again, bob = await add_lead(conn, "Ada@Example.org"), await add_lead(conn, "bob@example.org")
        cases = await load(conn, again, bob)
    assert {lead: case.person.suppressed for lead, case in cases.items()} == {again: True, bob: False}


async def test_an_erased_lead_is_not_mailed_even_without_a_suppression(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await conn.execute(update(T["lead"]).values(erased_at=NOW, email=None))
        assert (await load(conn, lead))[lead].person.suppressed


async def test_everybody_with_the_address_is_suppressed(store: Store) -> None:
    """Two leads were given one address: the hash stands for both, also when they are looked at together."""
    async with store.write() as conn:
        first, second = await add_lead(conn), await add_lead(conn, "other@example.org")
        await leads.set_fields(conn, second, {"email": "ADA@example.org"})
        await suppressions.suppress(conn, "ada@example.org", "by hand", NOW, SECRET)
        cases = await load(conn, first, second)
    assert [cases[lead].person.suppressed for lead in (first, second)] == [True, True]


async def test_suppressing_a_lead_takes_all_their_addresses_and_what_is_queued(store: Store) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        await leads.add_addresses(conn, lead, {"email": "ada@home.example", "phone": "+44 20 7946 0000"}, NOW)
        states = ("queued", "deferred", "held", "claimed", "handing_over", "sent", "in_doubt", "failed")
        for state in states:
            await add_message(conn, lead, state=state)
        await add_message(conn, lead, service="confirmation")
        await add_message(conn, bob)
        await suppressions.suppress_lead(conn, lead, "email.complained", NOW, SECRET)
        assert [row["address"] for row in await suppressions.listed(conn)] == [
            "ada@home.example",
            "ada@example.org",
        ]
        gone = ["withdrawn"] * 3
        assert await column(conn, "message", "state") == [*gone, *states[3:], "withdrawn", "queued"]
        assert (await column(conn, "message", "next_at"))[:3] == [None] * 3
        assert set((await column(conn, "message", "why"))[:3]) == {"email.complained"}


async def test_lifting_takes_the_address_or_the_whole_lead(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await leads.add_addresses(conn, lead, {"email": "ada@home.example"}, NOW)
        await suppressions.suppress_lead(conn, lead, "unsubscribed", NOW, SECRET)
        await suppressions.suppress(conn, "bob@example.org", "by hand", NOW, SECRET)
        assert await suppressions.lift(conn, "ADA@home.example", SECRET) == 1
        assert await suppressions.lift(conn, "ada@home.example", SECRET) == 0
        assert await suppressions.is_suppressed(conn, "ada@example.org", SECRET)
        assert await suppressions.lift(conn, "ada@home.example", SECRET, lead) == 1
        assert [row["address"] for row in await suppressions.listed(conn)] == ["bob@example.org"]


async def test_consents_are_kept_in_their_order_with_what_was_seen(store: Store) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        await suppressions.keep_consent(conn, lead, "news", True, NOW, "Send me news", {"ip": "192.0.2.1"})
        await suppressions.keep_consent(conn, bob, "news", True, NOW)
        await suppressions.keep_consent(conn, lead, "news", False, NOW)
        found = await suppressions.consents_of(conn, lead)
    assert [(row["given"], row["wording"], row["proof"]) for row in found] == [
        (True, "Send me news", {"ip": "192.0.2.1"}),
        (False, None, {}),
    ]
