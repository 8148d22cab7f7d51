"""Handing over, at most once: what becomes of a message by what the relay does, and what forbids it at the last moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from nurture.adapters.clock import VirtualClock
from nurture.adapters.journal import FileJournal
from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay, Timeouts
from nurture.core.effects import SendEmail
from nurture.core.errors import OutsideError
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.mail.headers import Mailbox
from nurture.mail.layout import DEFAULT_LAYOUT, Layout, parse_layout
from nurture.mail.template import Template, TemplateSet, parse_template
from nurture.services.deliver import Deliverer
from nurture.services.letters import Addressee, House
from nurture.services.marking import Marker
from nurture.services.project import read_mapping
from nurture.services.record import find_or_add_lead, record
from nurture.store.engine import Store, open_store
from nurture.store.queries import bells, messages
from nurture.store.queries.outcomes import insert_new
from nurture.store.rows import message_values
from nurture.store.tables import Row

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "5a" * 32
MESSAGE, EVENT, TASK, LEAD = (Row.metadata.tables[name] for name in ("message", "event", "task", "lead"))


def templates(body: str = "Hello {{ lead.name }},\n\nwelcome.") -> TemplateSet:
    made = parse_template("hello", None, "md", f"---\nsubject: Hello\n---\n{body}\n", read_mapping)
    assert isinstance(made, Template)
    return TemplateSet([made])


@dataclass
class PlainDesk:
    """A desk with one template; its windows open again in an hour."""

    templates: TemplateSet = field(default_factory=templates)
    layout: Layout = field(default_factory=lambda: parse_layout(DEFAULT_LAYOUT))  # type: ignore[arg-type,return-value]
    house: House = field(
        default_factory=lambda: House(
            Mailbox("hello@us.example", "Us"),
            "hello@us.example",
            "1 Street",
            "http://127.0.0.1:1",
            bytes.fromhex(SECRET),
        )
    )

    def addressee(self, lead: Any) -> Addressee:
        return Addressee(lead["id"], dict(lead), {}, "Europe/Berlin", "en")

    def language_of(self, campaign: str) -> str:
        return "en"

    def reopens(self, message: Any, lead: Any, now: datetime) -> datetime | None:
        return now + timedelta(hours=1)


@dataclass
class Post:
    """A relay, a deliverer and a clock."""

    store: Store
    relay: SmtpServer
    deliverer: Deliverer
    clock: VirtualClock
    desk: PlainDesk

    async def queue(self, name: str = "ada", **more: Any) -> int:
        """Queue one email to NAME@example.org."""
        async with self.store.write() as conn:
            lead_id, _ = await find_or_add_lead(
                conn, {"email": f"{name}@example.org", "name": name}, now=NOW, secret=SECRET
            )
            values = {
                "campaign": "c",
                "version": "v",
                "template": "hello",
                "run": "c/1",
                "step": "hello",
                **more,
            }
            columns = message_values(lead_id, SendEmail(at=NOW, **values), NOW)
            found = await conn.execute(insert_new(conn, MESSAGE).values(**columns).returning(MESSAGE.c.id))
            return int(found.scalar() or 0)

    async def deliver(self, *, after: timedelta = timedelta(0)) -> int:
        self.clock.advance_to(self.clock.now() + after)
        return await self.deliverer.deliver(self.clock.now())

    async def row(self, key: int) -> dict[str, Any]:
        async with self.store.read() as conn:
            return await messages.get(conn, key) or {}

    async def events(self) -> list[tuple[str, Any]]:
        async with self.store.read() as conn:
            query = (
                select(EVENT.c.type, EVENT.c.data).where(EVENT.c.type.like("email.%")).order_by(EVENT.c.id)
            )
            return [(row.type, row.data) for row in await conn.execute(query)]


Opening = Callable[..., Any]


@pytest.fixture
def post(store: Store, tmp_path: Path) -> Opening:
    @asynccontextmanager
    async def opening(*faults: Fault, journal: bool = False) -> AsyncIterator[Post]:
        async with SmtpServer(script=Script(faults)) as relay:
            timeouts = Timeouts(**dict.fromkeys(Timeouts.__slots__, 0.5))
            mailer = SmtpMailer(Relay(host="127.0.0.1", port=relay.port, timeouts=timeouts))
            clock, desk = VirtualClock(NOW), PlainDesk()
            book = FileJournal(tmp_path / "journal") if journal else None
            marker = Marker(store, "me", clock.now, book)
            deliverer = Deliverer(store, mailer, desk, clock.now, "me", marker, connections=4)
            yield Post(store, relay, deliverer, clock, desk)
            await mailer.close()

    return opening


# -- what the relay does ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "state", "why", "copies"),
    [
        pytest.param(None, "sent", None, 1, id="all well"),
        pytest.param(Fault(at="RCPT", do=Do.SAY, answer="550 5.1.1 no such user"), "failed", "unknown_address", 0, id="no such user"),
        pytest.param(Fault(at="RCPT", do=Do.SAY, answer="450 4.7.1 greylisted"), "deferred", "greylisted", 0, id="greylisted"),
        pytest.param(Fault(at="MAIL", do=Do.SAY, answer="550 5.7.1 you are blocked"), "deferred", "blocked", 0, id="we are blocked"),
        pytest.param(Fault(at="DATA", do=Do.DROP), "deferred", None, 0, id="gone at DATA"),
        pytest.param(Fault(at="BODY", do=Do.DROP, octets=100), "deferred", None, 0, id="gone in the body"),
        pytest.param(Fault(at="DOT", do=Do.SAY, answer="451 4.3.0 later"), "deferred", None, 0, id="later after the dot"),
        pytest.param(Fault(at="DOT", do=Do.SAY, answer="554 5.6.0 bad content"), "failed", "bad_content", 0, id="refused after the dot"),
        pytest.param(Fault(at="DOT", do=Do.DROP, accept=True), "in_doubt", None, 1, id="taken and gone"),
        pytest.param(Fault(at="DOT", do=Do.DROP), "in_doubt", None, 0, id="not taken and gone"),
        pytest.param(Fault(at="DOT", do=Do.HALF, accept=True), "in_doubt", None, 1, id="half an answer"),
        pytest.param(Fault(at="DOT", do=Do.GARBLE, answer="banana", accept=True), "in_doubt", None, 1, id="a garbled answer"),
        pytest.param(Fault(at="DOT", do=Do.HANG, accept=True, seconds=30), "in_doubt", None, 1, id="no answer"),
        pytest.param(Fault(at="CONNECT", do=Do.SAY, answer="554 5.3.2 go away"), "deferred", None, 0, id="not let in"),
    ],
)  # fmt: skip
async def test_what_becomes_of_a_message(
    post: Opening, fault: Fault | None, state: str, why: str | None, copies: int
) -> None:
    async with post(*([fault] if fault else [])) as office:
        key = await office.queue()
        await office.deliver()
        row = await office.row(key)
        ledger = len(office.relay.accepted)
    assert (row["state"], ledger) == (state, copies)
    if why is not None:
        assert row["why"] == why


async def test_doubt_is_never_resent_by_itself_and_settled_by_policy(post: Opening) -> None:
    async with post(Fault(at="DOT", do=Do.DROP, accept=True, times=1)) as office:
        key = await office.queue()
        await office.deliver()
        for _ in range(3):
            await office.deliver(after=timedelta(days=1))
        assert len(office.relay.accepted) == 1
        assert await office.deliverer.settle_doubts(office.clock.now()) == 1
        row = await office.row(key)
        assert (row["state"], row["assumed"]) == ("sent", True)
        await office.deliver(after=timedelta(days=1))
        assert len(office.relay.accepted) == 1


async def test_doubt_is_resent_where_the_step_says_so_with_the_same_bytes(post: Opening) -> None:
    async with post(Fault(at="DOT", do=Do.DROP, accept=True, times=1)) as office:
        await office.queue(in_doubt="resend")
        await office.deliver()
        await office.deliverer.settle_doubts(office.clock.now() + timedelta(hours=2))
        await office.deliver(after=timedelta(hours=2))
        first, second = office.relay.accepted
        assert first.raw == second.raw


async def test_doubt_that_is_held_asks_a_person(post: Opening) -> None:
    async with post(Fault(at="DOT", do=Do.DROP, times=1)) as office:
        key = await office.queue(in_doubt="hold")
        await office.deliver()
        await office.deliverer.settle_doubts(office.clock.now() + timedelta(hours=2))
        assert (await office.row(key))["state"] == "in_doubt"
        async with office.store.read() as conn:
            tasks = [row.kind for row in await conn.execute(select(TASK.c.kind))]
    assert tasks == ["doubt"]


async def test_later_comes_again_with_growing_pauses_and_the_same_bytes(post: Opening) -> None:
    async with post(Fault(at="RCPT", do=Do.SAY, answer="450 4.2.0 busy", times=3)) as office:
        key = await office.queue()
        waits = []
        for _ in range(3):
            await office.deliver()
            row = await office.row(key)
            waits.append(row["next_at"] - office.clock.now())
            raw = row["raw"]
            office.clock.advance_to(row["next_at"])
        await office.deliver()
        assert (await office.row(key))["state"] == "sent"
        assert office.relay.accepted[0].raw == raw
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=5)


async def test_it_gives_up_after_three_days(post: Opening) -> None:
    async with post(Fault(at="RCPT", do=Do.SAY, answer="450 4.2.0 busy")) as office:
        key = await office.queue()
        for _ in range(60):
            await office.deliver(after=timedelta(hours=4))
            if (await office.row(key))["state"] == "failed":
                break
        row = await office.row(key)
    assert row["state"] == "failed"
    assert timedelta(days=3) <= row["first_tried_at"] - NOW + timedelta(days=3) < timedelta(days=4)


async def test_one_bad_address_stops_nobody_else(post: Opening) -> None:
    fault = Fault(at="RCPT", do=Do.SAY, answer="550 5.1.1 unknown", about="bad@example.org")
    async with post(fault) as office:
        keys = [await office.queue(name) for name in ("a", "bad", *(f"n{i}" for i in range(20)))]
        while await office.deliver():
            pass
        states = [(await office.row(key))["state"] for key in keys]
        assert states.count("sent") == 21
        assert states[1] == "failed"
        assert sorted(to for one in office.relay.accepted for to in one.recipients) == sorted(
            f"{name}@example.org" for name in ("a", *(f"n{i}" for i in range(20)))
        )
        hard = [data["hard"] for kind, data in await office.events() if kind == "email.bounced"]
    assert hard == [True]


async def test_a_relay_that_is_away_costs_nothing_but_time(post: Opening) -> None:
    async with post() as office:
        key = await office.queue()
        await office.relay.__aexit__(None, None, None)
        await office.deliver()
        row = await office.row(key)
        assert row["state"] == "deferred"
        assert await office.deliver() == 0  # rests, instead of hammering on


async def test_a_relay_that_comes_back_gets_everything_once(post: Opening) -> None:
    async with post(Fault(at="MAIL", do=Do.SAY, answer="550 5.7.1 you are blocked", times=1)) as office:
        keys = [await office.queue(name) for name in ("a", "b", "c", "d", "e", "f")]
        await office.deliver()
        for _ in range(5):
            await office.deliver(after=timedelta(minutes=30))
        assert [(await office.row(key))["state"] for key in keys] == ["sent"] * 6
        assert len(office.relay.accepted) == 6


# -- what forbids it at the last moment -------------------------------------------------------------------------


async def unsubscribe(store: Store) -> None:
    async with store.write() as conn:
        await record(conn, 1, "unsubscribed", now=NOW, secret=SECRET)


async def pause(store: Store) -> None:
    async with store.write() as conn:
        await bells.pause(conn, "c", "a break", NOW)


async def to_stage(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(update(LEAD).values(stage="customer"))


@pytest.mark.parametrize(
    ("happens", "more", "state"),
    [
        (unsubscribe, {}, "withdrawn"),
        (unsubscribe, {"service": "asked for it"}, "withdrawn"),
        (pause, {}, "held"),
        (to_stage, {"stages": frozenset({"new", "nurturing"})}, "withdrawn"),
        (to_stage, {"stages": frozenset({"new", "customer"})}, "sent"),
        (to_stage, {}, "sent"),
    ],
)
async def test_what_happens_between_claim_and_dot_is_seen(
    post: Opening,
    happens: Callable[[Store], Any],
    more: dict[str, Any],
    state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with post() as office:
        key = await office.queue(**more)
        marks = office.deliverer.marker.mark

        async def just_before(self: Marker, *args: Any) -> bool:
            await happens(office.store)
            return await marks(*args)

        monkeypatch.setattr(Marker, "mark", just_before)
        await office.deliver()
        row = await office.row(key)
        assert row["state"] == state
        assert len(office.relay.accepted) == (state == "sent")


async def test_a_claim_that_was_taken_over_may_not_hand_over(
    post: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with post() as office:
        key = await office.queue()
        marks = office.deliverer.marker.mark

        async def stalls(self: Marker, *args: Any) -> bool:
            async with office.store.write() as conn:
                await messages.recover(conn, office.clock.now() + timedelta(hours=1))
                await messages.claim(conn, "other", office.clock.now() + timedelta(hours=1), NOW, 10)
            return await marks(*args)

        monkeypatch.setattr(Marker, "mark", stalls)
        await office.deliver()
        row = await office.row(key)
    assert (row["state"], row["owner"], len(office.relay.accepted)) == ("claimed", "other", 0)


async def test_a_window_that_closed_meanwhile_only_delays(post: Opening) -> None:
    async with post() as office:
        key = await office.queue(window_open_until=NOW + timedelta(minutes=10))
        await office.deliver(after=timedelta(minutes=20))
        row = await office.row(key)
        assert (row["state"], row["next_at"]) == ("queued", office.clock.now() + timedelta(hours=1))
        await office.deliver(after=timedelta(hours=1))
        assert (await office.row(key))["state"] == "sent"


async def test_too_late_is_withdrawn(post: Opening) -> None:
    async with post() as office:
        key = await office.queue(latest=NOW + timedelta(hours=1))
        await office.deliver(after=timedelta(hours=2))
        row = await office.row(key)
    assert (row["state"], row["why"], len(office.relay.accepted)) == ("withdrawn", "latest", 0)


# -- order, faults of templates, crashes ------------------------------------------------------------------------


async def test_messages_of_one_run_keep_their_order(post: Opening) -> None:
    async with post(Fault(at="RCPT", do=Do.SAY, answer="450 4.2.0 busy", times=1)) as office:
        first = await office.queue(step="one")
        second = await office.queue(step="two")
        await office.deliver()
        assert [(await office.row(key))["state"] for key in (first, second)] == ["deferred", "queued"]
        await office.deliver(after=timedelta(hours=1))
        await office.deliver()
        assert [(await office.row(key))["state"] for key in (first, second)] == ["sent", "sent"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ lead.nothing_of_the_kind }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{{ 1 / 0 }}",
    ],
)
async def test_a_template_error_stops_that_email_only_and_is_shown(post: Opening, body: str) -> None:
    async with post() as office:
        key = await office.queue()
        good = office.desk.templates
        office.desk.templates = templates(body)
        await office.deliver()
        row = await office.row(key)
        assert row["state"] == "held"
        assert row["why"].startswith("template: ")
        async with office.store.write() as conn:
            await messages.release_held(conn, "template", office.clock.now())
        office.desk.templates = good
        await office.deliver()
        assert (await office.row(key))["state"] == "sent"


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@example.org", "Eve\nX-Evil: 1", "\u2028Eve\x00", "<b>Eve</b>"]
)
async def test_a_name_can_be_anything(post: Opening, name: str) -> None:
    async with post() as office:
        async with office.store.write() as conn:
            fields = {"email": "ada@example.org", "name": name}
            await find_or_add_lead(conn, fields, now=NOW, secret=SECRET)
        key = await office.queue()
        await office.deliver()
        assert (await office.row(key))["state"] == "sent"
        head, _, body = office.relay.accepted[0].raw.partition(b"\r\n\r\n")
    assert b"\r\nBcc:" not in head
    assert b"\r\nX-Evil:" not in head
    assert b"<b>Eve" not in body.partition(b"text/html")[2]


@pytest.mark.parametrize(("state", "after"), [("claimed", "queued"), ("handing_over", "in_doubt")])
async def test_after_a_crash_a_claim_goes_back_and_a_hand_over_is_in_doubt(
    post: Opening, state: str, after: str
) -> None:
    async with post() as office:
        key = await office.queue()
        async with office.store.write() as conn:
            values = {
                "state": state,
                "owner": "dead",
                "lease_until": NOW + timedelta(minutes=15),
                "next_at": None,
            }
            await conn.execute(update(MESSAGE).values(**values))
        await office.deliverer.recover(NOW)
        assert (await office.row(key))["state"] == state
        await office.deliverer.recover(NOW, alone=True)
        assert (await office.row(key))["state"] == after


async def test_an_old_backup_does_not_send_again_what_the_journal_knows(post: Opening) -> None:
    async with post(journal=True) as office:
        key = await office.queue()
        await office.queue("bob")
        await office.deliver()
        assert len(office.relay.accepted) == 2
        async with (
            office.store.write() as conn
        ):  # the backup: one email still queued, the other not even planned
            await conn.execute(
                update(MESSAGE)
                .where(MESSAGE.c.id == key)
                .values(state="queued", attempt=0, next_at=NOW, raw=None)
            )
            await conn.execute(MESSAGE.delete().where(MESSAGE.c.id != key))
        assert await office.deliverer.take_in_journal(office.clock.now()) == 2
        assert await office.queue("bob") == 0
        await office.deliver(after=timedelta(hours=1))
        assert len(office.relay.accepted) == 2
        assert await office.deliverer.take_in_journal(office.clock.now()) == 0


async def test_when_the_journal_cannot_be_written_nothing_is_sent(post: Opening, tmp_path: Path) -> None:
    async with post(journal=True) as office:
        (tmp_path / "journal").mkdir()
        key = await office.queue()
        await office.deliver()
        assert (await office.row(key))["state"] == "claimed"
        assert office.relay.accepted == []


def test_a_database_without_a_folder_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"no folder .*missing for the database"):
        open_store(f"sqlite:///{tmp_path / 'missing' / 'nurture.db'}")
