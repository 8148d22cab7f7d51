"""Bells: what comes due by the calendar and not by a lead's own steps.

A bell is a function of the time since it rang last. The database knows when each rang, so a bell missed while the daemon
was down rings late and once, and two daemons never ring one twice. APScheduler rings them in the daemon, the virtual
clock in the demo (semantics.md, Entering and The daemon's ends).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.config import Settings
from nurture.core.duration import Duration, subtract
from nurture.core.facts import Facts
from nurture.core.graph import Graph, Occasion
from nurture.core.point import moment_of
from nurture.core.recurrence import greetings_between, next_after, next_yearly
from nurture.services.catalog import Catalog
from nurture.services.load import load_cases
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import bells, tasks
from nurture.store.segments import may_hold
from nurture.store.tables import Row

log = structlog.get_logger(__name__)

_LEAD = Row.metadata.tables["lead"]
_MORNING = 9 * 60
_SEGMENTS_AT = 6 * 60
_PAGE = 1000
_FOUR_HOURS = Duration(business_hours=4)

Ring = Callable[[datetime, datetime], Awaitable[int]]
"""Does what came due after the first time and until the second; answers how much that was."""


@dataclass(frozen=True, slots=True)
class Bell:
    """Rings at most every `every`."""

    name: str
    every: timedelta
    ring: Ring


@dataclass(slots=True)
class Belfry:
    """All bells of a project. `housekeeping` are the deliverer's and other services' regular tasks, by name.

    A task left lying for `escalate_after` since it was due goes to the colleague `escalate_to`.
    """

    store: Store
    catalog: Catalog
    secret: str
    retention: dict[str, Duration | None] = field(default_factory=dict)
    escalate_to: str | None = None
    escalate_after: Duration = _FOUR_HOURS
    housekeeping: tuple[Bell, ...] = ()

    def settle_in(self, settings: Settings) -> None:
        """Let the project's settings hold: what is kept how long, and who gets what is left lying."""
        keep, escalate = settings.retention, settings.assignment.escalate
        self.retention = {
            "raw_mail": keep.raw_mail,
            "messages": keep.messages,
            "traces": keep.traces,
            "events": keep.events,
        }
        manager = next((one.email for one in settings.team if one.manager), None)
        self.escalate_to = manager if escalate.to == "manager" else escalate.to
        self.escalate_after = escalate.after

    def all(self) -> tuple[Bell, ...]:
        """The bells, in the order they ring."""
        return (
            Bell("calendar", timedelta(minutes=1), self._calendar),
            Bell("segments", timedelta(minutes=1), self._segments),
            Bell("overdue tasks", timedelta(minutes=5), self._overdue),
            Bell("retention", timedelta(days=1), self._forget),
            *self.housekeeping,
        )

    async def ring(self, now: datetime) -> int:
        """Ring every bell that is due; answers how many rang. One that fails does not silence the others."""
        rung = 0
        for bell in self.all():
            async with self.store.write() as conn:
                last = await bells.rang(conn, bell.name)
                # One that lies further ahead was rung by a clock that was wrong: nobody waits for that time.
                if last is not None and abs(now - last) < bell.every:
                    continue
                if not await bells.ring(conn, bell.name, now, last):
                    continue
            try:
                await bell.ring(min(last or now, now), now)
                rung += 1
            except Exception:
                log.exception("bell.failed", bell=bell.name)
                await self._take_back(bell.name, now, last)
        return rung

    async def _take_back(self, name: str, now: datetime, last: datetime | None) -> None:
        """A bell that failed has not rung: it is tried again next time."""
        if last is not None:
            async with self.store.write() as conn:
                await bells.ring(conn, name, last, now)

    # -- the calendar lets people in ----------------------------------------------------------------------------

    async def _calendar(self, last: datetime, now: datetime) -> int:
        let_in = 0
        for graph in self._live(now):
            occasion = graph.enter.occasion
            if occasion is None:
                continue
            async with self.store.write() as conn:
                if occasion.holidays is not None:
                    let_in += await self._holidays(conn, graph, occasion, last, now)
                elif occasion.yearly is not None:
                    let_in += await self._yearly(conn, graph, occasion, last, now)
                elif occasion.every is not None:
                    at = next_after(occasion.every, last, self.catalog.company_place)
                    if at <= now:
                        where = self._where(graph)
                        let_in += await bells.let_in(conn, graph.name, where, at, now, at.isoformat(), {})
                elif occasion.once is not None:
                    at = self._company_time(occasion.once)
                    if last < at <= now:
                        let_in += await bells.let_in(
                            conn, graph.name, self._where(graph), at, now, "once", {}
                        )
        return let_in

    async def _holidays(
        self, conn: AsyncConnection, graph: Graph, occasion: Occasion, last: datetime, now: datetime
    ) -> int:
        """By the lead's country and zone: everybody of one place in one statement."""
        let_in = 0
        for timezone, country in await bells.places(conn, graph.stages):
            place = self.catalog.place_of({"timezone": timezone, "country": country})
            clock = _minutes(occasion)
            greetings = greetings_between(occasion.holidays or (), occasion.ahead, clock, last, now, place)
            for greeting in greetings:
                there = (_same(_LEAD.c.timezone, timezone), _same(_LEAD.c.country, country))
                name = greeting.occasion.rpartition(" ")[0]
                data = {"holiday": name, "date": greeting.holiday.isoformat(), "country": country}
                let_in += await bells.let_in(
                    conn, graph.name, (*self._where(graph), *there), greeting.at, now, greeting.occasion, data
                )
        return let_in

    async def _yearly(
        self, conn: AsyncConnection, graph: Graph, occasion: Occasion, last: datetime, now: datetime
    ) -> int:
        """Birthdays and the like, from a field of the lead; looked at in pages."""
        let_in, after = 0, 0
        name = (occasion.yearly or "").removeprefix("lead.")
        while page := await bells.candidates(conn, self._where(graph), after, _PAGE):
            after = page[-1]
            for lead_id, case in (await load_cases(conn, page, self.catalog, self.secret)).items():
                person = case.person
                moment = moment_of(Facts(person, now).value("lead", name), person.place)
                if moment is None:
                    continue
                at = next_yearly(
                    moment.date() if isinstance(moment, datetime) else moment,
                    _minutes(occasion),
                    last,
                    person.place,
                )
                if at <= now:
                    here = (*self._where(graph), _LEAD.c.id == lead_id)
                    let_in += await bells.let_in(conn, graph.name, here, at, now, at.date().isoformat(), {})
        return let_in

    # -- segments -----------------------------------------------------------------------------------------------

    async def _segments(self, last: datetime, now: datetime) -> int:
        """Daily at 06:00 company time: who `enter.when` became true for comes in."""
        place = self.catalog.company_place
        day, minute = place.wall(now)
        today = place.instant(day if minute >= _SEGMENTS_AT else day - 1, _SEGMENTS_AT)
        let_in = 0
        for graph in self._live(now):
            if graph.enter.when is None:
                continue
            name = f"segment {graph.name}"
            async with self.store.write() as conn:
                before = await bells.rang(conn, name)
                if before is not None and today <= before <= now:
                    continue
                if await bells.ring(conn, name, today, before):
                    let_in += await self._segment(conn, graph, now, first=before is None)
        return let_in

    async def _segment(self, conn: AsyncConnection, graph: Graph, now: datetime, *, first: bool) -> int:
        """Let in those it is newly true for, at most `at_most`; the first look takes nobody in unless `existing`."""
        assert graph.enter.when is not None
        true_now: set[int] = set()
        after = 0
        while page := await bells.candidates(conn, (may_hold(graph.enter.when.tree),), after, _PAGE):
            after = page[-1]
            for lead_id, case in (await load_cases(conn, page, self.catalog, self.secret)).items():
                if graph.enter.when.holds(Facts(case.person, now)):
                    true_now.add(lead_id)
        known = await bells.all_members(conn, graph.name)
        await bells.remove_members(conn, graph.name, known - true_now)
        new = sorted(true_now - known)
        if first and not graph.enter.existing:
            await bells.add_members(conn, graph.name, new)
            return 0
        if graph.enter.at_most is not None:
            new = new[: graph.enter.at_most.count]
        await bells.add_members(conn, graph.name, new)
        occasion = f"segment {now:%Y-%m-%d}"
        for start in range(0, len(new), _PAGE):
            those = (_LEAD.c.id.in_(new[start : start + _PAGE]), _LEAD.c.stage.in_(graph.stages))
            await bells.let_in(conn, graph.name, those, now, now, occasion, {})
        return len(new)

    # -- tasks and housekeeping ---------------------------------------------------------------------------------

    async def _overdue(self, last: datetime, now: datetime) -> int:
        """Tasks past their time: an event; and after a while they are somebody else's."""
        place = self.catalog.company_place
        since, until = (subtract(self.escalate_after, at, place) for at in (last, now))
        async with self.store.write() as conn:
            late = await tasks.overdue(conn, now)
            await tasks.mark_overdue(conn, [task["id"] for task in late])
            if self.escalate_to is not None:
                await tasks.escalate(conn, since, until, self.escalate_to)
            for task in late:
                if task["lead_id"] is None:
                    continue
                data = {
                    "task": task["id"],
                    "kind": task["kind"],
                    "run": task["run"] or None,
                    "step": task["step"],
                }
                key = f"overdue:{task['id']}"
                await record(
                    conn, task["lead_id"], "task.overdue", data, now=now, secret=self.secret, key=key
                )
        return len(late)

    async def _forget(self, last: datetime, now: datetime) -> int:
        forgotten = 0
        for what, keep in self.retention.items():
            if keep is not None:
                before = subtract(keep, now, self.catalog.company_place)
                async with self.store.write() as conn:
                    forgotten += await bells.forget(conn, what, before)
        return forgotten

    # -- common ground ------------------------------------------------------------------------------------------

    def _live(self, now: datetime) -> list[Graph]:
        return [graph for graph in self.catalog.campaigns.values() if graph.status == "live"]

    def _where(self, graph: Graph) -> tuple[ColumnElement[bool], ...]:
        """Leads of the campaign's stages its `if` may hold for; `enter` looks at each again."""
        stages: ColumnElement[bool] = _LEAD.c.stage.in_(sorted(graph.stages))
        return (
            (stages, may_hold(graph.enter.condition.tree)) if graph.enter.condition is not None else (stages,)
        )

    def _company_time(self, naive: datetime) -> datetime:
        return naive.replace(tzinfo=self.catalog.company_place.zone).astimezone(UTC)


def _minutes(occasion: Occasion) -> int:
    return _MORNING if occasion.clock is None else occasion.clock.hour * 60 + occasion.clock.minute


def _same(column: ColumnElement[str], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
