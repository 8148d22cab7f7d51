"""Mail we got: kept once, acted on once, put aside when it cannot be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from nurture.store.engine import Store
from nurture.store.queries import events, inbox
from tests.conftest import NOW
from tests.store.claimants import both
from tests.store.seeds import T, add_lead, column

HOUR = timedelta(hours=1)


async def test_a_mail_is_kept_once_in_each_mailbox(store: Store) -> None:
    """Whatever its UID: a mailbox that was numbered anew brings everything again."""
    async with store.write() as conn:
        first = await inbox.keep(conn, "sales", b"the mail", NOW, 7)
        assert first is not None
        assert await inbox.keep(conn, "sales", b"the mail", NOW + HOUR, 8) is None
        assert await inbox.keep(conn, "info", b"the mail", NOW, 7) is not None
        assert await inbox.keep(conn, "sales", b"the mail ", NOW) is not None
        assert await column(conn, "received", "uid") == [7, 7, None]
        found = await inbox.get(conn, first)
        assert await inbox.get(conn, 999) is None
    assert found is not None
    assert (found["raw"], found["state"], found["received_at"]) == (b"the mail", "new", NOW)


async def test_two_who_bring_the_same_mail_at_once(store: Store) -> None:
    one, other = await both(
        store,
        lambda conn: inbox.keep(conn, "sales", b"the mail", NOW),
        lambda conn: inbox.keep(conn, "sales", b"the mail", NOW),
    )
    assert one is not None
    assert other is None


async def test_the_oldest_waits_first_and_is_acted_on_once(store: Store) -> None:
    async with store.write() as conn:
        keys = [await inbox.keep(conn, "sales", b"%d" % n, NOW - n * HOUR) or 0 for n in range(3)]
        assert [row["id"] for row in await inbox.waiting(conn)] == keys
        assert [row["id"] for row in await inbox.waiting(conn, 1)] == keys[:1]
    done = {"state": "done", "kind": "reply", "verdict": {"intent": "refused", "until": NOW}}
    acted = await both(
        store,
        lambda conn: inbox.finish(conn, keys[0], done),
        lambda conn: inbox.finish(conn, keys[0], {**done, "kind": "bounce"}),
    )
    assert acted == (True, False)
    async with store.write() as conn:
        assert [row["id"] for row in await inbox.waiting(conn)] == keys[1:]
        assert await inbox.count_waiting(conn) == 2
        found = await inbox.get(conn, keys[0])
        assert found is not None
        assert (found["kind"], found["verdict"]) == ("reply", done["verdict"])
        await inbox.mark(conn, keys[1], "ignored")
        assert await inbox.count_waiting(conn) == 1


async def test_what_fails_three_times_is_put_aside_for_a_person(store: Store) -> None:
    async with store.write() as conn:
        bad, good = (
            await inbox.keep(conn, "sales", b"bad", NOW) or 0,
            await inbox.keep(conn, "sales", b"good", NOW) or 0,
        )
        assert [await inbox.failed(conn, bad, 3) for _ in range(4)] == [False, False, True, False]
        assert [row["id"] for row in await inbox.waiting(conn)] == [good]
        assert not await inbox.finish(conn, bad, {"state": "done"})
        assert await inbox.finish(conn, good, {"state": "done"})
        assert not await inbox.failed(conn, good, 0), "one that was dealt with stays so"
        assert await column(conn, "received", "state") == ["quarantined", "done"]


async def test_how_far_a_mailbox_has_been_read(store: Store) -> None:
    async with store.write() as conn:
        assert await inbox.position(conn, "sales") is None
        await inbox.move_to(conn, "sales", 4_294_967_295, 7, NOW)
        await inbox.move_to(conn, "info", 1, 1, NOW)
        assert await inbox.position(conn, "sales") == (4_294_967_295, 7)
        await inbox.move_to(conn, "sales", 5, 3, NOW + HOUR)
        assert await inbox.position(conn, "sales") == (5, 3)
        assert await inbox.position(conn, "info") == (1, 1)


ACTED_ON: list[tuple[str, dict[str, Any], int]] = [
    ("acted on since then", {"kind": "reply"}, 1),
    ("just then", {"handled_at": NOW - HOUR}, 1),
    ("before then", {"handled_at": NOW - 2 * HOUR}, 0),
    ("not done", {"state": "quarantined"}, 0),
    ("of another", {"sender": "bob@example.org"}, 0),
    ("of nobody", {"sender": None}, 0),
]


@pytest.mark.parametrize(("said", "values", "counted"), ACTED_ON)
async def test_how_often_somebody_was_answered_lately(
    store: Store, said: str, values: dict[str, Any], counted: int
) -> None:
    """What came later does not count, nor does the mail itself."""
    async with store.write() as conn:
        keys = [await inbox.keep(conn, "sales", b"%d" % n, NOW) or 0 for n in range(3)]
        row = {"sender": "ada@example.org", "state": "done", "handled_at": NOW}
        await conn.execute(update(T["received"]).values(**row))
        await conn.execute(update(T["received"]).where(T["received"].c.id == keys[0]).values(**values))
        assert await inbox.acted_on_from(conn, keys[1], "Ada@Example.org", NOW - HOUR) == counted, said


SIGNS = ["reply.interested", "auto_reply", "email.clicked", "email.opened", "form.submitted", "email.bounced"]


@pytest.mark.parametrize("sign", SIGNS)
async def test_soft_bounces_count_from_the_last_sign_of_delivery(store: Store, sign: str) -> None:
    async with store.write() as conn:
        lead, bob = await add_lead(conn), await add_lead(conn, "bob@example.org")
        soft = {"address": "ada@example.org"}
        for hours, data in (
            (1, soft),
            (3, {**soft, "n": 3}),
            (4, {**soft, "hard": True}),
            (5, {"address": "old"}),
        ):
            at = NOW + hours * HOUR
            await events.append(conn, lead, "email.bounced", data, at, at)
        await events.append(conn, bob, "reply.interested", {}, NOW + 9 * HOUR, NOW + 9 * HOUR)
        at = NOW + 2 * HOUR
        await events.append(conn, lead, sign, {"address": "elsewhere"}, at, at)
        found = await inbox.soft_bounces(conn, lead, "ada@example.org", NOW)
        late = await inbox.soft_bounces(conn, lead, "ada@example.org", NOW + 2 * HOUR)
    delivered = sign not in ("form.submitted", "email.bounced")
    assert found == ([{**soft, "n": 3}] if delivered else [soft, {**soft, "n": 3}])
    assert late == [{**soft, "n": 3}]


async def test_a_lead_s_mail_and_trace(store: Store) -> None:
    async with store.write() as conn:
        lead = await add_lead(conn)
        keys = [await inbox.keep(conn, "sales", b"%d" % n, NOW) or 0 for n in range(3)]
        for key in keys[:2]:
            await inbox.finish(conn, key, {"state": "done", "lead_id": lead})
        rows = await inbox.of_lead(conn, lead)
        assert [row["id"] for row in rows] == [keys[1], keys[0]]
        assert "raw" not in rows[0]
        await inbox.trace(conn, lead, {"word": "read", "text": "a reply", "run": "c/1", "step": "s"}, NOW)
        (line,) = (await conn.execute(select(T["trace"]))).mappings().all()
        assert (line["lead_id"], line["word"], line["run"], line["at"]) == (lead, "read", "c/1", NOW)
