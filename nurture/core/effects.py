"""What a decision asks to be done. Values only; `core/case.py` carries them out on a snapshot, services on the world.

Each effect knows when it was planned (`at`, UTC), the run and step it comes from, and why (`because`, a sentence).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nurture.core.event import nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What every effect carries."""

    at: datetime
    run: str = ""
    step: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendEmail(Effect):
    """Queue one email: at most once per (lead, run, step, template, occurrence).

    `window_open_until` is the end of the opening it was planned in (None: any time): later, hand-over waits for the
    next opening. `latest`: withdrawn when not handed over by then. `stages` are those in which it may still go
    (None: any). `thread_first`: answers the run's first email.
    """

    campaign: str
    version: str
    template: str
    occurrence: str = ""
    occasion: str = ""
    service: str | None = None
    sender: str = "company"
    thread_first: bool = False
    in_doubt: str = "assume_sent"
    latest: datetime | None = None
    window_open_until: datetime | None = None
    stages: frozenset[str] | None = None
    values: Mapping[str, Any] = field(default_factory=nothing)
    """`entry` and `event` as the template sees them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawEmails(Effect):
    """Withdraw what this run has queued and not handed over, service mail excepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStage(Effect):
    """Move the lead to a stage. `reason`, `until` for refused and postponed."""

    to: str
    reason: str = ""
    until: datetime | None = None
    by: str = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePoints(Effect):
    """Points, for the ledger."""

    points: int
    reason: str
    kind: str = "step"
    rule: str = ""
    topic: str | None = None
    event_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField(Effect):
    """Set one field of the lead."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTag(Effect):
    """Add a tag."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTag(Effect):
    """Take a tag away."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask(Effect):
    """A task for a colleague. `releases`: a held run goes on when it is done. `once` is a key that makes it unique."""

    text: str
    who: str = "owner"
    kind: str = "task"
    due: datetime | None = None
    results: tuple[str, ...] = ()
    releases: bool = False
    once: str | None = None
    data: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson(Effect):
    """A notification."""

    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWebhook(Effect):
    """A webhook to call."""

    name: str
    data: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun(Effect):
    """Put the lead into another campaign."""

    campaign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRun(Effect):
    """This run ended (or, with `campaign`, take the lead out of that campaign)."""

    reason: str
    campaign: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppress(Effect):
    """Never mail this person again, until their own new opt-in."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Effect):
    """An event the engine itself causes (`lead.refused`, `score.hot` …)."""

    type: str
    data: Mapping[str, Any] = field(default_factory=nothing)
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced(Effect):
    """A line of the trace: the engine did not do something, or moved a time, and why."""

    word: str
    text: str = ""
