"""From the mail to the campaign, with everything that lies between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from nurture.services.record import find_or_add_lead, record
from nurture.store.tables import Row
from nurture.wiring import open_app
from tests.unit.services.small_project import write

MESSAGE, TASK = (Row.metadata.tables[name] for name in ("message", "task"))
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that is set by hand."""

    time: datetime = MONDAY

    def now(self) -> datetime:
        return self.time


ABSENT = (
    b"From: ada@example.org\r\nTo: hello@pumpwerk.example\r\nSubject: Automatic reply: Your report\r\n"
    b"Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <a@x.example>\r\nAuto-Submitted: auto-replied\r\n\r\n"
    b"I am out of the office until 16 March 2026.\r\n"
)
QUESTION = (
    b"From: ada@example.org\r\nTo: hello@pumpwerk.example\r\nSubject: Re: Your report\r\n"
    b"Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <b@x.example>\r\n\r\nHow much does the pump cost?\r\n"
)


async def lived(folder: Path, mail: bytes | None) -> tuple[list[tuple[str, datetime]], list[str]]:
    """The emails planned within 20 days and the tasks, when this mail comes in on the first day."""
    watch = Watch()
    app = await open_app(write(folder), {}, clock=watch)
    try:
        async with app.store.write() as conn:
            fields = {"email": "ada@example.org", "name": "Ada", "country": "GB"}
            lead, _ = await find_or_add_lead(conn, fields, now=MONDAY, secret=app.secret)
            told = {"report": "Pumps"}
            await record(conn, lead, "report.downloaded", told, now=MONDAY, secret=app.secret)
        for hour in range(0, 20 * 24, 6):
            watch.time = MONDAY + timedelta(hours=hour)
            if hour == 6 and mail is not None:
                await app.receiver.keep(mail, watch.time)
                await app.receiver.act(watch.time)
            while await app.advancer.advance(watch.time):
                pass
        async with app.store.read() as conn:
            query = select(MESSAGE.c.template, MESSAGE.c.planned_at).order_by(MESSAGE.c.planned_at)
            mails = [(row[0], row[1]) for row in await conn.execute(query)]
            return mails, list((await conn.scalars(select(TASK.c.text))).all())
    finally:
        await app.close()


async def test_an_absence_holds_the_next_email_until_the_return(tmp_path: Path) -> None:
    usual, _ = await lived(tmp_path / "a", None)
    away, tasks = await lived(tmp_path / "b", ABSENT)
    assert [(name, at.date().isoformat()) for name, at in usual] == [
        ("welcome", "2026-03-02"),
        ("update", "2026-03-05"),
    ]
    assert [name for name, _ in away] == ["welcome", "update"]
    assert away[1][1].date().isoformat() in ("2026-03-16", "2026-03-17")
    assert tasks == []


async def test_a_question_makes_a_task_that_says_why_it_was_read_so(tmp_path: Path) -> None:
    _, [task] = await lived(tmp_path, QUESTION)
    said, why = task.split("\n")
    assert said == "Ada wrote (question): How much does the pump cost?"
    assert why.startswith("Why we read it so: ")
