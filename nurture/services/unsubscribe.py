"""What a person takes back, or allows again, by the links of their own mail (semantics.md, Consent; RFC 8058).

The links never expire. For a lead that was erased, or is not known any more, they answer and do nothing: nobody is
mailed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.consequences import GENERAL
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import consents, leads, suppressions

EMAIL = "email"
"""The topic that stands for mail as such."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person as their own page sees them: nothing but where their mail goes and what they allowed, by topic."""

    lead_id: int
    email: str | None
    language: str | None
    country: str | None
    ended: bool = False
    topics: Mapping[str, bool] = field(default_factory=dict)

    def allows(self, topic: str) -> bool:
        """Whether mail on a topic is allowed now; mail as such is, until it is taken back."""
        if topic in GENERAL:
            return not self.ended and self.topics.get(topic, True)
        return self.topics.get(topic, False)


async def reader_of(store: Store, lead_id: int, secret: str) -> Reader | None:
    """The person a link was made for; None when they are erased or not known."""
    async with store.read() as conn:
        lead = await leads.get(conn, lead_id)
        if lead is None or lead["erased_at"] is not None:
            return None
        stands = await consents.standing(conn, lead_id, secret)
        kept = await consents.topics(conn, lead_id)
    email = lead["email"] or next(iter(stands.addresses), None)
    topics = {**(lead["topics"] or {}), **kept}
    # The page may be newer than what the daemon has made of it: what was ticked last counts.
    ended = stands.reason is not None or (lead["consent"] == "withdrawn" and not kept.get(EMAIL))
    return Reader(lead_id, email, lead["language"], lead["country"], ended, topics)


async def unsubscribe(
    store: Store, lead_id: int, *, now: datetime, secret: str, proof: Mapping[str, Any]
) -> bool:
    """End all mail to a person, at once; False where it had ended before (or there is nobody).

    Every address of theirs is suppressed and what is queued is withdrawn in the same transaction. `proof` says how:
    the page or the mail program's button, and from where.
    """
    async with store.write() as conn:
        lead = await leads.lock(conn, lead_id)
        if lead is None or lead["erased_at"] is not None:
            return False
        stands = await consents.standing(conn, lead_id, secret)
        if stands.reason is not None and stands.all_of_them:
            return False
        await suppressions.keep_consent(conn, lead_id, EMAIL, False, now, proof=proof)
        # Without an address nothing shows later that it was said before: then the event's key does.
        key = None if stands.addresses else f"unsubscribed:{lead_id}"
        said = {"proof": str(proof.get("by", ""))}
        return await record(conn, lead_id, "unsubscribed", said, now=now, secret=secret, key=key) is not None


async def choose_topics(
    store: Store,
    lead_id: int,
    wanted: Mapping[str, bool],
    wordings: Mapping[str, str],
    *,
    now: datetime,
    secret: str,
    proof: Mapping[str, Any],
) -> None:
    """Take over what a person ticked on their own page; only what differs from before is kept and recorded.

    Ticking mail as such again is a new opt-in of their own, from their own mailbox, and lifts a suppression.
    """
    before = await reader_of(store, lead_id, secret)
    if before is None:
        return
    async with store.write() as conn:
        if await leads.lock(conn, lead_id) is None:
            return
        for topic, given in wanted.items():
            if given != before.allows(topic):
                await _change(conn, before, topic, given, wordings.get(topic, ""), now, secret, proof)


async def _change(
    conn: AsyncConnection,
    reader: Reader,
    topic: str,
    given: bool,
    wording: str,
    now: datetime,
    secret: str,
    proof: Mapping[str, Any],
) -> None:
    await suppressions.keep_consent(conn, reader.lead_id, topic, given, now, wording, proof)
    if given and topic in GENERAL:
        for address in (await consents.standing(conn, reader.lead_id, secret)).addresses:
            await suppressions.lift(conn, address, secret, reader.lead_id)
    data = {"topic": topic, "wording": wording, "proof": str(proof.get("by", ""))}
    type = "consent.given" if given else "consent.withdrawn"
    await record(conn, reader.lead_id, type, data, now=now, secret=secret)
