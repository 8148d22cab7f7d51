"""Somebody filled in a form: the lead, the proof of what they agreed to, the events, all committed at once (rows I1, H7).

What the visitor typed has been checked before; here nothing of it is refused. What looks like a robot's is kept as well,
as junk, and raises nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.consequences import GENERAL
from nurture.core.duration import Duration, add
from nurture.core.errors import NurtureError
from nurture.core.place import Place
from nurture.services.record import find_or_add_lead, record
from nurture.services.verify import Confirmation, ask, doubts
from nurture.store.engine import Store
from nurture.store.queries import consents, leads, suppressions, tasks
from nurture.store.rows import fields_of

MakeText = Callable[[Mapping[str, Any]], str]
"""A task's text, made with `lead`, `event` … by name. Raises NurtureError when it cannot be made."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A box that was ticked, with the words beside it."""

    topic: str
    wording: str


@dataclass(frozen=True, slots=True)
class TaskAsked:
    """The task a form opens. `at` is when the visitor wishes it, if they said."""

    text: MakeText
    due: Duration | None
    kind: str
    place: Place
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One form as it was sent, checked and typed.

    `fields` are the lead's, `answers` everything by name, `raised` the data of the event `raises`. `proof` is kept with
    what was agreed to. `once` makes sending the same thing twice harmless; without it each time counts. `robot` says
    what gave a robot away. `confirmation` is set where the form asks for it, `reopening` is the one to use for somebody
    who ended their mail before and now asks for it again.
    """

    form: str
    language: str
    fields: Mapping[str, Any]
    answers: Mapping[str, Any]
    agreed: tuple[Agreed, ...] = ()
    raises: str | None = None
    raised: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    visit: Mapping[str, str] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None
    robot: str | None = None
    confirmation: Confirmation | None = None
    reopening: Confirmation = field(default_factory=Confirmation)
    task: TaskAsked | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """What became of it. `recorded` is False when the same was sent before; `asked`: a confirmation mail is queued."""

    lead_id: int
    new: bool
    recorded: bool
    asked: bool = False


class _Raced(NurtureError):
    """Another transaction added the same person at the same moment."""


async def capture(store: Store, sent: Submission, *, now: datetime, secret: str) -> Captured:
    """Keep what was sent. Committed when this answers. Raises UsageError where there is neither email nor phone."""
    keep = _keep if sent.robot is None else _keep_as_junk
    while True:
        try:
            async with store.write() as conn:
                return await keep(conn, sent, now, secret)
        except _Raced:
            continue  # The other one is committed now, and is found.


async def _keep(conn: AsyncConnection, sent: Submission, now: datetime, secret: str) -> Captured:
    lead_id, new = await _lead(conn, _complete(sent), sent.source, now, secret)
    key = f"form:{sent.form}:{lead_id}:{sent.once}" if sent.once is not None else None
    ended = (await consents.standing(conn, lead_id, secret)).reason is not None
    waits = sent.confirmation is not None or ended
    if not waits:
        await _agree(conn, lead_id, sent, key, now, secret)
    data = _data(sent, pending=waits)
    if await record(conn, lead_id, "form.submitted", data, now=now, secret=secret, key=key) is None:
        return Captured(lead_id, new, recorded=False)
    asked = waits and await _ask(conn, lead_id, sent, now, secret)
    if sent.raises is not None:
        raised = {**sent.raised, "form": sent.form}
        await record(conn, lead_id, sent.raises, raised, now=now, secret=secret)
    if sent.task is not None:
        await _open_task(conn, lead_id, sent, sent.task, now)
    return Captured(lead_id, new, recorded=True, asked=asked)


async def _lead(
    conn: AsyncConnection, fields: Mapping[str, Any], source: str | None, now: datetime, secret: str
) -> tuple[int, bool]:
    """The lead, locked, and whether it is new."""
    lead_id, new = await find_or_add_lead(conn, fields, now=now, secret=secret, source=source)
    if not new:
        await leads.lock(conn, lead_id)
    elif fields.get("email") and await leads.find_by_email(conn, str(fields["email"])) != lead_id:
        raise _Raced
    return lead_id, new


def _complete(sent: Submission) -> dict[str, Any]:
    """The lead's fields, with the whole name and the language where they follow from what was said."""
    fields = dict(sent.fields)
    parts = [str(fields[name]) for name in ("first_name", "last_name") if fields.get(name)]
    if parts and not fields.get("name"):
        fields["name"] = " ".join(parts)
    fields.setdefault("language", sent.language)
    return fields


def _data(sent: Submission, *, pending: bool) -> dict[str, Any]:
    """The data of `form.submitted`. What waits for confirmation is kept in it, with its proof."""
    data: dict[str, Any] = {"form": sent.form, "answers": dict(sent.answers), "language": sent.language}
    if sent.source:
        data["source"] = sent.source
    if odd := doubts(sent.fields):
        data["doubts"] = [str(doubt) for doubt in odd]
    if sent.visit:
        data["visit"] = dict(sent.visit)
    if pending and sent.agreed:
        data["pending"] = [
            {"topic": one.topic, "wording": one.wording, "proof": dict(sent.proof)} for one in sent.agreed
        ]
    return data


async def _agree(
    conn: AsyncConnection, lead_id: int, sent: Submission, key: str | None, now: datetime, secret: str
) -> None:
    """Keep what was agreed to; before the form's own events, so that a campaign which acts on those knows it."""
    for one in sent.agreed:
        said = {"topic": one.topic, "wording": one.wording, "proof": f"form {sent.form}"}
        own = f"{key}:{one.topic}" if key is not None else None
        if await record(conn, lead_id, "consent.given", said, now=now, secret=secret, key=own) is not None:
            await suppressions.keep_consent(conn, lead_id, one.topic, True, now, one.wording, sent.proof)


async def _ask(conn: AsyncConnection, lead_id: int, sent: Submission, now: datetime, secret: str) -> bool:
    """Ask by email whether it was them, where one may; not when they have confirmed and nothing new is asked for."""
    row = await leads.get(conn, lead_id)
    if row is None or not row["email"]:
        return False
    opts_in = any(one.topic in GENERAL for one in sent.agreed)
    known = await consents.verified_at(conn, lead_id, row["email"])
    if known is not None and not sent.agreed:
        return False
    wording = sent.confirmation or sent.reopening
    return await ask(conn, lead_id, sent.form, wording, now=now, secret=secret, opts_in=opts_in)


async def _open_task(
    conn: AsyncConnection, lead_id: int, sent: Submission, asked: TaskAsked, now: datetime
) -> None:
    """The task of the form, unless the same one is open for this lead."""
    row = await leads.get(conn, lead_id)
    assert row is not None
    once = f"form:{sent.form}"
    if any(task["once"] == once for task in await tasks.listed(conn, lead_id=lead_id)):
        return
    due = add(asked.due, now, asked.place) if asked.due is not None else now
    values = {
        "lead_id": lead_id,
        "text": _text(asked.text, fields_of(row), sent),
        "who": "owner",
        "colleague": row["owner"],
        "kind": asked.kind,
        "due_at": max(due, asked.at) if asked.at is not None else due,
        "once": once,
        "data": {"form": sent.form, "answers": dict(sent.answers)},
        "created_at": now,
    }
    await tasks.open_task(conn, values)


def _text(make: MakeText, lead: Mapping[str, Any], sent: Submission) -> str:
    """The task's text; where the author's cannot be made, one of ours: a contact is never lost for that."""
    try:
        return make({"lead": lead, "event": {**sent.raised, "form": sent.form, "answers": sent.answers}})[
            :2000
        ]
    except NurtureError:
        who = lead.get("name") or lead.get("email") or lead.get("phone") or "Somebody"
        return f"{who} sent the form {sent.form}."


async def _keep_as_junk(conn: AsyncConnection, sent: Submission, now: datetime, secret: str) -> Captured:
    """A robot's form: nobody is mailed for it, nothing of a known lead is touched, and a person can still find it."""
    email, phone = sent.fields.get("email"), sent.fields.get("phone")
    lead_id = await leads.find_by_email(conn, str(email)) if email else None
    if lead_id is None and phone:
        lead_id = await leads.find_by_phone(conn, str(phone))
    new = lead_id is None
    if lead_id is None:
        lead_id, _ = await find_or_add_lead(conn, sent.fields, now=now, secret=secret, source=sent.source)
        junk = {"from": "new", "to": "junk", "reason": f"robot: {sent.robot}", "by": f"form {sent.form}"}
        await record(conn, lead_id, "lead.stage_changed", junk, now=now, secret=secret)
    data = {**_data(sent, pending=False), "robot": sent.robot}
    await record(conn, lead_id, "form.submitted", data, now=now, secret=secret)
    return Captured(lead_id, new, recorded=True)
