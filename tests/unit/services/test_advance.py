"""A lead whose case fails rests, longer each time, and holds nobody up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from nurture.config import load_config
from nurture.core.case import Case, live
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import place_of
from nurture.core.rules import Rules
from nurture.services import advance
from nurture.services.advance import RESTS, Advancer
from nurture.services.assign import Assigner
from nurture.services.catalog import Catalog
from nurture.services.record import find_or_add_lead, record
from nurture.services.world import empty_catalog
from nurture.store.engine import Store
from nurture.store.queries.outcomes import save_cases
from nurture.store.tables import Row

SECRET = "00" * 32
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENT, TASK, DELIVERY = (Row.metadata.tables[name] for name in ("event", "task", "delivery"))
HERE = place_of(None, "GB", ZoneInfo("Europe/London"), HolidayBook())


@pytest.fixture
def advancer(store: Store) -> Advancer:
    return Advancer(store, Catalog(Rules(), HERE, lambda fields: HERE, lambda key: {}), SECRET)


async def add(store: Store, lead: int, events: int) -> int:
    async with store.write() as conn:
        found, _ = await find_or_add_lead(conn, {"email": f"{lead}@example.org"}, now=NOW, secret=SECRET)
        for number in range(events):
            at = NOW - timedelta(days=1) + timedelta(seconds=number)
            await record(conn, found, "page.viewed", {"path": "/"}, now=at, secret=SECRET)
    return found


async def unhandled(store: Store) -> set[int]:
    async with store.read() as conn:
        query = select(EVENT.c.lead_id).where(EVENT.c.handled_at.is_(None)).distinct()
        return set((await conn.scalars(query)).all())


HEARS = """\
webhooks:
  crm: { url: "https://crm.example/h", events: [page.viewed, reply, score.warm] }
  quiet: { url: "https://quiet.example/h" }
scoring: { events: { page.viewed: 40 } }
"""


async def test_webhooks_hear_of_what_they_ask_for_once(store: Store) -> None:
    settings, problems = load_config(HEARS, "config.yaml", {})
    assert settings is not None
    assert not problems
    advancer = Advancer(store, empty_catalog(settings), SECRET, Assigner(settings))
    lead = await add(store, 0, events=1)
    async with store.write() as conn:
        await record(conn, lead, "reply.later", {"text": "in May"}, now=NOW, secret=SECRET)
    await until_nothing_is_taken(advancer, NOW)
    async with store.read() as conn:
        told = (await conn.execute(select(DELIVERY.c.target, DELIVERY.c.payload))).all()
    assert [(target, payload["type"]) for target, payload in told] == [
        ("crm", "page.viewed"),
        ("crm", "reply.later"),
        ("crm", "score.warm"),
    ]
    assert told[1][1]["text"] == "in May"


def poison(monkeypatch: pytest.MonkeyPatch, bad: int) -> list[int]:
    """Make every step of a lead raise; answers the list its tries are added to."""
    tries: list[int] = []

    def lives(case: Case, world: Any, until: datetime) -> None:
        if case.person.id == bad:
            tries.append(bad)
            raise ArithmeticError("poisoned")
        live(case, world, until)

    monkeypatch.setattr(advance, "live", lives)
    return tries


async def until_nothing_is_taken(advancer: Advancer, now: datetime) -> None:
    while await advancer.advance(now, limit=20):
        pass


async def test_a_lead_that_fails_does_not_hold_up_fifty_others(
    advancer: Advancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await add(advancer.store, 0, events=300)
    others = {await add(advancer.store, number, events=1) for number in range(1, 51)}
    assert await unhandled(advancer.store) == {bad, *others}
    tries = poison(monkeypatch, bad)
    await until_nothing_is_taken(advancer, NOW)
    assert await unhandled(advancer.store) == {bad}
    assert len(tries) == 1
    async with advancer.store.read() as conn:
        told = (await conn.execute(select(TASK.c.lead_id, TASK.c.once))).all()
    assert list(told) == [(bad, "engine")]


async def test_it_is_tried_again_later_and_later_and_forgiven(
    advancer: Advancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await add(advancer.store, 0, events=1)
    tries = poison(monkeypatch, bad)
    now = NOW
    for times, rest in enumerate([*RESTS, RESTS[-1]], start=1):
        await until_nothing_is_taken(advancer, now)
        await until_nothing_is_taken(advancer, now + rest - timedelta(seconds=1))
        assert len(tries) == times
        now += rest
    monkeypatch.undo()
    await until_nothing_is_taken(advancer, now)
    assert await unhandled(advancer.store) == set()
    assert not advancer.failing


async def test_a_lead_that_cannot_be_written_does_not_hold_up_the_others(
    advancer: Advancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [await add(advancer.store, number, events=1) for number in range(5)]

    async def save(conn: Any, cases: dict[int, Case], *more: Any) -> None:
        if leads[2] in cases:
            await conn.execute(select(func.count()).select_from(TASK))
            raise ValueError("cannot be written")
        await save_cases(conn, cases, *more)

    monkeypatch.setattr(advance, "save_cases", save)
    await until_nothing_is_taken(advancer, NOW)
    assert await unhandled(advancer.store) == {leads[2]}
    assert advancer.failing[leads[2]].times == 1
    async with advancer.store.read() as conn:
        assert (await conn.scalars(select(TASK.c.once))).all() == ["engine"]
