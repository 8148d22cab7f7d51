"""Mail in: fetch it, understand it, and act on it once, whatever happens (row H6).

A mail is stored with the mailbox's position in one transaction; its verdict is acted on in another, which also says that
it was. What a verdict may do depends on how it is matched: a token or Message-ID we signed is proof, a sender's address
is only a claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key
from nurture.core.tokens import Purpose, verify
from nurture.inbound.verdict import BounceClass, Clue, ClueKind, Kind, Verdict
from nurture.ports import Mailbox, Position
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import inbox, leads, messages, tasks

log = structlog.get_logger(__name__)

MOST_FAILURES = 3
"""A mail that cannot be read so often is put aside for a person."""

SOFT_BOUNCES = 5
"""So many soft bounces of an address count as a hard one."""

_BATCH = 50
_PROOF = ("token", "message_id")


class Reader(Protocol):
    """Reads raw mails where they can do no harm: a child process with limits of time and memory."""

    async def read(self, raws: Sequence[bytes]) -> list[Verdict | None]:
        """A verdict for each mail, None for one that could not be read within the limits."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a mail is from and what it answers. `by` is the clue: token, message_id or sender."""

    lead_id: int
    message: Mapping[str, Any] | None
    by: str

    @property
    def proven(self) -> bool:
        """Whether the clue is one only we could have made."""
        return self.by in _PROOF


@dataclass(frozen=True, slots=True)
class Read:
    """One mail that was acted on."""

    verdict: Verdict
    match: Match | None


@dataclass(slots=True)
class Receiver:
    """Receives for one store."""

    store: Store
    reader: Reader
    secret: str

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
        verdicts = await self.reader.read([row["raw"] for row in waiting])
        for row, verdict in zip(waiting, verdicts, strict=True):
            if verdict is None:
                await self._put_aside(row, now)
            else:
                await self.act_on(row["id"], verdict, now)
        return len(waiting)

    async def act_on(self, key: int, verdict: Verdict, now: datetime) -> Read | None:
        """Act on one stored mail; None when somebody else has."""
        async with self.store.write() as conn:
            match = await self._match(conn, verdict)
            values = {
                "state": "done",
                "handled_at": now,
                "kind": str(verdict.kind),
                "intent": verdict.intent,
                "verdict": verdict.as_dict(),
                "lead_id": match.lead_id if match else None,
                "message_ref": match.message["id"] if match and match.message else None,
                "matched_by": match.by if match else None,
            }
            if not await inbox.finish(conn, key, values):
                return None
            await self._do(conn, key, verdict, match, now)
        log.info(
            "receive.mail",
            kind=str(verdict.kind),
            intent=verdict.intent,
            lead=match.lead_id if match else None,
        )
        return Read(verdict, match)

    async def _put_aside(self, row: Mapping[str, Any], now: datetime) -> None:
        async with self.store.write() as conn:
            if await inbox.failed(conn, row["id"], MOST_FAILURES):
                text = (
                    f"A mail in {row['mailbox']} could not be read and was put aside (received {row['id']})."
                )
                await tasks.open_once(conn, None, text, f"received:{row['id']}", now, kind="inbox")

    # -- matching -----------------------------------------------------------------------------------------------

    async def _match(self, conn: AsyncConnection, verdict: Verdict) -> Match | None:
        """By token, then by the Message-IDs it answers, then by the sender (architecture.md)."""
        for clue in verdict.clues:
            if clue.kind is ClueKind.TOKEN:
                found = await self._by_token(conn, clue)
                if found is not None:
                    return found
        ids = [clue.value for clue in verdict.clues if clue.kind is ClueKind.MESSAGE_ID]
        if ids:
            ours = {row["message_id"]: row for row in await messages.by_message_ids(conn, ids[:50])}
            for one in ids:
                if one in ours:
                    return Match(ours[one]["lead_id"], ours[one], "message_id")
        for clue in verdict.clues:
            if clue.kind is ClueKind.SENDER:
                lead_id = await leads.find_by_email(conn, clue.value)
                if lead_id is not None:
                    return Match(lead_id, await messages.latest_to(conn, lead_id), "sender")
        return None

    async def _by_token(self, conn: AsyncConnection, clue: Clue) -> Match | None:
        key = bytes.fromhex(self.secret)
        for purpose in (Purpose.REPLY, Purpose.BOUNCE):
            identity = verify(purpose, clue.value, key)
            if identity is not None:
                row = await messages.get(conn, int(identity))
                if row is not None:
                    return Match(row["lead_id"], row, "token")
        identity = verify(Purpose.UNSUBSCRIBE, clue.value, key)
        return Match(int(identity), None, "token") if identity is not None else None

    # -- acting -------------------------------------------------------------------------------------------------

    async def _do(
        self, conn: AsyncConnection, key: int, verdict: Verdict, match: Match | None, now: datetime
    ) -> None:
        if match is None:
            if verdict.kind is Kind.REPLY:
                text = f"{verdict.from_ or 'Somebody'} wrote, and is no lead: {verdict.text}"[:2000]
                await tasks.open_once(conn, None, text, f"received:{key}", now, kind="reply")
            return
        if match.proven and match.message is not None and verdict.kind is not Kind.DELAY:
            await self._settle_doubt(conn, match.message, now)
        match verdict.kind:
            case Kind.BOUNCE:
                await self._bounce(conn, key, verdict, match, now)
            case Kind.COMPLAINT:
                await self._complaint(conn, key, verdict, match, now)
            case Kind.UNSUBSCRIBE:
                await self._record(conn, key, "unsubscribed", verdict, match, now)
            case Kind.AUTO_REPLY:
                await self._record(conn, key, "auto_reply", verdict, match, now)
            case Kind.REPLY:
                await self._reply(conn, key, verdict, match, now)
            case _:
                pass

    async def _bounce(
        self, conn: AsyncConnection, key: int, verdict: Verdict, match: Match, now: datetime
    ) -> None:
        """A hard bounce stops mail to that address; without our own token it only counts as a soft one."""
        lead = await leads.get(conn, match.lead_id)
        address = match.message.get("recipient") if match.message else None
        address = address or (lead["email"] if lead else None)
        if address is None or verdict.bounce_class is BounceClass.BLOCK:
            return
        hard = verdict.bounce_class is BounceClass.HARD and match.proven
        soft = await leads.mark_bounced(conn, address, "hard" if hard else "soft", now)
        if not hard and soft >= SOFT_BOUNCES:
            hard = True
            await leads.mark_bounced(conn, address, "hard", now)
        more = {"hard": hard, "status": verdict.status, "address": address}
        await self._record(conn, key, "email.bounced", verdict, match, now, more)

    async def _complaint(
        self, conn: AsyncConnection, key: int, verdict: Verdict, match: Match, now: datetime
    ) -> None:
        if match.proven:
            await self._record(conn, key, "email.complained", verdict, match, now)
            return
        text = f"A complaint names this lead, but nothing in it is ours: look at it (received {key})."
        await tasks.open_once(conn, match.lead_id, text, f"received:{key}", now, kind="inbox")

    async def _reply(
        self, conn: AsyncConnection, key: int, verdict: Verdict, match: Match, now: datetime
    ) -> None:
        if match.message is not None:
            await messages.note(conn, match.message["id"], "replied_at", now)
        if verdict.intent == "unsubscribe":
            await self._record(conn, key, "unsubscribed", verdict, match, now)
            return
        intent = verdict.intent or "unclear"
        if intent in ("interested", "later", "refused") and not await self._is_theirs(conn, verdict, match):
            # Somebody else answered: proposed to a person, never assumed.
            more = {"proposed": intent, "from": verdict.from_}
            await self._record(conn, key, "reply.unclear", verdict, match, now, more)
            return
        await self._record(conn, key, f"reply.{intent}", verdict, match, now)

    async def _is_theirs(self, conn: AsyncConnection, verdict: Verdict, match: Match) -> bool:
        """Whether the sender is one of the lead's own addresses."""
        if verdict.from_ is None:
            return match.proven
        found = await leads.find_by_email(conn, verdict.from_)
        if found is not None:
            return found == match.lead_id
        recipient = (match.message or {}).get("recipient")
        return recipient is not None and email_key(verdict.from_) == email_key(recipient)

    async def _settle_doubt(self, conn: AsyncConnection, message: Mapping[str, Any], now: datetime) -> None:
        """An answer to a message in doubt is evidence that it was delivered."""
        row = await messages.get(conn, message["id"])
        if row is not None and row["state"] == "in_doubt":
            values = {"state": "sent", "sent_at": row["marked_at"] or now}
            await messages.settle(conn, row["id"], row["attempt"], ("in_doubt",), values)

    async def _record(
        self,
        conn: AsyncConnection,
        key: int,
        type: str,
        verdict: Verdict,
        match: Match,
        now: datetime,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        message = match.message or {}
        data = {
            "text": verdict.text[:4000],
            "reason": verdict.reason,
            "until": verdict.until,
            "language": verdict.language,
            "confidence": round(verdict.confidence, 3),
            "evidence": list(verdict.evidence[:5]),
            "received": key,
            "campaign": message.get("campaign"),
            "run": message.get("run"),
            "template": message.get("template"),
            "message": message.get("id"),
            **(more or {}),
        }
        await record(
            conn,
            match.lead_id,
            type,
            {name: value for name, value in data.items() if value is not None},
            now=now,
            secret=self.secret,
            at=verdict.date if verdict.date is not None and verdict.date <= now else now,
            key=f"received:{key}",
        )
