"""Bells ring once for all daemons; what they let in, pause and forget."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from nurture.core.event import ENTER, RESUME
from nurture.store.engine import Store
from nurture.store.queries import beats, bells, events
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import T, add_lead, add_message, column

HOUR = timedelta(hours=1)
LEAD = T["lead"]


@pytest.mark.parametrize("before", [None, NOW - HOUR], ids=["for the first time", "again"])
async def test_of_two_daemons_one_rings(store: Store, before: datetime | None) -> None:
    if before is not None:
        async with store.write() as conn:
            assert await bells.ring(conn, "fade", before, None)
    rung = await both(
        store,
        lambda conn: bells.ring(conn, "fade", NOW, before),
        lambda conn: bells.ring(conn, "fade", NOW, before),
    )
    assert rung == (True, False)
    async with store.write() as conn:
        assert await bells.rang(conn, "fade") == NOW
        assert await bells.rang(conn, "other") is None
        assert not await bells.ring(conn, "fade", NOW + HOUR, None), "it has rung before"
        assert await bells.ring(conn, "other", NOW + HOUR, None)
        assert await beats.all_rings(conn) == {"fade": NOW, "other": NOW + HOUR}


async def test_the_calendar_lets_everybody_in_once_for_an_occasion(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = await add_lead(conn, country="GB"), await add_lead(conn, "bob@example.org", country="GB")
        await add_lead(conn, "eve@example.org", country="DE")
        gone = await add_lead(conn, "gone@example.org", country="GB")
        await conn.execute(update(LEAD).where(LEAD.c.id == gone).values(erased_at=NOW))
        british = (LEAD.c.country == "GB",)
        only_ada = (*british, LEAD.c.id == ada)
        at = NOW - HOUR
        told = {"holiday": "boxing day", "on": NOW}
        assert await bells.let_in(conn, "greeting", only_ada, at, NOW, "2026-12-26", told) == 1
        assert await bells.let_in(conn, "greeting", british, at, NOW, "2026-12-26", told) == 1
        assert await bells.let_in(conn, "greeting", british, at, NOW, "2026-12-26", told) == 0
        assert await bells.let_in(conn, "greeting", british, at, NOW, "2027-12-26", told) == 2
        assert await bells.let_in(conn, "offer", british, at, NOW, "2026-12-26", told) == 2
        assert await column(conn, "event", "lead_id") == [ada, bob, ada, bob, ada, bob]
        first = dict((await events.of_lead(conn, ada))[0])
    assert (first["type"], first["at"], first["learned_at"], first["handled_at"]) == (ENTER, at, at, None)
    assert first["data"] == {"campaign": "greeting", "by": "calendar", "by_calendar": True, **told}


async def test_candidates_come_page_by_page(store: Store) -> None:
    async with store.write() as conn:
        ids = [await add_lead(conn, f"{n}@example.org", country="GB" if n != 2 else "DE") for n in range(6)]
        await conn.execute(update(LEAD).where(LEAD.c.id == ids[4]).values(erased_at=NOW))
        british = (LEAD.c.country == "GB",)
        assert await bells.candidates(conn, british, 0, 2) == [ids[0], ids[1]]
        assert await bells.candidates(conn, british, ids[1], 9) == [ids[3], ids[5]]
        assert await bells.candidates(conn, (), ids[5], 9) == []
        assert await bells.count_leads(conn) == 6
        places = await bells.places(conn, ["new"])
        assert sorted(places, key=str) == [(None, "DE"), (None, "GB")]
        assert await bells.places(conn, ["customer"]) == []


async def test_who_a_segment_holds_for(store: Store) -> None:
    async with store.write() as conn:
        ids = [await add_lead(conn, f"{n}@example.org") for n in range(4)]
        await bells.add_members(conn, "big", ids[:3])
        await bells.add_members(conn, "big", [ids[0], ids[3]])
        await bells.add_members(conn, "small", ids[:1])
        await bells.add_members(conn, "small", [])
        await bells.remove_members(conn, "big", {ids[1], 999})
        assert await bells.all_members(conn, "big") == {ids[0], ids[2], ids[3]}
        assert await bells.members(conn, "big", ids[:2]) == {ids[0]}
        assert await bells.all_members(conn, "small") == {ids[0]}


async def test_a_crowd_may_leave_a_segment_at_once(store: Store) -> None:
    """More than the 32,767 values either database takes in one statement."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        await bells.add_members(conn, "big", [lead])
        await bells.remove_members(conn, "big", range(lead, lead + 40_000))
        assert await bells.all_members(conn, "big") == set()


RUNS: list[tuple[str, str, datetime | None, str]] = [
    ("held", "test", None, "paused"),
    ("held", "test", NOW, "goes on by itself"),
    ("active", "test", None, "waits for an event"),
    ("completed", "test", None, "over"),
    ("held", "other", None, "paused elsewhere"),
]


@pytest.mark.parametrize(
    ("scope", "told"), [("test", ["paused"]), ("everything", ["paused", "paused elsewhere"]), ("third", [])]
)
async def test_whose_pause_ends_is_told(store: Store, scope: str, told: list[str]) -> None:
    """Once, however many of their runs and letters were held."""
    async with store.write() as conn:
        for state, campaign, due, name in RUNS:
            lead = await add_lead(conn, f"{name.replace(' ', '-')}@example.org", name=name)
            row = {
                "lead_id": lead,
                "run": f"{campaign}/1",
                "campaign": campaign,
                "version": "v",
                "state": state,
            }
            await conn.execute(
                insert(T["enrolment"]).values(**row, entered_version="v", entered_at=NOW, due_at=due)
            )
            if name == "paused":
                await add_message(conn, lead, state="held", why="paused", next_at=None)
        await bells.pause(conn, scope, "first", NOW)
        await bells.pause(conn, scope, "second", NOW)
        await bells.pause(conn, "fourth", "stays", NOW)
        assert await bells.paused(conn) == {scope: "first", "fourth": "stays"}
        assert await bells.resume(conn, scope, NOW) == len(told)
        assert await bells.paused(conn) == {"fourth": "stays"}
        event, lead_id = T["event"], LEAD.c.id
        found = await conn.execute(
            select(LEAD.c.name, event.c.type, event.c.data).join(event, event.c.lead_id == lead_id)
        )
        data = {} if scope == "everything" else {"campaign": scope}
        assert sorted((row.name, row.type, row.data) for row in found) == [
            (name, RESUME, data) for name in told
        ]


async def test_what_is_forgotten(store: Store) -> None:
    """Only what is older, and nothing that is still to be dealt with."""
    old, limit = NOW - HOUR, NOW
    async with store.write() as conn:
        lead = await add_lead(conn)
        for state, sent in (("sent", old), ("sent", limit), ("queued", None)):
            await add_message(conn, lead, state=state, sent_at=sent, raw=b"bytes", values={"name": "Ada"})
        for n, (state, at) in enumerate((("done", old), ("done", limit), ("new", old), ("quarantined", old))):
            row = {"mailbox": "in", "content": f"{n}", "raw": b"bytes", "received_at": at, "state": state}
            await conn.execute(insert(T["received"]).values(**row))
        for at in (old, limit):
            await conn.execute(insert(T["trace"]).values(lead_id=lead, at=at, word="sent"))
        for at, handled in ((old, NOW), (old, None), (limit, NOW)):
            row = {"lead_id": lead, "type": "a", "at": at, "learned_at": at, "handled_at": handled}
            await conn.execute(insert(T["event"]).values(**row))
        kinds = ("messages", "raw_mail", "traces", "events")
        assert [await bells.forget(conn, what, limit) for what in kinds] == [1, 1, 1, 1]
        assert [await bells.forget(conn, what, limit) for what in kinds] == [0, 0, 0, 0]
        assert await column(conn, "message", "raw") == [None, b"bytes", b"bytes"]
        assert await column(conn, "message", "values") == [{}, {"name": "Ada"}, {"name": "Ada"}]
        assert await column(conn, "received", "raw") == [None, *[b"bytes"] * 3]
        assert await column(conn, "trace", "at") == [limit]
        assert await column(conn, "event", "handled_at") == [None, NOW]
