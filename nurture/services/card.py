"""Everything about one lead, as `nurture lead show` and others tell it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.duration import Duration
from nurture.core.scoring import score_at, whole
from nurture.store.queries import events, messages, runs, tasks
from nurture.store.rows import fields_of, score_of

_RUN: Final = (
    "campaign",
    "run",
    "state",
    "step",
    "due_at",
    "entered_at",
    "each",
    "version",
    "ended_at",
    "why",
)
_EVENT: Final = ("id", "type", "at", "learned_at", "data", "handled_at")
_MESSAGE: Final = (
    "id", "campaign", "run", "step", "template", "locale", "subject", "state", "planned_at", "next_at", "sent_at",
    "service", "message_id", "opened_at", "clicked_at", "replied_at", "why",
)  # fmt: skip
_TASK: Final = (
    "id", "text", "kind", "state", "colleague", "due_at", "results", "result", "note", "campaign", "step",
    "created_at", "done_at",
)  # fmt: skip

_A_MOMENT: Final = 0.05
"""What points may have faded by without a person being told one less."""


def score_now(lead: Mapping[str, Any], half_life: Duration | None, now: datetime) -> int:
    """A lead's points as they are at `now`, faded; ten points given a moment ago are ten."""
    state = score_of(lead)
    return 0 if state is None else whole(score_at(state, now, half_life) + _A_MOMENT)


async def card_of(
    conn: AsyncConnection, lead: Mapping[str, Any], half_life: Duration | None, now: datetime
) -> dict[str, Any]:
    """The shape of `nurture lead show --json` (interfaces.md), with the other fields beside."""
    lead_id = lead["id"]
    known = {name: value for name, value in fields_of(lead).items() if value not in (None, "")}
    return {
        "id": lead_id,
        "email": lead["email"],
        "name": lead["name"],
        "stage": lead["stage"],
        "temperature": lead["temperature"],
        "score": score_now(lead, half_life, now),
        "owner": lead["owner"],
        "source": lead["source"],
        "consent": lead["consent"],
        "topics": lead["topics"] or {},
        "tags": lead["tags"] or [],
        "postponed_until": lead["postponed_until"],
        "refusal_reason": lead["refusal_reason"],
        "fields": known,
        "enrolments": [_some(row, _RUN) for row in await runs.of_lead(conn, lead_id)],
        "events": [_some(row, _EVENT) for row in await events.of_lead(conn, lead_id)],
        "messages": [_some(row, _MESSAGE) for row in reversed(await messages.listed(conn, lead_id=lead_id))],
        "tasks": [_some(_told(row), _TASK) for row in await tasks.listed(conn, lead_id=lead_id, state=None)],
    }


def line_of(lead: Mapping[str, Any], half_life: Duration | None, now: datetime) -> dict[str, Any]:
    """A lead in a list."""
    names = (
        "id",
        "email",
        "name",
        "company",
        "country",
        "stage",
        "temperature",
        "owner",
        "source",
        "created_at",
    )
    return {**_some(lead, names), "score": score_now(lead, half_life, now)}


def _told(task: Mapping[str, Any]) -> dict[str, Any]:
    return {**task, "campaign": (task["run"] or "").partition("/")[0] or None}


def _some(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}
