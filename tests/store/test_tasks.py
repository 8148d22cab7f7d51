"""Work for colleagues: opened once, done once, found when it lies too long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.core.errors import IllegalTransition
from nurture.store.engine import Store
from nurture.store.queries import tasks
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import add_lead, column

HOUR = timedelta(hours=1)


async def test_one_open_task_of_a_kind_for_each_lead(store: Store) -> None:
    async with store.write() as conn:
        ada, bob = await add_lead(conn, owner="eve"), await add_lead(conn, "bob@example.org")
        for lead, once in ((ada, "call"), (ada, "call"), (bob, "call"), (ada, "write")):
            await tasks.open_once(conn, lead, "do it", once, NOW)
        assert await column(conn, "task", "lead_id") == [ada, bob, ada]
        assert await column(conn, "task", "colleague") == ["eve", None, "eve"]


async def test_one_open_task_of_a_kind_for_nobody_in_particular(store: Store) -> None:
    async with store.write() as conn:
        await add_lead(conn)
        for once in ("mailbox", "mailbox", "template"):
            await tasks.open_once(conn, None, "look at it", once, NOW)
        assert await column(conn, "task", "once") == ["mailbox", "template"]


async def test_what_is_done_may_come_up_again(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        for who in (lead, None):
            await tasks.open_once(conn, who, "call", "call", NOW)
            (task,) = [row for row in await tasks.listed(conn) if row["lead_id"] == who]
            await tasks.finish(conn, task, "reached", None, NOW)
            await tasks.open_once(conn, who, "call", "call", NOW)
        assert await column(conn, "task", "state") == ["done", "open", "done", "open"]


async def test_two_who_open_the_same_at_once(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
    await both(
        store,
        lambda conn: tasks.open_once(conn, lead, "call", "call", NOW),
        lambda conn: tasks.open_once(conn, lead, "call", "call", NOW),
    )
    async with store.read() as conn:
        assert len(await column(conn, "task", "id")) == 1


async def test_a_task_is_done_once(store: Store) -> None:
    """Whoever saw it open, and comes second, is told: nobody's result is written over."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        number = await tasks.open_task(conn, {"lead_id": lead, "text": "call", "created_at": NOW})
        seen_open = await tasks.get(conn, number)
    assert seen_open is not None
    async with store.write() as conn:
        await tasks.finish(conn, seen_open, "reached", "all well", NOW)
    for seen in (seen_open, {**seen_open, "state": "done"}):
        async with store.write() as conn:
            with pytest.raises(IllegalTransition):
                await tasks.finish(conn, seen, "not reached", None, NOW + HOUR)
    async with store.read() as conn:
        done = await tasks.get(conn, number)
        assert await tasks.get(conn, 999) is None
    assert done is not None
    assert (done["state"], done["result"], done["note"], done["done_at"]) == (
        "done",
        "reached",
        "all well",
        NOW,
    )


async def test_the_most_urgent_first_those_without_a_time_last(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn, name="Ada")
        for text, due, of in (
            ("some day", None, lead),
            ("later", NOW + HOUR, None),
            ("now", NOW, lead),
            ("first", NOW - HOUR, lead),
        ):
            await tasks.open_task(conn, {"lead_id": of, "text": text, "due_at": due, "created_at": NOW})
        found = await tasks.listed(conn)
        assert [row["text"] for row in found] == ["first", "now", "later", "some day"]
        assert [row["lead_name"] for row in found] == ["Ada", "Ada", None, "Ada"]
        assert [row["text"] for row in await tasks.listed(conn, lead_id=lead, limit=2)] == ["first", "now"]
        assert await tasks.listed(conn, state="done") == []


async def test_what_lies_too_long_is_overdue_and_becomes_another_s(store: Store) -> None:
    async with store.write() as conn:
        for text, due, state in (
            ("hours ago", NOW - 2 * HOUR, "open"),
            ("just now", NOW, "open"),
            ("soon", NOW + HOUR, "open"),
            ("some day", None, "open"),
            ("done", NOW - HOUR, "done"),
        ):
            await tasks.open_task(conn, {"text": text, "due_at": due, "state": state, "created_at": NOW})
        late = await tasks.overdue(conn, NOW)
        assert [row["text"] for row in late] == ["hours ago", "just now"]
        await tasks.mark_overdue(conn, [row["id"] for row in await tasks.listed(conn, state=None)][:3])
        assert await column(conn, "task", "state") == ["overdue", "overdue", "open", "open", "done"]
        assert await tasks.overdue(conn, NOW) == []
        await tasks.escalate(conn, NOW - 2 * HOUR, NOW + HOUR, "boss")
        assert await column(conn, "task", "colleague") == [None, "boss", "boss", None, None]


async def test_the_colleague_named_later_gets_the_owner_s_tasks(store: Store) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        for of, who, colleague, state in (
            (lead, "owner", None, "open"),
            (lead, "owner", "max", "open"),
            (lead, "boss", None, "open"),
            (lead, "owner", None, "done"),
            (bob, "owner", None, "open"),
        ):
            row = {"lead_id": of, "who": who, "colleague": colleague, "state": state}
            await tasks.open_task(conn, {**row, "text": "call", "created_at": NOW})
        await tasks.give(conn, lead, "eve")
        assert await column(conn, "task", "colleague") == ["eve", "max", None, None, None]
