"""The same life in a database: the daemon's own advancing, and a relay that takes everything at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.case import Case
from nurture.core.errors import UsageError
from nurture.language.edit import place_after
from nurture.services import by_hand
from nurture.services.advance import Advancer
from nurture.services.by_hand import Hand
from nurture.services.catalog import Catalog
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import bells, cases, leads, tasks
from nurture.store.queries.outcomes import before_of, save_cases
from nurture.store.tables import Row
from tests.faults.lives import SECRET, START, bring, new_world, postponed_until, standing, versions

T = Row.metadata.tables


@dataclass
class StoredLife:
    """The same actions on a lead in a database, the daemon's own advancing, and a relay that takes everything."""

    store: Store
    now: datetime = START
    world: Catalog = field(default_factory=new_world)
    lead: int = 0
    advancer: Advancer = field(init=False)

    def __post_init__(self) -> None:
        self.advancer = Advancer(self.store, self.world, SECRET)

    async def begin(self) -> None:
        async with self.store.write() as conn:
            for table in reversed(Row.metadata.sorted_tables):
                if table.name in _LIVED_IN:
                    await conn.execute(delete(table))
            fields = {"email": "ada@example.org", "name": "Ada", "country": "DE"}
            self.lead = await leads.add_lead(conn, "ada", fields, START)

    async def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    async def happen(self, type: str, data: Mapping[str, Any]) -> None:
        async with self.store.write() as conn:
            await record(conn, self.lead, type, data, now=self.now, secret=SECRET)
            if type == "email.bounced":
                await leads.mark_bounced(conn, "ada@example.org", "hard", self.now)

    async def change_stage(self, to: str) -> None:
        until = postponed_until(self.now) if to == "postponed" else None
        async with self.store.write() as conn:
            row = await by_hand.lead_called(conn, str(self.lead))
            with suppress(UsageError):
                await by_hand.change_stage(conn, row, to, Hand("test", self.now, SECRET), until=until)

    async def pause(self, scope: str) -> None:
        async with self.store.write() as conn:
            await bells.pause(conn, scope, "test", self.now)

    async def resume(self, scope: str) -> None:
        async with self.store.write() as conn:
            await bells.resume(conn, scope, self.now)

    async def finish_task(self, number: int) -> None:
        async with self.store.write() as conn:
            open_ = sorted(await tasks.listed(conn, lead_id=self.lead), key=lambda task: task["id"])
            if open_:
                task = open_[number % len(open_)]
                result = task["results"][number % len(task["results"])] if task["results"] else None
                await by_hand.finish_task(conn, task["id"], result, None, Hand("test", self.now, SECRET))

    async def edit(self, name: str) -> None:
        old = self.world.campaigns[name]
        new = next(graph for graph in versions()[name] if graph.version != old.version)
        async with self.store.write() as conn:
            loaded = await self._load(conn)
            before, case = before_of(loaded), loaded[self.lead]
            if all(place_after(old, new, run.step) for run in case.open_runs() if run.campaign == name):
                self.world.add(new, current=True)
                bring(case, self.world, new, self.now)
                await save_cases(conn, loaded, before, self.now, _hash_of)

    async def live(self) -> None:
        while await self.advancer.advance(self.now):
            pass
        assert not self.advancer.failing
        async with self.store.write() as conn:
            taken = update(T["message"]).where(T["message"].c.state == "queued")
            await conn.execute(taken.values(state="sent", next_at=None))

    async def _load(self, conn: AsyncConnection) -> dict[int, Case]:
        return await cases.load_cases(
            conn,
            [self.lead],
            listens=self.world.listens(),
            place_of=self.world.place_of,
            owner_of=self.world.owner_of,
            hash_of=_hash_of,
            company={},
        )

    async def mails(self) -> list[tuple[Any, ...]]:
        table = T["message"]
        columns = (table.c[name] for name in ("run", "step", "template", "occurrence", "planned_at"))
        async with self.store.read() as conn:
            return [tuple(row) for row in await conn.execute(select(*columns).order_by(table.c.id))]

    async def runs(self) -> dict[str, tuple[Any, ...]]:
        async with self.store.read() as conn:
            case = (await self._load(conn))[self.lead]
        return {run.run: standing(run) for run in case.runs.values()}


_LIVED_IN = {
    "lead", "address", "event", "score_entry", "enrolment", "message", "task", "suppression", "trace", "audit",
    "delivery", "pause",
}  # fmt: skip


def _hash_of(address: str) -> str:
    return keyed_hash(address, SECRET)
