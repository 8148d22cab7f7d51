"""Carry every lead something is due for to the present: claim, load, live, write, in one transaction a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.case import Case, live
from nurture.core.effects import CallWebhook
from nurture.core.errors import OutsideError
from nurture.services.assign import Assigner
from nurture.services.catalog import Catalog
from nurture.services.load import load_cases
from nurture.services.release import release_letters
from nurture.store.engine import Store
from nurture.store.queries import cases as case_queries
from nurture.store.queries import leads, tasks
from nurture.store.queries.outcomes import before_of, save_cases

log = structlog.get_logger(__name__)

BATCH = 200
"""Leads a transaction; larger gains nothing (performance.md, 8)."""

RESTS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
"""How long a lead whose case failed is left alone: after the first time, the second …; the last for all further ones."""

_COUNT_AGAIN = timedelta(hours=1)
"""How long the count of each colleague's leads is kept up before it is counted anew."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A lead whose case fails: how often in a row, and until when it rests."""

    times: int
    until: datetime


@dataclass(slots=True)
class Advancer:
    """Advances leads of one store in one catalog. `failing` are leads whose case failed when it was tried last."""

    store: Store
    catalog: Catalog
    secret: str
    assigner: Assigner | None = None
    failing: dict[int, Failing] = field(default_factory=dict)
    loads: dict[str, int] = field(default_factory=dict)
    counted_at: datetime | None = None

    async def advance(self, now: datetime, limit: int = BATCH) -> int:
        """Let at most `limit` leads live through what is due at `now`; answers how many were taken in hand.

        One lead whose case fails (a fault of ours) is told of in a task, rests, and does not stop the others, however
        much is due for it. Raises OutsideError where the database does not answer.
        """
        async with self.store.read() as conn:
            first = await case_queries.next_due(conn)
        if first is None or first > now:
            return 0
        taken: list[int] = []
        try:
            async with self.store.write() as conn:
                taken = await self._due(conn, now, limit)
                lived = await self._batch(conn, taken, now)
            self._recovered(lived)
        except OutsideError:
            raise
        except Exception:
            if not taken:
                raise
            log.exception("advance.batch_failed", leads=len(taken))
            await self._one_by_one(taken, now)
        return len(taken)

    async def _due(self, conn: AsyncConnection, now: datetime, limit: int) -> list[int]:
        """The leads of the next batch, locked."""
        resting = [lead_id for lead_id, failing in self.failing.items() if failing.until > now]
        due = await case_queries.due_leads(conn, now, limit, resting)
        return await case_queries.lock_leads(conn, due) if due else []

    async def _batch(self, conn: AsyncConnection, lead_ids: list[int], now: datetime) -> list[int]:
        """Let these leads live; answers those that could."""
        if not lead_ids:
            return []
        loaded = await load_cases(conn, lead_ids, self.catalog, self.secret)
        before = before_of(loaded)
        await self._assign(conn, loaded, now)
        await release_letters(conn, loaded, self.catalog, now)
        lived = {lead_id: case for lead_id, case in loaded.items() if self._lives(lead_id, case, now)}
        for case in lived.values():
            case.effects.extend(self._calls(case))
        await save_cases(conn, lived, before, now, partial(keyed_hash, secret=self.secret))
        for lead_id in loaded.keys() - lived.keys():
            await _tell(conn, lead_id, now)
        return list(lived)

    async def _one_by_one(self, lead_ids: list[int], now: datetime) -> None:
        """A batch that could not be read or written as a whole: each lead in a transaction of its own."""
        for lead_id in lead_ids:
            try:
                async with self.store.write() as conn:
                    lived = await self._batch(conn, await case_queries.lock_leads(conn, [lead_id]), now)
                self._recovered(lived)
            except OutsideError:
                raise
            except Exception:
                self._fails(lead_id, now)
                async with self.store.write() as conn:
                    await _tell(conn, lead_id, now)

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

    def _calls(self, case: Case) -> Iterator[CallWebhook]:
        """The webhooks that hear of what happened by themselves (`webhooks: NAME: events:`)."""
        webhooks = self.assigner.settings.webhooks if self.assigner is not None else {}
        for name, webhook in webhooks.items():
            for event in (*case.handled, *case.raised):
                if any(event.stands_for(wanted) for wanted in webhook.events):
                    because = f"{name} hears of every {event.type}"
                    yield CallWebhook(at=event.learned_at, name=name, data=event.plain(), because=because)

    async def _loads(self, conn: AsyncConnection, now: datetime) -> dict[str, int]:
        """Open leads by colleague: counted now and then, kept up in between."""
        if self.counted_at is None or now - self.counted_at > _COUNT_AGAIN:
            self.loads, self.counted_at = await leads.loads(conn), now
        return self.loads

    def _lives(self, lead_id: int, case: Case, now: datetime) -> bool:
        try:
            live(case, self.catalog, now)
        except Exception:
            self._fails(lead_id, now)
            return False
        return True

    def _recovered(self, lived: list[int]) -> None:
        for lead_id in self.failing.keys() & set(lived):
            del self.failing[lead_id]

    def _fails(self, lead_id: int, now: datetime) -> None:
        """Note it and let the lead rest, longer each time. For use where the error is handled."""
        before = self.failing.get(lead_id)
        if before is not None and before.until > now:
            return
        times = 1 if before is None else before.times + 1
        until = now + RESTS[min(times, len(RESTS)) - 1]
        self.failing[lead_id] = Failing(times, until)
        log.exception("advance.lead_failed", lead=lead_id, times=times, again_at=until.isoformat())


async def _tell(conn: AsyncConnection, lead_id: int, now: datetime) -> None:
    """A task about a lead that cannot be advanced, once until it is done."""
    text = f"The engine failed on this lead and will try again. The log has the reason. (lead {lead_id})"
    await tasks.open_once(conn, lead_id, text, "engine", now)
