"""Leads and their addresses: one person, however they write themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from nurture.store.engine import Store
from nurture.store.queries import leads
from tests.conftest import NOW
from tests.store.seeds import T, add_lead, column


async def test_a_lead_is_found_by_any_of_their_addresses(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = (
            await add_lead(conn, "Ada@Example.org", phone="+44 20 7946-0000"),
            await add_lead(conn, "b@x.example"),
        )
        await leads.add_addresses(conn, ada, {"email": "ada@home.example"}, NOW)
        for email, lead in (("ADA@EXAMPLE.org", ada), ("ada@home.example", ada), ("c@x.example", None)):
            assert await leads.find_by_email(conn, email) == lead
        assert await leads.find_by_phone(conn, "+442079460000") == ada
        assert await leads.find_by_phone(conn, "+442079460001") is None
        assert await leads.find_by_emails(conn, ["B@x.example", "ada@home.example", "c@x.example"]) == {
            "b@x.example": bob,
            "ada@home.example": ada,
        }


async def test_an_address_stays_with_whom_it_was_first(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        await leads.mark_verified(conn, ada, "ada@example.org", "link", NOW)
        await leads.mark_verified(conn, bob, "ada@example.org", "by the wrong one", NOW)
        await leads.add_addresses(conn, bob, {"email": "ADA@example.org", "phone": "no digits"}, NOW)
        assert await leads.find_by_email(conn, "ada@example.org") == ada
        assert await column(conn, "address", "verified_how") == ["link", None]
        assert await column(conn, "address", "domain") == ["example.org", "example.org"]
        assert await column(conn, "address", "written") == ["ada@example.org", "bob@example.org"]


async def test_own_fields_are_added_to_those_that_are_there(store: Store) -> None:
    async with store.write() as conn:
        lead, bob = (
            await add_lead(conn, hat="red", shoes=4, country="GB"),
            await add_lead(conn, "bob@example.org"),
        )
        await leads.set_fields(
            conn, lead, {"hat": "green", "coat": None, "country": "DE", "stage": "customer"}
        )
        await leads.set_fields(conn, lead, {})
        row, other = await leads.get(conn, lead), await leads.get(conn, bob)
    assert row is not None
    assert other is not None
    assert row["own"] == {"hat": "green", "shoes": 4, "coat": None}
    assert (row["country"], row["email"]) == ("DE", "ada@example.org")
    assert row["stage"] == "new", "a stage is changed by its life-cycle, never as a field"
    assert (other["own"], other["country"]) == ({}, None)


SOUGHT = [
    ("", ["erna", "Øre", "ada"]),
    ("ada", ["ada"]),
    ("ADA@", ["ada"]),
    ("øre", ["Øre"]),
    ("ØRE", ["Øre"]),
    ("ärger", ["erna"]),
    ("вектор", ["Øre"]),
    ("a_a", []),
    ("100%", ["erna"]),
    ("%", ["erna"]),
    ("zoe", []),
]


async def test_the_search_is_for_what_was_typed_in_any_case(store: Store) -> None:
    async with store.write() as conn:
        await add_lead(conn, "ada@example.org", name="ada")
        await add_lead(conn, "o@example.org", name="Øre", company="ВЕКТОР")
        await add_lead(conn, "e@example.org", name="erna", company="ÄRGER 100%")
        await add_lead(conn, "gone@example.org", name="gone")
        erased = update(T["lead"]).where(T["lead"].c.name == "gone").values(erased_at=NOW, stage="new")
        await conn.execute(erased)
        found = {text: [row["name"] for row in await leads.search(conn, text)] for text, _ in SOUGHT}
        assert found == dict(SOUGHT)
        assert await leads.search(conn, "ada", stage="customer") == []
        assert [row["name"] for row in await leads.search(conn, stage="new", limit=1)] == ["erna"]


@pytest.mark.parametrize("kind", ["hard", "soft"])
async def test_bounces_are_counted_at_the_address(store: Store, kind: str) -> None:
    async with store.write() as conn:
        await add_lead(conn)
        await add_lead(conn, "bob@example.org")
        counted = [
            await leads.mark_bounced(conn, email, kind, NOW + timedelta(days))
            for days, email in enumerate(("ADA@example.org", "ada@example.org", "unknown@example.org"))
        ]
        assert counted == ([1, 2, 0] if kind == "soft" else [0, 0, 0])
        assert await column(conn, "address", "bounce") == [None if kind == "soft" else "hard", None]
        assert await column(conn, "address", "bounced_at") == [NOW + timedelta(1), None]


async def test_how_much_each_colleague_has_open(store: Store) -> None:
    async with store.write() as conn:
        for number, (owner, stage) in enumerate(
            [
                ("eve", "new"),
                ("eve", "mql"),
                ("eve", "customer"),
                ("eve", "junk"),
                ("max", "refused"),
                (None, "new"),
            ]
        ):
            lead = await add_lead(conn, f"{number}@example.org", owner=owner)
            await conn.execute(update(T["lead"]).where(T["lead"].c.id == lead).values(stage=stage))
        assert await leads.loads(conn) == {"eve": 2, "max": 1}


async def test_a_number_two_leads_gave_is_the_first_one_s(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        for lead in (ada, bob):
            await leads.add_addresses(conn, lead, {"phone": "+44 20 7946 0000"}, NOW)
        assert await leads.find_by_phone(conn, "+442079460000") == ada
        assert await leads.lock(conn, 999) is None
        assert await leads.get(conn, 999) is None
