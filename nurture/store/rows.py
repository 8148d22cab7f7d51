"""Rows to core values and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from nurture.core.effects import SendEmail
from nurture.core.enrolment import Enrolment, Hold, Round
from nurture.core.event import Event
from nurture.core.person import Mail, Person
from nurture.core.scoring import ScoreState

COLUMNS = (
    "email", "name", "first_name", "last_name", "phone", "company", "company_size", "position", "country", "region",
    "city", "language", "timezone", "interest", "website", "source", "owner", "refused_at", "refusal_reason",
    "created_at",
)  # fmt: skip
"""Lead fields that are columns of their own; a project's own fields live in `own`."""

WRITABLE = frozenset(COLUMNS) - {"email", "refused_at", "refusal_reason", "created_at"}
"""Columns a campaign or form may set."""


def fields_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A lead's fields by their names; missing ones are None."""
    return {**(row["own"] or {}), **{name: row[name] for name in COLUMNS}}


def score_of(row: Mapping[str, Any]) -> ScoreState | None:
    """The score as kept; None when no point was ever given."""
    if row["behaviour_at"] is None:
        return None
    return ScoreState(row["behaviour"], row["behaviour_at"], row["profile"], row["score_topics"] or {})


def lead_values(person: Person, wake_at: datetime | None) -> dict[str, Any]:
    """A person's columns as they are now."""
    own = {name: value for name, value in person.fields.items() if name not in COLUMNS}
    score = person.score
    return {
        **{name: person.fields.get(name) for name in WRITABLE},
        "own": own,
        "refused_at": person.fields.get("refused_at"),
        "refusal_reason": person.fields.get("refusal_reason"),
        "stage": person.stage,
        "temperature": person.temperature,
        "score": person.score_now,
        "behaviour": score.behaviour if score else 0.0,
        "behaviour_at": score.at if score else None,
        "profile": score.profile if score else 0,
        "score_topics": dict(score.topics) if score else {},
        "mql_fired": person.mql_fired,
        "consent": person.consent,
        "topics": dict(person.topics),
        "tags": sorted(person.tags),
        "postponed_until": person.postponed_until,
        "absent_until": person.absent_until,
        "wake_at": wake_at,
    }


def event_of(row: Row[Any]) -> Event:
    """An event."""
    return Event(row.type, row.at, row.learned_at, row.data, row.id, row.depth)


def enrolment_of(row: Row[Any]) -> Enrolment:
    """A run."""
    rest = row.rest
    held = rest.get("hold")
    return Enrolment(
        run=row.run,
        campaign=row.campaign,
        version=row.version,
        entered_version=row.entered_version,
        entered_at=row.entered_at,
        each=row.each,
        step=row.step,
        arrived_at=row.arrived_at,
        due_at=row.due_at,
        waiting=row.waiting,
        entry=row.entry,
        last_event=row.last_event,
        rounds={name: Round(number, began) for name, (number, began) in rest.get("rounds", {}).items()},
        own_stages=frozenset(rest.get("stages", ())),
        not_before=rest.get("not_before"),
        absence=timedelta(microseconds=rest.get("absence", 0)),
        trail=tuple(rest.get("trail", ())),
        reacted=rest.get("reacted", {}),
        hold=Hold(held["word"], held["until"], held["due_at"]) if held else None,
        state=row.state,
        ended_at=row.ended_at,
        why=row.why,
        id=row.id,
    )


def enrolment_values(lead_id: int, run: Enrolment) -> dict[str, Any]:
    """A run's columns."""
    rest: dict[str, Any] = {}
    if run.rounds:
        rest["rounds"] = {name: [begun.number, begun.began_at] for name, begun in run.rounds.items()}
    if run.own_stages:
        rest["stages"] = sorted(run.own_stages)
    if run.not_before is not None:
        rest["not_before"] = run.not_before
    if run.absence:
        rest["absence"] = run.absence // timedelta(microseconds=1)
    if run.trail:
        rest["trail"] = list(run.trail)
    if run.reacted:
        rest["reacted"] = dict(run.reacted)
    if run.hold is not None:
        rest["hold"] = {"word": run.hold.word, "until": run.hold.until, "due_at": run.hold.due_at}
    return {
        "lead_id": lead_id,
        "run": run.run,
        "campaign": run.campaign,
        "version": run.version,
        "entered_version": run.entered_version,
        "entered_at": run.entered_at,
        "each": run.each,
        "state": run.state,
        "step": run.step,
        "waiting": run.waiting,
        "arrived_at": run.arrived_at,
        "due_at": run.due_at,
        "entry": dict(run.entry),
        "last_event": dict(run.last_event),
        "rest": rest,
        "ended_at": run.ended_at,
        "why": run.why,
    }


def mail_of(row: Row[Any]) -> Mail:
    """A mail this person had, has queued, or is being handed."""
    return Mail(
        run=row.run,
        campaign=row.campaign,
        step=row.step,
        template=row.template,
        planned_at=row.planned_at,
        occasion=row.occasion,
        occurrence=row.occurrence,
        service=row.service is not None,
        opened=row.opened_at is not None,
        clicked=row.clicked_at is not None,
        replied=row.replied_at is not None,
    )


def send_key(lead_id: int, email: SendEmail) -> str:
    """What makes a mail unique: (lead, run, step, template, occurrence) (semantics.md, Emails and gates)."""
    return "|".join((str(lead_id), email.run, email.step, email.template, email.occurrence))


def message_values(lead_id: int, email: SendEmail, now: datetime) -> dict[str, Any]:
    """A queued email's columns."""
    return {
        "lead_id": lead_id,
        "run": email.run,
        "campaign": email.campaign,
        "version": email.version,
        "step": email.step,
        "template": email.template,
        "occurrence": email.occurrence,
        "occasion": email.occasion,
        "send_key": send_key(lead_id, email),
        "state": "queued",
        "planned_at": email.at,
        "next_at": email.at,
        "service": email.service,
        "sender": email.sender,
        "thread_first": email.thread_first,
        "in_doubt": email.in_doubt,
        "latest": email.latest,
        "window_open_until": email.window_open_until,
        "stages": None if email.stages is None else " ".join(sorted(email.stages)),
        "values": dict(email.values),
        "created_at": now,
    }
