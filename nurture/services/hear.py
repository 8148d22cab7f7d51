"""What a mail that came in does, once it is known what it is and whom it is laid to.

With proof (a token or Message-ID of ours) a mail may move the lead; with a claim only, little. What is nobody's or two
people's goes to a person (docs/decisions/0012-proof-and-claim.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.inbound.verdict import BounceClass, Kind, Verdict
from nurture.services.matching import Match, Sender
from nurture.services.record import record
from nurture.services.sameness import organisation_domains
from nurture.store.queries import inbox, leads, messages, tasks, traces
from nurture.store.queries.organisations import leads_at

SOFT_BOUNCES: Final = 5
"""So many proven soft bounces of an address within `SOFT_SPAN`, and no sign of delivery between, count as a hard one."""

SOFT_SPAN: Final = timedelta(days=30)

CLAIMED_ABSENCE: Final = timedelta(days=30)
"""An absence that only a sender's address vouches for is believed so far ahead: a forged one must not silence a lead."""

MOVES: Final = ("interested", "later", "refused")
"""What somebody else's answer never does to a lead by itself."""

SURELY_AUTOMATIC: Final = 0.92
"""Surer than this, an automatic answer is believed without a word. A header that tells gives 0.97.

Words alone give up to 0.95. Of our 284 samples of machines without a telling header, twelve in a hundred lie under it, and
so did nine of the thirteen mails that were taken for a machine's when it was set.
"""

_MOST_TEXT: Final = 4000
_TASK_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Heard:
    """One mail, understood and matched, and the transaction to act in. `key` is the mail's row."""

    conn: AsyncConnection
    key: int
    verdict: Verdict
    match: Match
    now: datetime
    secret: str

    @property
    def message(self) -> Mapping[str, Any]:
        """What it answers, or nothing."""
        return self.match.message or {}

    async def record(self, type: str, *, key: str | None = None, **more: Any) -> int | None:
        """Record an event of the lead with where it belongs; None when it was known."""
        data = event_data(self.verdict, self.key, self.message) | more
        at = self.verdict.date
        return await record(
            self.conn,
            self.match.lead_id,
            type,
            {name: value for name, value in data.items() if value is not None},
            now=self.now,
            secret=self.secret,
            at=at if at is not None and at <= self.now else self.now,
            key=key or f"received:{self.key}",
        )

    async def ask(
        self, text: str, *, lead_id: int | None = None, once: str = "", kind: str = "reply"
    ) -> None:
        """A task for the lead's owner."""
        owner = self.match.lead_id if lead_id is None else lead_id
        once = once or f"received:{self.key}"
        await tasks.open_once(self.conn, owner, text[:_TASK_TEXT], once, self.now, kind=kind)

    async def note(self, word: str, text: str) -> None:
        """A line of the trace, at the message it is about."""
        where = {"run": self.message.get("run") or "", "step": self.message.get("step") or ""}
        await inbox.trace(
            self.conn, self.match.lead_id, {"word": word, "text": text[:500], **where}, self.now
        )


def event_data(verdict: Verdict, key: int, message: Mapping[str, Any]) -> dict[str, Any]:
    """What an event tells of the mail it comes from."""
    return {
        "text": verdict.text[:_MOST_TEXT],
        "reason": verdict.reason,
        "until": verdict.until,
        "language": verdict.language,
        "confidence": round(verdict.confidence, 3),
        "evidence": list(verdict.evidence[:5]),
        "other_address": verdict.other_address,
        "received": key,
        "campaign": message.get("campaign"),
        "run": message.get("run"),
        "template": message.get("template"),
        "message": message.get("id"),
    }


async def hear(heard: Heard) -> None:
    """Do what the mail does."""
    if heard.match.proven and heard.match.message is not None and heard.verdict.kind is not Kind.DELAY:
        await _settle_doubt(heard)
    act = _ACTS.get(heard.verdict.kind)
    if act is not None:
        await act(heard)


async def nobodys(conn: AsyncConnection, key: int, verdict: Verdict, now: datetime) -> None:
    """A mail no clue of which leads to a lead: what a person wrote, a person reads."""
    if verdict.kind is Kind.REPLY:
        await _unknown(conn, key, verdict, now)
    elif verdict.kind is Kind.BOUNCE and verdict.bounce_class is BounceClass.BLOCK:
        await _blocked(conn, verdict, now)


async def _unknown(conn: AsyncConnection, key: int, verdict: Verdict, now: datetime) -> None:
    """Somebody we do not know wrote: the owner of a lead at the same company is asked, else whoever looks at the tasks."""
    at = organisation_domains(verdict.from_) if verdict.from_ and not verdict.denied else ()
    colleagues = await leads_at(conn, at)
    text = f"{verdict.from_ or 'Somebody'} wrote, and is no lead: {verdict.text}"[:_TASK_TEXT]
    if colleagues:
        names = ", ".join(str(one["name"] or one["email"]) for one in colleagues[:3])
        more = [f"Perhaps a colleague of {names}.", proposal(verdict.intent, verdict.reason, verdict.until)]
        more.append(
            f"If it is the answer: nurture reply correct {key} --lead {colleagues[0]['email']} --intent …"
        )
        text = "\n".join((text[: _TASK_TEXT - 600], *(line for line in more if line)))
    owner = colleagues[0]["id"] if colleagues else None
    await tasks.open_once(conn, owner, text, f"received:{key}", now, kind="reply")


async def _settle_doubt(heard: Heard) -> None:
    """An answer to a message in doubt is evidence that it was delivered."""
    row = await messages.get(heard.conn, heard.message["id"])
    if row is not None and row["state"] == "in_doubt":
        values = {"state": "sent", "sent_at": row["marked_at"] or heard.now}
        await messages.settle(heard.conn, row["id"], row["attempt"], ("in_doubt",), values)


# -- what mail systems say ----------------------------------------------------------------------------------------


async def _bounce(heard: Heard) -> None:
    """A hard bounce stops mail to that address; so do many soft ones. Nothing without proof stops any."""
    verdict, conn = heard.verdict, heard.conn
    if verdict.bounce_class is BounceClass.BLOCK:
        await _blocked(conn, verdict, heard.now)
        await heard.note("blocked", f"refused because of us: {_said(verdict)}")
        return
    lead = await leads.get(conn, heard.match.lead_id)
    address = heard.message.get("recipient") or (lead["email"] if lead else None)
    if address is None:
        return
    hard = verdict.bounce_class is BounceClass.HARD and heard.match.proven
    if not hard:
        since = heard.now - SOFT_SPAN
        before = await inbox.soft_bounces(conn, heard.match.lead_id, address, since)
        proven = sum(bool(one.get("proven")) for one in before) + heard.match.proven
        hard = heard.match.proven and proven >= SOFT_BOUNCES
        await leads.mark_bounced(conn, address, "soft", heard.now)
        if not hard and len(before) + 1 == SOFT_BOUNCES:
            text = f"Mail to {address} came back {SOFT_BOUNCES} times, but nothing proves it. Is the address right?"
            await heard.ask(text, once="address_doubted", kind="address")
    if hard:
        await leads.mark_bounced(conn, address, "hard", heard.now)
    await heard.record(
        "email.bounced", hard=hard, status=verdict.status, address=address, proven=heard.match.proven
    )


async def _blocked(conn: AsyncConnection, verdict: Verdict, now: datetime) -> None:
    """Our server was refused: the operator mends that, one task a day; the person has nothing to do with it."""
    text = f"A mail server refused our mail because of us, not of the recipient: {_said(verdict)}"
    await tasks.open_once(conn, None, text[:_TASK_TEXT], f"blocked:{now:%Y-%m-%d}", now, kind="operator")


def _said(verdict: Verdict) -> str:
    parts = [verdict.status or "", "; ".join(verdict.evidence[:3]), " ".join(verdict.text.split())[:600]]
    to = ", ".join(verdict.recipients[:3])
    return " · ".join(part for part in (*parts, f"to {to}" if to else "") if part)


async def _complaint(heard: Heard) -> None:
    if heard.match.proven:
        await heard.record("email.complained")
        return
    await heard.ask(
        f"A complaint names this lead, but nothing in it is ours: look at it (received {heard.key}).",
        kind="inbox",
    )


async def _unsubscribe(heard: Heard) -> None:
    if heard.verdict.denied and not heard.match.proven:
        text = f"{heard.verdict.from_} asks to be taken off the list, but {heard.verdict.denied}. Is it them?"
        await heard.ask(text)
        return
    await heard.record("unsubscribed")


async def _noted(heard: Heard) -> None:
    """Delays and receipts are written down and do nothing."""
    await heard.note(str(heard.verdict.kind), _said(heard.verdict))


async def _auto_reply(heard: Heard) -> None:
    """Somebody is away, or has left. Never an answer, and never answered."""
    verdict = heard.verdict
    if heard.match.shared:
        await heard.note("auto_reply", f"{verdict.from_} answered automatically, and is another lead")
        return
    if verdict.denied and not heard.match.proven:
        await heard.note("not_believed", f"an automatic answer: {verdict.denied}")
        return
    if verdict.left:
        await _has_left(heard)
    more: dict[str, Any] = {"left": verdict.left or None}
    until = verdict.until
    if until is not None and not heard.match.proven and until > (heard.now + CLAIMED_ABSENCE).date():
        await heard.note("not_believed", f"away until {until}, says a mail that proves nothing")
        more["until"] = None
    fresh = await heard.record("auto_reply", **more) is not None
    if fresh and verdict.confidence < SURELY_AUTOMATIC and not verdict.left:
        await _perhaps_a_person(heard)


async def _perhaps_a_person(heard: Heard) -> None:
    """Words alone, and not many of them, say that a machine wrote: the owner has a look."""
    verdict = heard.verdict
    parts = (
        f"{verdict.from_ or 'The lead'} wrote what looks like an automatic answer: {verdict.text[: _TASK_TEXT - 600]}",
        why(verdict.evidence),
        f"No header says so. If a person wrote it: nurture reply correct {heard.key} --intent …",
    )
    await heard.ask("\n".join(part for part in parts if part))


async def _has_left(heard: Heard) -> None:
    """Left the company, or gave the address up: the owner is told, with the successor; it ends with proof only."""
    lead = await leads.get(heard.conn, heard.match.lead_id)
    address = heard.message.get("recipient") or (lead["email"] if lead else None)
    name = (lead["name"] if lead else None) or address or "The lead"
    ends = heard.match.proven and address is not None
    if ends and address is not None:
        await leads.mark_bounced(heard.conn, address, "hard", heard.now)
    parts = [f"{name} is no longer with the company, or gave this address up, says an automatic answer."]
    if heard.verdict.other_address:
        parts.append(f"It names {heard.verdict.other_address} instead: add them if that is right.")
    parts.append(f"No more mail goes to {address}." if ends else "Nothing proves it: mail goes on.")
    parts.append(why(heard.verdict.evidence))
    await heard.ask(" ".join(part for part in parts if part), once="no_address", kind="address")


# -- what people say ----------------------------------------------------------------------------------------------


async def _reply(heard: Heard) -> None:
    verdict, match = heard.verdict, heard.match
    if match.shared:
        await _between_two(heard)
        return
    intent = verdict.intent or "unclear"
    type = "unsubscribed" if intent == "unsubscribe" else f"reply.{intent}"
    more: dict[str, Any] = {}
    if match.sender is Sender.NEW_ADDRESS:
        await _learn_address(heard)
    elif match.sender is not Sender.LEAD:
        # Somebody else answered, or may have: proposed to a person, never assumed. The wish to be left alone is obeyed,
        # unless nothing but an address that was found to be false says whose wish it is.
        doubted = match.sender is Sender.DOUBTED
        more = {"from": None if doubted else verdict.from_, "who": str(match.sender)}
        if intent in MOVES or (intent == "unsubscribe" and doubted and not match.proven):
            type, more = "reply.unclear", more | {"proposed": intent}
    if await heard.record(type, key=_once(heard), **more) is None:
        await inbox.mark(heard.conn, heard.key, "duplicate")
    elif match.message is not None:
        await messages.note(heard.conn, match.message["id"], "replied_at", heard.now)


def _once(heard: Heard) -> str | None:
    """One mail that lies in two mailboxes is one: told by its own id and words, whatever the ways added on top."""
    verdict = heard.verdict
    if not verdict.message_id:
        return None
    said = "\0".join((verdict.message_id, verdict.from_ or "", verdict.full_text))
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
    return f"mail:{heard.match.lead_id}:{digest}"


async def _learn_address(heard: Heard) -> None:
    """The lead wrote from an address of theirs that we did not know."""
    address = heard.verdict.from_
    assert address is not None
    await leads.add_addresses(heard.conn, heard.match.lead_id, {"email": address}, heard.now)
    told = {"address": address, "received": heard.key}
    await traces.note(
        heard.conn, "nurture", "address learnt", heard.now, lead_id=heard.match.lead_id, data=told
    )
    await heard.note("address_learnt", f"{address} is theirs as well: they answered from it")


async def _between_two(heard: Heard) -> None:
    """It answers what one lead got, and another wrote it: neither's, until a person says whose.

    A wish to be taken off the list holds for whoever wrote it.
    """
    verdict, match = heard.verdict, heard.match
    writer = await leads.get(heard.conn, match.writer_id) if match.writer_id is not None else None
    lead = await leads.get(heard.conn, match.lead_id)
    names = " and ".join(sorted(str(one["email"]) for one in (lead, writer) if one is not None))
    text = f"{verdict.from_} wrote, and the mail names more than one lead ({names}): whose is it?"
    if verdict.intent == "unsubscribe" and writer is not None:
        data = event_data(verdict, heard.key, {})
        told = {name: value for name, value in data.items() if value is not None}
        await record(
            heard.conn, writer["id"], "unsubscribed", told, now=heard.now, secret=heard.secret,
            key=f"received:{heard.key}",
        )  # fmt: skip
        text += f" {writer['email']} was taken off the list, as they ask."
    reading = proposal(verdict.intent, verdict.reason, verdict.until)
    settle = f"Say whose it is with: nurture reply correct {heard.key} --lead EMAIL --intent …"
    await heard.ask(
        "\n".join(part for part in (text, verdict.text, reading, why(verdict.evidence), settle) if part)
    )


def proposal(intent: str | None, reason: str | None, until: object) -> str:
    """How a mail might be meant, for the person who decides."""
    if not intent or intent == "unclear":
        return ""
    more = ", ".join(str(part) for part in (reason, f"until {until}" if until else None) if part)
    return f"Proposed reading: {intent.replace('_', ' ')}{f' ({more})' if more else ''}."


def why(evidence: tuple[str, ...] | list[str]) -> str:
    """The evidence, for a person."""
    return f"Why we read it so: {'; '.join(evidence[:5])}." if evidence else ""


_ACTS: Final[Mapping[Kind, Callable[[Heard], Awaitable[None]]]] = {
    Kind.BOUNCE: _bounce,
    Kind.COMPLAINT: _complaint,
    Kind.UNSUBSCRIBE: _unsubscribe,
    Kind.AUTO_REPLY: _auto_reply,
    Kind.DELAY: _noted,
    Kind.RECEIPT: _noted,
    Kind.REPLY: _reply,
}
