"""Webhooks and notifications: taken by one, and due again when that one dies."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.engine import Store
from nurture.store.queries import deliveries
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import T, add_lead, column

HOUR = timedelta(hours=1)
LEASE = NOW + timedelta(minutes=5)


async def due_in(conn: AsyncConnection, *hours: int | None) -> None:
    for hour in hours:
        at = None if hour is None else NOW + hour * HOUR
        row = {"kind": "webhook", "target": f"{hour}", "next_at": at, "payload": {}, "created_at": NOW}
        await conn.execute(insert(T["delivery"]).values(**row))


async def test_what_is_due_is_taken_once_and_again_when_the_lease_ends(store: Store) -> None:
    async with store.write() as conn:
        await due_in(conn, 0, -2, 1, None, -3)
        assert await deliveries.next_due(conn) == NOW - 3 * HOUR
        taken = await deliveries.claim(conn, NOW, LEASE, 2)
        assert [(row["target"], row["attempts"]) for row in taken] == [("-2", 1), ("-3", 1)]
        assert [row["target"] for row in await deliveries.claim(conn, NOW, LEASE, 9)] == ["0"]
        assert await deliveries.claim(conn, NOW, LEASE, 9) == []
        await deliveries.settle(conn, taken[0]["id"], {"state": "done", "next_at": None})
        again = await deliveries.claim(conn, LEASE, LEASE + HOUR, 9)
        assert [(row["target"], row["attempts"]) for row in again] == [("0", 2), ("-3", 2)]
        assert await deliveries.next_due(conn) == NOW + HOUR
        assert await column(conn, "delivery", "attempts") == [2, 1, 0, 0, 2]


async def test_two_daemons_take_different_ones(store: Store) -> None:
    async with store.write() as conn:
        await due_in(conn, -1, -2, -3, -4, -5)
    first, second = await both(
        store,
        lambda conn: deliveries.claim(conn, NOW, LEASE, 3),
        lambda conn: deliveries.claim(conn, NOW, LEASE, 3),
    )
    assert [[row["target"] for row in found] for found in (first, second)] == [
        ["-3", "-4", "-5"],
        ["-1", "-2"],
    ]


async def test_each_comes_with_the_lead_it_is_about(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn, name="Ada", owner="eve")
        await due_in(conn, 0, 0)
        await conn.execute(T["delivery"].update().where(T["delivery"].c.id == 1).values(lead_id=lead))
        found = await deliveries.claim(conn, NOW, LEASE, 9)
    assert [(row["lead_email"], row["lead_name"], row["lead_owner"]) for row in found] == [
        ("ada@example.org", "Ada", "eve"),
        (None, None, None),
    ]
