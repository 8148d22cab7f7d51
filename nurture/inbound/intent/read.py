"""Reading a reply: what it wants, how sure that is, and the words it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from nurture.inbound.intent.asked import answered
from nurture.inbound.intent.classifier import shipped_classifiers
from nurture.inbound.intent.decide import Verdict, decide, strengths, sure_by, verdict_of, with_reason
from nurture.inbound.intent.language import LATIN, UNKNOWN, base_language, language_scores, likeliest, rank
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.reading import Intent, IntentReading
from nurture.inbound.intent.score import Signals, signals_in
from nurture.inbound.intent.weighing import features, shipped_weighing

_ANSWER = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|fwd?|wg|tr|rép|rif|отв|ответ)(?:\[\d+\])?\s*:\s*)", re.IGNORECASE
)
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_SECOND_LANGUAGE = 0.5
_CERTAIN = 0.9
_FEW_WORDS = 3
"""What is shorter is the rules' alone: a classifier knows too little of it."""
_PLAIN_WISH, _DOUBT, _OTHERWISE, _DESPITE = 0.1, 0.3, 0.45, 0.7
"""In doubt a wish to be left alone is granted. So likely it must be where plain words ask for it; where they don't; where the
rules are certain of something else; and where words to stay stand beside it."""
_GRANTED = 0.6
"""So often at least such a wish is one."""
_NAMED = 2.5
"""A reason that the rules know only from weaker words than this; the classifier of reasons is asked too."""
_PLAIN = 2.5
"""So many points, about two telling words, make a language certain enough to read no other."""


def read_intent(
    text: str,
    subject: str = "",
    written_at: datetime | None = None,
    language: str | None = None,
    *,
    asked: str = "",
    lexicon: Callable[[str], Lexicon] = load_lexicon,
) -> IntentReading:
    """What the writer of `text` wants.

    `text` is what the person wrote, quotes and signature cut. `subject` counts only where it is the writer's
    own, not an answer to ours. `written_at` is what "in March" or "in two weeks" is counted from. `language`
    is the language the person is known to use, a hint only. `asked` is the sentence of ours that a short answer
    quotes. `lexicon` gives the rules of a language, where
    they are not the shipped ones.
    """
    said = _with_subject(text, subject)
    prior = base_language(language)
    if not said.strip():
        return IntentReading(Intent.UNCLEAR, None, None, prior or UNKNOWN, 0.0, (), None)
    written = None if written_at is None else written_at.date()
    found, languages, plain = _languages(f"{said}\n{asked}", prior)
    readings = [signals_in(said, lexicon(one), written) for one in languages]
    main, verdict = _best([(signals, decide(signals, written)) for signals in readings], plain)
    verdict = _weighed(verdict, main, lexicon(main.language), written)
    if asked:
        verdict = answered(verdict, main, lexicon(main.language), asked, written)
    address = _right_address(said) if verdict.intent is Intent.WRONG_PERSON else None
    return IntentReading(
        verdict.intent,
        verdict.reason,
        verdict.until,
        main.language if verdict.intent is not Intent.UNCLEAR and not plain else found,
        verdict.confidence,
        verdict.evidence,
        address,
    )


def _with_subject(text: str, subject: str) -> str:
    """The text; with the subject before it where the subject is the writer's own words and the text is short."""
    if not subject.strip() or _ANSWER.match(subject) or len(text) > 300:
        return text
    return f"{subject.strip()}\n\n{text}"


def _languages(text: str, prior: str | None) -> tuple[str, list[str], bool]:
    """The language of `text`, the languages to read it in, the likeliest first, and whether that one is plain."""
    scores = language_scores(text, prior)
    found, order = likeliest(scores, prior), rank(scores)
    best = scores[order[0]] if order else 0.0
    chosen = [found] if found != UNKNOWN else []
    chosen += [one for one in order if one not in chosen and scores[one] >= _SECOND_LANGUAGE * best]
    plain = best >= _PLAIN
    if not plain and found != "ru":
        chosen += [one for one in LATIN if one not in chosen]
    return found, chosen, plain


def _best(readings: list[tuple[Signals, Verdict]], plain: bool) -> tuple[Signals, Verdict]:
    """The reading of the main language, unless another one understands the text better.

    Where the language is not `plain`, the one that leaves the fewest words over is best.
    """
    main = readings[0]
    for other in readings[1:]:
        if other[1].intent is not Intent.UNCLEAR and _reads_better(other, main, plain):
            main = other
    return main


def _reads_better(other: tuple[Signals, Verdict], main: tuple[Signals, Verdict], plain: bool) -> bool:
    if other[1].intent is Intent.UNSUBSCRIBE and other[1].confidence >= _CERTAIN:
        return True
    blank = main[1].intent is Intent.UNCLEAR
    fewer = other[0].rest < main[0].rest or (other[0].rest == main[0].rest and blank)
    return fewer and (blank or not plain)


def _weighed(rules: Verdict, signals: Signals, lexicon: Lexicon, written: date | None) -> Verdict:
    """The verdict after rules and classifier were weighed; its confidence says how often such a one is right.

    Where the rules know every word and are certain, nobody else is asked: on replies of others they are right 97 times
    of 100 then. Not for a refusal, which may be more.
    """
    complete = signals.rest == 0 and rules.confidence >= _CERTAIN
    understood = complete and rules.intent is not Intent.REFUSED
    if understood or signals.settles(rules.intent) or len(signals.words.items) < _FEW_WORDS:
        return rules
    of = (signals.words, lexicon.language, lexicon.negation.words)
    classifiers = shipped_classifiers()
    likely = classifiers["intents"].probabilities(*of)
    found = features(signals, strengths(signals), rules.intent, rules.confidence, likely, written)
    shares = shipped_weighing().shares(found)
    if _wishes_silence(shares[Intent.UNSUBSCRIBE], signals, rules):
        best, sure = Intent.UNSUBSCRIBE, max(_GRANTED, shares[Intent.UNSUBSCRIBE])
    else:
        shares = _without_what_is_ruled_out(shares, signals)
        best = max(shares, key=lambda name: shares[name])
        sure = shares[best]
    verdict = rules if best is rules.intent else verdict_of(best, signals, written)
    if best is Intent.REFUSED and signals.reason_weight() < _NAMED:
        verdict = with_reason(verdict, classifiers["reasons"].probabilities(*of))
    return sure_by(verdict, round(sure, 3))


def _wishes_silence(share: float, signals: Signals, rules: Verdict) -> bool:
    if signals.says("stay"):
        return share >= _DESPITE and signals.says("unsubscribe", _NAMED)
    if rules.confidence < _CERTAIN:
        return share >= _DOUBT
    return share >= (_PLAIN_WISH if rules.intent is Intent.UNSUBSCRIBE else _OTHERWISE)


def _without_what_is_ruled_out(shares: Mapping[Intent, float], signals: Signals) -> dict[Intent, float]:
    """The shares, together 1 again, where words to stay speak against a wish to be left alone or a refusal."""
    left = dict(shares)
    if signals.says("stay"):
        left[Intent.UNSUBSCRIBE] = 0.0
    if signals.says("stay", 1.0):
        left[Intent.REFUSED] = 0.0
    whole = sum(left.values())
    return {name: share / whole for name, share in left.items()}


def _right_address(text: str) -> str | None:
    match = _ADDRESS.search(text)
    return match.group().rstrip(".").lower() if match else None
