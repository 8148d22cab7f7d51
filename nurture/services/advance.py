"""Carry every lead something is due for to the present: claim, load, live, write, in one transaction a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.case import Case, live
from nurture.services.assign import Assigner
from nurture.services.catalog import Catalog
from nurture.store.engine import Store
from nurture.store.queries import cases as case_queries
from nurture.store.queries import leads, tasks
from nurture.store.queries.outcomes import before_of, save_cases

log = structlog.get_logger(__name__)

BATCH = 200
"""Leads a transaction; larger gains nothing (performance.md, 8)."""

_REST = timedelta(minutes=15)
"""How long a lead whose case failed is left alone before it is tried again."""

_COUNT_AGAIN = timedelta(hours=1)
"""How long the count of each colleague's leads is kept up before it is counted anew."""


@dataclass(slots=True)
class Advancer:
    """Advances leads of one store in one catalog. `failing` are leads whose case raised, and until when they rest."""

    store: Store
    catalog: Catalog
    secret: str
    assigner: Assigner | None = None
    failing: dict[int, datetime] = field(default_factory=dict)
    loads: dict[str, int] = field(default_factory=dict)
    counted_at: datetime | None = None

    async def advance(self, now: datetime, limit: int = BATCH) -> int:
        """Let at most `limit` leads live through what is due at `now`; answers how many did.

        One lead whose case fails (a fault of ours) is told of in a task, rests, and does not stop the others.
        """
        hash_of = self._hash_of()
        async with self.store.read() as conn:
            first = await case_queries.next_due(conn)
        if first is None or first > now:
            return 0
        async with self.store.write() as conn:
            due = await case_queries.due_leads(conn, now, limit + len(self.failing))
            free = [lead_id for lead_id in due if self.failing.get(lead_id, now) <= now][:limit]
            if not free:
                return 0
            locked = await case_queries.lock_leads(conn, free)
            loaded = await case_queries.load_cases(
                conn,
                locked,
                listens=self.catalog.listens(),
                place_of=self.catalog.place_of,
                owner_of=self.catalog.owner_of,
                hash_of=hash_of,
                company=self.catalog.company,
            )
            before = before_of(loaded)
            await self._assign(conn, loaded, now)
            lived = {lead_id: case for lead_id, case in loaded.items() if self._lives(lead_id, case, now)}
            await save_cases(conn, lived, before, now, hash_of)
            for lead_id in loaded.keys() - lived.keys():
                text = f"The engine failed on this lead and will try again. The log has the reason. (lead {lead_id})"
                await tasks.open_once(conn, lead_id, text, "engine", now)
            return len(lived)

    async def _assign(self, conn: AsyncConnection, loaded: Mapping[int, Case], now: datetime) -> None:
        """Give everybody who has none a responsible colleague, before anything is sent in that one's name."""
        alone = [case for case in loaded.values() if not case.person.fields.get("owner")]
        if self.assigner is None or not alone:
            return
        loads = await self._loads(conn, now)
        for case in alone:
            owner = self.assigner.choose(case.person, loads, now)
            if owner is None:
                return
            loads[owner] = loads.get(owner, 0) + 1
            case.person.fields = {**case.person.fields, "owner": owner}
            case.person.owner = self.catalog.owner_of(owner)
            case.cause("lead.assigned", {"to": owner}, case.next_at() or now)
            await tasks.give(conn, case.person.id, owner)

    async def _loads(self, conn: AsyncConnection, now: datetime) -> dict[str, int]:
        """Open leads by colleague: counted now and then, kept up in between."""
        if self.counted_at is None or now - self.counted_at > _COUNT_AGAIN:
            self.loads, self.counted_at = await leads.loads(conn), now
        return self.loads

    def _lives(self, lead_id: int, case: Case, now: datetime) -> bool:
        try:
            live(case, self.catalog, now)
        except Exception:
            log.exception("advance.lead_failed", lead=lead_id)
            self.failing[lead_id] = now + _REST
            return False
        self.failing.pop(lead_id, None)
        return True

    def _hash_of(self) -> Callable[[str], str]:
        return lambda address: keyed_hash(address, self.secret)
