"""The decision: from a reply's signals to one intent, with a confidence. A wrong move costs more than asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from nurture.inbound.intent.reading import Intent, Reason
from nurture.inbound.intent.score import Signal, Signals

THRESHOLD = 0.7
"""Below this confidence a reply is `unclear`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An intent with its reason, date, confidence and the words it rests on."""

    intent: Intent
    reason: Reason | None = None
    until: date | None = None
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()


def decide(signals: Signals) -> Verdict:
    """The verdict on one reply."""
    by = {name: [one for one in signals.items if one.meaning == name] for name in {o.meaning for o in signals.items}}

    def best(name: str) -> float:
        return max((one.weight for one in by.get(name, ())), default=0.0)

    doubt = best("doubt")
    if best("unsubscribe") and best("unsubscribe") > best("stay"):
        return _verdict(Intent.UNSUBSCRIBE, by["unsubscribe"], best("unsubscribe"))
    if best("wrong_person") >= 2:
        return _verdict(Intent.WRONG_PERSON, by["wrong_person"], best("wrong_person"))
    dated = signals.dates[0] if signals.dates else None
    refused, interested, later = best("refused"), best("interested"), best("later")
    again = best("again")
    if later or (again and dated) or (dated and refused and again):
        until = dated.day if dated else None
        return _verdict(Intent.LATER, by.get("later", []) + by.get("again", []), max(later, again) - doubt, until=until)
    if refused > interested:
        reason = max(by["refused"], key=lambda one: one.weight).reason or Reason.OTHER
        return _verdict(Intent.REFUSED, by["refused"], refused - doubt, reason=reason)
    if interested > refused:
        return _verdict(Intent.INTERESTED, by["interested"], interested - doubt)
    if best("question"):
        return _verdict(Intent.QUESTION, by["question"], best("question"))
    if best("other"):
        return _verdict(Intent.OTHER, by["other"], best("other"))
    return Verdict(Intent.UNCLEAR)


def _verdict(
    intent: Intent,
    signals: Iterable[Signal],
    strength: float,
    reason: Reason | None = None,
    until: date | None = None,
) -> Verdict:
    confidence = {3: 0.95, 2: 0.8, 1: 0.6}.get(int(strength), 0.3)
    evidence = tuple(dict.fromkeys(one.words for one in sorted(signals, key=lambda one: -one.weight)))
    if confidence < THRESHOLD:
        return Verdict(Intent.UNCLEAR, None, None, confidence, evidence)
    return Verdict(intent, reason, until, confidence, evidence)
