"""The database server cuts connections, in the middle of anything: an outside trouble, and everybody gets everything once."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from nurture.core.errors import OutsideError
from nurture.demo.servers.script import Do, Fault
from nurture.store.engine import Store, open_store
from tests.faults.office import CONFIG, Office, open_office
from tests.faults.program import until

PEOPLE = [f"p{number}" for number in range(12)]
on_postgresql = pytest.mark.parametrize("store", ["postgresql"], indirect=True)
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


async def cut_all(url: str) -> None:
    """End every connection to this database but the one that does it."""
    other = open_store(url)
    async with other.write() as conn:
        await conn.execute(text(CUT))
    await other.close()


def config(store: Store) -> dict[str, str]:
    return {"config.yaml": CONFIG + f'database: {{ url: "{store.url}" }}\n'}


async def look(office: Office) -> int:
    """The daemon looks; what it cannot do now it says, and tries again. Answers how often the database failed."""
    try:
        await office.look()
    except OutsideError:
        return 1
    return 0


async def days(office: Office, count: int) -> None:
    for _ in range(count * 24):
        office.clock.advance_to(office.clock.now() + timedelta(hours=1))
        with suppress(OutsideError):
            await office.works.bells()
        await look(office)


@on_postgresql
async def test_kept_connections_that_were_cut_cost_nothing(store: Store, tmp_path: Path) -> None:
    async with open_office(tmp_path, files=config(store)) as office:
        for name in PEOPLE:
            await office.downloads(name)
            await cut_all(store.url)
        await office.look()
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)


@on_postgresql
@pytest.mark.parametrize("at", ["DATA", "DOT"])
async def test_connections_cut_while_letters_go_out(store: Store, tmp_path: Path, at: str) -> None:
    async with open_office(tmp_path, Fault(at=at, do=Do.SLOW, seconds=0.2), files=config(store)) as office:
        for name in PEOPLE:
            await office.downloads(name)
        while await office.works.advance():
            pass
        delivering = asyncio.create_task(look(office))
        await until(lambda: "DATA" in office.relay.commands)
        for _ in range(4):
            await cut_all(store.url)
            await asyncio.sleep(0.1)
        await delivering
        await days(office, 1)
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        assert await office.states() == {"sent": len(PEOPLE)}


@on_postgresql
async def test_connections_cut_while_leads_advance(store: Store, tmp_path: Path) -> None:
    async with open_office(tmp_path, files=config(store)) as office:
        for name in PEOPLE:
            await office.downloads(name)
        stop = asyncio.Event()

        async def cutting() -> None:
            while not stop.is_set():
                await cut_all(store.url)
                await asyncio.sleep(0.02)

        cut = asyncio.create_task(cutting())
        troubles = sum([await look(office) for _ in range(5)])
        stop.set()
        await cut
        await days(office, 1)
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        assert await office.states() == {"sent": len(PEOPLE)}
        assert troubles <= 5
