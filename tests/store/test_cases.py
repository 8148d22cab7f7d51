"""What is due, for whom and in which order; who may work on it; and all a decision needs, lead by lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.engine import Store
from nurture.store.queries import bells, cases, events, leads
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import T, add_lead, add_message, load

HOUR = timedelta(hours=1)


async def add_run(conn: AsyncConnection, lead_id: int, due_at: datetime | None, run: str = "c/1") -> None:
    row = {"lead_id": lead_id, "run": run, "campaign": "c", "version": "v", "entered_version": "v"}
    await conn.execute(insert(T["enrolment"]).values(**row, entered_at=NOW, due_at=due_at))


async def wake(conn: AsyncConnection, lead_id: int, at: datetime) -> None:
    await conn.execute(update(T["lead"]).where(T["lead"].c.id == lead_id).values(wake_at=at))


async def tell(
    conn: AsyncConnection, lead_id: int, type: str, at: datetime, *, handled: bool = False
) -> None:
    row = {"lead_id": lead_id, "type": type, "at": at, "learned_at": at, "data": {}}
    await conn.execute(insert(T["event"]).values(**row, handled_at=at if handled else None))


async def a_crowd(conn: AsyncConnection) -> dict[str, int]:
    """Leads by what is due for them."""
    of = {}
    for name in ("event", "step", "wake", "event now", "twice", "later", "handled", "nothing"):
        of[name] = await add_lead(conn, f"{name.replace(' ', '-')}@example.org")
    await tell(conn, of["event"], "a", NOW - 3 * HOUR)
    await add_run(conn, of["step"], NOW - 4 * HOUR)
    await wake(conn, of["wake"], NOW - 2 * HOUR)
    await tell(conn, of["event now"], "a", NOW)
    await tell(conn, of["twice"], "a", NOW - HOUR)
    await add_run(conn, of["twice"], NOW - 5 * HOUR)
    await add_run(conn, of["twice"], NOW - HOUR, "c/2")
    second = timedelta(seconds=1)
    await tell(conn, of["later"], "a", NOW + second)
    await add_run(conn, of["later"], NOW + second)
    await wake(conn, of["later"], NOW + second)
    await tell(conn, of["handled"], "a", NOW - HOUR, handled=True)
    await add_run(conn, of["nothing"], None)
    return of


ORDER = ["twice", "step", "event", "wake", "event now"]


@pytest.mark.parametrize(
    ("at", "limit", "without", "due"),
    [
        (NOW, 100, [], ORDER),
        (NOW, 2, [], ORDER[:2]),
        (NOW, 2, ["twice", "event"], ["step", "wake"]),
        (NOW - HOUR, 100, [], ORDER[:-1]),
        (NOW - 5 * HOUR, 100, [], ["twice"]),
        (NOW - 6 * HOUR, 100, [], []),
        (NOW + HOUR, 100, [], [*ORDER, "later"]),
    ],
)
async def test_the_longest_due_first_and_everybody_once(
    store: Store, at: datetime, limit: int, without: list[str], due: list[str]
) -> None:
    async with store.write() as conn:
        of = await a_crowd(conn)
        found = await cases.due_leads(conn, at, limit, [of[name] for name in without])
    names = {lead_id: name for name, lead_id in of.items()}
    assert [names[lead_id] for lead_id in found] == due


@pytest.mark.parametrize("kind", ["event", "step", "wake"])
async def test_a_limited_look_takes_the_longest_due_and_not_the_first_written(
    store: Store, kind: str
) -> None:
    async with store.write() as conn:
        ids = [await add_lead(conn, f"{n}@example.org") for n in range(4)]
        for hours, lead in enumerate(ids):
            at = NOW - hours * HOUR
            match kind:
                case "event":
                    await tell(conn, lead, "a", at)
                case "step":
                    await add_run(conn, lead, at)
                case _:
                    await wake(conn, lead, at)
        assert await cases.due_leads(conn, NOW, 2) == [ids[3], ids[2]]


async def test_the_next_time_anything_is_due(store: Store) -> None:
    async with store.write() as conn:
        assert await cases.next_due(conn) is None
        lead = await add_lead(conn)
        await add_run(conn, lead, None)
        await tell(conn, lead, "old", NOW - 9 * HOUR, handled=True)
        assert await cases.next_due(conn) is None
        await wake(conn, lead, NOW + 3 * HOUR)
        assert await cases.next_due(conn) == NOW + 3 * HOUR
        await add_run(conn, lead, NOW + 2 * HOUR, "c/2")
        assert await cases.next_due(conn) == NOW + 2 * HOUR
        await tell(conn, lead, "new", NOW - HOUR)
        assert await cases.next_due(conn) == NOW - HOUR


async def test_two_daemons_never_work_on_one_lead_at_a_time(store: Store) -> None:
    """The second takes those that are free, without waiting; SQLite lets it in only when the first is done."""
    async with store.write() as conn:
        ids = [await add_lead(conn, f"{n}@example.org") for n in range(4)]
    first, second = await both(
        store,
        lambda conn: cases.lock_leads(conn, [ids[2], ids[0]]),
        lambda conn: cases.lock_leads(conn, [ids[3], ids[2], ids[1], ids[0]]),
    )
    assert first == [ids[2], ids[0]]
    assert second == ([ids[3], ids[2], ids[1], ids[0]] if store.is_sqlite else [ids[3], ids[1]])


async def test_what_is_due_is_lived_once_by_two(store: Store) -> None:
    """Whoever comes second finds nothing due or nobody free."""
    async with store.write() as conn:
        for n in range(5):
            await tell(conn, await add_lead(conn, f"{n}@example.org"), "a", NOW)

    async def work(conn: AsyncConnection) -> list[int]:
        mine = await cases.lock_leads(conn, await cases.due_leads(conn, NOW, 3))
        await conn.execute(update(T["event"]).where(T["event"].c.lead_id.in_(mine)).values(handled_at=NOW))
        return mine

    first, second = await both(store, work, work)
    assert len(first) == 3
    assert not set(first) & set(second)
    async with store.write() as conn:
        left = await work(conn)
    assert sorted([*first, *second, *left]) == sorted({*first, *second, *left})
    assert len([*first, *second, *left]) == 5


LISTENING: list[tuple[set[str], list[str]]] = [
    (set(), []),
    ({"form.submitted"}, ["form.submitted"]),
    ({"reply"}, ["reply.interested", "reply.refused"]),
    ({"reply.refused"}, ["reply.refused"]),
    ({"reply", "form.submitted"}, ["form.submitted", "reply.interested", "reply.refused"]),
]


@pytest.mark.parametrize(("listens", "history"), LISTENING)
async def test_only_what_somebody_looks_back_at_is_history(
    store: Store, listens: set[str], history: list[str]
) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        for hours, name in enumerate(("form.submitted", "reply.interested", "replying", "reply.refused")):
            await tell(conn, lead, name, NOW + hours * HOUR, handled=True)
        await tell(conn, lead, "second", NOW + HOUR)
        await tell(conn, lead, "first", NOW)
        await tell(conn, bob, "form.submitted", NOW)
        loaded = await load(conn, lead, bob, listens=frozenset(listens))
    assert [event.type for event in loaded[lead].person.events] == history
    assert [event.type for event in loaded[lead].queue] == ["first", "second"]
    assert [event.type for event in loaded[bob].queue] == ["form.submitted"]
    assert loaded[bob].person.events == ()


async def test_a_case_holds_all_a_decision_looks_at(store: Store) -> None:
    async with store.write() as conn:
        lead, bob = (
            await add_lead(conn, owner="eve", name="Ada", hat="red"),
            await add_lead(conn, "bob@example.org"),
        )
        await wake(conn, lead, NOW + HOUR)
        await bells.pause(conn, "other", "looking", NOW)
        for hours, state in ((3, "sent"), (2, "withdrawn"), (1, "queued")):
            row = {"planned_at": NOW + hours * HOUR, "state": state, "opened_at": NOW if hours == 3 else None}
            await add_message(conn, lead, template=f"{state} mail", **row)
        points: list[dict[str, Any]] = [
            {"kind": "profile", "reason": "size", "points": 20},
            {"kind": "profile", "reason": "size", "points": -5},
            {"kind": "event", "rule": "click", "points": 3, "at": NOW},
            {"kind": "event", "rule": "click", "points": 3, "at": NOW + HOUR},
            {"kind": "event", "rule": "open", "points": 1, "withdrawn_at": NOW},
            {"kind": "step", "points": 9},
        ]
        for entry in points:
            row = {"lead_id": lead, "reason": "…", "at": NOW, **entry}
            await conn.execute(insert(T["score_entry"]).values(**row))
        for once, state in (
            ("a", "open"),
            ("b", "overdue"),
            ("c", "done"),
            ("d", "cancelled"),
            (None, "open"),
        ):
            row = {"lead_id": lead, "text": "call", "once": once, "state": state, "created_at": NOW}
            await conn.execute(insert(T["task"]).values(**row))
        loaded = await load(conn, lead, bob)
    case, person = loaded[lead], loaded[lead].person
    assert (person.id, person.seed, person.fields["name"], person.fields["hat"]) == (
        lead,
        "ada@example.org",
        "Ada",
        "red",
    )
    assert (person.owner, person.company, person.paused) == ({"name": "eve"}, {"name": "Example"}, {"other"})
    assert case.wake_at == NOW + HOUR
    assert [(mail.template, mail.opened) for mail in person.mails] == [
        ("queued mail", False),
        ("sent mail", True),
    ]
    assert person.profile == {"size": 15}
    assert person.given == {"click": (NOW, NOW + HOUR)}
    assert case.open_once == {"a", "b"}
    other = loaded[bob]
    assert (other.person.mails, other.person.profile, other.person.given, other.open_once) == (
        (),
        {},
        {},
        set(),
    )
    assert (other.person.fields["name"], other.person.score) == (None, None)


@pytest.mark.parametrize("written", ["ada@example.org", "Ada@Example.org"])
async def test_an_address_that_bounces_is_not_reachable_however_it_is_written(
    store: Store, written: str
) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        nobody = await leads.add_lead(conn, "seed", {"phone": "+44 20 7946 0000"}, NOW)
        await leads.set_fields(conn, lead, {"email": written})
        assert await leads.mark_bounced(conn, "bob@example.org", "soft", NOW) == 1
        everybody = (lead, bob, nobody)
        before = await load(conn, *everybody)
        await leads.mark_bounced(conn, "ada@example.org", "hard", NOW)
        after = await load(conn, *everybody)
        await leads.add_addresses(conn, lead, {"email": "ada@home.example"}, NOW)
        await leads.set_fields(conn, lead, {"email": "ada@home.example"})
        moved = await load(conn, *everybody)
    reachable = [[found[one].person.reachable for one in everybody] for found in (before, after, moved)]
    assert reachable == [[True, True, False], [False, True, False], [True, True, False]]


async def test_nobody_is_no_case(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await events.append(conn, lead, "a", {}, NOW, NOW)
        assert await load(conn) == {}
        assert list(await load(conn, 999)) == []
