"""What the reading of a reply yields: the closed vocabularies and the value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Intent(StrEnum):
    """What a person's reply wants (interfaces.md, `read` vocabulary)."""

    INTERESTED = "interested"
    """Wants more: a call, an offer, a demonstration, material, or simply says yes."""
    LATER = "later"
    """Not now, but asks or allows to be approached again; `until` is the date meant, if one was named."""
    REFUSED = "refused"
    """Says no; `reason` is why."""
    QUESTION = "question"
    """Asks something that must be answered before anything else happens."""
    UNSUBSCRIBE = "unsubscribe"
    """Wants no more mail, or wants the data deleted."""
    WRONG_PERSON = "wrong_person"
    """Is not, or no longer, the one to write to."""
    OTHER = "other"
    """Understood, and nothing of the above: thanks, an acknowledgement, another matter."""
    UNCLEAR = "unclear"
    """Not understood well enough to act on; a person reads it."""


class Reason(StrEnum):
    """Why a person refuses."""

    BUDGET = "budget"
    """No money, or too dear."""
    TIMING = "timing"
    """Not now: too busy, too early, plans changed or stopped."""
    NEED = "need"
    """Does not want or need it, or it does not fit."""
    COMPETITOR = "competitor"
    """Has a solution or a supplier already."""
    TRUST = "trust"
    """Doubts the sender: data protection, bad experience, unsolicited mail."""
    AUTHORITY = "authority"
    """May not decide it, or somebody above decided against it."""
    OTHER = "other"
    """Another reason, or none given."""


@dataclass(frozen=True, slots=True)
class IntentReading:
    """What one reply says.

    `until` is set for `later` when a date was named and it was known when the reply was written. `language`
    is one of en, de, fr, da, ru, or `und` when nothing tells. `confidence` is 0–1. `evidence` holds the words
    of the reply the reading rests on, most important first. `wrong_person_address` is the address of the
    right person, when a reply of `wrong_person` names one.
    """

    intent: Intent
    reason: Reason | None
    until: date | None
    language: str
    confidence: float
    evidence: tuple[str, ...]
    wrong_person_address: str | None
