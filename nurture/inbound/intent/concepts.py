"""Concepts: what words are about, alike in every language, for the classifier (`concepts.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from nurture.inbound.intent.phrases import ListTree, listed, variants
from nurture.inbound.intent.words import Spelling, Word

_TextLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Mapping[str, str]]:
    text = resources.files(__package__).joinpath("concepts.yaml").read_text("utf-8")
    entries: Mapping[str, Mapping[str, str]] = yaml.load(text, Loader=_TextLoader)
    return entries


@lru_cache(maxsize=8)
def _tree(spelling_of: str) -> ListTree:
    spelling = Spelling(spelling_of, {}, {}, frozenset(), frozenset(), frozenset())
    tree = ListTree()
    for name, words in _entries().items():
        for entry in listed(words[spelling_of], f"concepts: {name}"):
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
