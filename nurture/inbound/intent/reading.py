"""What the reading of a reply yields: the value, in the words of `core.vocabulary`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nurture.core.vocabulary import Intent
from nurture.core.vocabulary import RefusalReason as Reason

__all__ = ["Intent", "IntentReading", "Reason"]


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
