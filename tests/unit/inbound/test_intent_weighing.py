"""Rules and classifier weighed together; concepts that are one in every language; Russian in Latin letters."""

from __future__ import annotations

import pytest

from nurture.inbound.intent.classifier import shipped_classifiers
from nurture.inbound.intent.concepts import concepts_in
from nurture.inbound.intent.cyrillic import cyrillic
from nurture.inbound.intent.decide import decide, strengths
from nurture.inbound.intent.lexicon import load_lexicon
from nurture.inbound.intent.read import read_intent
from nurture.inbound.intent.reading import Intent
from nurture.inbound.intent.score import signals_in
from nurture.inbound.intent.weighing import CLASSES, features, shipped_weighing
from nurture.inbound.intent.words import split_words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "we already have a supplier"),
        ("de", "wir haben bereits einen Lieferanten"),
        ("fr", "nous avons déjà un fournisseur"),
        ("da", "vi har allerede en leverandør"),
        ("ru", "у нас уже есть поставщик"),
    ],
)
def test_a_concept_is_the_same_in_every_language(language: str, text: str) -> None:
    words = split_words(text, load_lexicon(language).spelling)
    assert {"already", "competitor"} <= {name for _, name in concepts_in(words.items, language)}


def shares(text: str, language: str) -> dict[str, float]:
    lexicon = load_lexicon(language)
    signals = signals_in(text, lexicon)
    verdict = decide(signals)
    likely = shipped_classifiers()["intents"].probabilities(signals.words, language, lexicon.negation.words)
    found = features(signals, strengths(signals), verdict.intent, verdict.confidence, likely)
    return shipped_weighing().shares(found)


@pytest.mark.parametrize(
    ("language", "text", "best"),
    [
        ("en", "Could somebody call me tomorrow about an offer?", "interested"),
        ("de", "Bitte nehmen Sie mich aus dem Verteiler.", "unsubscribe"),
        ("fr", "Nous avons déjà signé avec un autre fournisseur.", "refused"),
        ("da", "Vend gerne tilbage til efteråret.", "later"),
        ("ru", "Это не ко мне, обратитесь к Ирине из отдела закупок.", "wrong_person"),
        ("en", "Does it run on Linux?", "question"),
    ],
)
def test_the_shares_of_plain_replies(language: str, text: str, best: str) -> None:
    found = shares(text, language)
    assert tuple(found) == CLASSES
    assert sum(found.values()) == pytest.approx(1.0)
    assert max(found, key=lambda name: found[name]) == best


def test_a_text_of_unknown_words_is_no_intent_for_sure() -> None:
    reading = read_intent("Quux blorf zork wibble frobnicate.")
    assert reading.intent is Intent.UNCLEAR


def test_the_classifier_of_reasons() -> None:
    lexicon = load_lexicon("en")
    words = split_words("There is no money left in the budget.", lexicon.spelling)
    likely = shipped_classifiers()["reasons"].probabilities(words, "en", lexicon.negation.words)
    assert max(likely, key=lambda name: likely[name]) == "budget"


def test_own_words_of_full_weight_are_not_outvoted() -> None:
    own = "phrases: [{meaning: refused, reason: budget, weight: 3, says: the till is empty}]"
    reading = read_intent(
        "The till is empty, folks.", lexicon=lambda one: load_lexicon(one, own if one == "en" else None)
    )
    assert (reading.intent, str(reading.reason)) == (Intent.REFUSED, "budget")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("otpishite", "отпишите"), ("pozhalujsta", "пожалуйста"), ("spasibo", "спасибо"), ("khorosho", "хорошо"),
        ("cюда", "сюда"), ("уже", "уже"), ("eto", "это"), ("2026", "2026"),
    ],
)  # fmt: skip
def test_russian_in_latin_letters(written: str, meant: str) -> None:
    assert cyrillic(written) == meant


def test_a_reply_in_latin_russian_is_read() -> None:
    reading = read_intent("Zdravstvujte, otpishite menya ot rassylki pozhalujsta.")
    assert (reading.intent, reading.language) == (Intent.UNSUBSCRIBE, "ru")
