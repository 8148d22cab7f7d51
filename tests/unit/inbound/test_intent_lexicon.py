"""Lexicons: phrases, additions, and mistakes told in the author's words."""

from __future__ import annotations

from datetime import date

import pytest

from nurture.core.errors import GrammarError
from nurture.inbound.intent.dates import mentions
from nurture.inbound.intent.language import LANGUAGES, detect_language
from nurture.inbound.intent.lexicon import load_lexicon
from nurture.inbound.intent.phrases import ListTree, PhraseTree, variants
from nurture.inbound.intent.spelling import Misspellings
from nurture.inbound.intent.words import Spelling, fold, split_words

PLAIN = Spelling("en", {}, {}, frozenset(), frozenset(), frozenset())


def found(phrase: str, text: str, lists: ListTree | None = None) -> list[str]:
    tree: PhraseTree[str] = PhraseTree()
    for atoms in variants(phrase, PLAIN.split):
        tree.add(atoms, "x")
    words = split_words(text, PLAIN)
    places = (lists or ListTree()).places(words.items)
    return [words.excerpt(one.first, one.last) for one in tree.find(words.items, places)]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("take me off", "please take me off", ["take me off"]),
        ("take me off", "take me. Off", []),
        ("no thanks", "No, thanks!", ["No, thanks"]),
        ("remov*", "removing it", ["removing"]),
        ("(a|one of) us", "one of us", ["one of us"]),
        ("call me please?", "call me", ["call me"]),
        ("send ... list", "send me your whole price list", ["send me your whole price list"]),
        ("send .. list", "send me your whole price list", []),
        ("in <number> weeks", "in 3 weeks", ["in 3 weeks"]),
        ("^ no", "no way", ["no"]),
        ("^ no", "say no", []),
        ("stop $", "please stop", ["stop"]),
        ("stop $", "stop it", []),
    ],
)
def test_how_phrases_are_written(phrase: str, text: str, expected: list[str]) -> None:
    assert found(phrase, text) == expected


def test_a_word_list_stands_for_its_entries() -> None:
    lists = ListTree()
    lists.add(("mailing", "list"), "list")
    assert found("off the <list>", "take me off the mailing list", lists) == ["off the mailing list"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("phrase: []", "no section 'phrase'"),
        ("phrases:\n  - {meaning: refusd, says: nope}", "no meaning 'refusd'"),
        ("phrases:\n  - {meaning: refused, reason: money, says: nope}", "no reason 'money'"),
        ("phrases:\n  - {meaning: refused, weight: 9, says: nope}", "weight is a number from 0 to 3"),
        ("phrases:\n  - {says: nope}", "needs 'meaning' and 'says'"),
        ("phrases:\n  - {meaning: refused, says: off the <lst>}", "no word list <lst>"),
        ("phrases:\n  - {meaning: refused, says: (a|b}", "')' is missing"),
        ("dates: {months: {13: [smarch]}}", "there is no '13'"),
        ("phrases: [", "not YAML"),
        ("just text", "expected sections"),
    ],
)
def test_a_mistake_is_told_where_it_is(extra: str, message: str) -> None:
    with pytest.raises(GrammarError, match=message.replace("(", r"\(").replace(")", r"\)")):
        load_lexicon("en", extra)


def test_a_near_miss_is_answered_with_what_was_meant() -> None:
    with pytest.raises(GrammarError) as caught:
        load_lexicon("en", "phrases:\n  - {meaning: refusd, says: nope}")
    assert caught.value.hint == "did you mean 'refused'?"


def test_the_same_rules_are_loaded_once() -> None:
    assert load_lexicon("da") is load_lexicon("da", None) is load_lexicon(language="da")


def test_there_are_rules_for_five_languages_only() -> None:
    with pytest.raises(GrammarError, match="no rules for the language 'es'"):
        load_lexicon("es")
    for language in LANGUAGES:
        assert load_lexicon(language) is load_lexicon(language)


def test_additions_add_and_take_nothing_away() -> None:
    more = load_lexicon("en", "words: {list: rolodex}\nfaint: blimey")
    assert "rolodex" in more.lists.literals
    assert "newsletter" in more.lists.literals
    assert "blimey" in more.faint


@pytest.mark.parametrize(
    ("word", "language", "folded"),
    [
        ("Für", "de", "fur"),
        ("FUER", "de", "fur"),
        ("désolé", "fr", "desole"),
        ("på", "da", "pa"),
        ("ёлка", "ru", "елка"),
        ("мой", "ru", "мой"),
    ],
)
def test_folding(word: str, language: str, folded: str) -> None:
    assert fold(word, language) == folded


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("interresse", "interesse"),
        ("unsubsrcibe", "unsubscribe"),
        ("anmelden", "anmelden"),
        ("kurz", "kurz"),
        ("verteilr", "verteiler"),
    ],
)
def test_misspelt_words(written: str, meant: str) -> None:
    known = Misspellings.of(["interesse", "unsubscribe", "abmelden", "verteiler"], [], [])
    assert known.mend(written) == meant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Thanks, please call me next week.", "en"),
        ("Vielen Dank, rufen Sie mich bitte nächste Woche an.", "de"),
        ("Merci, rappelez-moi la semaine prochaine s'il vous plaît.", "fr"),
        ("Tak, ring venligst til mig i næste uge.", "da"),
        ("Спасибо, позвоните мне на следующей неделе.", "ru"),
        ("42", "und"),
    ],
)
def test_the_language_is_found(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_the_prior_decides_where_nothing_tells() -> None:
    assert detect_language("ok", "fr-CA") == "fr"
    assert detect_language("ok", "xx") == "und"


def test_a_key_that_stands_twice_is_told() -> None:
    with pytest.raises(GrammarError, match="the key 'start' stands twice"):
        load_lexicon("en", "words:\n  start: [begin]\n  start: [commence]\n")


def test_words_that_only_look_like_a_date() -> None:
    more = load_lexicon("en", "dates:\n  none: [march of progress]\n")
    words = split_words("The march of progress.", more.spelling)
    assert mentions(more.dates, words, date(2026, 1, 5)) == []
