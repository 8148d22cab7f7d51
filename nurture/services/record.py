"""Something happened to a lead: write it down, once (semantics.md, Events 1).

Recording only appends; the daemon acts on it. What must not wait is written in the same transaction: an unsubscription,
a complaint or a withdrawn consent suppresses, and a stage set by hand is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import email_key, parse_email, storable
from nurture.core.consequences import GENERAL
from nurture.core.errors import UsageError
from nurture.store.queries import events, leads, suppressions

SUPPRESSES = ("unsubscribed", "email.complained")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: the lead, whether it is new, and the event's id (None: it was known already)."""

    lead_id: int
    new: bool
    event_id: int | None


async def record(
    conn: AsyncConnection,
    lead_id: int,
    type: str,
    data: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    secret: str,
    at: datetime | None = None,
    key: str | None = None,
) -> int | None:
    """Append an event of a lead; None when `key` was recorded before, which changes nothing.

    `now` is when we learn it, `at` when it happened (default: now), both UTC.
    """
    data = storable(data or {})
    event_id = await events.append(conn, lead_id, type, data, at or now, now, storable(key))
    if event_id is None:
        return None
    if type in SUPPRESSES or (type == "consent.withdrawn" and data.get("topic") in GENERAL):
        await suppressions.suppress_lead(conn, lead_id, type, now, secret)
    return event_id


async def find_or_add_lead(
    conn: AsyncConnection, fields: Mapping[str, Any], *, now: datetime, secret: str, source: str | None = None
) -> tuple[int, bool]:
    """The lead with this email or phone, or a new one; later data fills what was empty (rows H7, I4).

    Answers the lead's id and whether it is new. A new lead is the event `lead.created`. Raises UsageError where there is
    neither an email nor a phone number, GrammarError where the email is none.
    """
    fields = {name: storable(value) for name, value in fields.items() if value not in (None, "")}
    email, phone = fields.get("email"), fields.get("phone")
    if not email and not phone:
        raise UsageError(
            "a lead needs an email address or a phone number: without one nobody could reach them"
        )
    if email:
        fields["email"] = email = parse_email(str(email))
    lead_id = await leads.find_by_email(conn, email) if email else None
    if lead_id is None and phone:
        lead_id = await leads.find_by_phone(conn, str(phone))
    if lead_id is None:
        seed = email_key(email) if email else uuid4().hex
        if source and "source" not in fields:
            fields["source"] = source
        lead_id = await leads.add_lead(conn, seed, fields, now)
        await record(conn, lead_id, "lead.created", {"source": fields.get("source")}, now=now, secret=secret)
        return lead_id, True
    row = await leads.lock(conn, lead_id)
    assert row is not None
    before = {**(row["own"] or {}), **row}
    await leads.set_fields(
        conn, lead_id, {name: v for name, v in fields.items() if before.get(name) in (None, "")}
    )
    await leads.add_addresses(conn, lead_id, fields, now)
    return lead_id, False
