"""Mail in: fetch it, understand it, and act on it once, whatever happens (row H6).

A mail is stored with the mailbox's position in one transaction; its verdict is acted on in another, which also says that
it was. Whom it is from: `services/matching`; what it does: `services/hear`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.inbound.verdict import Kind, Verdict
from nurture.ports import Incoming, Mailbox, MailReader, Position
from nurture.services.hear import Heard, hear, nobodys
from nurture.services.matching import Match, match_of
from nurture.store.engine import Store
from nurture.store.queries import inbox, leads, messages, tasks

log = structlog.get_logger(__name__)

MOST_FAILURES = 3
"""A mail that cannot be read so often is put aside for a person."""

MOST_FROM_ONE = 20
"""So many mails of one address are acted on within `RATE_SPAN`; what comes beyond is kept for a person."""

RATE_SPAN = timedelta(hours=1)

_BATCH = 50
_RATED = (Kind.REPLY, Kind.AUTO_REPLY, Kind.COMPLAINT)


@dataclass(frozen=True, slots=True)
class Read:
    """One mail that was acted on."""

    verdict: Verdict
    match: Match | None


@dataclass(slots=True)
class Receiver:
    """Receives for one store. A reply read with less confidence than `below` is a person's to read."""

    store: Store
    reader: MailReader
    secret: str
    below: float = 0.0

    async def fetch(self, mailbox: Mailbox, now: datetime) -> int:
        """Store what is new in a mailbox; answers how many mails were new to us. Raises OutsideError."""
        async with self.store.read() as conn:
            at = await inbox.position(conn, mailbox.name)
        new = 0
        async for mail in mailbox.poll(Position(*at) if at is not None else None):
            async with self.store.write() as conn:
                kept = await inbox.keep(conn, mailbox.name, mail.raw, now, mail.position.uid)
                await inbox.move_to(conn, mailbox.name, mail.position.uidvalidity, mail.position.uid, now)
            new += kept is not None
            await mailbox.done(mail)
        return new

    async def keep(self, raw: bytes, now: datetime, mailbox: str = "pipe") -> int | None:
        """Store one mail given to us; None when it was given before."""
        async with self.store.write() as conn:
            return await inbox.keep(conn, mailbox, raw, now)

    async def act(self, now: datetime) -> int:
        """Understand and act on what is stored and not acted on; answers how many mails were dealt with."""
        async with self.store.read() as conn:
            waiting = await inbox.waiting(conn, _BATCH)
        if not waiting:
            return 0
        verdicts = await self.read([Incoming(row["raw"], row["received_at"]) for row in waiting])
        for row, verdict in zip(waiting, verdicts, strict=True):
            if verdict is None:
                await self._put_aside(row, now)
            else:
                await self.act_on(row["id"], verdict, now)
        return len(waiting)

    async def read(self, mails: Sequence[Incoming]) -> list[Verdict | None]:
        """What each mail is; what people answer to us is read beside the mail of ours, which tells more of it."""
        verdicts = await self.reader.read(mails)
        known: dict[int, Incoming] = {}
        async with self.store.read() as conn:
            for at, (mail, verdict) in enumerate(zip(mails, verdicts, strict=True)):
                beside = await self._beside_ours(conn, mail, verdict) if verdict is not None else None
                if beside is not None:
                    known[at] = beside
        again = await self.reader.read(list(known.values())) if known else []
        for at, better in zip(known, again, strict=True):
            verdicts[at] = better or verdicts[at]
        return verdicts

    async def _beside_ours(self, conn: AsyncConnection, mail: Incoming, verdict: Verdict) -> Incoming | None:
        """A reply with the mail of ours that it is proven to answer; None where there is none, or no reply."""
        match = await match_of(conn, verdict, self.secret) if verdict.kind is Kind.REPLY else None
        if match is None or not match.proven or match.message is None or not match.message["raw"]:
            return None
        lead = await leads.get(conn, match.lead_id) or {}
        return replace(mail, ours=match.message["raw"], language=lead.get("language"))

    async def act_on(self, key: int, verdict: Verdict, now: datetime) -> Read | None:
        """Act on one stored mail; None when somebody else has."""
        verdict = self._doubted(verdict)
        async with self.store.write() as conn:
            ours = await self._is_ours(conn, verdict)
            if ours:
                verdict = replace(
                    verdict, kind=Kind.OTHER, intent=None, evidence=("our own mail came back to us",)
                )
            match = None if ours else await match_of(conn, verdict, self.secret)
            flood = match is None or verdict.intent != "unsubscribe"
            flood = flood and await self._is_flood(conn, key, verdict, now)
            values = {
                "state": "kept" if flood else "done",
                "handled_at": now,
                "kind": str(verdict.kind),
                "intent": verdict.intent,
                "verdict": verdict.as_dict(),
                # A mail between two leads is on neither's card until a person says whose it is.
                "lead_id": match.lead_id if match and not match.shared else None,
                "message_ref": match.message["id"] if match and match.message else None,
                "matched_by": match.by if match else None,
                "sender": verdict.from_.lower() if verdict.from_ else None,
            }
            if not await inbox.finish(conn, key, values):
                return None
            if flood:
                await self._flooded(conn, verdict, now)
            elif match is not None:
                await hear(Heard(conn, key, verdict, match, now, self.secret))
            else:
                await nobodys(conn, key, verdict, now)
        log.info(
            "receive.mail",
            kind=str(verdict.kind),
            intent=verdict.intent,
            lead=match.lead_id if match else None,
        )
        return Read(verdict, match)

    def _doubted(self, verdict: Verdict) -> Verdict:
        """A reply we are not sure enough of is unclear, its reading kept in the evidence."""
        sure = verdict.intent in (None, "unclear", "unsubscribe") or verdict.confidence >= self.below
        if verdict.kind is not Kind.REPLY or sure:
            return verdict
        guess = f"perhaps {verdict.intent} ({verdict.confidence:.2f})"
        return replace(
            verdict, intent="unclear", reason=None, until=None, evidence=(guess, *verdict.evidence)
        )

    async def _is_ours(self, conn: AsyncConnection, verdict: Verdict) -> bool:
        """Whether it is a mail we sent, come back whole: a loop, or a copy to ourselves (RFC 3834 section 2)."""
        return verdict.message_id is not None and bool(
            await messages.by_message_ids(conn, [verdict.message_id])
        )

    async def _is_flood(self, conn: AsyncConnection, key: int, verdict: Verdict, now: datetime) -> bool:
        if verdict.kind not in _RATED or not verdict.from_:
            return False
        return (await inbox.acted_on_from(conn, key, verdict.from_, now - RATE_SPAN)) >= MOST_FROM_ONE

    async def _flooded(self, conn: AsyncConnection, verdict: Verdict, now: datetime) -> None:
        text = (
            f"{verdict.from_} wrote more than {MOST_FROM_ONE} mails within an hour. The rest is kept and not acted on: "
            "nurture reply list --state kept"
        )
        await tasks.open_once(conn, None, text, f"flood:{verdict.from_}", now, kind="inbox")

    async def _put_aside(self, row: Mapping[str, Any], now: datetime) -> None:
        async with self.store.write() as conn:
            if await inbox.failed(conn, row["id"], MOST_FAILURES):
                text = (
                    f"A mail in {row['mailbox']} could not be read and was put aside (received {row['id']})."
                )
                await tasks.open_once(conn, None, text, f"received:{row['id']}", now, kind="inbox")
