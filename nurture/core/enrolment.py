"""A lead's run through one campaign (semantics.md, Entering and Blocks, paths, ids)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from nurture.core.copying import copier
from nurture.core.event import nothing

State = Literal["active", "held", "completed", "goal", "stopped"]


NO_ABSENCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Round:
    """Where a `repeat` stands: the number of the round begun last (from 1) and when it began (planned)."""

    number: int
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an enrolment is held: nothing is sent, reactions still work.

    `until` is when it goes on by itself (None: never by itself); `due_at` the time the step had before.
    """

    word: str
    until: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class Enrolment:
    """One run. A lead always stands *before the next thing that will happen to it*, with a time.

    `run` names it within the lead: `campaign/number`. `step` is the node it stands before; `arrived_at` when it came
    there and `due_at` when it goes on (planned, UTC, None: only an event moves it); `waiting` whether a `wait_for` or
    a task with results has begun to wait. `since` is when the step before was done: what `after` counts from.
    `entry` and `last_event` are plain event data as conditions see them. `own_stages` are stages this campaign set
    itself. `not_before` keeps the present step from going earlier (a pause that ended); `absence` is how much the
    present waiting has grown by the lead's absence. `trail` holds the steps passed in the present planned minute,
    against endless loops. `reacted` is when each `once:` reaction last ran.
    """

    run: str
    campaign: str
    version: str
    entered_at: datetime
    entered_version: str = ""
    each: str = ""
    step: str | None = None
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    waiting: bool = False
    entry: Mapping[str, Any] = field(default_factory=nothing)
    last_event: Mapping[str, Any] = field(default_factory=nothing)
    rounds: Mapping[str, Round] = field(default_factory=nothing)
    own_stages: frozenset[str] = frozenset()
    not_before: datetime | None = None
    absence: timedelta = NO_ABSENCE
    trail: tuple[str, ...] = ()
    reacted: Mapping[str, datetime] = field(default_factory=nothing)
    hold: Hold | None = None
    state: State = "active"
    ended_at: datetime | None = None
    why: str | None = None
    id: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the run still goes on."""
        return self.state == "active" or self.state == "held"


changed = copier(Enrolment)
"""An enrolment with some values changed."""
