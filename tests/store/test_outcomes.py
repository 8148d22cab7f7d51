"""What cases lived through is written in one go: what was queued twice goes once, what ended is withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from nurture.core.effects import (
    CallWebhook,
    Effect,
    GivePoints,
    OpenTask,
    SendEmail,
    Suppress,
    TellPerson,
    Traced,
    WithdrawEmails,
)
from nurture.core.enrolment import Enrolment
from nurture.core.event import Event
from nurture.store.engine import Store
from nurture.store.queries import events
from nurture.store.queries.outcomes import before_of, save_cases
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import SECRET, T, add_lead, add_message, column, hash_of, load, save

HOUR = timedelta(hours=1)


def email(**values: Any) -> SendEmail:
    row = {
        "at": NOW,
        "run": "test/1",
        "step": "hello",
        "campaign": "test",
        "version": "v",
        "template": "hello",
    }
    return SendEmail(**{**row, **values})


async def lived(store: Store, *effects: Effect, email: str = "ada@example.org") -> int:
    """A lead for whom these were decided."""
    async with store.write() as conn:
        lead = await add_lead(conn, email)
        case = (await load(conn, lead))[lead]
        case.effects.extend(effects)
        await save(conn, case)
    return lead


KEYS: list[tuple[str, dict[str, Any], int]] = [
    ("the very same", {}, 1),
    ("at another time", {"at": NOW + HOUR, "occasion": "reminder"}, 1),
    ("of another run", {"run": "test/2"}, 2),
    ("of another step", {"step": "bye"}, 2),
    ("of another template", {"template": "bye"}, 2),
    ("another occurrence", {"occurrence": "2"}, 2),
]


@pytest.mark.parametrize(("said", "values", "letters"), KEYS)
async def test_a_letter_goes_once_for_a_send_key(
    store: Store, said: str, values: dict[str, Any], letters: int
) -> None:
    """In one write, and in a later one."""
    await lived(store, email(), email(**values))
    async with store.write() as conn:
        assert len(await column(conn, "message", "id")) == letters
        lead = (await column(conn, "lead", "id"))[0]
        case = (await load(conn, lead))[lead]
        case.effects.extend([email(**values), email()])
        await save(conn, case)
        assert len(await column(conn, "message", "id")) == letters, said


async def test_a_letter_is_queued_as_it_was_decided(store: Store) -> None:
    lead = await lived(
        store,
        email(
            at=NOW + HOUR,
            stages=frozenset({"new", "mql"}),
            latest=NOW + 2 * HOUR,
            values={"on": NOW},
            service="x",
        ),
    )
    async with store.read() as conn:
        row = dict((await conn.execute(select(T["message"]))).mappings().one())
    assert (row["lead_id"], row["state"], row["planned_at"], row["next_at"]) == (
        lead,
        "queued",
        NOW + HOUR,
        NOW + HOUR,
    )
    assert (row["stages"], row["latest"], row["values"]) == ("mql new", NOW + 2 * HOUR, {"on": NOW})
    assert (row["service"], row["created_at"], row["raw"]) == ("x", NOW, None)


WITHDRAWN: list[tuple[str, dict[str, Any], bool, bool]] = [
    ("queued", {}, True, True),
    ("deferred", {"state": "deferred"}, True, True),
    ("held", {"state": "held"}, True, True),
    ("in somebody's hands", {"state": "claimed"}, False, False),
    ("handed over", {"state": "handing_over"}, False, False),
    ("sent", {"state": "sent"}, False, False),
    ("in doubt", {"state": "in_doubt"}, False, False),
    ("of another run", {"run": "test/2"}, False, True),
    ("service mail", {"service": "the report"}, False, True),
    ("planned for the very minute the run ends", {"planned_at": NOW + HOUR}, False, True),
]


@pytest.mark.parametrize("suppressed", [False, True], ids=["the run ends", "the person is suppressed"])
async def test_what_is_withdrawn(store: Store, suppressed: bool) -> None:
    """The last columns of the table: when the run ends, and when nobody may write to the person any more."""
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        for _, values, _, _ in WITHDRAWN:
            await add_message(conn, lead, **values)
        await add_message(conn, bob)
        case = (await load(conn, lead))[lead]
        end: list[Effect] = [WithdrawEmails(at=NOW + HOUR, run="test/1", because="goal")]
        case.effects.extend([Suppress(at=NOW, reason="unsubscribed")] if suppressed else end)
        await save(conn, case)
        states = await column(conn, "message", "state")
        reasons = await column(conn, "message", "why")
        times = await column(conn, "message", "next_at")
    gone = {said: state == "withdrawn" for (said, *_), state in zip(WITHDRAWN, states, strict=False)}
    assert gone == {said: (always if suppressed else ends) for said, _, ends, always in WITHDRAWN}
    assert set(reasons) == {None, "suppressed" if suppressed else "goal"}
    assert [time is None for time in times] == [state == "withdrawn" for state in states]
    assert states[-1] == "queued", "somebody else's"


async def test_a_letter_of_the_run_that_ends_in_the_same_batch(store: Store) -> None:
    """Queued for later by the run that ends: withdrawn with the others, though it is only written now."""
    later, goodbye = email(at=NOW + HOUR), email(step="bye", at=NOW)
    await lived(store, later, goodbye, WithdrawEmails(at=NOW, run="test/1", because="done"))
    async with store.read() as conn:
        assert await column(conn, "message", "state") == ["withdrawn", "queued"]


async def test_a_suppressed_person_is_known_by_hash_and_the_first_reason_stays(store: Store) -> None:
    lead = await lived(
        store, Suppress(at=NOW, reason="unsubscribed"), Suppress(at=NOW + HOUR, reason="complained")
    )
    await lived(store, Suppress(at=NOW, reason="nobody to suppress"), email="")
    async with store.write() as conn:
        rows = (await conn.execute(select(T["suppression"]))).mappings().all()
        assert [(row["hash"], row["lead_id"], row["reason"]) for row in rows] == [
            (hash_of("ADA@example.org"), lead, "unsubscribed")
        ]
        assert (await load(conn, lead))[lead].person.suppressed
    assert SECRET not in str(rows)


async def test_a_stage_the_campaign_set_itself_stops_none_of_its_letters(store: Store) -> None:
    """Of this run, and where stages matter at all; what has gone stays as it went."""
    async with store.write() as conn:
        lead = await add_lead(conn)
        for values in ({}, {"state": "held"}, {"state": "claimed"}, {"state": "sent"}, {"run": "test/2"}):
            await add_message(conn, lead, stages="new", **values)
        await add_message(conn, lead, stages=None)
        run = Enrolment("test/1", "test", "v", NOW, own_stages=frozenset({"old"}))
        case = (await load(conn, lead))[lead]
        case.runs["test/1"] = run
        await save(conn, case)
        case = (await load(conn, lead))[lead]
        before = before_of({lead: case})
        case.runs["test/1"] = replace(case.runs["test/1"], own_stages=frozenset({"old", "sql", "mql"}))
        await save(conn, case, before)
        assert await column(conn, "message", "stages") == [*["new old mql sql"] * 3, "new", "new", None]


async def test_events_are_handled_once_and_those_it_caused_need_no_handling(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        await events.append(conn, lead, "form.submitted", {}, NOW - HOUR, NOW - HOUR)
        await events.append(conn, lead, "page.visited", {}, NOW + HOUR, NOW + HOUR)
        case = (await load(conn, lead))[lead]
        case.handled.append(case.queue.pop(0))
        case.raised.append(Event("lead.stage_changed", NOW, NOW, {"to": "mql"}, depth=2))
        await save(conn, case)
        found = (await conn.execute(select(T["event"]).order_by(T["event"].c.id))).mappings().all()
        assert [(row["type"], row["handled_at"], row["depth"]) for row in found] == [
            ("form.submitted", NOW, 0),
            ("page.visited", None, 0),
            ("lead.stage_changed", NOW, 2),
        ]
        assert [event.type for event in (await load(conn, lead))[lead].queue] == ["page.visited"]


async def test_a_task_of_a_kind_is_opened_once_by_two_batches(store: Store) -> None:
    """The second was loaded before the first was written."""
    async with store.write() as conn:
        lead = await add_lead(conn, owner="eve")
        loaded = [(await load(conn, lead))[lead] for _ in range(2)]
        known = before_of({lead: loaded[0]})
    for case in loaded:
        case.effects.append(OpenTask(at=NOW, text="call", once="call", results=("yes", "no"), due=NOW + HOUR))
        case.effects.append(OpenTask(at=NOW, text="write", who="boss", releases=True, data={"on": NOW}))
    await both(
        store,
        lambda conn: save_cases(conn, {lead: loaded[0]}, known, NOW, hash_of),
        lambda conn: save_cases(conn, {lead: loaded[1]}, known, NOW, hash_of),
    )
    async with store.read() as conn:
        assert sorted(await column(conn, "task", "text")) == ["call", "write", "write"]
        rows = (await conn.execute(select(T["task"]).order_by(T["task"].c.id).limit(2))).mappings().all()
    call, write = rows
    assert (call["colleague"], call["results"], call["due_at"]) == ("eve", ["yes", "no"], NOW + HOUR)
    assert (write["colleague"], write["releases"], write["data"]) == ("boss", True, {"on": NOW})


async def test_points_deliveries_and_traces_are_written_as_they_are(store: Store) -> None:
    lead = await lived(
        store,
        GivePoints(at=NOW, points=-3, reason="silence", kind="event", rule="quiet", event_id=7),
        GivePoints(at=NOW, points=5, reason="a step"),
        CallWebhook(at=NOW - HOUR, name="crm", data={"at": NOW}),
        TellPerson(at=NOW - HOUR, who="owner", text="look"),
        Traced(at=NOW, run="test/1", step="hello", word="sent", text="why"),
    )
    async with store.read() as conn:
        points = (await conn.execute(select(T["score_entry"]))).mappings().all()
        told = (await conn.execute(select(T["delivery"]))).mappings().all()
        (line,) = (await conn.execute(select(T["trace"]))).mappings().all()
    assert [(row["points"], row["rule"], row["event_id"]) for row in points] == [
        (-3, "quiet", 7),
        (5, "", None),
    ]
    assert [(row["kind"], row["target"], row["payload"], row["next_at"]) for row in told] == [
        ("webhook", "crm", {"at": NOW}, NOW),
        ("notify", "owner", {"text": "look"}, NOW),
    ]
    assert (line["lead_id"], line["run"], line["step"], line["word"], line["text"]) == (
        lead,
        "test/1",
        "hello",
        "sent",
        "why",
    )


async def test_only_what_changed_is_written(store: Store) -> None:
    """What somebody else changed meanwhile in another column is not written back to what it was."""
    async with store.write() as conn:
        lead, bob = await add_lead(conn, name="Ada"), await add_lead(conn, "bob@example.org", name="Bob")
        loaded = await load(conn, lead, bob)
        before = before_of(loaded)
        await conn.execute(update(T["lead"]).values(name="changed by hand"))
        loaded[lead].person.stage, loaded[bob].wake_at = "mql", NOW
        loaded[bob].person.tags = frozenset({"b", "a"})
        await save_cases(conn, loaded, before, NOW, hash_of)
        assert await column(conn, "lead", "name") == ["changed by hand"] * 2
        assert await column(conn, "lead", "stage") == ["mql", "new"]
        assert await column(conn, "lead", "tags") == [[], ["a", "b"]]
        times: list[datetime | None] = await column(conn, "lead", "wake_at")
    assert times == [None, NOW]
