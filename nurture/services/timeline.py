"""What a case did, as people read it: a timeline of effects in the words of interfaces.md, and why things were not done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from nurture.core.effects import (
    AddTag,
    CallWebhook,
    ChangeStage,
    Effect,
    GivePoints,
    OpenTask,
    RemoveTag,
    SendEmail,
    SetField,
    StartRun,
    StopRun,
    TellPerson,
    Traced,
)

LocalOf = Callable[[datetime], datetime]
"""An instant on the lead's own clock."""

_BACK_BY = frozenset({"reopen", "reply", "date"})
"""Who takes a refused or postponed lead back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the engine did: `kind` of `simulate --json`, what (`name`), at which step, and why."""

    at: datetime
    kind: str
    name: str
    step: str
    because: str
    campaign: str = ""

    def as_json(self) -> dict[str, str]:
        """The shape `nurture simulate --json` shows (interfaces.md); `at` is ISO 8601 with the lead's offset."""
        return {
            "at": self.at.isoformat(timespec="minutes"),
            "kind": self.kind,
            "name": self.name,
            "step": self.step,
            "because": self.because,
            "campaign": self.campaign,
        }


@dataclass(frozen=True, slots=True)
class Note:
    """Why the engine did not do something, or did it at another time."""

    at: datetime
    word: str
    step: str
    text: str

    def as_json(self) -> dict[str, str]:
        """As `nurture simulate --json` shows it."""
        return {
            "at": self.at.isoformat(timespec="minutes"),
            "word": self.word,
            "step": self.step,
            "text": self.text,
        }


def entries_of(effects: Iterable[Effect], local: LocalOf) -> tuple[Entry, ...]:
    """The effects people ask about, in their order."""
    found = []
    for effect in effects:
        named = _named(effect, local)
        if named is not None:
            kind, name = named
            step = "" if effect.step.startswith("#") else effect.step
            campaign = effect.run.partition("/")[0]
            found.append(Entry(local(effect.at), kind, name, step, effect.because, campaign))
    return tuple(found)


def notes_of(effects: Iterable[Effect], local: LocalOf) -> tuple[Note, ...]:
    """The lines of the trace."""
    return tuple(
        Note(local(effect.at), str(effect.word), effect.step, effect.text)
        for effect in effects
        if isinstance(effect, Traced)
    )


def _named(effect: Effect, local: LocalOf) -> tuple[str, str] | None:
    """The kind and name of an effect; None where it is nobody's business."""
    match effect:
        case SendEmail():
            return "email", effect.template
        case ChangeStage():
            return _stage(effect, local)
        case GivePoints():
            return "score", f"{effect.points:+d}"
        case OpenTask():
            return "task", effect.text
        case TellPerson():
            return "notify", effect.who
        case CallWebhook():
            return "webhook", effect.name
        case AddTag():
            return "tag", effect.tag
        case RemoveTag():
            return "untag", effect.tag
        case SetField():
            return "set", effect.name
        case StartRun():
            return "start", effect.campaign
        case StopRun():
            return "stop", effect.campaign or effect.reason
        case _:
            return None


def _stage(effect: ChangeStage, local: LocalOf) -> tuple[str, str]:
    if effect.to == "refused":
        return "refuse", effect.reason
    if effect.to == "postponed":
        return "postpone", f"{local(effect.until):%Y-%m-%d}" if effect.until else ""
    if effect.to == "nurturing" and effect.by in _BACK_BY:
        return "reopen", effect.reason
    return "stage", effect.to
