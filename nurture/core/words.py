"""The base of every closed vocabulary: a StrEnum whose members carry a sentence for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A member is written `NAME = "word", "A sentence that says what it means."`.

    The member is the word itself (a `str`); `sentence` is shown in help, docs and the console.
    """

    _value_: str
    sentence: str

    def __new__(cls, word: str, sentence: str = "") -> Self:
        """Make a member from its word and its sentence. (A member is asked for by its word alone.)"""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member
