"""The rules of one language, read from its YAML file: phrases by meaning, word lists, negators, date words."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import yaml

from nurture.core.errors import GrammarError
from nurture.inbound.intent.datewords import DateWords
from nurture.inbound.intent.language import LANGUAGES
from nurture.inbound.intent.phrases import NUMBER, Atoms, ListTree, PhraseTree, Split, listed, variants
from nurture.inbound.intent.reading import Intent, Reason
from nurture.inbound.intent.spelling import Misspellings
from nurture.inbound.intent.texts import read_texts, shipped
from nurture.inbound.intent.words import Spelling, fold

HELPING_MEANINGS = {
    "again": "asks to be approached again; with a date it makes `later`",
    "stay": "wants to go on receiving mail: speaks against `unsubscribe`",
    "doubt": "irony, conditions, hesitation: lowers the confidence of everything else",
    "hide": "an idiom whose words do not mean what they seem to ('no problem')",
    "not_now": "busy, on holiday, under contract: with a date it makes `later`, else it is a hint only",
    "polite": "says nothing by itself ('thank you for your mail')",
}
MEANINGS = (*(intent.value for intent in Intent if intent is not Intent.UNCLEAR), *HELPING_MEANINGS)

_SECTIONS = (
    "language", "spelling", "negation", "courtesy", "words", "faint", "phrases", "questions", "answers", "dates",
)  # fmt: skip
_NAMES = {
    "questions": ("ending", "opt_out", "stay", "when", "person", "past", "choice", "again", "call"),
    "answers": ("yes", "no", "pick", "echo"),
}
_GROUP_KEYS = ("meaning", "reason", "weight", "alone", "negated", "says")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a group of phrases stands for.

    `weight`: 3 settles it alone, 2 is likely, 1 a hint. `alone`: counts only when the reply says nothing else.
    `negated`: what it means under a negator; None leaves that to the rules of scoring. `own`: a project's own words.
    """

    name: str
    reason: Reason | None
    weight: float
    alone: bool
    negated: str | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Negation:
    """The negators of a language and how many words before and after a phrase they reach it from.

    `halves` are negators that go with another one (ne … pas, никогда не): they leave a phrase alone that has its
    own, or one of `partners`.
    """

    words: frozenset[str]
    halves: frozenset[str]
    partners: frozenset[str]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Courtesy:
    """Words a letter opens and closes with, which say nothing about what the writer wants."""

    greetings: PhraseTree[str]
    titles: frozenset[str]
    closings: PhraseTree[str]


@dataclass(frozen=True, slots=True)
class Faint:
    """Words that, found all by themselves, are only a hint, whatever group of phrases they stand in."""

    words: frozenset[str]
    stems: tuple[str, ...]

    def __contains__(self, word: str) -> bool:
        return word in self.words or (bool(self.stems) and word.startswith(self.stems))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All rules of one language, compiled."""

    language: str
    spelling: Spelling
    misspellings: Misspellings
    negation: Negation
    courtesy: Courtesy
    lists: ListTree
    faint: Faint
    phrases: PhraseTree[Meaning]
    questions: PhraseTree[str]
    answers: PhraseTree[str]
    dates: DateWords


def load_lexicon(language: str, extra: str | None = None) -> Lexicon:
    """The shipped rules of `language`, with the additions of `extra`: a YAML text of the same shape.

    Additions extend what is shipped: words are added to lists, groups of phrases to the groups. Raises
    GrammarError, naming the place, when a text cannot be understood.
    """
    return _loaded(language, extra)


@lru_cache(maxsize=16)
def _loaded(language: str, extra: str | None) -> Lexicon:
    if language not in LANGUAGES:
        raise GrammarError(
            f"there are no rules for the language '{language}'", f"one of {', '.join(LANGUAGES)}"
        )
    data = _read(shipped(f"{language}.yaml"), f"{language}.yaml")
    ours = len(data.get("phrases") or [])
    if extra is not None:
        data = _merged(data, _read(extra, "the additions"))
    return _compile(language, data, ours)


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        data = read_texts(text)
    except yaml.YAMLError as error:
        raise GrammarError(f"{where}: this is not YAML: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise GrammarError(
            f"{where}: expected sections ({', '.join(_SECTIONS)}), found {type(data).__name__}"
        )
    for section in data:
        if section not in _SECTIONS:
            raise GrammarError(f"{where}: there is no section '{section}'", _nearest(str(section), _SECTIONS))
    return data


def _nearest(word: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else None


def _merged(base: Any, more: Any) -> Any:
    if isinstance(base, dict) and isinstance(more, dict):
        return {**base, **{key: _merged(base.get(key), value) for key, value in more.items()}}
    if isinstance(base, list) and isinstance(more, list):
        return [*base, *more]
    return base if more is None else more


def _compile(language: str, data: Mapping[str, Any], ours: int) -> Lexicon:
    spelt = data.get("spelling") or {}
    spelling = _spelling(language, spelt)
    split = cache(spelling.split)
    lists = ListTree()
    word_lists = data.get("words") or {}
    for name, entries in word_lists.items():
        for entry in listed(entries, f"words: {name}"):
            for atoms in variants(entry, split):
                lists.add(atoms, name)
    register = _Brackets(lists)
    phrases: PhraseTree[Meaning] = PhraseTree()
    for number, group in enumerate(data.get("phrases") or [], start=1):
        own = number > ours
        where = f"phrases: group {number - ours if own else number}"
        meaning = replace(_meaning(group, where), own=own)
        for phrase in listed(group["says"], where):
            for atoms in variants(phrase, split, register):
                _check_lists(atoms, word_lists, phrase)
                phrases.add(atoms, meaning)
    questions, answers = (
        _named(data.get(section) or {}, section, word_lists, split, register)
        for section in ("questions", "answers")
    )
    negation = _negation(data.get("negation") or {}, spelling)
    dates = DateWords.compile(data.get("dates") or {}, spelling)
    known = {
        fold(word, language)
        for text in listed(spelt.get("known") or [], "spelling: known")
        for word in text.split()
    }
    courtesy = _courtesy(data.get("courtesy") or {}, spelling)
    misspellings = Misspellings.of(
        lists.literals | phrases.literals | dates.literals,
        phrases.stems | lists.stems,
        known
        | negation.words
        | courtesy.greetings.literals
        | courtesy.closings.literals
        | courtesy.titles
        | dates.roles.literals,
    )
    return Lexicon(
        language,
        spelling,
        misspellings,
        negation,
        courtesy,
        lists,
        _faint(data.get("faint") or [], spelling),
        phrases,
        questions,
        answers,
        dates,
    )


def _named(
    data: Mapping[str, Any],
    section: str,
    word_lists: Mapping[str, Any],
    split: Split,
    register: Callable[[tuple[Atoms, ...]], str],
) -> PhraseTree[str]:
    """Phrases by name, without weights: what is asked, what is answered."""
    tree: PhraseTree[str] = PhraseTree()
    for name, says in data.items():
        if name not in _NAMES[section]:
            raise GrammarError(f"{section}: there is no '{name}'", _nearest(str(name), _NAMES[section]))
        for phrase in listed(says, f"{section}: {name}"):
            for atoms in variants(phrase, split, register):
                _check_lists(atoms, word_lists, phrase)
                tree.add(atoms, name)
    return tree


def _negation(data: Mapping[str, Any], spelling: Spelling) -> Negation:
    words = {
        name: frozenset(
            word
            for text in listed(data.get(name) or [], f"negation: {name}")
            for word in spelling.split(text)
        )
        for name in ("words", "halves", "partners")
    }
    reach = [_reach(data.get(name, "0"), name) for name in ("before", "after")]
    return Negation(words["words"] | words["halves"], words["halves"], words["partners"], *reach)


def _reach(text: Any, name: str) -> int:
    if not str(text).isdigit():
        raise GrammarError(f"negation: {name} is a number of words, not '{text}'")
    return int(text)


def _faint(data: Any, spelling: Spelling) -> Faint:
    atoms = [
        one[0] for entry in listed(data, "faint") for one in variants(entry, spelling.split) if len(one) == 1
    ]
    return Faint(
        frozenset(one for one in atoms if not one.endswith("*")),
        tuple(one[:-1] for one in atoms if one.endswith("*")),
    )


def _meaning(group: Any, where: str) -> Meaning:
    if not isinstance(group, dict) or "meaning" not in group or "says" not in group:
        raise GrammarError(f"{where}: a group needs 'meaning' and 'says'")
    for key in group:
        if key not in _GROUP_KEYS:
            raise GrammarError(f"{where}: there is no key '{key}'", _nearest(str(key), _GROUP_KEYS))
    for key in ("meaning", "negated"):
        if group.get(key) is not None and group[key] not in MEANINGS:
            raise GrammarError(
                f"{where}: there is no meaning '{group[key]}'", _nearest(str(group[key]), MEANINGS)
            )
    reason = group.get("reason")
    if reason is not None and reason not in list(Reason):
        raise GrammarError(f"{where}: there is no reason '{reason}'", _nearest(str(reason), list(Reason)))
    return Meaning(
        group["meaning"],
        Reason(reason) if reason else None,
        _weight(group.get("weight", "2"), where),
        group.get("alone") in ("true", "yes"),
        group.get("negated"),
    )


def _weight(text: Any, where: str) -> float:
    try:
        weight = float(text)
    except (TypeError, ValueError):
        weight = -1.0
    if not 0 <= weight <= 3:
        raise GrammarError(f"{where}: weight is a number from 0 to 3, not '{text}'")
    return weight


class _Brackets:
    """Brackets of phrases, kept as nameless word lists, each only once."""

    def __init__(self, lists: ListTree) -> None:
        self._lists = lists
        self._names: dict[tuple[Atoms, ...], str] = {}

    def __call__(self, choices: tuple[Atoms, ...]) -> str:
        """The name, as it stands in a phrase, of the list of these choices."""
        name = self._names.get(choices)
        if name is None:
            name = self._names[choices] = f"{len(self._names)}|"
            for atoms in choices:
                self._lists.add(atoms, name)
        return f"<{name}>"


def _check_lists(atoms: Iterable[str], word_lists: Mapping[str, Any], phrase: str) -> None:
    for atom in atoms:
        if atom.startswith("<") and atom != NUMBER and "|" not in atom and atom[1:-1] not in word_lists:
            raise GrammarError(
                f"there is no word list {atom} (in '{phrase}')", _nearest(atom[1:-1], word_lists)
            )


def _spelling(language: str, data: Mapping[str, Any]) -> Spelling:
    def folded(text: str) -> str:
        return " ".join(fold(word, language) for word in text.split())

    rewrites = {folded(wrong): folded(right) for wrong, right in (data.get("rewrites") or {}).items()}
    return Spelling(
        language,
        data.get("contractions") or {},
        rewrites,
        *(
            frozenset(folded(word) for word in listed(data.get(name) or [], f"spelling: {name}"))
            for name in ("breaks", "joins", "abbreviations")
        ),
    )


def _courtesy(data: Mapping[str, Any], spelling: Spelling) -> Courtesy:
    trees: dict[str, PhraseTree[str]] = {}
    for name in ("greetings", "closings"):
        trees[name] = PhraseTree()
        for entry in listed(data.get(name) or [], f"courtesy: {name}"):
            for atoms in variants(entry, spelling.split):
                trees[name].add(atoms, name)
    titles = frozenset(
        word for text in listed(data.get("titles") or [], "courtesy: titles") for word in spelling.split(text)
    )
    return Courtesy(trees["greetings"], titles, trees["closings"])
