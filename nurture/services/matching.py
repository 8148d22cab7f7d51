"""Whom an incoming mail is from and what it answers.

Clues are tried in the order of their strength: a token or Message-ID of ours is proof, a sender's address is only a claim
(docs/decisions/0012-proof-and-claim.md). Then it is asked who wrote, as seen from that lead: two leads never share a
reply, and what a colleague wrote is proposed, never assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key
from nurture.core.tokens import Purpose, verify
from nurture.inbound.verdict import Clue, ClueKind, Kind, Verdict
from nurture.services.sameness import is_shared, same_organisation, same_person
from nurture.store.queries import leads, messages

_PROOF = ("token", "message_id")
_MOST_IDS = 50


class Sender(StrEnum):
    """Who wrote, as seen from the lead a mail is matched to."""

    LEAD = "lead"
    """The lead, from an address we know as theirs."""
    NEW_ADDRESS = "new_address"
    """The lead, from an address we did not know: their own name is on it, and the mail proves that they got ours."""
    COLLEAGUE = "colleague"
    """Somebody at the same company."""
    OTHER_LEAD = "other_lead"
    """Another of our leads."""
    DOUBTED = "doubted"
    """Says to be the lead, or one of ours; their domain does not vouch for it, as our server found."""
    STRANGER = "stranger"
    """Somebody else, or nobody can tell."""
    MACHINE = "machine"
    """A mail system: its address says nothing about the lead."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a mail is laid to and what it answers.

    `by` is the clue: token, message_id or sender. `message` is the row of what it answers. `writer_id` is the lead who
    wrote, where that is another one; `others` are leads that further clues of the same strength name.
    """

    lead_id: int
    message: Mapping[str, Any] | None
    by: str
    sender: Sender = Sender.LEAD
    writer_id: int | None = None
    others: frozenset[int] = frozenset()

    @property
    def proven(self) -> bool:
        """Whether the clue is one only we could have made."""
        return self.by in _PROOF

    @property
    def shared(self) -> bool:
        """Whether the mail names two leads, so that it is neither's without a person's word."""
        return self.sender is Sender.OTHER_LEAD or bool(self.others)


@dataclass(frozen=True, slots=True)
class _Candidate:
    lead_id: int
    message: Mapping[str, Any] | None
    by: str


async def match_of(conn: AsyncConnection, verdict: Verdict, secret: str) -> Match | None:
    """By token, then by the Message-IDs it answers, then by the sender; None where no clue leads to a lead."""
    found = await _by_token(conn, verdict, bytes.fromhex(secret)) or await _by_message_id(conn, verdict)
    personal = verdict.kind in (Kind.REPLY, Kind.AUTO_REPLY)
    believed = personal and verdict.from_ is not None and verdict.denied is None
    writer = await leads.find_by_email(conn, verdict.from_ or "") if believed else None
    if not found:
        return await _by_sender(conn, verdict, writer, personal=personal)
    best = _best(found, verdict, writer)
    sender = await _sender(conn, verdict, best, writer) if personal else Sender.MACHINE
    others = frozenset(one.lead_id for one in found if _names_its_lead(one, found)) - {best.lead_id}
    return Match(
        best.lead_id,
        best.message,
        best.by,
        sender,
        writer if sender is Sender.OTHER_LEAD else None,
        others if personal and sender is not Sender.LEAD else frozenset(),
    )


def _names_its_lead(one: _Candidate, found: list[_Candidate]) -> bool:
    """A token names its lead; of several Message-IDs the first is what is answered, the rest is how it came to be."""
    return one.by == "token" or one is found[0]


def _best(found: list[_Candidate], verdict: Verdict, writer: int | None) -> _Candidate:
    """The one that is the writer's own, else the one to a recipient that failed, else the first."""
    keys = {email_key(one) for one in verdict.recipients}
    for one in found:
        if writer is not None and one.lead_id == writer:
            return one
    for one in found:
        recipient = (one.message or {}).get("recipient")
        if recipient and email_key(recipient) in keys:
            return one
    return found[0]


async def _by_token(conn: AsyncConnection, verdict: Verdict, key: bytes) -> list[_Candidate]:
    """Every lead a token of ours names, those in the mail's own addresses first."""
    found: list[_Candidate] = []
    for clue in _of(verdict, ClueKind.TOKEN):
        for purpose in (Purpose.REPLY, Purpose.BOUNCE):
            identity = verify(purpose, clue.value, key)
            row = await messages.get(conn, int(identity)) if identity and identity.isdigit() else None
            if row is not None:
                found.append(_Candidate(row["lead_id"], row, "token"))
        identity = verify(Purpose.UNSUBSCRIBE, clue.value, key)
        if identity and identity.isdigit() and await leads.get(conn, int(identity)) is not None:
            found.append(_Candidate(int(identity), None, "token"))
    return found


async def _by_message_id(conn: AsyncConnection, verdict: Verdict) -> list[_Candidate]:
    """Our messages among those it answers or returns, the most direct first."""
    ids = [clue.value for clue in _of(verdict, ClueKind.MESSAGE_ID)][:_MOST_IDS]
    if not ids:
        return []
    ours = {row["message_id"]: row["id"] for row in await messages.by_message_ids(conn, ids)}
    rows = [await messages.get(conn, ours[one]) for one in dict.fromkeys(ids) if one in ours]
    return [_Candidate(row["lead_id"], row, "message_id") for row in rows if row is not None]


async def _by_sender(
    conn: AsyncConnection, verdict: Verdict, writer: int | None, *, personal: bool
) -> Match | None:
    for clue in _of(verdict, ClueKind.SENDER):
        lead_id = await leads.find_by_email(conn, clue.value)
        if lead_id is None:
            continue
        latest = await messages.latest_to(conn, lead_id)
        if not personal:
            return Match(lead_id, latest, "sender", Sender.MACHINE)
        sender = Sender.LEAD if writer == lead_id or verdict.from_ is None else Sender.STRANGER
        sender = sender if verdict.denied is None else Sender.DOUBTED
        return Match(lead_id, latest, "sender", sender)
    return None


async def _sender(conn: AsyncConnection, verdict: Verdict, match: _Candidate, writer: int | None) -> Sender:
    """Who wrote a mail that is proven to answer one of ours."""
    if verdict.denied is not None:
        return Sender.DOUBTED
    if verdict.from_ is None or writer == match.lead_id:
        return Sender.LEAD
    recipient = (match.message or {}).get("recipient")
    if recipient and email_key(verdict.from_) == email_key(recipient):
        return Sender.LEAD
    if writer is not None:
        return Sender.OTHER_LEAD
    lead = await leads.get(conn, match.lead_id) or {}
    known = [one for one in (lead.get("email"), recipient) if one]
    if same_person(verdict.from_, verdict.from_name, known, lead):
        return Sender.STRANGER if is_shared(verdict.from_) else Sender.NEW_ADDRESS
    if any(same_organisation(verdict.from_, one) for one in known):
        return Sender.COLLEAGUE
    return Sender.STRANGER


def _of(verdict: Verdict, kind: ClueKind) -> list[Clue]:
    return [clue for clue in verdict.clues if clue.kind is kind]
