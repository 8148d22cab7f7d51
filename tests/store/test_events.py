"""The event log: what has a key is written once, whoever tells it again."""

from __future__ import annotations

from datetime import timedelta

from nurture.store.engine import Store
from nurture.store.queries import events
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import add_lead, column

HOUR = timedelta(hours=1)


async def test_the_same_key_twice_is_one_event(store: Store) -> None:
    """The first stays as it is, and the key is everybody's: two leads cannot have the same delivery."""
    async with store.write() as conn:
        ada, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        first = await events.append(conn, ada, "order.paid", {"sum": 1}, NOW, NOW, "order 7")
        assert first is not None
        assert await events.append(conn, ada, "order.paid", {"sum": 2}, NOW, NOW, "order 7") is None
        assert await events.append(conn, bob, "order.paid", {"sum": 3}, NOW, NOW, "order 7") is None
        assert await events.append(conn, ada, "order.paid", {"sum": 4}, NOW, NOW, "order 8") is not None
        assert await column(conn, "event", "data") == [{"sum": 1}, {"sum": 4}]


async def test_without_a_key_everything_is_new(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        ids = {await events.append(conn, lead, "page.visited", {}, NOW, NOW) for _ in range(3)}
    assert len(ids - {None}) == 3


async def test_two_who_tell_the_same_at_once(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
    one, other = await both(
        store,
        lambda conn: events.append(conn, lead, "order.paid", {}, NOW, NOW, "order 7"),
        lambda conn: events.append(conn, lead, "order.paid", {}, NOW, NOW, "order 7"),
    )
    assert one is not None
    assert other is None


async def test_many_at_once_leave_out_what_is_known(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await events.append(conn, lead, "old", {}, NOW, NOW, "b")
        rows = [
            {"lead_id": lead, "type": "new", "at": NOW, "learned_at": NOW, "data": {}, "key": key}
            for key in ("a", "b", "c", "a")
        ]
        await events.append_many(conn, rows)
        await events.append_many(conn, [])
        assert await column(conn, "event", "key") == ["b", "a", "c"]
        assert await events.count_unhandled(conn) == 3


async def test_a_lead_s_events_come_as_they_were_learned(store: Store) -> None:
    """When it happened may be long ago: a mail read late, a list imported."""
    async with store.write() as conn:
        lead, other = await add_lead(conn), await add_lead(conn, "bob@example.org")
        for name, at, learned in (("c", NOW - 9 * HOUR, NOW), ("a", NOW, NOW - HOUR), ("d", NOW, NOW)):
            await events.append(conn, lead, name, {}, at, learned)
        await events.append(conn, other, "b", {}, NOW, NOW)
        assert [row["type"] for row in await events.of_lead(conn, lead)] == ["a", "c", "d"]
        assert [row["type"] for row in await events.of_lead(conn, lead, limit=1)] == ["a"]
