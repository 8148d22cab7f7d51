"""Hand queued messages over to the relay, each at most once (architecture.md, Sending at most once).

claim → write the letter once → body without the dot → durable marker → dot → settle. A failure before the marker is
surely not sent; no readable answer after the dot is doubt, never resent by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.errors import NurtureError, OutsideError
from nurture.mail.layout import Layout
from nurture.mail.problems import TemplateFault
from nurture.mail.replies import (
    GIVE_UP_AFTER,
    About,
    Cause,
    Meaning,
    Outcome,
    Reply,
    Stage,
    meaning,
    retry_delay,
)
from nurture.mail.template import TemplateSet
from nurture.ports import InDoubt, MailConnection, Mailer, NotSent
from nurture.services.letters import Addressee, House, Letter, Order, write_letter
from nurture.services.marking import Marker
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import leads, links, messages, tasks

log = structlog.get_logger(__name__)

BATCH = 100
LEASE = timedelta(minutes=15)
"""How long a claim is ours; its length affects only speed, never safety."""

OUR_FAULT_WAIT = timedelta(minutes=5)
"""How long everything waits when the fault is ours, as the relay says, or the relay stops answering."""

DOUBTS_IN_A_ROW = 2
"""So many messages without an answer, and the relay is left alone for a while: doubt must not pile up."""

SETTLE_AFTER = timedelta(hours=1)
"""How long doubt is left open for evidence before the step's policy settles it."""

_UNTRIED: Mapping[str, Any] = {"first_tried_at": None}
"""What is held or waits for its window: the days of trying begin when it is tried."""


class Desk(Protocol):
    """What letters are written with; the daemon exchanges templates while it runs."""

    templates: TemplateSet
    layout: Layout
    house: House

    def addressee(self, lead: Mapping[str, Any]) -> Addressee:
        """The lead's row as a letter sees it."""
        ...

    def language_of(self, campaign: str) -> str:
        """The campaign's default language."""
        ...

    def reopens(self, message: Mapping[str, Any], lead: Mapping[str, Any], now: datetime) -> datetime | None:
        """When the message's window, which has closed, opens next where the lead is; None when it never closes."""
        ...


def batched(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    """The keys in lists of at most `size`."""
    rest = iter(keys)
    while page := list(islice(rest, size)):
        yield page


@dataclass(slots=True)
class Deliverer:
    """Delivers for one daemon (`owner`) over one relay. `closing`: finish what is under way, begin nothing more."""

    store: Store
    mailer: Mailer
    desk: Desk
    clock: Callable[[], datetime]
    owner: str
    marker: Marker
    connections: int = 2
    resting_until: datetime | None = None
    closing: bool = False
    doubts: int = 0

    async def deliver(self, now: datetime, limit: int = BATCH) -> int:
        """Claim what is due and hand it over; answers how many messages were dealt with.

        Raises OutsideError when the database cannot be read or written.
        """
        if self.closing or (self.resting_until is not None and now < self.resting_until):
            return 0
        self.resting_until = None
        async with self.store.read() as conn:
            first = await messages.next_due(conn)
        if first is None or first > now:
            return 0
        async with self.store.write() as conn:
            claimed = await messages.claim(conn, self.owner, now, now + LEASE, limit)
        if not claimed:
            return 0
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in claimed:
            queue.put_nowait(message)
        workers = [self._work(queue) for _ in range(min(self.connections, len(claimed)))]
        await asyncio.gather(*workers)
        return len(claimed)

    async def _work(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        async with self.mailer.connection() as connection:
            while not queue.empty():
                message = queue.get_nowait()
                try:
                    if self.closing or self.resting_until is not None:
                        await self._put_back(message)
                    else:
                        await self._one(connection, message)
                except (OutsideError, OSError) as trouble:
                    # The disk is full, say: nothing can be marked, so nothing is sent. Claims run out by themselves.
                    self._rest(f"{message['template']} was not sent: {trouble}")
                except Exception:
                    # A fault of ours with one message: its claim runs out by itself, the others go on.
                    log.exception("deliver.failed", message=message["id"])

    async def _put_back(self, message: dict[str, Any]) -> None:
        """Nothing was tried: it waits as it waited before the claim."""
        values: dict[str, Any] = {
            "state": "queued",
            "next_at": self.resting_until or self.clock(),
            "lease_until": None,
            "attempt": message["attempt"] - 1,
            **(_UNTRIED if message["attempt"] == 1 else {}),
        }
        await self._settle(message, ("claimed",), values)

    def _rest(self, why: str) -> None:
        """Begin nothing for a while, and say so once."""
        if self.resting_until is None:
            self.resting_until = self.clock() + OUR_FAULT_WAIT
            log.error("deliver.resting", why=why, until=self.resting_until)

    async def _one(self, connection: MailConnection, message: dict[str, Any]) -> None:
        ready = await self._ready(message)
        if ready is None:
            return
        recipient, envelope_from, raw = ready
        try:
            offer = await connection.offer(envelope_from, recipient, raw)
        except NotSent as refusal:
            await self._refused(message, refusal.meaning, refusal.reply, refusal.stage, str(refusal))
            return
        try:
            may_go = await self.marker.mark(message["id"], message["attempt"], message["send_key"])
        except BaseException:
            offer.abandon()
            raise
        if not may_go:
            offer.abandon()
            await self._not_now(message)
            return
        try:
            answer = await offer.finish()
        except InDoubt as doubt:
            await self._doubt(message, str(doubt))
            return
        except NotSent as refusal:
            await self._refused(message, refusal.meaning, refusal.reply, refusal.stage, str(refusal))
            return
        await self._answered(message, answer)

    # -- before the relay ---------------------------------------------------------------------------------------

    async def _ready(self, message: dict[str, Any]) -> tuple[str, str, bytes] | None:
        """The bytes to send, made once; None when the message cannot go now."""
        now = self.clock()
        if message["latest"] is not None and message["latest"] < now:
            await self._settle(
                message, ("claimed",), {"state": "withdrawn", "next_at": None, "why": "latest"}
            )
            return None
        if message["window_open_until"] is not None and message["window_open_until"] <= now:
            async with self.store.read() as conn:
                opens = await self._opens(conn, message, now)
            await self._settle(
                message,
                ("claimed",),
                {"state": "queued", "next_at": opens, "window_open_until": None, "why": "window", **_UNTRIED},
            )
            return None
        if message["raw"] is None:
            try:
                await self._write(message, now)
            except OutsideError:
                raise  # the database's trouble, not the author's
            except (TemplateFault, NurtureError, ValueError) as fault:
                await self._cannot_write(message, fault)
                return None
        return message["recipient"], message["envelope_from"], message["raw"]

    async def _write(self, message: dict[str, Any], now: datetime) -> None:
        async with self.store.read() as conn:
            lead = await leads.get(conn, message["lead_id"])
            thread = await messages.thread_of(conn, message["lead_id"], message["run"], message["id"])
        assert lead is not None
        order = Order(
            id=message["id"],
            campaign=message["campaign"],
            step=message["step"],
            template=message["template"],
            run=message["run"],
            service=message["service"] is not None,
            sender=message["sender"],
            values=message["values"] or {},
            now=now,
            thread=tuple(thread) if message["thread_first"] else (),
            language=self.desk.language_of(message["campaign"]),
        )
        letter = write_letter(
            order, self.desk.addressee(lead), self.desk.house, self.desk.templates, self.desk.layout
        )
        values = self._columns(letter)
        async with self.store.write() as conn:
            await messages.keep_bytes(conn, message["id"], values)
            await links.keep(conn, letter.links)
        message.update(values)

    def _columns(self, letter: Letter) -> dict[str, Any]:
        secret = self.desk.house.secret.hex()
        return {
            "raw": letter.raw,
            "message_id": letter.message_id,
            "recipient": letter.recipient,
            "recipient_hash": keyed_hash(letter.recipient, secret),
            "envelope_from": letter.envelope_from,
            "subject": letter.subject,
            "locale": letter.locale,
            "references": list(letter.references),
        }

    async def _cannot_write(self, message: dict[str, Any], fault: Exception) -> None:
        """A template or address error stops this one email, is shown, and harms no other lead."""
        why = f"template: {fault}"
        async with self.store.write() as conn:
            await messages.settle(
                conn,
                message["id"],
                message["attempt"],
                ("claimed",),
                {"state": "held", "next_at": None, "why": why, **_UNTRIED},
            )
            text = f"The email {message['template']} could not be written for this lead: {fault}"
            once = f"template:{message['template']}"
            await tasks.open_once(conn, message["lead_id"], text[:1000], once, self.clock(), kind="campaign")
        log.error("deliver.template", message=message["id"], template=message["template"], fault=str(fault))

    async def _not_now(self, message: dict[str, Any]) -> None:
        """The marker refused it: why is looked up, and the row says so."""
        now = self.clock()
        async with self.store.write() as conn:
            row = await messages.get(conn, message["id"])
            if row is None or row["state"] != "claimed" or row["attempt"] != message["attempt"]:
                return
            values = await self._why_not(conn, row, now)
            await messages.settle(conn, message["id"], message["attempt"], ("claimed",), values)

    async def _why_not(self, conn: AsyncConnection, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        if await messages.is_paused(conn, row["campaign"]):
            return {"state": "held", "next_at": None, "why": "paused", **_UNTRIED}
        if row["latest"] is not None and row["latest"] < now:
            return {"state": "withdrawn", "next_at": None, "why": "latest"}
        if row["window_open_until"] is not None and row["window_open_until"] <= now:
            opens = await self._opens(conn, row, now)
            return {
                "state": "queued",
                "next_at": opens,
                "window_open_until": None,
                "why": "window",
                **_UNTRIED,
            }
        return {"state": "withdrawn", "next_at": None, "why": "suppressed or stage"}

    async def _opens(self, conn: AsyncConnection, message: Mapping[str, Any], now: datetime) -> datetime:
        lead = await leads.get(conn, message["lead_id"])
        return (self.desk.reopens(message, lead, now) if lead is not None else None) or now

    # -- what the relay said ------------------------------------------------------------------------------------

    async def _doubt(self, message: dict[str, Any], said: str) -> None:
        """Nobody knows whether the relay has it. When that happens again and again, the relay is left alone."""
        self.doubts += 1
        values = {"state": "in_doubt", "reply_text": said, "lease_until": None}
        await self._settle(message, ("handing_over",), values)
        log.warning("deliver.in_doubt", message=message["id"])
        if self.doubts >= DOUBTS_IN_A_ROW:
            self._rest(f"the relay does not answer: {said}")

    async def _answered(self, message: dict[str, Any], answer: Reply) -> None:
        self.doubts = 0
        meant = meaning(Stage.DOT, answer)
        if meant.outcome is not Outcome.ACCEPTED:
            await self._refused(message, meant, answer, Stage.DOT, str(answer))
            return
        now = self.clock()
        values = {
            "state": "sent",
            "sent_at": now,
            "reply_code": answer.code,
            "reply_text": str(answer)[:500],
            "lease_until": None,
            "next_at": None,
        }
        async with self.store.write() as conn:
            ours = await messages.settle(
                conn, message["id"], message["attempt"], ("handing_over", "in_doubt"), values
            )
            if ours:
                await self._record(conn, message, "email.sent", {}, now)

    async def _refused(
        self, message: dict[str, Any], meant: Meaning, answer: Reply | None, stage: Stage, heard: str
    ) -> None:
        """Write down what the refusal means; `heard` tells it in words, with the host where nobody answered."""
        now = self.clock()
        said: dict[str, Any] = {
            "reply_code": answer.code if answer else None,
            "reply_text": (str(answer) if answer else heard)[:500],
            "lease_until": None,
        }
        states = ("claimed", "handing_over", "in_doubt")
        if meant.outcome is Outcome.OURS or (meant.about is About.US and meant.outcome is Outcome.LATER):
            self._rest(heard)
            await self._settle(
                message,
                states,
                {**said, "state": "deferred", "next_at": self.resting_until, "why": str(meant.word)},
            )
            return
        tried_since = message["first_tried_at"] or now
        if meant.outcome is Outcome.LATER and now - tried_since < GIVE_UP_AFTER:
            wait = retry_delay(message["attempt"], str(message["id"]), meant)
            await self._settle(
                message, states, {**said, "state": "deferred", "next_at": now + wait, "why": str(meant.word)}
            )
            return
        async with self.store.write() as conn:
            failed = {**said, "state": "failed", "next_at": None, "why": str(meant.word)}
            if not await messages.settle(conn, message["id"], message["attempt"], states, failed):
                return
            hard = meant.cause is Cause.HARD and meant.strikes == 1
            if message["recipient"] and meant.cause in (Cause.HARD, Cause.SOFT):
                await leads.mark_bounced(conn, message["recipient"], "hard" if hard else "soft", now)
            data = {
                "status": answer.enhanced if answer else "",
                "hard": hard,
                "address": message["recipient"],
                "reason": str(meant.word),
            }
            await self._record(conn, message, "email.bounced", data, now)

    async def _record(
        self,
        conn: AsyncConnection,
        message: Mapping[str, Any],
        type: str,
        data: Mapping[str, Any],
        now: datetime,
    ) -> None:
        told = {
            "campaign": message["campaign"],
            "run": message["run"],
            "step": message["step"],
            "template": message["template"],
            "message": message["id"],
            **data,
        }
        key = f"{type}:{message['id']}:{message['attempt']}"
        await record(
            conn, message["lead_id"], type, told, now=now, secret=self.desk.house.secret.hex(), key=key
        )

    async def _settle(
        self, message: Mapping[str, Any], states: tuple[str, ...], values: Mapping[str, Any]
    ) -> bool:
        async with self.store.write() as conn:
            return await messages.settle(conn, message["id"], message["attempt"], states, values)

    # -- recovery and doubt -------------------------------------------------------------------------------------

    async def recover(self, now: datetime, *, alone: bool = False) -> tuple[int, int]:
        """Take back claims that ran out and turn unfinished hand-overs into doubt; `alone`: all there are."""
        async with self.store.write() as conn:
            return await messages.recover(conn, now, alone=alone)

    async def take_in_journal(self, now: datetime) -> int:
        """Learn from the journal what went out after the state the database is in; answers how many it did not know.

        After an old backup was put back, this keeps those emails from going out again.
        """
        if self.marker.journal is None:
            return 0
        noted = {one.send_key: one for one in self.marker.journal.read(now)}
        learned = 0
        async with self.store.write() as conn:
            for page in batched(noted, 500):
                known = await messages.attempts(conn, page)
                for key in page:
                    if known.get(key, 0) < noted[key].attempt:
                        learned += await messages.learn(conn, key, noted[key].attempt, noted[key].at, now)
        if learned:
            log.warning("deliver.journal_ahead", learned=learned)
        return learned

    async def settle_doubts(self, now: datetime) -> int:
        """Settle doubts no evidence came for, by the policy of their step; answers how many."""
        settled = 0
        async with self.store.write() as conn:
            for row in await messages.doubtful(conn, now - SETTLE_AFTER):
                if row["in_doubt"] == "assume_sent":
                    values = {"state": "sent", "assumed": True, "sent_at": now}
                elif row["in_doubt"] == "resend":
                    values = {"state": "queued", "next_at": now}
                else:
                    text = f"Nobody knows whether {row['template']} reached this lead. Look, and settle the message."
                    await tasks.open_once(conn, row["lead_id"], text, f"doubt:{row['id']}", now, kind="doubt")
                    continue
                settled += await messages.settle(conn, row["id"], row["attempt"], ("in_doubt",), values)
        return settled
