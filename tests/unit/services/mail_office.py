"""An office that gets mail: one lead who was sent one message, and what tests want to know afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from nurture.inbound.classify import classify
from nurture.inbound.verdict import Verdict
from nurture.ports import Incoming
from nurture.services.receive import Receiver
from nurture.store.engine import Store
from nurture.store.queries import suppressions
from nurture.store.tables import Row

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SECRET = "5a" * 32
KEY = bytes.fromhex(SECRET)
MESSAGE, EVENT, TASK, ADDRESS, RECEIVED = (
    Row.metadata.tables[name] for name in ("message", "event", "task", "address", "received")
)


class Reader:
    """Reads in this process; a mail that begins with `X-Fails` cannot be read."""

    async def read(self, mails: Sequence[Incoming]) -> list[Verdict | None]:
        return [
            None
            if mail.raw.startswith(b"X-Fails")
            else classify(mail.raw, language=mail.language, received_at=NOW, ours=mail.ours)
            for mail in mails
        ]


@dataclass
class Office:
    store: Store
    receiver: Receiver
    message: int
    reply_to: str
    message_id: str = "<sent.1@us.example>"

    async def gets(self, raw: str, *, now: datetime = NOW) -> None:
        """A mail comes in and is acted on."""
        await self.receiver.keep(raw.replace("\n", "\r\n").encode(), now)
        while await self.receiver.act(now):
            pass

    async def events(self) -> list[tuple[int, str, dict[str, Any]]]:
        async with self.store.read() as conn:
            query = select(EVENT.c.lead_id, EVENT.c.type, EVENT.c.data).where(EVENT.c.type != "lead.created")
            return [tuple(row) for row in await conn.execute(query.order_by(EVENT.c.id))]

    async def tasks(self) -> list[tuple[str, str]]:
        async with self.store.read() as conn:
            return [tuple(row) for row in await conn.execute(select(TASK.c.kind, TASK.c.text))]

    async def suppressed(self, address: str = "ada@example.org") -> bool:
        async with self.store.read() as conn:
            return await suppressions.is_suppressed(conn, address, SECRET)

    async def bounce_of(self, address: str = "ada@example.org") -> str | None:
        async with self.store.read() as conn:
            return await conn.scalar(select(ADDRESS.c.bounce).where(ADDRESS.c.value == address))


def reply(text: str, *, to: str, sender: str = "Ada <ada@example.org>", more: str = "") -> str:
    return (
        f"From: {sender}\nTo: {to}\nSubject: Re: Hello\nDate: Wed, 4 Mar 2026 08:30:00 +0000\n"
        f"Message-ID: <answer.{abs(hash((text, sender, more)))}@example.org>\n{more}"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def report(*, to: str, status: str = "5.1.1", original: str = "", said: str = "User unknown") -> str:
    return (
        f"From: MAILER-DAEMON@mx.example.org\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        "Date: Wed, 4 Mar 2026 08:30:00 +0000\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\n"
        f"Your message could not be delivered.\n\n<ada@example.org>: host mx said: 550 {status} {said}\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} {said}\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\nSubject: Hello\n{original}\n--B--\n"
    )
