"""A second opinion: small linear classifiers over words, parts of words and what they are about, trained on own replies.

One for intents and one for who wrote, which never decide alone (see `weighing.py` and `inbound/writer.py`), and one for the
reasons of refusals, heard where the rules know none. `classifier.json` is made by `tests/inbound_data/train_classifier.py`.
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from nurture.inbound.intent.concepts import concepts_in
from nurture.inbound.intent.texts import shipped
from nurture.inbound.intent.words import Words

GRAM = 4
AFTER_NEGATOR = 3
NEAR, EDGE = 6, 3
SCALE = 100
"""Weights are whole hundredths."""


def softmax(sums: Sequence[float]) -> list[float]:
    """The sums of a linear model as chances, together 1."""
    highest = max(sums)
    powers = [math.exp(one - highest) for one in sums]
    whole = sum(powers)
    return [power / whole for power in powers]


@dataclass(frozen=True, slots=True)
class Classifier:
    """The classes, the number of hash buckets, which of them are known (a byte each), and one weight for each bucket
    and class, in hundredths; side by side, since a list for each of them would take thirty times the memory."""

    classes: tuple[str, ...]
    buckets: int
    known: bytes
    weights: Sequence[int]

    @classmethod
    def of(cls, classes: Sequence[str], buckets: int, rows: Mapping[int, Sequence[int]]) -> Classifier:
        """The classifier whose known buckets have these weights."""
        known, width = bytearray(buckets), len(classes)
        weights = [0] * (buckets * width)
        for bucket, row in rows.items():
            known[bucket] = 1
            weights[bucket * width : (bucket + 1) * width] = row
        return cls(tuple(classes), buckets, bytes(known), array("h", weights))

    def rows(self) -> Iterator[tuple[int, Sequence[int]]]:
        """The known buckets with their weights."""
        for bucket, known in enumerate(self.known):
            if known:
                yield bucket, self._row(bucket)

    def probabilities(self, words: Words, language: str, negators: Collection[str]) -> dict[str, float]:
        """How likely each class is, from 0 to 1; all alike where no word is known."""
        known = [bucket for bucket in hashed(words, language, negators, self.buckets) if self.known[bucket]]
        share = 1.0 / (SCALE * math.sqrt(max(1, len(known))))
        sums = [sum(column) for column in zip(*map(self._row, known), strict=True)] or [0] * len(self.classes)
        return dict(zip(self.classes, softmax([share * one for one in sums]), strict=True))

    def _row(self, bucket: int) -> Sequence[int]:
        width = len(self.classes)
        return self.weights[bucket * width : (bucket + 1) * width]


@lru_cache(maxsize=1)
def shipped_classifiers() -> Mapping[str, Classifier]:
    """The classifiers that come with nurture: `intents`, `reasons` and `writers`."""
    return {name: _read(data) for name, data in json.loads(shipped("classifier.json")).items()}


def _read(data: Mapping[str, Any]) -> Classifier:
    """A classifier from its JSON: `weights` is one row after the other, each its bucket and a weight for each class."""
    flat, width = data["weights"], len(data["classes"])
    rows = {flat[at]: flat[at + 1 : at + 1 + width] for at in range(0, len(flat), width + 1)}
    return Classifier.of(data["classes"], data["buckets"], rows)


def hashed(words: Words, language: str, negators: Collection[str], buckets: int) -> list[int]:
    """The buckets of a reply's features, each once."""
    return sorted({zlib.crc32(one.encode()) % buckets for one in _features(words, language, negators)})


def _features(words: Words, language: str, negators: Collection[str]) -> Iterator[str]:
    texts = [item.text for item in words.items]
    yield "any"
    yield f"negators {min(3, sum(text in negators for text in texts))}"
    yield f"questions {min(2, len(words.questions))}"
    yield f"length {min(8, len(texts) // 3)}"
    yield from _of_words(texts, language, negators)
    yield from _of_concepts(words, language)


def _of_words(texts: Sequence[str], language: str, negators: Collection[str]) -> Iterator[str]:
    """Words, pairs of neighbours, parts of words, and words after a negator; of one language each."""
    negated = 0
    for place, text in enumerate(texts):
        yield f"{language} {text}"
        yield f"{language} {texts[place - 1] if place else '^'} {text}"
        whole = f"<{text}>"
        for start in range(len(whole) - GRAM + 1):
            yield f"{language}:{whole[start : start + GRAM]}"
        if text in negators:
            negated = AFTER_NEGATOR
        elif negated:
            yield f"{language} not {text[:6]}"
            negated -= 1


def _of_concepts(words: Words, language: str) -> Iterator[str]:
    """What the words are about, alone and in pairs; the same in every language."""
    clauses: dict[int, list[str]] = {}
    sentences: dict[int, set[str]] = {}
    found = concepts_in(words.items, language)
    for place, name in found:
        item = words.items[place]
        yield f"about {name}"
        if item.sentence in words.questions:
            yield f"asks about {name}"
        clauses.setdefault(item.clause, []).append(name)
        sentences.setdefault(item.sentence, set()).add(name)
    for names in clauses.values():
        for first, name in enumerate(names):
            for other in names[first + 1 : first + 1 + NEAR]:
                yield f"{name} before {other}"
    for about in sentences.values():
        for name, other in combinations(sorted(about), 2):
            yield f"{name} with {other}"
    for _, name in found[:EDGE]:
        yield f"begins {name}"
    for _, name in found[-EDGE:]:
        yield f"ends {name}"
