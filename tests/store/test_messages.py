"""The outbox: who may claim, who may go, what comes back after a crash (architecture.md, Sending at most once)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from nurture.store.engine import Store
from nurture.store.queries import bells, leads, messages, suppressions
from tests.conftest import NOW
from tests.store.seeds import SECRET, T, add_lead, add_message, column, hash_of

HOUR = timedelta(hours=1)
LEASE = NOW + timedelta(minutes=15)


async def test_one_send_key_one_row_unless_withdrawn(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await add_message(conn, lead, send_key="same", state="withdrawn")
        await add_message(conn, lead, send_key="same", state="withdrawn")
        await add_message(conn, lead, send_key="same")
        for state in ("queued", "claimed", "handing_over", "sent", "in_doubt", "held", "failed", "deferred"):
            with pytest.raises(IntegrityError):
                async with conn.begin_nested():
                    await add_message(conn, lead, send_key="same", state=state)
        assert len(await column(conn, "message", "id")) == 3


async def test_claims_go_out_by_time_and_one_of_a_run_at_a_time(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        late = await add_message(conn, bob, next_at=NOW)
        first = await add_message(conn, ada, next_at=NOW - HOUR)
        second = await add_message(conn, ada, next_at=NOW - 2 * HOUR)  # planned later, whatever its time says
        other_run = await add_message(conn, ada, run="test/2", next_at=NOW)
        await add_message(conn, bob, run="test/3", next_at=NOW + HOUR)
    async with store.write() as conn:
        claimed = await messages.claim(conn, "me", NOW, LEASE, 10)
    assert [row["id"] for row in claimed] == [late, first, other_run]
    assert {(row["state"], row["owner"], row["attempt"], row["next_at"]) for row in claimed} == {
        ("claimed", "me", 1, None)
    }
    async with store.write() as conn:
        assert await messages.claim(conn, "other", NOW, LEASE, 10) == []
        assert await messages.settle(conn, first, 1, ("claimed",), {"state": "sent", "sent_at": NOW})
        assert [row["id"] for row in await messages.claim(conn, "other", NOW, LEASE, 10)] == [second]


async def test_what_is_not_done_keeps_its_run_waiting(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        for state in ("queued", "claimed", "handing_over", "deferred", "held"):
            await add_message(conn, lead, state=state, next_at=NOW + HOUR, run=f"test/{state}")
            await add_message(conn, lead, run=f"test/{state}")
        assert await messages.claim(conn, "me", NOW, LEASE, 10) == []
        assert not await messages.claimable(conn, NOW)


async def test_a_limited_claim_takes_the_longest_due(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        ids = [await add_message(conn, lead, run=f"test/{n}", next_at=NOW - n * HOUR) for n in range(5)]
        claimed = await messages.claim(conn, "me", NOW, LEASE, 2)
        assert {row["id"] for row in claimed} == {ids[4], ids[3]}
        assert await messages.next_due(conn) == NOW - 2 * HOUR


async def claimed_one(store: Store, **values: Any) -> tuple[int, int]:
    """A lead and its message, claimed by `me`."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        message = await add_message(
            conn, lead, stages="new nurturing mql", recipient_hash=hash_of("ada@example.org"), **values
        )
        await messages.claim(conn, "me", NOW, LEASE, 1)
    return lead, message


MAY_GO: list[tuple[str, dict[str, Any], bool]] = [
    ("as it is", {}, True),
    ("another's claim", {"owner": "other"}, False),
    ("another attempt", {"attempt": 2}, False),
    ("queued again", {"state": "queued"}, False),
    ("handed over already", {"state": "handing_over"}, False),
    ("withdrawn", {"state": "withdrawn"}, False),
    ("its window closes later", {"window_open_until": NOW + HOUR}, True),
    ("its window closes now", {"window_open_until": NOW}, False),
    ("its window has closed", {"window_open_until": NOW - HOUR}, False),
    ("too late in an hour", {"latest": NOW + HOUR}, True),
    ("this is the latest", {"latest": NOW}, True),
    ("too late", {"latest": NOW - timedelta(seconds=1)}, False),
    ("for another stage", {"stages": "customer refused"}, False),
    ("for a stage whose name begins alike", {"stages": "newer new-ish"}, False),
    ("for any stage", {"stages": None}, True),
]


async def test_the_marker_asks_the_row(store: Store) -> None:
    _, message = await claimed_one(store)
    async with store.write() as conn:
        claimed = await messages.get(conn, message)
        assert claimed is not None
        for said, values, may_go in MAY_GO:
            mine = update(T["message"]).where(T["message"].c.id == message)
            await conn.execute(mine.values(**{**claimed, **values}))
            marked = await messages.mark(conn, [(message, 1)], "me", NOW)
            assert marked == ({message} if may_go else set()), said
            row = await messages.get(conn, message)
            assert row is not None
            assert (row["marked_at"] == NOW) is may_go, said
            assert row["state"] == ("handing_over" if may_go else {**claimed, **values}["state"]), said


async def test_the_marker_asks_the_world(store: Store) -> None:
    """Suppressed by the lead or by the address alone, paused, at another stage: each stops it, and only while it lasts."""
    lead, message = await claimed_one(store)

    async def may_go() -> bool:
        async with store.write() as conn:
            if message in await messages.mark(conn, [(message, 1)], "me", NOW):
                await conn.execute(update(T["message"]).values(state="claimed", marked_at=None))
                return True
            return False

    assert await may_go()
    for scope in ("test", "everything"):
        async with store.write() as conn:
            await bells.pause(conn, scope, "a test", NOW)
        assert not await may_go()
        async with store.write() as conn:
            await bells.resume(conn, scope, NOW)
    async with store.write() as conn:
        await bells.pause(conn, "other", "a test", NOW)
    assert await may_go()
    for stage, fits in (("mql", True), ("customer", False), ("new", True)):
        async with store.write() as conn:
            await conn.execute(update(T["lead"]).values(stage=stage))
        assert await may_go() is fits
    async with store.write() as conn:
        await suppressions.suppress(conn, "ADA@example.org", "by hand", NOW, SECRET)
    assert not await may_go()
    async with store.write() as conn:
        await suppressions.lift(conn, "ada@example.org", SECRET)
        await conn.execute(
            insert(T["suppression"]).values(hash="another", lead_id=lead, reason="merged", at=NOW)
        )
    assert not await may_go()
    async with store.write() as conn:
        await conn.execute(update(T["message"]).values(service="confirmation"))
    assert await may_go(), "the confirmation they asked for themselves"
    async with store.write() as conn:
        await conn.execute(update(T["message"]).values(service="asked for the report"))
    assert not await may_go()


async def test_one_commit_marks_many(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        ids = [await add_message(conn, lead, run=f"test/{number}") for number in range(40)]
        await messages.claim(conn, "me", NOW, LEASE, 100)
        claims = [(message, 1 if message != ids[7] else 5) for message in ids]
        assert await messages.mark(conn, claims, "me", NOW) == set(ids) - {ids[7]}
        assert await messages.mark(conn, claims, "me", NOW) == set(), "nothing is marked twice"


async def test_settling_needs_the_attempt_and_the_state(store: Store) -> None:
    _, message = await claimed_one(store)
    sent = {"state": "sent", "sent_at": NOW}
    async with store.write() as conn:
        assert not await messages.settle(conn, message, 2, ("claimed",), sent)
        assert not await messages.settle(conn, message, 1, ("handing_over",), sent)
        assert await messages.settle(conn, message, 1, ("handing_over", "claimed"), sent)
        assert not await messages.settle(conn, message, 1, ("claimed",), {"state": "queued"})


async def test_bytes_are_made_once(store: Store) -> None:
    _, message = await claimed_one(store)
    async with store.write() as conn:
        await messages.keep_bytes(conn, message, {"raw": b"first", "subject": "One"})
        await messages.keep_bytes(conn, message, {"raw": b"second", "subject": "Two"})
        row = await messages.get(conn, message)
    assert row is not None
    assert (row["raw"], row["subject"]) == (b"first", "One")


CRASHED: list[tuple[str, datetime, bool, str]] = [
    ("claimed", NOW + HOUR, False, "claimed"),
    ("claimed", NOW, False, "queued"),
    ("claimed", NOW + HOUR, True, "queued"),
    ("handing_over", NOW + HOUR, False, "handing_over"),
    ("handing_over", NOW, False, "in_doubt"),
    ("handing_over", NOW + HOUR, True, "in_doubt"),
    ("sent", NOW - HOUR, True, "sent"),
    ("held", NOW - HOUR, True, "held"),
]


async def test_after_a_crash(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        for state, lease, alone, becomes in CRASHED:
            message = await add_message(
                conn, lead, state=state, lease_until=lease, owner="dead", next_at=None
            )
            await messages.recover(conn, NOW, alone=alone)
            row = await messages.get(conn, message)
            assert row is not None
            assert row["state"] == becomes
            # What may have gone is not due again by itself.
            assert row["next_at"] == (NOW if becomes == "queued" else None)
            await conn.execute(delete(T["message"]))


async def test_doubt_is_found_when_it_is_old_enough(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        old = await add_message(conn, lead, state="in_doubt", marked_at=NOW - HOUR)
        await add_message(conn, lead, state="in_doubt", marked_at=NOW)
        unmarked = await add_message(conn, lead, state="in_doubt")
        await add_message(conn, lead, state="sent", marked_at=NOW - HOUR)
        assert {row["id"] for row in await messages.doubtful(conn, NOW - HOUR)} == {old, unmarked}


async def test_a_pause_that_ends_tells_whose_messages_it_held(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await bells.pause(conn, "test", "looking", NOW - HOUR)
        mine = await add_message(conn, lead, state="held", why="paused", next_at=None)
        await add_message(
            conn, lead, state="held", why="paused", next_at=None, campaign="other", run="other/2"
        )
        await add_message(conn, lead, state="held", why="template: broken", next_at=None, run="test/3")
        assert await messages.is_paused(conn, "test")
        assert await bells.resume(conn, "test", NOW) == 1
        assert not await messages.is_paused(conn, "test")
        told = (await conn.execute(select(T["event"].c.lead_id, T["event"].c.data))).all()
        assert list(told) == [(lead, {"campaign": "test"})]
        held = await bells.held(conn, [lead])
        assert [row["campaign"] for row in held] == ["test", "other"]
        await bells.let_go(conn, mine, {"state": "queued", "next_at": NOW, "why": None})
        assert await messages.counts(conn) == {"queued": 1, "held": 2}
        assert await messages.release_held(conn, "template", NOW) == 1


async def test_what_a_lead_was_sent_last(store: Store) -> None:
    """One in doubt counts by when it was marked; it has no time of sending."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        assert await messages.latest_to(conn, lead) is None
        await add_message(conn, lead, state="in_doubt", marked_at=NOW - 2 * HOUR)
        last = await add_message(conn, lead, state="sent", sent_at=NOW)
        await add_message(conn, lead, state="sent", sent_at=NOW - HOUR)
        await add_message(conn, lead, state="queued")
        found = await messages.latest_to(conn, lead)
        assert found is not None
        assert found["id"] == last
        doubt = await add_message(conn, lead, state="in_doubt", marked_at=NOW + HOUR)
        found = await messages.latest_to(conn, lead)
        assert found is not None
        assert found["id"] == doubt


async def test_threads_and_marks(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        first = await add_message(conn, lead, state="sent", message_id="<1@x>")
        await add_message(conn, lead, state="failed", message_id="<2@x>")
        await add_message(conn, lead, state="in_doubt", message_id="<3@x>")
        await add_message(conn, lead, state="sent", message_id="<4@x>", run="test/2")
        last = await add_message(conn, lead)
        assert await messages.thread_of(conn, lead, "test/1", last) == ["<1@x>", "<3@x>"]
        assert [row["id"] for row in await messages.by_message_ids(conn, ["<1@x>", "<9@x>"])] == [first]
        assert await messages.note(conn, first, "opened_at", NOW)
        assert not await messages.note(conn, first, "opened_at", NOW + HOUR)
        assert (await column(conn, "message", "opened_at"))[0] == NOW


async def test_what_the_journal_knows_blocks_a_second_copy(store: Store) -> None:
    """A database restored from an old backup: the row is missing, or still queued."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        key = f"{lead}|test/1|welcome|welcome|2.1@2027|spring"
        assert await messages.learn(conn, key, 3, NOW - HOUR, NOW) == 1
        assert await messages.learn(conn, key, 3, NOW - HOUR, NOW) == 0, "known already"
        queued = await add_message(conn, lead, send_key=f"{lead}|test/1|offer|offer|")
        assert await messages.learn(conn, f"{lead}|test/1|offer|offer|", 1, NOW - HOUR, NOW) == 1
        assert await messages.learn(conn, "999999|test/1|x|x|", 1, NOW, NOW) == 0, "nobody of ours"
        assert await messages.learn(conn, "nonsense", 1, NOW, NOW) == 0
        assert set(await column(conn, "message", "state")) == {"in_doubt"}
        assert (await column(conn, "message", "occurrence"))[0] == "2.1@2027|spring"
        assert await messages.attempts(conn, [key]) == {key: 1_000_000}
        row = await messages.get(conn, queued)
        assert row is not None
        assert (row["attempt"], row["next_at"]) == (1, None)


async def test_lists_leave_the_bytes_out(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await add_message(conn, lead, raw=b"bytes", state="sent")
        last = await add_message(conn, lead)
        rows = await messages.listed(conn, lead_id=lead)
        assert rows[0]["id"] == last
        assert "raw" not in rows[0]
        assert rows[0]["email"] == "ada@example.org"
        assert len(await messages.listed(conn, state="sent")) == 1
        assert await leads.get(conn, lead) is not None
