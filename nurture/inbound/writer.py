"""Who wrote a text, by its words alone: a machine for anybody who writes in, or a person for us.

A small classifier, trained on own notes of answering machines and on replies of people. It never decides alone: what it
thinks is counted among the other signs (`detectors/auto_reply.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from nurture.inbound.intent.classifier import shipped_classifiers
from nurture.inbound.intent.language import UNKNOWN, detect_language
from nurture.inbound.intent.lexicon import Lexicon
from nurture.inbound.intent.score import mended
from nurture.inbound.intent.words import split_words

MACHINE, PERSON = "machine", "person"
WRITERS = (MACHINE, PERSON)
MAX_READ = 1500
"""Characters in which it shows who wrote."""


def machine_chance(text: str, lexicon: Callable[[str], Lexicon]) -> float | None:
    """How likely a machine wrote `text` (quotes cut), from 0 to 1; None in a language that is none of the five.

    `lexicon` gives the rules of a language and is asked for that of the text only.
    """
    language = detect_language(text)
    if language == UNKNOWN:
        return None
    rules = lexicon(language)
    words = mended(split_words(text[:MAX_READ], rules.spelling), rules)
    likely = shipped_classifiers()["writers"].probabilities(words, language, rules.negation.words)
    return likely[MACHINE]
