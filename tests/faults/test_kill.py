"""kill -9 at random while emails go out: nobody is mailed twice, nobody is lost, what is in doubt is bounded."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nurture.adapters.clock import VirtualClock
from nurture.adapters.journal import FileJournal
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.services.deliver import SETTLE_AFTER
from nurture.services.record import find_or_add_lead, record
from nurture.wiring import open_app
from tests.faults.office import LETTERS, Office, make_project, quick_mailer
from tests.faults.program import Nursery, Program, surroundings, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
LEADS, KILLS, CONNECTIONS = 200, 18, 4
ONE_MAIL = "title: {0}\nstatus: live\nenter: {{ on: {1} }}\nsend: {{ in_doubt: {2} }}\nsteps: [ {{ email: hello }} ]\n"
FILES = {
    "campaigns/course.yaml": ONE_MAIL.format("Course", "report.downloaded", "assume_sent"),
    "campaigns/seminar.yaml": ONE_MAIL.format("Seminar", "webinar.registered", "resend"),
    "templates/hello.md": LETTERS["hello"],
}


def address(number: int) -> str:
    """Every second lead is in the campaign that sends again what is in doubt."""
    return f"{'again' if number % 2 else 'once'}{number}@example.org"


async def filled(folder: Path) -> Path:
    """A project with many people waiting; no daemon has run yet."""
    make_project(folder, FILES)
    app = await open_app(folder, {})
    now = datetime.now(UTC)
    async with app.store.write() as conn:
        for number in range(LEADS):
            fields = {"email": address(number), "name": "Ada"}
            lead_id, _ = await find_or_add_lead(conn, fields, now=now, secret=app.secret)
            type, data = (
                ("webinar.registered", {"webinar": "W"})
                if number % 2
                else ("report.downloaded", {"report": "R"})
            )
            await record(conn, lead_id, type, data, now=now, secret=app.secret)
    await app.close()
    return folder


def standing(folder: Path) -> dict[str, str]:
    """The state of everybody's one message, by address."""
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        rows = database.execute("SELECT email, state FROM message JOIN lead ON lead.id = lead_id").fetchall()
    assert len(rows) == len(dict(rows)), "one message a person"
    return dict(rows)


def copies(relay: SmtpServer) -> Counter[str]:
    """How often the relay took a mail for each address."""
    return Counter(to for mail in relay.accepted for to in mail.recipients)


async def some_life(daemon: Program, relay: SmtpServer, dice: random.Random) -> None:
    """Most die while letters are under way, some before they come to it."""
    before = len(relay.accepted)
    if dice.random() < 0.75:
        await until(lambda: len(relay.accepted) > before)
        await asyncio.sleep(dice.random() * 0.25)
    else:
        await asyncio.sleep(dice.random() * 0.8)


async def test_killed_at_random_while_delivering(tmp_path: Path, nursery: Nursery) -> None:
    folder, dice = await filled(tmp_path / "project"), random.Random(7)
    async with SmtpServer(script=Script([Fault(at="DOT", do=Do.SLOW, seconds=0.15)])) as relay:
        environ = surroundings(relay.port)
        for _ in range(KILLS):
            daemon = nursery.begin(folder, "run", "--no-web", environ=environ)
            await some_life(daemon, relay, dice)
            await daemon.killed()
            assert daemon.code == -signal.SIGKILL, daemon.said()
        assert len(relay.accepted) < LEADS, "the last was killed at work"
        relay.script.clear()
        last = nursery.begin(folder, "run", "--until-idle", environ=environ)
        assert await last.ends(60) == 0, last.said()
        ledger, state = copies(relay), standing(folder)
        doubtful = {who for who, how in state.items() if how == "in_doubt"}
        assert max(ledger.values()) == 1, "somebody was mailed twice"
        assert set(state) == {address(number) for number in range(LEADS)}, "somebody was lost"
        assert set(state.values()) <= {"sent", "in_doubt"}
        assert {who for who, how in state.items() if how == "sent"} <= set(ledger), (
            "sent, and the relay has it not"
        )
        assert set(state) - set(ledger) <= doubtful
        assert 0 < len(doubtful) <= KILLS * CONNECTIONS
        noted = {one.send_key for one in FileJournal(folder / "nurture.db.journal").read(datetime.now(UTC))}
        assert len(noted) == LEADS, "the journal knows of every hand-over"
        await the_doubt_is_settled(folder, relay, doubtful)


async def the_doubt_is_settled(folder: Path, relay: SmtpServer, doubtful: set[str]) -> None:
    """By its policy: where it is to be sent again it is, once and with the same bytes; else it counts as sent."""
    before, number = copies(relay), len(relay.accepted)
    clock = VirtualClock(datetime.now(UTC) + SETTLE_AFTER + timedelta(minutes=1))
    app = await open_app(folder, {}, clock=clock, mailer=quick_mailer(relay.port), mailboxes={})
    try:
        office = Office(folder, relay, clock, app)
        assert await app.deliverer.settle_doubts(clock.now()) == len(doubtful)
        await office.look()
    finally:
        await app.close()
    assert set(standing(folder).values()) == {"sent"}
    again = {who for who in doubtful if who.startswith("again")}
    assert copies(relay) - before == Counter(again)
    first = {mail.recipients[0]: mail.raw for mail in relay.accepted[:number]}
    for mail in relay.accepted[number:]:
        assert first.get(mail.recipients[0], mail.raw) == mail.raw
    everybody = {address(number) for number in range(1, LEADS, 2)}
    assert everybody <= set(copies(relay)), "with this policy nobody goes without"


async def test_sigterm_while_delivering_leaves_nothing_in_doubt(tmp_path: Path, nursery: Nursery) -> None:
    folder = await filled(tmp_path / "project")
    async with SmtpServer(script=Script([Fault(at="DOT", do=Do.SLOW, seconds=0.3)])) as relay:
        daemon = nursery.begin(folder, "run", "--no-web", environ=surroundings(relay.port))
        await until(lambda: len(relay.accepted) > 5)
        daemon.send(signal.SIGTERM)
        assert await daemon.ends(40) == 0
        states = Counter(standing(folder).values())
        assert states["sent"] == len(relay.accepted) < LEADS
        assert states == {"sent": states["sent"], "queued": LEADS - states["sent"]}
