"""The rules of `absence.yaml`, made ready to be searched for in subjects and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture.inbound.rule_files import any_of, load

_DATA = load("absence.yaml")
_NEVER = "(?!)"
_CYRILLIC = re.compile("[а-яё]")
_MARKS = re.compile(r"\\.|\[[^\]]*\]|[()|]")


def words_of(name: str) -> str:
    """The rules of a list as alternatives of one regular expression."""
    return any_of(_DATA, name)


def compiled(name: str, prefix: str = "") -> re.Pattern[str]:
    """The same, compiled for any case of letters, each behind `prefix`."""
    return re.compile(f"{prefix}(?:{words_of(name)})", re.I)


class WordRules:
    """Rules of one list for the text of a mail. Those with Cyrillic letters are only tried where there are some."""

    __slots__ = ("_cyrillic", "_latin")

    def __init__(self, name: str) -> None:
        rules = [_small(rule) for rule in _rules(words_of(name))]
        cyrillic = [rule for rule in rules if _CYRILLIC.search(rule)]
        self._latin = re.compile("|".join(rule for rule in rules if rule not in cyrillic) or _NEVER)
        self._cyrillic = re.compile("|".join(cyrillic) or _NEVER)

    def search(self, small: str) -> re.Match[str] | None:
        """Where a rule holds in a text of small letters; the Cyrillic rules are asked first.

        Small letters, since a search that ignores case looks at every rule at every letter.
        """
        found = self._cyrillic.search(small) if _CYRILLIC.search(small) else None
        return found or self._latin.search(small)


def _small(rule: str) -> str:
    """A rule for text in small letters; classes such as `\\W` stay as they are."""
    return re.sub(
        r"\\.|[A-ZА-ЯЁ]+", lambda match: match[0] if match[0][0] == "\\" else match[0].lower(), rule
    )


def _rules(pattern: str) -> Iterator[str]:
    """A pattern's alternatives of the outermost level."""
    depth, start = 0, 0
    for match in _MARKS.finditer(pattern):
        mark = match[0]
        if mark == "|" and not depth:
            yield pattern[start : match.start()]
            start = match.end()
        depth += {"(": 1, ")": -1}.get(mark, 0)
    yield pattern[start:]
