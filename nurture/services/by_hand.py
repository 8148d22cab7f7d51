"""What a person does to one lead by hand: fields, stage, campaigns, tasks. Everything is noted in the audit.

A stage is written at once; what it means for the lead's campaigns follows in the daemon (semantics.md, Events 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import parse_email
from nurture.core.errors import GrammarError, UsageError
from nurture.core.event import ENTER, LEAVE
from nurture.core.lifecycle import STAGE
from nurture.core.place import Place
from nurture.core.refusal import REASONS
from nurture.core.vocabulary import Field, Kind, LeadStage, Vocabulary
from nurture.language.problems import did_you_mean
from nurture.services.record import record
from nurture.store.queries import changes, leads, tasks, traces

_ELSEWHERE: Final[Mapping[str, str]] = {
    "temperature": "it follows from the score",
    "score": "it follows from what happens; nurture event records that",
    "consent": "only the person gives or takes it: nurture event EMAIL consent.given",
    "created_at": "it is when we first heard of them",
    "postponed_until": "nurture lead postpone EMAIL --until DATE",
    "refused_at": "nurture lead refuse EMAIL --reason REASON",
    "refusal_reason": "nurture lead refuse EMAIL --reason REASON",
}
"""Fields that are not set like others, and how they come about."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, when, and the project's secret."""

    who: str
    now: datetime
    secret: str


async def lead_called(conn: AsyncConnection, name: str) -> dict[str, Any]:
    """The lead of an email address or id, locked. Raises UsageError where there is none."""
    found = int(name) if name.isdigit() else await leads.find_by_email(conn, name)
    row = await leads.lock(conn, found) if found is not None else None
    if row is None or row["erased_at"] is not None:
        raise UsageError(f"There is no lead {name}.")
    return dict(row)


# -- fields -------------------------------------------------------------------------------------------------------


def read_fields(written: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, Any]:
    """Field values as a person types them, each of its kind; an empty text takes a value away.

    Raises UsageError for a field no lead has or that is not set like others, GrammarError for a value of another kind.
    """
    return {name: read_value(name, text, _settable(name, vocabulary)) for name, text in written.items()}


def _settable(name: str, vocabulary: Vocabulary) -> Field:
    field = vocabulary.fields.get(name)
    if field is None:
        near = did_you_mean(name, vocabulary.fields)
        raise UsageError(f"A lead has no field {name}." + (f" Did you mean {near}?" if near else ""))
    if name in _ELSEWHERE:
        raise UsageError(f"The field {name} is not set like others: {_ELSEWHERE[name]}.")
    return field


def read_value(name: str, text: str, field: Field) -> Any:
    """One value of its kind; None for an empty text. Raises GrammarError."""
    text = text.strip()
    if not text:
        return None
    if name == "email":
        return parse_email(text)
    value = _of_kind(name, text, field.kind)
    if field.choices and value not in field.choices:
        raise GrammarError(f"`{text}` is no {name}", f"one of {', '.join(field.choices)}")
    return value


def _of_kind(name: str, text: str, kind: Kind) -> Any:
    try:
        match kind:
            case Kind.NUMBER:
                return float(text) if "." in text else int(text)
            case Kind.BOOLEAN:
                return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
            case Kind.LIST:
                return [part.strip() for part in text.split(",") if part.strip()]
            case Kind.TIME:
                datetime.fromisoformat(text)
                return text
            case _:
                return text
    except (ValueError, KeyError):
        wanted = {Kind.NUMBER: "a number", Kind.BOOLEAN: "true or false"}.get(
            kind, "a date such as 2026-03-02"
        )
        raise GrammarError(f"{name} is {wanted}, and `{text}` is not") from None


async def set_fields(
    conn: AsyncConnection, lead: Mapping[str, Any], values: Mapping[str, Any], hand: Hand
) -> None:
    """Set fields of a lead; a stage among them is changed by the table of stages."""
    fields = {name: value for name, value in values.items() if name not in ("stage", "tags")}
    if fields:
        await leads.set_fields(conn, lead["id"], fields)
        await leads.add_addresses(conn, lead["id"], fields, hand.now)
    if "tags" in values:
        tags = sorted(set(values["tags"] or ()))
        await changes.lead(conn, lead["id"], {"tags": tags})
    if values.get("stage"):
        await change_stage(conn, lead, str(values["stage"]), hand)
    told = {"fields": sorted(values), "by": hand.who}
    await record(conn, lead["id"], "lead.updated", told, now=hand.now, secret=hand.secret)
    await traces.note(conn, hand.who, "lead set", hand.now, lead_id=lead["id"], data=dict(values))


# -- stages -------------------------------------------------------------------------------------------------------


async def change_stage(
    conn: AsyncConnection,
    lead: Mapping[str, Any],
    to: str,
    hand: Hand,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    """Change a lead's stage at once. Raises UsageError where the table of stages has no such way."""
    before = lead["stage"]
    if to not in tuple(LeadStage):
        near = did_you_mean(to, tuple(LeadStage))
        raise UsageError(f"There is no stage {to}." + (f" Did you mean {near}?" if near else ""))
    if to == "postponed" and until is None:
        raise UsageError("Until when? Use: nurture lead postpone EMAIL --until DATE")
    if not any(state == before and end == to for (state, _), end in STAGE.items()):
        raise UsageError(f"A lead that is {before} cannot be made {to}.")
    values: dict[str, Any] = {"stage": to, "postponed_until": until if to == "postponed" else None}
    known = lead["refusal_reason"] if before == to else None
    if to == "refused":
        values |= {"refused_at": hand.now, "refusal_reason": reason or known or "other"}
    elif to == "postponed":
        values |= {"refusal_reason": reason or known or "later", "wake_at": until}
    elif to == "nurturing":
        values |= {"mql_fired": False}
    await changes.lead(conn, lead["id"], values)
    data: dict[str, Any] = {"from": before, "to": to, "reason": reason, "by": hand.who}
    if until is not None:
        data["until"] = until.isoformat()
    if before != to:
        await record(conn, lead["id"], "lead.stage_changed", data, now=hand.now, secret=hand.secret)
        if to in ("refused", "postponed"):
            await record(conn, lead["id"], f"lead.{to}", data, now=hand.now, secret=hand.secret)
    await traces.note(conn, hand.who, f"stage {to}", hand.now, lead_id=lead["id"], data=data)


def read_reason(text: str | None) -> str:
    """A reason for a refusal. Raises GrammarError."""
    word = (text or "other").strip().lower()
    if word not in REASONS:
        near = did_you_mean(word, REASONS)
        raise GrammarError(
            f"`{text}` is no reason", f"did you mean {near}?" if near else f"one of {', '.join(REASONS)}"
        )
    return word


# -- events -------------------------------------------------------------------------------------------------------


async def record_event(
    conn: AsyncConnection,
    lead: Mapping[str, Any],
    type: str,
    data: Mapping[str, Any],
    hand: Hand,
    vocabulary: Vocabulary,
    *,
    at: datetime | None = None,
    key: str | None = None,
) -> int | None:
    """Record something that happened; None when the key was recorded before.

    Raises UsageError for an event or data nobody declared, GrammarError for a time ahead.
    """
    if type not in vocabulary.events:
        near = did_you_mean(type, vocabulary.events)
        hint = f"Did you mean {near}?" if near else "Declare it under events: in config.yaml."
        raise UsageError(f"There is no event {type}. {hint}")
    kinds = vocabulary.data_of(type)
    for name in data:
        if name not in kinds:
            near = did_you_mean(name, kinds)
            hint = f"Did you mean {near}?" if near else f"It has {', '.join(sorted(kinds))}."
            raise UsageError(f"The event {type} has no {name}. {hint}")
    if at is not None and at > hand.now:
        raise GrammarError(f"{at.isoformat()} is still ahead", "an event is something that has happened")
    return await record(conn, lead["id"], type, data, now=hand.now, secret=hand.secret, at=at, key=key)


def read_time(text: str, place: Place) -> datetime:
    """An ISO 8601 time; without an offset it is the company's. Raises GrammarError."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise GrammarError(f"`{text}` is no time", "write 2026-03-02 10:00") from None
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return place.to_utc(found.date(), found.time())


# -- campaigns ----------------------------------------------------------------------------------------------------


async def enrol(conn: AsyncConnection, lead: Mapping[str, Any], campaign: str, hand: Hand) -> None:
    """Put a lead into a campaign: the daemon does, by the campaign's own rules of entering."""
    data = {"campaign": campaign, "by": hand.who}
    await record(conn, lead["id"], ENTER, data, now=hand.now, secret=hand.secret)
    await traces.note(conn, hand.who, "enrol", hand.now, lead_id=lead["id"], data=data)


async def stop(
    conn: AsyncConnection, lead: Mapping[str, Any], campaign: str, reason: str, hand: Hand
) -> None:
    """Take a lead out of a campaign: the daemon does."""
    data = {"campaign": campaign, "reason": reason, "by": hand.who}
    await record(conn, lead["id"], LEAVE, data, now=hand.now, secret=hand.secret)
    await traces.note(conn, hand.who, "stop", hand.now, lead_id=lead["id"], data=data)


# -- tasks --------------------------------------------------------------------------------------------------------


async def finish_task(
    conn: AsyncConnection, task_id: int, result: str | None, note: str | None, hand: Hand
) -> Mapping[str, Any]:
    """A task is done, with its result; a run that waits for it goes on. Raises UsageError, IllegalTransition."""
    task = await tasks.get(conn, task_id)
    if task is None:
        raise UsageError(f"There is no task {task_id}.")
    known = tuple(task["results"] or ())
    if known and result not in known:
        said = f"`{result}` is not one of them" if result else "none is given"
        raise UsageError(f"This task ends with {' or '.join(known)}, and {said}: --result {known[0]}")
    await tasks.finish(conn, task, result, note, hand.now)
    if task["lead_id"] is not None:
        data = {
            "task": task_id,
            "kind": task["kind"],
            "result": result or "done",
            "note": note,
            "run": task["run"] or None,
            "step": task["step"] or None,
            "releases": task["releases"],
        }
        told = {name: value for name, value in data.items() if value is not None}
        await record(conn, task["lead_id"], "task.done", told, now=hand.now, secret=hand.secret)
    await traces.note(conn, hand.who, "task done", hand.now, lead_id=task["lead_id"], data={"task": task_id})
    return task


async def assign_task(conn: AsyncConnection, task_id: int, colleague: str, hand: Hand) -> None:
    """Give a task to a colleague. Raises UsageError."""
    if not await changes.task(conn, task_id, {"colleague": colleague, "who": colleague}):
        raise UsageError(f"There is no task {task_id}.")
    await traces.note(conn, hand.who, "task assign", hand.now, data={"task": task_id, "to": colleague})
