"""A small company to go wrong: a project folder, a relay with scripted faults, a clock, and what the daemon does.

`open_office` gives all of it; `look` is the daemon looking once, `wait` is time passing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from nurture.adapters.clock import VirtualClock
from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay, Timeouts
from nurture.daemon.works import Works, works_of
from nurture.demo.servers.script import Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.ports import Mailbox
from nurture.services.record import find_or_add_lead, record
from nurture.store.queries import cases, messages
from nurture.store.tables import Row
from nurture.wiring import App, open_app

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

CONFIG = """\
company:
  name: Us
  from: Us <hello@us.example>
  postal_address: 1 Street, London
  timezone: Europe/London
  country: GB
  languages: [en, de]
send: { window: any, limit: [] }
scoring: { events: {} }
"""

COURSE = """\
title: Course
status: live
enter: { on: report.downloaded, each: event.report, again: always }
steps:
  - email: hello
  - id: second
    email: lesson
    after: 2 days
  - id: answer
    wait_for: reply.interested
    for: 10 days
    else: [ { stop: silence } ]
  - email: goodbye
"""

LETTERS = {
    name: f"---\nsubject: {name.title()}\n---\nDear {{{{ lead.name }}}},\n\nthis is {name}.\n"
    for name in ("hello", "lesson", "goodbye")
}


def make_project(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Write the project; `files` come on top, by their path."""
    letters = {f"templates/{name}.md": text for name, text in LETTERS.items()}
    every = {"config.yaml": CONFIG, "campaigns/course.yaml": COURSE, **letters, **(files or {})}
    for path, text in every.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@dataclass
class Office:
    """The project at work."""

    folder: Path
    relay: SmtpServer
    clock: VirtualClock
    app: App
    works: Works = field(init=False)
    _read: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.works = works_of(self.app)

    def write(self, path: str, text: str | bytes) -> None:
        """Somebody saves a file."""
        (self.folder / path).write_bytes(text.encode() if isinstance(text, str) else text)

    async def downloads(self, who: str = "ada", **fields: Any) -> int:
        """Somebody downloads a report; `who` is the local part of the address."""
        known = {"email": f"{who}@example.org", "name": who.title(), **fields}
        async with self.app.store.write() as conn:
            lead_id, _ = await find_or_add_lead(conn, known, now=self.clock.now(), secret=self.app.secret)
            await record(
                conn,
                lead_id,
                "report.downloaded",
                {"report": "R"},
                now=self.clock.now(),
                secret=self.app.secret,
            )
        return lead_id

    async def look(self) -> None:
        """The daemon looks, and does what there is to do."""
        for piece in (self.works.act, self.works.advance, self.works.deliver, self.works.advance):
            while await piece():
                pass

    async def wait(self, span: timedelta, every: timedelta = timedelta(days=1)) -> None:
        """Time passes; at each due time, and `every` so often, the daemon rings its bells and looks."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            async with self.app.store.read() as conn:
                times = [await cases.next_due(conn), await messages.next_due(conn)]
            ahead = [time for time in times if time is not None and time > self.clock.now()]
            self.clock.advance_to(min([end, self.clock.now() + every, *ahead]))
            await self.works.bells()
            await self.look()

    def ledger(self) -> list[tuple[str, str]]:
        """Who got what, as (local part, subject), in the order the relay took it."""
        for mail in self.relay.accepted[len(self._read) :]:
            subject = BytesHeaderParser(policy=policy.default).parsebytes(mail.raw)["Subject"]
            self._read.append((mail.recipients[0].split("@")[0], str(subject)))
        return list(self._read)

    async def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table."""
        columns = Row.metadata.tables[table].c
        query = select(Row.metadata.tables[table]).order_by(columns.id)
        for name, value in where.items():
            query = query.where(columns[name] == value)
        async with self.app.store.read() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]

    async def states(self) -> dict[str, int]:
        """How many messages there are in each state."""
        async with self.app.store.read() as conn:
            return await messages.counts(conn)

    async def tasks(self) -> list[str]:
        """The open tasks' texts."""
        return [row["text"] for row in await self.rows("task", state="open")]


def letter(raw: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    return cast(EmailMessage, message_from_bytes(raw, policy=policy.default))


def quick_mailer(port: int) -> SmtpMailer:
    """The way to a relay on this machine, with little patience."""
    return SmtpMailer(
        Relay(host="127.0.0.1", port=port, timeouts=Timeouts(**dict.fromkeys(Timeouts.__slots__, 0.5)))
    )


@asynccontextmanager
async def open_office(
    folder: Path,
    *faults: Fault,
    files: Mapping[str, str] | None = None,
    mailboxes: Mapping[str, Mailbox] | None = None,
    now: datetime = NOW,
) -> AsyncIterator[Office]:
    """An office with a relay, on a Monday morning."""
    make_project(folder, files)
    async with SmtpServer(script=Script(faults)) as relay:
        clock = VirtualClock(now)
        app = await open_app(
            folder, {}, clock=clock, mailer=quick_mailer(relay.port), mailboxes=mailboxes or {}
        )
        office = Office(folder, relay, clock, app)
        try:
            yield office
        finally:
            await office.app.close()
