"""What the calendar lets in: holidays by country and zone, segments when they become true, missed bells late and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from nurture.config import load_config
from nurture.core.conditions import Condition
from nurture.core.duration import parse_duration
from nurture.core.event import ENTER
from nurture.core.expression import Compare, ListNode, Literal, Name
from nurture.core.graph import Enter, Graph, Node, Occasion, Stop
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import place_of
from nurture.core.recurrence import parse_every
from nurture.core.rules import Rules
from nurture.mail.texts import compile_text
from nurture.services.advance import Advancer
from nurture.services.bells import Belfry
from nurture.services.catalog import Catalog
from nurture.services.record import find_or_add_lead
from nurture.store.engine import Store
from nurture.store.queries import tasks
from nurture.store.tables import Row

SECRET = "00" * 32
BOOK = HolidayBook()
BERLIN = ZoneInfo("Europe/Berlin")
LEAD, EVENT, RUN = (Row.metadata.tables[name] for name in ("lead", "event", "enrolment"))


def graph(enter: Enter) -> Graph:
    reason = compile_text("done")
    assert not isinstance(reason, list)
    node = Node("#steps.0", Stop(reason))
    return Graph("greeting", "A greeting", "v1", {node.id: node}, node.id, enter=enter, status="live")


def belfry(store: Store, campaign: Graph) -> Belfry:
    catalog = Catalog(
        Rules(),
        place_of("Europe/Berlin", "DE", BERLIN, BOOK),
        lambda fields: place_of(fields.get("timezone"), fields.get("country"), BERLIN, BOOK),
        lambda key: {},
    )
    catalog.add(campaign, current=True)
    return Belfry(store, catalog, SECRET)


async def add(store: Store, now: datetime, **countries: str) -> None:
    async with store.write() as conn:
        for name, country in countries.items():
            fields = {"email": f"{name}@example.org", "country": country}
            await find_or_add_lead(conn, fields, now=now, secret=SECRET)


async def let_in(store: Store) -> list[tuple[int, datetime]]:
    async with store.read() as conn:
        query = (
            select(EVENT.c.lead_id, EVENT.c.learned_at).where(EVENT.c.type == ENTER).order_by(EVENT.c.lead_id)
        )
        return list((await conn.execute(query)).all())


async def ring_daily(bells: Belfry, start: datetime, days: int) -> None:
    for day in range(days):
        await bells.ring(start + timedelta(days=day))


async def test_a_holiday_by_country_and_zone_once(store: Store) -> None:
    start = datetime(2026, 12, 20, 3, 0, tzinfo=UTC)
    holidays = Occasion(holidays=("christmas",), ahead=parse_duration("2 business days"), clock=time(9))
    bells = belfry(store, graph(Enter(occasion=holidays, again="always")))
    await add(store, start, anna="DE", boris="RU", jun="JP")
    await ring_daily(bells, start, 20)
    assert await let_in(store) == [
        (1, datetime(2026, 12, 23, 8, 0, tzinfo=UTC)),
        (2, datetime(2026, 12, 29, 6, 0, tzinfo=UTC)),
    ]


async def test_a_bell_missed_while_the_daemon_was_down_rings_late_and_once(store: Store) -> None:
    start = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    bells = belfry(
        store, graph(Enter(occasion=Occasion(every=parse_every("first tuesday 09:30")), again="always"))
    )
    await add(store, start, anna="DE")
    await bells.ring(start)
    await bells.ring(start + timedelta(days=20))
    await bells.ring(start + timedelta(days=21))
    assert await let_in(store) == [(1, datetime(2026, 3, 3, 8, 30, tzinfo=UTC))]


GERMAN = Condition(
    'lead.country in ["DE", "AT"]',
    Compare("in", Name("lead", "country"), ListNode((Literal("DE"), Literal("AT")))),
)


@pytest.mark.parametrize(("existing", "expected"), [(True, [1]), (False, [])])
async def test_a_segment_at_first_sight(store: Store, existing: bool, expected: list[int]) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    bells = belfry(store, graph(Enter(when=GERMAN, existing=existing)))
    await add(store, now, anna="DE", claire="FR")
    await bells.ring(now)
    assert [lead for lead, _ in await let_in(store)] == expected


async def test_a_segment_takes_in_whom_it_became_true_for_and_again_after_it_was_false(store: Store) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    bells = belfry(store, graph(Enter(when=GERMAN)))
    await add(store, now, anna="DE", claire="FR")
    for country in ("FR", "DE", "FR", "AT"):
        await bells.ring(now)
        async with store.write() as conn:
            await conn.execute(text("UPDATE lead SET country = :c WHERE id = 2"), {"c": country})
        now += timedelta(days=1)
        await bells.ring(now)
    assert [lead for lead, _ in await let_in(store)] == [2, 2]


async def test_a_segment_asks_the_score_as_it_has_faded(store: Store) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    cold = Condition("lead.score < 10", Compare("<", Name("lead", "score"), Literal(10)))
    bells = belfry(store, graph(Enter(when=cold)))
    bells.catalog.rules = Rules(half_life=parse_duration("30 days"))
    await add(store, now, anna="DE")
    async with store.write() as conn:
        await conn.execute(update(LEAD).values(behaviour=16.0, behaviour_at=now, score=16))
    await ring_daily(bells, now, 40)
    assert [at for _, at in await let_in(store)] == [now + timedelta(days=21)]


SETTINGS = """\
team:
  - { email: ada@us.example, name: Ada }
  - { email: boss@us.example, name: Boss, manager: true }
  - { email: desk@us.example, name: Desk }
"""


@pytest.mark.parametrize(
    ("config", "after", "to"),
    [
        ("", timedelta(hours=4), "boss@us.example"),
        ("assignment: { escalate: { after: 2 days } }\n", timedelta(days=2), "boss@us.example"),
        ("assignment: { escalate: { to: desk@us.example } }\n", timedelta(hours=4), "desk@us.example"),
    ],
)
async def test_a_task_left_lying_is_overdue_at_once_and_somebody_else_s_later(
    store: Store, config: str, after: timedelta, to: str
) -> None:
    due = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    settings, _ = load_config(SETTINGS + config, "config.yaml", {})
    assert settings is not None
    bells = belfry(store, graph(Enter()))
    bells.settle_in(settings)
    await add(store, due, anna="DE")
    task = {"lead_id": 1, "text": "Call", "due_at": due, "created_at": due, "colleague": "ada@us.example"}
    async with store.write() as conn:
        number = await tasks.open_task(conn, task)

    async def seen(at: datetime) -> tuple[str, str]:
        await bells.ring(at)
        async with store.read() as conn:
            row = await tasks.get(conn, number)
        assert row is not None
        return row["state"], row["colleague"]

    minutes = timedelta(minutes=10)
    assert await seen(due - minutes) == ("open", "ada@us.example")
    assert await seen(due) == ("overdue", "ada@us.example")
    assert await seen(due + after - minutes) == ("overdue", "ada@us.example")
    assert await seen(due + after + minutes) == ("overdue", to)
    async with store.write() as conn:  # given back by hand, it stays there
        await conn.execute(text("UPDATE task SET colleague = 'ada@us.example'"))
    assert await seen(due + after + 3 * minutes) == ("overdue", "ada@us.example")


async def test_who_is_let_in_enters_through_the_engine(store: Store) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    campaign = graph(Enter(when=GERMAN, existing=True))
    bells = belfry(store, replace(campaign, stages=frozenset({"new"})))
    await add(store, now, anna="DE")
    await bells.ring(now)
    await Advancer(store, bells.catalog, SECRET).advance(now)
    async with store.read() as conn:
        found = (await conn.execute(select(RUN.c.run, RUN.c.state))).all()
    assert list(found) == [("greeting/1", "stopped")]
