"""Looking on: what the engine did since the last look, read from its own records and from the relay's ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from nurture.demo import sentences as say
from nurture.demo.sentences import Mark
from nurture.demo.stage import Posted, Stage
from nurture.demo.story import Actor, Meant
from nurture.demo.writing import Got
from nurture.store.queries import chronicle, messages

_FOR_A_PERSON = frozenset({"unclear", "other"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that happened, at an instant (UTC), with the person it happened to.

    `shared` names the line of a day it may share with others, empty for a line of its own. `triggers` are what the
    story lets people react to; `got` is the email where it is one.
    """

    at: datetime
    mark: Mark
    text: str
    actor: Actor | None = None
    triggers: tuple[str, ...] = ()
    got: Got | None = None
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """One mail of the cast as the engine read it, beside what its writer meant (None: not a reply of a person)."""

    actor: Actor
    meant: Meant | None
    kind: str
    intent: str | None
    reason: str | None
    until: date | None
    language: str | None
    confidence: float

    @property
    def right(self) -> bool | None:
        """Whether the intent was understood; None where nothing was meant. Both of `_FOR_A_PERSON` end at a person's."""
        if self.meant is None:
            return None
        return self.intent == self.meant.intent or {self.intent, self.meant.intent} <= _FOR_A_PERSON


@dataclass(slots=True)
class Watch:
    """Looks on one performance. `readings` and `sent` grow; `new_tasks` are those of the last look."""

    stage: Stage
    readings: list[Understood] = field(default_factory=list)
    new_tasks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    _event: int = 0
    _task: int = 0
    _mail: int = 0
    _ledger: int = 0
    _trouble: set[tuple[int, str]] = field(default_factory=set)

    async def look(self) -> list[Seen]:
        """What is new, in the order it is told."""
        self.new_tasks = []
        async with self.stage.app.store.read() as conn:
            events = await chronicle.events_after(conn, self._event)
            held_up = await chronicle.held_up(conn)
            if not events and not held_up:
                return []
            mails = await chronicle.mails_after(conn, self._mail)
            self.new_tasks = await chronicle.tasks_after(conn, self._task)
        self._mail = mails[-1]["id"] if mails else self._mail
        self._event = events[-1]["id"] if events else self._event
        self._task = self.new_tasks[-1]["id"] if self.new_tasks else self._task
        self.events += events
        self.tasks += self.new_tasks
        return [
            *(self._came_in(row) for row in mails),
            *(seen for row in events if (seen := self._happened(row)) is not None),
            *(self._to_do(row) for row in self.new_tasks),
            *(await self._went_out()),
            *(seen for row in held_up if (seen := self._held_up(row)) is not None),
        ]

    def _came_in(self, row: Mapping[str, Any]) -> Seen:
        """A mail that was read: who wrote it, what they meant, what the engine made of it."""
        verdict = row["verdict"]
        posted = self.stage.posted.get(verdict["message_id"])
        actor = posted.actor if posted else self.stage.who(row["email"])
        reading = _reading(posted, actor, verdict)
        if reading is not None:
            self.readings.append(reading)
        return Seen(
            row["handled_at"], Mark.REPLY, say.mail_read(verdict, reading.right if reading else None), actor
        )

    def _happened(self, row: Mapping[str, Any]) -> Seen | None:
        said = say.event(row["type"], row["data"])
        if said is None:
            return None
        triggers = (f"stage {row['data'].get('to')}",) if row["type"] == "lead.stage_changed" else ()
        actor = self.stage.who(row["email"])
        shared = said.text if said.shared else ""
        return Seen(row["learned_at"], said.mark, said.text, actor, triggers, shared=shared)

    def _to_do(self, row: Mapping[str, Any]) -> Seen:
        return Seen(row["created_at"], Mark.TASK, say.task(row), self.stage.who(row["email"]))

    async def _went_out(self) -> list[Seen]:
        """What the relay took: this, and not our own records, is what people got."""
        new = self.stage.relay.accepted[self._ledger :]
        self._ledger += len(new)
        gots = [(taken.recipients[0], Got(taken.raw)) for taken in new]
        async with self.stage.app.store.read() as conn:
            rows = await messages.by_message_ids(conn, [got.identity for _, got in gots]) if gots else []
        templates = {row["message_id"]: row["template"] for row in rows}
        seen = []
        for recipient, got in gots:
            actor = self.stage.who(recipient)
            template = templates.get(got.identity, "")
            if actor is not None:
                self.stage.keep(actor, got.raw, f"to {actor.first_name} {template}")
            at = self.stage.clock.now()
            seen.append(Seen(at, Mark.MAIL, template, actor, (template,), got, template))
        return seen

    def _held_up(self, row: Mapping[str, Any]) -> Seen | None:
        key = (row["id"], row["state"])
        if key in self._trouble:
            return None
        self._trouble.add(key)
        actor = self.stage.who(row["email"])
        return Seen(self.stage.clock.now(), Mark.TROUBLE, say.held_up(row), actor)


def _reading(posted: Posted | None, actor: Actor | None, verdict: Mapping[str, Any]) -> Understood | None:
    if actor is None:
        return None
    until = verdict.get("until")
    return Understood(
        actor=actor,
        meant=posted.meant if posted else None,
        kind=verdict["kind"],
        intent=verdict.get("intent"),
        reason=verdict.get("reason"),
        until=date.fromisoformat(until) if until else None,
        language=verdict.get("language"),
        confidence=float(verdict.get("confidence") or 0),
    )
