"""Bare answers to a question of ours that the mail quotes: "No" below "May we go on writing?" is no refusal of an offer.

`questions` of a language's rules name what is asked, `answers` what a bare yes or no looks like. All other questions
offer something, and a yes or no to them means what it means without a question.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from nurture.inbound.intent.decide import SOON_DAYS, Verdict, verdict_of
from nurture.inbound.intent.lexicon import Lexicon
from nurture.inbound.intent.reading import Intent, Reason
from nurture.inbound.intent.score import Signals, signals_in

MOST_WORDS = 12
"""A longer answer speaks for itself."""

_A_WHILE = timedelta(days=25)
_SURE = 0.9


class Asked(StrEnum):
    """What a question is about, where a bare answer to it needs to know."""

    ENDING = "ending"
    """"Shall we talk, or close the file?": neither yes nor no can be understood."""
    OPT_OUT = "opt_out"
    """"Tell us if you'd rather not hear from us": yes is a wish to be left alone."""
    STAY = "stay"
    """"May we go on writing?": no is a wish to be left alone, yes moves nobody."""
    WHEN = "when"
    """"When may we ask again?": a date is later."""
    PERSON = "person"
    """"Are you the right one to talk to?": no is the wrong person, yes moves nobody."""
    PAST = "past"
    """"Did the report reach you?": neither yes nor no says what comes next."""
    CHOICE = "choice"
    """"Tuesday or Thursday?": yes can't be understood."""
    AGAIN = "again"
    """"May we come back to you in autumn?": yes is later, no is a wish to be left alone."""
    CALL = "call"
    """"Shall I ring you in March?": yes is later where that is well ahead."""


_MEANT: dict[tuple[Asked, str], Intent] = {
    (Asked.ENDING, "yes"): Intent.UNCLEAR,
    (Asked.ENDING, "no"): Intent.UNCLEAR,
    (Asked.OPT_OUT, "yes"): Intent.UNSUBSCRIBE,
    (Asked.OPT_OUT, "no"): Intent.UNCLEAR,
    (Asked.STAY, "yes"): Intent.OTHER,
    (Asked.STAY, "no"): Intent.UNSUBSCRIBE,
    (Asked.PERSON, "yes"): Intent.UNCLEAR,
    (Asked.PERSON, "no"): Intent.WRONG_PERSON,
    (Asked.PAST, "yes"): Intent.OTHER,
    (Asked.PAST, "no"): Intent.UNCLEAR,
    (Asked.CHOICE, "yes"): Intent.UNCLEAR,
    (Asked.AGAIN, "yes"): Intent.LATER,
    (Asked.AGAIN, "no"): Intent.UNSUBSCRIBE,
    (Asked.CALL, "yes"): Intent.LATER,
}


_OFFERS = (None, Asked.CALL, Asked.CHOICE)
"""What a yes or no means at the beginning of a longer answer, too, when nothing else in it is understood."""


_WISHES = (Asked.STAY, Asked.AGAIN)
"""What a no at the beginning of a longer answer is clear to: "No, I'd rather you didn't."."""


def answered(
    verdict: Verdict, signals: Signals, lexicon: Lexicon, question: str, written: date | None
) -> Verdict:
    """The verdict on an answer, `signals`, in the light of the question it was given to."""
    if signals.length > MOST_WORDS:
        return verdict
    asks = signals_in(question, lexicon, written)
    topic = _topic(asks, lexicon)
    said = _bare(signals, lexicon)
    evidence = (question, *verdict.evidence)
    if topic is Asked.WHEN and signals.dates:
        return _dated(verdict, signals, written)
    if topic is Asked.OPT_OUT and ({"yes", "echo"} & said or _names_answer(asks, signals)):
        said = {"yes"}
    said.discard("echo")
    if topic is Asked.PERSON and not said and "no" in _opening(signals, lexicon, whole=False):
        said = {"no"}
    if topic in _WISHES and not said and not signals.dates:
        said = _opening(signals, lexicon, whole=True) & {"no"}
    if topic in _OFFERS and not said and verdict.intent is Intent.UNCLEAR:
        said = _opening(signals, lexicon, whole=True)
        if said == {"no"} and signals.dates:
            return _dated(verdict, signals, written)
    meant = _MEANT.get((topic, next(iter(said)))) if topic is not None and len(said) == 1 else None
    if meant is None or (meant is Intent.LATER and topic is Asked.CALL and not asks.dates):
        plain = question.endswith("?") and topic is not Asked.ENDING
        return _taken_up(verdict, said, topic, evidence) if plain else verdict
    if meant is Intent.LATER:
        soon = _taken_up(verdict, said, topic, evidence)
        return _later(replace(verdict_of(meant, asks, written), evidence=evidence), soon, written)
    sure = 0.0 if meant is Intent.UNCLEAR else _SURE
    return Verdict(meant, None, None, sure, evidence)


def _topic(asks: Signals, lexicon: Lexicon) -> Asked | None:
    """What is asked; of several readings the first in the order of `Asked`."""
    items = asks.words.items
    found = {one.value for one in lexicon.questions.find(items, lexicon.lists.places(items))}
    proposed = Asked.CALL if _proposes_time(asks) else None
    return next((one for one in Asked if one in found), proposed)


def _proposes_time(asks: Signals) -> bool:
    """Whether a short question names a month or a season ("And in October?"); a webinar has a day."""
    named = asks.dates[-1] if asks.dates else None
    long = named is not None and named.over is not None and named.over - named.day >= _A_WHILE
    return long and asks.length <= MOST_WORDS


def _taken_up(
    verdict: Verdict, said: Collection[str], topic: Asked | None, evidence: tuple[str, ...]
) -> Verdict:
    """A yes, a no or a choice in words that only a question makes clear ("the second", "you may not")."""
    picked = "pick" in said and topic in (Asked.CHOICE, Asked.WHEN)
    if said == {"no"} and verdict.intent is not Intent.REFUSED:
        return Verdict(Intent.REFUSED, Reason.OTHER, None, _SURE, evidence)
    if (said == {"yes"} or (picked and "no" not in said)) and verdict.intent is not Intent.LATER:
        return Verdict(Intent.INTERESTED, None, None, _SURE, evidence)
    return verdict


def _bare(signals: Signals, lexicon: Lexicon) -> set[str]:
    """'yes', 'no' or 'pick', where the answer is nothing else but that and courtesies; some words may be either."""
    items, (begin, end) = signals.words.items, signals.body
    lists = lexicon.lists.places(items)
    found = lexicon.answers.find(items, lists)
    longest = [one for one in found if not any(set(one.places) < set(other.places) for other in found)]
    said = {one.value for one in longest}
    covered = {place for one in longest for place in one.places}
    covered.update(place for place, item in enumerate(items) if not item.text[0].isalnum())
    polite = [one for one in lexicon.phrases.find(items, lists) if one.value.name == "polite"]
    covered.update(place for one in polite for place in one.places)
    whole = all(place in covered for place in range(begin, end))
    return said if whole else set()


def _opening(signals: Signals, lexicon: Lexicon, *, whole: bool) -> set[str]:
    """'yes', 'no' or 'pick', where an answer begins with it ("No, that's Carol"). `whole`: as a clause of its own."""
    items, begin = signals.words.items, signals.body[0]
    found = lexicon.answers.find(items, lexicon.lists.places(items))
    ends = {one.last: one.value for one in found if one.first == begin}
    if whole:
        ends = {
            last: value
            for last, value in ends.items()
            if last + 1 == len(items) or items[last + 1].clause != items[last].clause
        }
    return {ends[max(ends)]} if ends else set()


def _names_answer(asks: Signals, signals: Signals) -> bool:
    """Whether the question says which word to answer with ("… reply NO")."""
    begin, end = signals.body
    if end - begin != 1:
        return False
    word = re.escape(signals.words.excerpt(begin, begin))
    return re.search(rf"\b{word.upper()}\b|[\"«“„'(]{word}\b", asks.words.source) is not None


def _later(later: Verdict, soon: Verdict, written: date | None) -> Verdict:
    """`later`, or `soon` where what was asked is about the next days: then a yes is an appointment."""
    if later.until is not None and written is not None and (later.until - written).days <= SOON_DAYS:
        return soon
    return replace(later, confidence=_SURE)


def _dated(verdict: Verdict, signals: Signals, written: date | None) -> Verdict:
    """A date given to "when may we ask again?"."""
    if verdict.intent in (Intent.REFUSED, Intent.UNSUBSCRIBE, Intent.WRONG_PERSON):
        return verdict
    soon = Verdict(Intent.INTERESTED, None, None, _SURE, verdict.evidence)
    return _later(verdict_of(Intent.LATER, signals, written), soon, written)
