"""The play: the daemon's own pieces of work in the daemon's order, on a clock that jumps to whatever comes next."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count as counting
from typing import Final

from nurture.core.recurrence import greetings_between
from nurture.demo import colleagues
from nurture.demo.deeds import do
from nurture.demo.stage import Stage
from nurture.demo.story import Actor, Doing, first_deeds, reactions_to
from nurture.demo.watch import Seen, Watch
from nurture.demo.writing import Got
from nurture.store.queries import cases, messages

Work = Callable[[], Awaitable[None]]

_MORNING: Final = 9 * 60
_SEGMENTS: Final = 6 * 60
_LEAST: Final = timedelta(minutes=1)
"""The clock always goes on: the engine plans in whole minutes."""


@dataclass(slots=True)
class Play:
    """One performance. `tell` is called with what was seen, round by round, and the present instant."""

    stage: Stage
    until: datetime
    tell: Callable[[list[Seen], datetime], None]
    watch: Watch = field(init=False)
    agenda: list[tuple[datetime, int, Work]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=counting)
    _rings: list[datetime] = field(default_factory=list)
    _fetched: int = 0

    def __post_init__(self) -> None:
        self.watch = Watch(self.stage)
        self._rings = rings(self.stage, self.stage.clock.now(), self.until)
        for actor in self.stage.cast:
            self._plan(actor, first_deeds(actor, self.stage.place_of(actor)), None)

    async def perform(self) -> None:
        """From the first day to the last."""
        clock = self.stage.clock
        while (at := await self._round()) <= self.until:
            clock.advance_to(at)
            while self.agenda and self.agenda[0][0] <= clock.now():
                await heapq.heappop(self.agenda)[2]()
        clock.advance_to(max(self.until, clock.now()))

    async def _round(self) -> datetime:
        """What the daemon does all the time (`daemon.runner`), until nothing is left to do at this instant.

        Answers the next instant anything happens: in the engine, by the calendar, or by somebody's hand.
        """
        app, now = self.stage.app, self.stage.clock.now()
        while self._rings and self._rings[0] <= now:
            self._rings.pop(0)
            await app.belfry.ring(now)
        if self._has_mail():
            for mailbox in app.mailboxes.values():
                await app.receiver.fetch(mailbox, now)
            while await app.receiver.act(now):
                pass
        step, message = await self._work_off(now)
        await self._look(now)
        known = (step, message, self.agenda[0][0] if self.agenda else None, *self._rings[:1])
        return max(min((at for at in known if at is not None), default=self.until + _LEAST), now + _LEAST)

    async def _work_off(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Advance and deliver as long as anything is due; answers when the next step and message are."""
        app = self.stage.app
        while True:
            async with app.store.read() as conn:
                step, message = await cases.next_due(conn), await messages.next_due(conn)
            done = 0
            if step is not None and step <= now:
                done += await app.advancer.advance(now)
            elif message is not None and message <= now:
                done += await app.deliverer.deliver(now)
            if not done:
                return step, message

    def _has_mail(self) -> bool:
        """Whether polling the mailbox would bring anything; a poll that brings nothing is left out of the story."""
        arrived = self.stage.post.folder().uidnext
        new, self._fetched = arrived != self._fetched, arrived
        return new

    async def _look(self, now: datetime) -> None:
        """See what became of it, let the cast and our colleagues react, and tell it."""
        seen = await self.watch.look()
        for one in seen:
            if one.actor is None:
                continue
            for trigger in one.triggers:
                place = self.stage.place_of(one.actor)
                self._plan(one.actor, reactions_to(one.actor, trigger, now, place), one.got)
        for task in self.watch.new_tasks:
            self._put(*colleagues.deals_with(self.stage, task, now))
        self.tell(seen, now)

    def _plan(self, actor: Actor, deeds: Iterable[tuple[datetime, Doing]], got: Got | None) -> None:
        for at, doing in deeds:
            self._put(at, self._deed(actor, doing, got))

    def _deed(self, actor: Actor, doing: Doing, got: Got | None) -> Work:
        async def work() -> None:
            for at, later in await do(self.stage, actor, doing, got):
                self._put(at, later)

        return work

    def _put(self, at: datetime, work: Work) -> None:
        heapq.heappush(self.agenda, (at, next(self._number), work))


def rings(stage: Stage, start: datetime, end: datetime) -> list[datetime]:
    """When bells have something to say: each working morning at six, and when a holiday's greetings are due somewhere.

    The daemon rings them every minute, and mostly for nothing.
    """
    here = stage.app.catalog.company_place
    first, last = here.wall(start)[0], here.wall(end)[0]
    found = {here.instant(day, _SEGMENTS) for day in range(first, last + 1) if here.is_business_on(day)}
    places = [stage.place_of(actor) for actor in stage.cast]
    for graph in stage.app.catalog.campaigns.values():
        occasion = graph.enter.occasion
        if occasion is None or occasion.holidays is None:
            continue
        clock = occasion.clock.hour * 60 + occasion.clock.minute if occasion.clock else _MORNING
        for place in places:
            due = greetings_between(occasion.holidays, occasion.ahead, clock, start, end, place)
            found |= {greeting.at for greeting in due}
    return sorted(at for at in found if start < at <= end)
