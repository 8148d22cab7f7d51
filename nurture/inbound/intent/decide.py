"""The decision: from a reply's signals to one intent, with a confidence. A wrong move costs more than asking.

The priorities, in order: asks for no more mail; is the wrong person; then later, refused and interested are
weighed against each other; then a question; then another matter. What stays under `THRESHOLD` is unclear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from nurture.inbound.intent.dateplaces import Mention
from nurture.inbound.intent.reading import Intent, Reason
from nurture.inbound.intent.score import Signal, Signals

THRESHOLD = 0.7
"""Below this confidence the rules say `unclear`."""

ENOUGH = 0.65
"""The least share of an intent when rules and classifier are weighed together; what has less is `unclear`."""

LEAST: Mapping[Intent, float] = {
    Intent.QUESTION: 0.3,
    Intent.OTHER: 0.4,
    Intent.WRONG_PERSON: 0.4,
    Intent.UNSUBSCRIBE: 0.45,
}
"""The same where a mistake costs less than in general: nobody is moved, or nobody is bothered any more."""

_LIKELY_REASON = 0.3
_SURE, _LIKELY, _ABOUT = 2.9, 2.0, 2.5
SOON_DAYS = 10
"""A call wished for within so many days is interest; later than that it is `later`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An intent with its reason, date, confidence and the words it rests on."""

    intent: Intent
    reason: Reason | None = None
    until: date | None = None
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()


def sure_by(verdict: Verdict, confidence: float) -> Verdict:
    """The verdict with this confidence; `unclear` where that is under what its intent asks for."""
    if confidence >= LEAST.get(verdict.intent, ENOUGH):
        return replace(verdict, confidence=confidence)
    return Verdict(Intent.UNCLEAR, None, None, confidence, verdict.evidence)


@dataclass(slots=True)
class _Case:
    """What the signals add up to, each meaning by itself."""

    signals: Signals
    items: list[Signal] = field(default_factory=list)
    strength: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.items = [self._inside_question(one) for one in self.signals.items]
        for name in {one.meaning for one in self.items}:
            weights = sorted({(one.words, one.weight) for one in self.of(name)}, key=lambda one: -one[1])
            self.strength[name] = min(
                3.3, sum(weight * share for (_, weight), share in zip(weights, (1, 0.4, 0.2), strict=False))
            )

    def _inside_question(self, one: Signal) -> Signal:
        """Interest that is only what a question is about ("do I need a camera to join?") is a mere hint."""
        if one.meaning != "interested" or one.weight <= 1:
            return one
        about = any(
            other.meaning == "question"
            and other.weight >= _ABOUT
            and other.sentence == one.sentence
            and other.first < one.first
            for other in self.signals.items
        )
        return replace(one, weight=1.0) if about else one

    def of(self, *names: str) -> list[Signal]:
        return [one for one in self.items if one.meaning in names]

    def __getitem__(self, name: str) -> float:
        return self.strength.get(name, 0.0)

    def best(self, name: str) -> Signal | None:
        return max(self.of(name), key=lambda one: one.weight, default=None)

    def turn_between(self, one: Signal, other: Signal) -> bool:
        """Whether a 'but' stands between the two."""
        low, high = sorted((one.first, other.first))
        return any(low < turn <= high for turn in self.signals.turns)


def decide(signals: Signals, written: date | None = None) -> Verdict:
    """The verdict on one reply written on `written`."""
    case = _Case(signals)
    dated = _date_meant(case)
    return _unsubscribe(case) or _wrong_person(case, dated) or _weigh(case, dated, written)


def strengths(signals: Signals) -> Mapping[str, float]:
    """How strongly each meaning was said, from 0 to 3.3."""
    return _Case(signals).strength


def verdict_of(intent: Intent, signals: Signals, written: date | None = None) -> Verdict:
    """The verdict for an intent the rules did not come to: its reason, date and evidence as far as they know them."""
    case = _Case(signals)
    spoken = case.of(intent) or case.of("again", "not_now") or signals.items
    evidence = _evidence(list(spoken), []) or (
        signals.words.excerpt(signals.body[0], signals.body[1] - 1)[:200],
    )
    if intent is Intent.REFUSED:
        return Verdict(intent, _reason(case) or Reason.OTHER, None, 0.0, evidence)
    if intent is Intent.LATER:
        return Verdict(intent, None, _from_day(_date_meant(case) or _last_date(case)), 0.0, evidence)
    return Verdict(intent, None, None, 0.0, evidence)


def with_reason(verdict: Verdict, likely: Mapping[str, float]) -> Verdict:
    """A refusal with its likeliest reason, where there is one likely enough."""
    best = max(likely, key=lambda name: likely[name])
    return replace(verdict, reason=Reason(best)) if likely[best] >= _LIKELY_REASON else verdict


def _unsubscribe(case: _Case) -> Verdict | None:
    wish, stay = case["unsubscribe"], case["stay"]
    if wish < _LIKELY:
        return None
    if stay:
        return _unclear(0.5, case.of("unsubscribe", "stay"))
    if wish < _SURE and case["interested"] >= _LIKELY:
        return _unclear(0.6, case.of("unsubscribe", "interested"))
    return _verdict(Intent.UNSUBSCRIBE, wish, case.of("unsubscribe"))


def _wrong_person(case: _Case, dated: Mention | None) -> Verdict | None:
    wrong = case["wrong_person"]
    if dated is not None and case["again"] >= _LIKELY:
        return None
    if wrong < _LIKELY or (wrong < _SURE and max(case["refused"], case["interested"]) >= _LIKELY):
        return None
    return _verdict(Intent.WRONG_PERSON, wrong, case.of("wrong_person"))


def _weigh(case: _Case, dated: Mention | None, written: date | None) -> Verdict:
    later = _later(case, dated, written)
    if later.confidence >= THRESHOLD:
        return later
    refused, interested = case["refused"], case["interested"]
    if dated is not None and _is_soon(dated, written) and case["again"] >= _LIKELY and refused < _LIKELY:
        return _interested(case, meeting=True)
    if refused >= _LIKELY and interested >= _LIKELY:
        return _both(case)
    if refused >= _LIKELY:
        return _refused(case)
    if interested >= _LIKELY:
        return _interested(case)
    return _rest(case)


def _later(case: _Case, dated: Mention | None, written: date | None) -> Verdict:
    refused, later = case["refused"], case["later"]
    strength = _lateness(case, dated, written)
    if refused >= _SURE and strength and _refusal_follows(case, dated):
        return _unclear(0.6, case.of("later", "again", "refused"))
    if refused >= _LIKELY and not dated and not later:
        strength = 0.0
    evidence = case.of("later", "again", "not_now")
    words = [case.signals.words.excerpt(dated.first, dated.last)] if dated else []
    strength -= 0.1 * case["doubt"]
    until = _from_day(dated or _last_date(case))
    return _verdict(Intent.LATER, strength, evidence, until=until, words=words)


def _from_day(dated: Mention | None) -> date | None:
    """The day to come back on; after the end of a month it is the first of the next ("not before 31 March is over")."""
    if dated is None or not dated.known:
        return None
    after = dated.day + timedelta(days=1)
    return after if dated.bound and after.day == 1 else dated.day


def _lateness(case: _Case, dated: Mention | None, written: date | None) -> float:
    """How strongly a reply asks to be approached later, with or without a date."""
    again, later, not_now = case["again"], case["later"], case["not_now"]
    plain = later if later >= _LIKELY else 0.0
    if dated is None:
        return max(plain, 2.4) if again >= _LIKELY and not_now else plain
    sentence = case.signals.words.items[dated.first].sentence
    least = _LIKELY if case["interested"] >= _LIKELY or _is_soon(dated, written) else 1.0
    cues = [one for one in case.of("again", "later") if one.weight >= least]
    if _is_soon(dated, written):
        return max(plain, _soon(case, dated, cues))
    if any(one.sentence == sentence for one in cues):
        return 3.0
    if cues:
        return max(plain, 2.6)
    if dated.loose and (case["refused"] >= _LIKELY or not not_now):
        return plain
    if dated.bound and _reason(case) in (None, Reason.OTHER) and case["interested"] < _LIKELY:
        return max(plain, 2.4)
    if not_now or _reason(case) in (Reason.BUDGET, Reason.TIMING):
        return max(plain, 2.4)
    if _asks_for_later(case, dated, written):
        return max(plain, 2.5)
    few = case.signals.rest <= 3 and not case["refused"] and not case["question"]
    return max(plain, 2.2) if few and not _is_soon(dated, written) else plain


def _soon(case: _Case, dated: Mention, cues: list[Signal]) -> float:
    """A date within days means `later` only where the present is spoken against, or the word is 'again'."""
    hindered = bool(case["not_now"] or case["refused"])
    if any(one.anew or one.meaning == "later" for one in cues) or (cues and hindered):
        return 3.0
    if hindered and (case.signals.rest <= 2 or _asked_in_clause(case, dated)):
        return 2.3
    return 0.0


def _is_soon(dated: Mention, written: date | None) -> bool:
    return written is not None and (dated.day - written).days <= SOON_DAYS


def _refusal_follows(case: _Case, dated: Mention | None) -> bool:
    """Whether a flat refusal comes after what sounded like `later`."""
    refusal = case.best("refused")
    if refusal is None or refusal.reason in (Reason.BUDGET, Reason.TIMING) or (dated and dated.bound):
        return False
    places = [one.first for one in case.of("later", "again")] + ([dated.first] if dated else [])
    return bool(places) and refusal.first > max(places)


def _asks_for_later(case: _Case, dated: Mention, written: date | None) -> bool:
    """Whether a request names a date well ahead ("call me in March")."""
    return _asked_in_clause(case, dated) and not _is_soon(dated, written)


def _asked_in_clause(case: _Case, dated: Mention) -> bool:
    clause = case.signals.words.items[dated.first].clause
    return any(one.clause == clause for one in case.of("interested"))


def _date_meant(case: _Case) -> Mention | None:
    """The date that says when: the one nearest to a word of coming back, dates of events left out."""
    words = case.signals.words.items
    cues, hurdles = case.of("again", "later"), case.of("not_now")
    best: tuple[float, Mention] | None = None
    for order, one in enumerate(case.signals.dates):
        place = words[one.first]
        close = any(cue.clause == place.clause for cue in cues)
        same = any(cue.sentence == place.sentence for cue in cues)
        hurdle = any(cue.sentence == place.sentence for cue in hurdles)
        if (one.loose and not (same or hurdle)) or (place.clause in case.signals.events and not close):
            continue
        asks = place.sentence in case.signals.words.questions and not same
        if asks and not case.of("interested", "not_now"):
            continue
        points = 2.0 * close + same + 0.5 * hurdle - 1.5 * one.vague - one.loose + 0.1 * order * (not close)
        if best is None or points > best[0]:
            best = (points, one)
    return best[1] if best else None


def _last_date(case: _Case) -> Mention | None:
    """What a reply that is `later` for other reasons must mean: a date inside a question, say ("week 16?")."""
    return case.signals.dates[-1] if case.signals.dates else None


def _both(case: _Case) -> Verdict:
    """A refusal and interest in one reply: a 'but' decides; a request outweighs, politeness does not."""
    refusal, wish = case.best("refused"), case.best("interested")
    if refusal is None or wish is None:
        return Verdict(Intent.UNCLEAR)
    turned = case.turn_between(refusal, wish)
    if wish.weight < _SURE:
        if wish.first > refusal.first and turned:
            return _unclear(0.6, [refusal, wish])
        return _refused(case, less=0.3)
    if wish.first > refusal.first and turned:
        return _interested(case, less=0.6 - 0.4 * case["refused"])
    if wish.first < refusal.first and turned:
        return _refused(case, less=0.5)
    return _unclear(0.6, [refusal, wish])


def _refused(case: _Case, less: float = 0.0) -> Verdict:
    strength = case["refused"] - less - 0.35 * case["doubt"]
    if case["stay"]:
        strength -= 0.6
    reason = _reason(case) or Reason.OTHER
    if case["other"] >= _LIKELY and reason is Reason.TIMING:
        strength -= 1.5
    asked = [one for one in case.of("question") if one.asked]
    if asked:
        if any(one.reason is Reason.TRUST for one in asked) and reason in (Reason.OTHER, Reason.NEED):
            reason = Reason.TRUST
        elif all(one.first > refusal.first for one in asked for refusal in case.of("refused")):
            strength -= 1.0
    return _verdict(Intent.REFUSED, strength, case.of("refused"), reason=reason)


def _reason(case: _Case) -> Reason | None:
    """The reason given: one that says why outweighs a bare no."""
    bare = (Reason.OTHER, Reason.NEED)
    named = [one for one in case.of("refused") if one.weight >= _LIKELY and one.reason]
    if not named:
        return None
    return max(
        named, key=lambda one: (one.reason not in bare, one.reason is not Reason.OTHER, one.weight)
    ).reason


def _interested(case: _Case, less: float = 0.0, meeting: bool = False) -> Verdict:
    wish = max(case["interested"], 2.3) if meeting else case["interested"]
    strength = wish - less - 0.8 * case["doubt"] - 0.5 * case["not_now"] - 0.4 * case["refused"]
    if _asks(case) and strength < 2.4:
        return _verdict(Intent.QUESTION, 2.2, case.of("question", "interested"))
    return _verdict(Intent.INTERESTED, strength - 0.2 * _asks(case), case.of("interested", "again"))


def _asks(case: _Case) -> bool:
    """Whether a sentence asks for something other than what the other signals are about."""
    taken = {one.sentence for one in case.of("interested", "again", "refused") if one.weight >= _LIKELY}
    return bool(case.signals.words.questions - taken) or any(
        one.sentence not in taken for one in case.of("question")
    )


def _rest(case: _Case) -> Verdict:
    if case["question"] or (case.signals.words.questions and case.signals.length > 1):
        strength = max(2.2 if case.signals.words.questions else 2.0, case["question"]) - 0.2 * case["doubt"]
        return _verdict(Intent.QUESTION, strength, case.of("question"))
    if case["other"] >= _LIKELY:
        return _verdict(Intent.OTHER, case["other"] - 0.2 * case["doubt"], case.of("other"))
    return _unclear(0.4, case.of("interested", "refused", "later", "doubt", "stay"))


def _confidence(strength: float) -> float:
    points = ((3.0, 0.96), (2.5, 0.9), (2.0, 0.8), (1.5, 0.66), (1.0, 0.5), (0.0, 0.2))
    for (high, top), (low, bottom) in pairwise(points):
        if strength >= low:
            return round(bottom + (top - bottom) * min(1.0, (strength - low) / (high - low)), 3)
    return 0.1


def _verdict(
    intent: Intent,
    strength: float,
    signals: list[Signal],
    reason: Reason | None = None,
    until: date | None = None,
    words: list[str] | None = None,
) -> Verdict:
    confidence = _confidence(strength)
    if confidence < THRESHOLD:
        return _unclear(confidence, signals)
    return Verdict(intent, reason, until, confidence, _evidence(signals, words or []))


def _unclear(confidence: float, signals: list[Signal]) -> Verdict:
    return Verdict(Intent.UNCLEAR, None, None, min(confidence, THRESHOLD - 0.01), _evidence(signals, []))


def _evidence(signals: list[Signal], words: list[str]) -> tuple[str, ...]:
    ordered = [one.words for one in sorted(signals, key=lambda one: (-one.weight, one.first))]
    return tuple(dict.fromkeys([*ordered, *words]))[:6]
