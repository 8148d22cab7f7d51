"""Mending misspelt words: a word nobody knows that is one slip away from a word the rules know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHORTEST = 6
"""Shorter words are left alone: too many real words are one letter apart."""


def _deletions(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


@dataclass(frozen=True, slots=True)
class Misspellings:
    """The words of a language's rules, indexed by all their forms with one letter left out."""

    known: frozenset[str]
    stems: tuple[str, ...]
    index: dict[str, str]

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str], known: Iterable[str]) -> Misspellings:
        """Index `words`; `known` are real words that must never be mended into one of them."""
        listed = sorted(word for word in words if word.isalpha())
        index: dict[str, str] = {}
        for word in listed:
            if len(word) >= SHORTEST:
                for form in (word, *_deletions(word)):
                    index.setdefault(form, word)
        return cls(frozenset(listed) | frozenset(known), tuple(sorted(stems)), index)

    def mend(self, word: str) -> str:
        """The word meant: `word` itself when it is known, short, or not one slip away from a known one."""
        if len(word) < SHORTEST - 1 or word in self.known or not word.isalpha():
            return word
        inflected = word.startswith(self.stems)
        for form in (word, *_deletions(word)):
            found = self.index.get(form)
            if found is not None and _one_slip(word, found):
                # A word with a known beginning is another form of it, unless two letters have changed places.
                if not inflected or sorted(word) == sorted(found):
                    return found
        return word


def _one_slip(written: str, meant: str) -> bool:
    """Whether one letter was added, left out, mistaken or swapped with its neighbour, after the first two.

    A first syllable mistaken is another word more often than a slip (anmelden, abmelden).
    """
    if written[0] != meant[0] or (
        len(written) == len(meant) and written[1] != meant[1] and written[2] == meant[2]
    ):
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    rest, other = written[start:], meant[start:]
    if len(rest) > len(other):
        return rest[1:] == other
    if len(rest) < len(other):
        return rest == other[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
