"""From a reply's words to signals: which phrases count, and what they mean where a negator reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from nurture.inbound.intent.dateplaces import Mention
from nurture.inbound.intent.dates import mentions
from nurture.inbound.intent.lexicon import Lexicon, Meaning
from nurture.inbound.intent.phrases import Found, Lists
from nurture.inbound.intent.reading import Reason
from nurture.inbound.intent.words import EMAIL, Word, Words, split_words

SETTLES = 3.0
"""The weight that settles a meaning alone."""

_NO_REASON = (None, Reason.OTHER)

_NEGATED = {
    "interested": "refused",
    "unsubscribe": "stay",
    "again": "doubt",
    "later": "doubt",
    "refused": "doubt",
    "stay": "doubt",
    "wrong_person": "doubt",
}
"""What a meaning becomes under a negator, where its group does not say so itself; others stay as they are."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One phrase that counts: its meaning here, weight, place, and the words it was read from.

    `asked`: it stands in a question. `anew`: it has a word like 'again' or 'back'. `own`: by a project's own words.
    """

    meaning: str
    reason: Reason | None
    weight: float
    sentence: int
    clause: int
    first: int
    last: int
    asked: bool
    negated: bool
    anew: bool
    words: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Signals:
    """What one reply says in one language.

    `body` is where it begins and ends between greeting and closing, `turns` are the places of words like
    'but', `events` the clauses that speak of an event, whose dates are not the writer's, `rest` the number of
    words that belong neither to a phrase nor to a date, `contrary` whether it has a negator of its own or a word
    that often goes with a refusal.
    """

    language: str
    items: tuple[Signal, ...]
    dates: tuple[Mention, ...]
    words: Words
    body: tuple[int, int]
    turns: tuple[int, ...]
    events: frozenset[int]
    rest: int
    contrary: bool

    @property
    def length(self) -> int:
        """The number of words between greeting and closing."""
        return self.body[1] - self.body[0]

    def says(self, meaning: str, least: float = 0.0) -> bool:
        """Whether any phrase of at least this weight has this meaning here."""
        return any(one.meaning == meaning and one.weight >= least for one in self.items)

    def settles(self, meaning: str) -> bool:
        """Whether a project's own words say that this is what such a reply means."""
        return any(one.own and one.meaning == meaning and one.weight >= SETTLES for one in self.items)

    def reason_weight(self) -> float:
        """The weight of the plainest words for a reason to refuse, 0 where none is named."""
        named = (
            one.weight for one in self.items if one.meaning == "refused" and one.reason not in _NO_REASON
        )
        return max(named, default=0.0)


def signals_in(text: str, lexicon: Lexicon, written: date | None = None) -> Signals:
    """All signals of `text` by the rules of `lexicon`. `written` is the date it was written on, or None."""
    words = mended(split_words(text, lexicon.spelling), lexicon)
    begin, end = body_of(words.items, lexicon)
    lists = lexicon.lists.places(words.items)
    found = [one for one in lexicon.phrases.find(words.items, lists) if begin <= one.first and one.last < end]
    chosen = _chosen(
        [one for one in found if not one.value.alone or _alone(one, found, begin, end)], words.items
    )
    covered = {place for one in chosen for place in one.places}
    free = _free_negators(words.items, lexicon, covered)
    foreign = {place for one in chosen if one.value.name == "other" for place in one.places}
    dates = tuple(mentions(lexicon.dates, words, written, foreign))
    dated = {place for one in dates for place in range(one.first, one.last + 1)}
    anew = {place for place, ends in enumerate(lists) if any("anew" in names for _, names in ends)}
    kept = tuple(_signal(one, words, lexicon, free, anew) for one in chosen if one.value.name != "hide")
    turns = tuple(place for place, item in enumerate(words.items) if item.text in lexicon.spelling.breaks)
    events = frozenset(
        words.items[place].clause
        for place, ends in enumerate(lists)
        if any("event" in names for _, names in ends)
    )
    rest = sum(place not in covered and place not in dated for place in range(begin, end))
    contrary = bool(free) or any("contrary" in names for ends in lists for _, names in ends)
    return Signals(lexicon.language, kept, dates, words, (begin, end), turns, events, rest, contrary)


def mended(words: Words, lexicon: Lexicon) -> Words:
    """The same words with misspelt ones mended."""
    items = []
    for item in words.items:
        right = lexicon.misspellings.mend(item.text)
        items.append(item if right == item.text else replace(item, text=right))
    return replace(words, items=tuple(items))


def body_of(items: Sequence[Word], lexicon: Lexicon) -> tuple[int, int]:
    """The places between a greeting with its name and a closing with its name."""
    nothing: Lists = [()] * len(items)
    begin, end = 0, len(items)
    opening = items[:8]
    greeted = [one for one in lexicon.courtesy.greetings.find(opening, nothing) if one.first == 0]
    if greeted:
        begin = max(one.last for one in greeted) + 1
        while (
            begin < min(end, 7)
            and items[begin].clause == items[begin - 1].clause
            and _is_name(items[begin], lexicon)
        ):
            begin += 1
    for one in lexicon.courtesy.closings.find(items, nothing):
        before_break = one.first == 0 or items[one.first - 1].clause != items[one.first].clause
        if one.first >= begin and before_break and len(items) - one.last <= 9:
            end = min(end, one.first)
    return (begin, end) if begin < end else (0, len(items))


def _is_name(item: Word, lexicon: Lexicon) -> bool:
    return item.text in lexicon.courtesy.titles or item.text not in lexicon.misspellings.known


def _length(one: Found[Meaning], items: Sequence[Word]) -> int:
    """How many words a phrase has; an address says more than a word."""
    return len(one.places) + 2 * any(items[place].text == EMAIL for place in one.places)


def _chosen(found: Sequence[Found[Meaning]], items: Sequence[Word]) -> list[Found[Meaning]]:
    """Longer phrases before shorter ones they overlap with; where both say the same, both count."""
    chosen: list[Found[Meaning]] = []
    owner: dict[int, Found[Meaning]] = {}
    for one in sorted(found, key=lambda one: (-_length(one, items), -one.value.weight, one.first)):
        rivals = [owner[place] for place in one.places if place in owner]
        if any(
            rival.value.name != one.value.name or set(one.places) <= set(rival.places) for rival in rivals
        ):
            continue
        chosen.append(one)
        for place in one.places:
            owner.setdefault(place, one)
    return sorted(chosen, key=lambda one: one.first)


def _free_negators(items: Sequence[Word], lexicon: Lexicon, covered: set[int]) -> list[int]:
    return [
        place
        for place, item in enumerate(items)
        if item.text in lexicon.negation.words and place not in covered
    ]


def _alone(one: Found[Meaning], found: Sequence[Found[Meaning]], begin: int, end: int) -> bool:
    """Whether nothing but courtesies is left when the phrase is taken out."""
    said = set(one.places)
    if len(said) == end - begin:
        return True
    for other in found:
        if other.value.name == "polite" or other.value is one.value:
            said.update(other.places)
    return len(said) >= end - begin


def _signal(
    one: Found[Meaning], words: Words, lexicon: Lexicon, free: Sequence[int], anew: set[int]
) -> Signal:
    meaning, reason, weight = one.value.name, one.value.reason, one.value.weight
    if len(one.places) == 1 and not one.value.alone and words.items[one.first].text in lexicon.faint:
        weight = min(weight, 1.0)
    negated = _is_negated(one, words.items, lexicon, free)
    if negated:
        meaning = one.value.negated or _NEGATED.get(meaning, meaning)
        if meaning != one.value.name:
            weight = min(weight, 2.0)
        if meaning == "refused":
            reason = Reason.NEED
    item = words.items[one.first]
    return Signal(
        meaning,
        reason,
        weight,
        item.sentence,
        item.clause,
        one.first,
        one.last,
        item.sentence in words.questions,
        negated,
        not anew.isdisjoint(one.places),
        words.excerpt(one.first, one.last),
        one.value.own,
    )


def _is_negated(one: Found[Meaning], items: Sequence[Word], lexicon: Lexicon, free: Sequence[int]) -> bool:
    negation = lexicon.negation
    own = any(
        items[place].text in negation.words or items[place].text in negation.partners for place in one.places
    )
    first, last = items[one.first], items[one.last]
    for place in free:
        item = items[place]
        if item.sentence != first.sentence or (own and item.text in negation.halves):
            continue
        if one.first <= place <= one.last:
            return True
        if place < one.first and item.clause == first.clause and one.first - place <= negation.before:
            return True
        if place > one.last and item.clause == last.clause and place - one.last <= negation.after:
            return True
    return False
