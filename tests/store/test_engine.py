"""What a transaction promises: all or nothing, one state while reading, no update lost, trouble named."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from nurture.core.errors import OutsideError
from nurture.store.engine import Store, open_store
from nurture.store.queries import events, leads, tasks
from tests.conftest import NOW
from tests.store.seeds import T, add_lead, column


async def number_of(store: Store, table: str) -> int:
    async with store.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(T[table])) or 0)


async def test_a_write_that_fails_leaves_nothing_behind(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)

    async def fails() -> None:
        async with store.write() as conn:
            await events.append(conn, lead, "form.submitted", {}, NOW, NOW)
            await tasks.open_once(conn, lead, "call", "once", NOW)
            await leads.set_fields(conn, lead, {"name": "Ada"})
            raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        await fails()
    assert [await number_of(store, table) for table in ("lead", "event", "task")] == [1, 0, 0]
    async with store.read() as conn:
        assert await column(conn, "lead", "name") == [None]


async def test_a_write_that_is_cancelled_leaves_nothing_behind(store: Store) -> None:
    begun = asyncio.Event()

    async def never_ends() -> None:
        async with store.write() as conn:
            await add_lead(conn)
            begun.set()
            await asyncio.sleep(60)

    work = asyncio.create_task(never_ends())
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await number_of(store, "lead") == 0
    async with store.write() as conn:
        await add_lead(conn)


async def test_read_then_write_loses_no_update(store: Store) -> None:
    """On SQLite because every write transaction begins IMMEDIATE, on PostgreSQL because the lead is locked."""
    async with store.write() as conn:
        lead = await add_lead(conn)

    async def count_up() -> None:
        for _ in range(10):
            async with store.write() as conn:
                row = await leads.lock(conn, lead)
                assert row is not None
                await asyncio.sleep(0)
                await conn.execute(update(T["lead"]).values(score=row["score"] + 1))

    await asyncio.gather(*(count_up() for _ in range(4)))
    async with store.read() as conn:
        assert await column(conn, "lead", "score") == [40]


async def test_who_reads_sees_one_state_and_holds_nobody_up(store: Store) -> None:
    async with store.read() as reading:
        assert await column(reading, "lead", "email") == []
        async with store.write() as writing:
            await add_lead(writing)
        assert await column(reading, "lead", "email") == []
    assert await number_of(store, "lead") == 1


async def test_nothing_hangs_on_a_lead_that_is_not_there(store: Store) -> None:
    """Breaking a rule of the tables is a fault with this statement, no trouble of the database."""
    with pytest.raises(IntegrityError):
        async with store.write() as conn:
            await events.append(conn, 999, "form.submitted", {}, NOW, NOW)


async def test_times_are_kept_to_the_microsecond_and_come_back_in_utc(store: Store) -> None:
    exact = datetime(2026, 10, 25, 2, 30, 0, 123456, ZoneInfo("Europe/Berlin"), fold=1)
    async with store.write() as conn:
        lead = await add_lead(conn)
        await conn.execute(update(T["lead"]).values(wake_at=exact))
        row = await leads.get(conn, lead)
    assert row is not None
    assert row["wake_at"].isoformat() == "2026-10-25T01:30:00.123456+00:00"
    assert row["wake_at"].tzinfo == UTC


async def test_a_time_without_zone_is_refused(store: Store) -> None:
    async with store.write() as conn:
        with pytest.raises(StatementError, match="without zone"):
            await conn.execute(update(T["lead"]).values(wake_at=NOW.replace(tzinfo=None)))


async def test_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    """`synchronous=FULL` (2) in WAL is what the marker before the final dot rests on."""
    store = open_store(f"sqlite:///{tmp_path / 'nurture.db'}")
    async with store.write() as conn:
        found = [
            await conn.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await store.close()
    assert found == ["wal", 2, 1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all/nurture.db", "no folder /nowhere/at/all"),
        ("mysql://localhost/nurture", "mysql is not supported"),
    ],
)
def test_what_cannot_be_opened_is_told(url: str, said: str) -> None:
    with pytest.raises(OutsideError, match=said):
        open_store(url)


async def test_nobody_at_the_other_end_is_trouble_outside() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/nurture")
    with pytest.raises(OutsideError, match="does not answer"):
        async with store.read():
            pass
    await store.close()


async def test_the_same_trouble_inside_a_transaction_is_told_once(store: Store) -> None:
    """An OutsideError of another adapter passes as it is."""
    with pytest.raises(OutsideError, match=r"^the relay is away$"):
        async with store.write():
            raise OutsideError("the relay is away")


async def test_an_error_does_not_tell_the_log_about_people(store: Store) -> None:
    twice = text("INSERT INTO lead (id, name) VALUES (:id, :name)")
    async with store.write() as conn:
        lead = await add_lead(conn)
        with pytest.raises(IntegrityError) as caught:
            async with conn.begin_nested():
                await conn.execute(twice, {"id": lead, "name": "Ada Secret"})
    assert "Ada Secret" not in str(caught.value)
