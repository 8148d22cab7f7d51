"""A reply's text as words: folded spelling, sentences and clauses.

Folding makes `Für`, `fuer` and `fur` one word, so that missing umlauts and accents do no harm. The same
folding is applied to the phrases of a lexicon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture.inbound.intent.cyrillic import cyrillic

MOST_CHARACTERS = 6000
"""A reply is read no further than this; whoever writes more has said what they want before."""

EMAIL, URL = "@", "url:"
"""The folded words that stand for an email address and a web address."""

_TOKEN = re.compile(
    r"(?P<email>[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
    r"|(?P<url>(?:https?://|www\.)[^\s<>]{1,500})"
    r"|(?P<number>\d+(?:[.:/-]\d+)*(?:-?(?:st|nd|rd|th|er|re|e|eme|ème|го|ого|ое|ой|ом|му|й|я|ю|е|м)(?![^\W\d_]))?)"
    r"|(?P<word>(?<![^\W\d_])[eE]-[mM]ails?(?![^\W\d_])|[^\W\d_]+(?:['’`´][^\W\d_]+)*['’]?)"
    r"|(?P<emoji>[\U0001F300-\U0001FAFF\u2600-\u27BF]|[:;]-?[)(DP](?!\w))"
    r"|(?P<stop>[.!?…]+)"
    r"|(?P<line>[^\S\n]*\n\s*)"
    r"|(?P<pause>[,;:()\[\]–—|/]|(?<=\s)-+(?=\s))"
)
_APOSTROPHE = re.compile(r"['’`´]")
_ORDINAL = re.compile(r"-?[^\W\d_]+$")
_SMILEYS = {";)": "😉", ":)": "🙂", ":D": "🙂", ":(": "🙁"}
_SHORT_LINE = 46
_STOPPED_ORDINALS = ("de", "da")


def _latin_table() -> dict[int, str]:
    table = {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe", ord("ø"): "o", ord("ё"): "е", ord("ð"): "d"}
    for code in range(0xC0, 0x250):
        letters = unicodedata.normalize("NFD", chr(code))
        if len(letters) > 1:
            table.setdefault(code, letters[0])
    return table


_PLAIN = _latin_table()
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))


def fold(word: str, language: str) -> str:
    """One word in the spelling that phrases are compared in."""
    folded = word.casefold().translate(_PLAIN)
    if language in ("de", "da"):
        for two, one in _DIGRAPHS:
            if two in folded:
                folded = folded.replace(two, one)
    return folded


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word, where it stands in the source, and the sentence and clause it belongs to."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int


@dataclass(frozen=True, slots=True)
class Words:
    """All words of a reply. `questions` are the numbers of the sentences that end in a question mark."""

    source: str
    items: tuple[Word, ...]
    questions: frozenset[int]

    def excerpt(self, first: int, last: int) -> str:
        """The source from word `first` to word `last`, as it was written, on one line."""
        return " ".join(self.source[self.items[first].start : self.items[last].end].split())


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a language's words are written: its contractions, usual misspellings and clause openers.

    `breaks` are words like 'but', `joins` words like 'and': both open a clause, only the first turn the meaning.
    """

    language: str
    contractions: Mapping[str, str]
    rewrites: Mapping[str, str]
    breaks: frozenset[str]
    joins: frozenset[str]
    abbreviations: frozenset[str]

    def split(self, written: str) -> list[str]:
        """The folded words that one written word stands for (`don't` is two); those of a stem (`remov*`) keep it."""
        if written.endswith("*"):
            return self._stem(written[:-1])
        folded = fold(written, self.language).replace("’", "'").replace("`", "'").replace("´", "'")
        if self.language == "ru":
            folded = cyrillic(folded)
        folded = folded.rstrip("'").replace("e-mail", "email").replace("-", "'")
        if folded in self.rewrites:
            return self.rewrites[folded].split()
        if "'" not in folded:
            return [folded]
        for ending, full in self.contractions.items():
            if folded.endswith(ending) and len(folded) > len(ending):
                stem = folded[: -len(ending)]
                return [*self.rewrites.get(stem, stem).split(), full]
        parts = [part for part in folded.split("'") if part]
        return [piece for part in parts for piece in self.rewrites.get(part, part).split()]

    def _stem(self, written: str) -> list[str]:
        """Words of which the last may go on; no misspelling is mended in what is not whole."""
        folded = fold(written, self.language).replace("e-mail", "email").replace("’", "'").replace("-", "'")
        parts = [part for part in folded.split("'") if part]
        return [*parts[:-1], parts[-1] + "*"] if parts else []


def split_words(text: str, spelling: Spelling) -> Words:
    """Read `text` into words. Sentences end at stops, blank lines and short lines; clauses at pauses and breaks."""
    reader = _Reader(unicodedata.normalize("NFC", text[:MOST_CHARACTERS]), spelling)
    return reader.read()


class _Reader:
    def __init__(self, source: str, spelling: Spelling) -> None:
        self.source, self.spelling = source, spelling
        self.items: list[Word] = []
        self.questions: set[int] = set()
        self.sentence = self.clause = 0
        self.line_start = 0

    def read(self) -> Words:
        for match in _TOKEN.finditer(self.source):
            kind = match.lastgroup
            if kind == "stop":
                self._stop(match)
            elif kind == "line":
                self._line(match)
            elif kind == "pause":
                self.clause += 1
            else:
                self._add(match, kind or "word")
                self.clause += kind == "emoji"
        return Words(self.source, tuple(self.items), frozenset(self.questions))

    def _add(self, match: re.Match[str], kind: str) -> None:
        for text in self._texts(match.group(), kind):
            if kind == "word" and (text in self.spelling.breaks or text in self.spelling.joins):
                self.clause += 1
            self.items.append(Word(text, match.start(), match.end(), self.sentence, self.clause))

    def _texts(self, written: str, kind: str) -> Iterator[str]:
        if kind == "email":
            yield EMAIL
        elif kind == "url":
            yield URL
        elif kind == "number":
            yield _ORDINAL.sub("", written.casefold())
        elif kind == "emoji":
            yield _SMILEYS.get(written.replace("-", ""), written)
        else:
            yield from self.spelling.split(written)

    def _stop(self, match: re.Match[str]) -> None:
        if "?" in match.group() and self.items:
            self.questions.add(self.sentence)
        if match.group() == "." and self.items and self.items[-1].end == match.start():
            before = self.items[-1].text
            after = self.source[match.end() : match.end() + 1]
            ordinal = self.source[match.start() - 1].isdigit() and len(before) <= len("31.12")
            if ordinal and after in (" ", "\u00a0") and self._may_go_on(before, match.end() + 1):
                return
            if before in self.spelling.abbreviations or (len(before) == 1 and after.isalnum()):
                return
        self._end_sentence()

    def _may_go_on(self, before: str, at: int) -> bool:
        """Whether the stop of "on the 9. " may be that of an ordinal number, as only some languages write it."""
        stopped = self.spelling.language in _STOPPED_ORDINALS and before.isdecimal()
        return stopped or not self.source[at : at + 1].isupper()

    def _line(self, match: re.Match[str]) -> None:
        written = self.source[self.line_start : match.start()].strip()
        self.line_start = match.end()
        if match.group().count("\n") > 1 or len(written) < _SHORT_LINE:
            self._end_sentence()

    def _end_sentence(self) -> None:
        if self.items and self.items[-1].sentence == self.sentence:
            self.sentence += 1
        self.clause += 1
