"""Which of the five languages a reply is written in: frequent words, telling letters, the script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from nurture.inbound.intent.texts import read_texts, shipped

LATIN = ("en", "de", "fr", "da")
LANGUAGES = (*LATIN, "ru")
UNKNOWN = "und"

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_ADDRESS = re.compile(r"\S{1,80}@\S{1,80}|https?://\S{1,300}|www\.\S{1,300}")
_PRIOR = 0.9
_ENOUGH = 0.8


@lru_cache(maxsize=1)
def _evidence() -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    data = read_texts(shipped("languages.yaml"))
    words: dict[str, dict[str, float]] = {}
    for language, listed in data["words"].items():
        for weight, group in listed.items():
            for word in group.split():
                words.setdefault(word, {})[language] = float(weight)
    letters: dict[str, dict[str, float]] = {}
    for language, signs in data["letters"].items():
        for sign, weight in signs.items():
            letters.setdefault(sign, {})[language] = float(weight)
    return words, letters


def language_scores(text: str, prior: str | None = None) -> dict[str, float]:
    """Points for each language; `prior` is the language the writer is known to use, worth about one word."""
    words, letters = _evidence()
    plain = _ADDRESS.sub(" ", text[:3000]).casefold()
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for word in _WORD.findall(plain):
        for language, weight in words.get(word, {}).items():
            scores[language] += weight
    for sign, weights in letters.items():
        times = min(plain.count(sign), 4)
        if times:
            for language, weight in weights.items():
                scores[language] += weight * times
    cyrillic = len(_CYRILLIC.findall(plain))
    if cyrillic:
        scores["ru"] += min(0.5 * cyrillic, 6.0)
    if prior in scores:
        scores[str(prior)] += _PRIOR
    return scores


def rank(scores: Mapping[str, float]) -> list[str]:
    """The languages with any points, the likeliest first."""
    return sorted((name for name in LANGUAGES if scores[name] > 0), key=lambda name: -scores[name])


def base_language(tag: str | None) -> str | None:
    """The one of the five a BCP 47 tag stands for (`de-CH` is de, Norwegian is read as Danish), or None."""
    if not tag:
        return None
    first = re.split(r"[-_]", tag.casefold(), maxsplit=1)[0]
    first = {"nb": "da", "nn": "da", "no": "da"}.get(first, first)
    return first if first in LANGUAGES else None


def likeliest(scores: Mapping[str, float], prior: str | None = None) -> str:
    """The language with the most points, where they are enough; else the prior, else `und`."""
    order = rank(scores)
    if order and scores[order[0]] >= _ENOUGH:
        return order[0]
    return prior if prior in LANGUAGES else UNKNOWN


def detect_language(text: str, prior: str | None = None) -> str:
    """The language of `text`: one of the five, else the prior's, else `und`."""
    known = base_language(prior)
    return likeliest(language_scores(text, known), known)
