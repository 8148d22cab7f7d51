"""Concepts: what words are about, alike in every language, for the classifier (`concepts.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from nurture.inbound.intent.phrases import ListTree, listed, variants
from nurture.inbound.intent.texts import read_texts, shipped
from nurture.inbound.intent.words import Spelling, Word


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Mapping[str, str]]:
    entries: Mapping[str, Mapping[str, str]] = read_texts(shipped("concepts.yaml"))
    return entries


@lru_cache(maxsize=8)
def _tree(language: str) -> ListTree:
    spelling = Spelling(language, {}, {}, frozenset(), frozenset(), frozenset())
    tree = ListTree()
    for name, words in _entries().items():
        for entry in listed(words[language], f"concepts: {name}"):
            for atoms in variants(entry, spelling.split):
                tree.add(atoms, name)
    return tree


def concepts_in(items: Sequence[Word], language: str) -> list[tuple[int, str]]:
    """The concepts of a reply's words, each with the place of its first word, in order."""
    found = {
        (place, name)
        for place, ends in enumerate(_tree(language).places(items))
        for _, names in ends
        for name in names
    }
    return sorted(found)
