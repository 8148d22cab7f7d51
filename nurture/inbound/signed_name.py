"""Whether a line is somebody's name: that of the person who wrote, by what is known of it, or one by its looks."""

from __future__ import annotations

import re
from functools import lru_cache

from nurture.inbound.quote_data import NO_NAMES, TITLES

Names = frozenset[str]
"""The words of the names that a mail's writer is known by, in lower case."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_ADDRESS = re.compile(r"@[\w.-]+")
_REST = re.compile(r"\s*(?:[|,(/•·*–—:;]|\s-\s)")
_INITIALS = re.compile(r"(?:[^\W\d_]\. ?){1,3}([^\W\d_]{3,}(?:-[^\W\d_]{3,})?)")


@lru_cache(maxsize=64)
def names_of(text: str) -> Names:
    """The words of a display name or an address: `Otto Kunde`, `KUNDE, Otto`, `otto.kunde@kunde.example`."""
    words = _WORD.findall(_ADDRESS.sub(" ", text[:300]).replace("_", " ").replace(".", ". "))
    return frozenset(word.strip(".").casefold() for word in words) - TITLES


def is_name(line: str, names: Names) -> bool:
    """Whether a line is the writer's name, or begins with it and goes on after a comma or a bar."""
    line = line.strip(" \t*_~,;.!-–—")
    if not names or not 1 < len(line) <= 90 or line.endswith("?"):
        return False
    head = _REST.split(line, maxsplit=1)[0]
    if len(line) - len(head) > 1 and line[-1:] in ".:" and len(line.split()) > 8:
        return False
    words = [word for word in _WORD.findall(head) if word.strip(".").casefold() not in TITLES]
    if not 0 < len(words) <= 5 or re.search(r"\d", head):
        return False
    known = [_is_known(word, names) for word in words]
    if all(known):
        return any(len(word.strip(".")) > 1 for word in words)
    strange = [word for word, is_known in zip(words, known, strict=True) if not is_known]
    return (
        known[0]
        and len(words[0]) > 2
        and len(strange) == 1
        and strange[0].lower() not in NO_NAMES
        and strange[0][:1].isupper()
    )


def all_known(line: str, names: Names) -> bool:
    """Whether a line has no word but the writer's names; `O.` too."""
    words = _WORD.findall(line)
    return 0 < len(words) <= 4 and all(_is_known(word, names) for word in words)


def _is_known(word: str, names: Names) -> bool:
    word = word.strip(".").casefold()
    if word in names:
        return True
    if len(word) == 1:
        return any(name.startswith(word) for name in names)
    if len(word) >= 3 and any(name.startswith(word) for name in names):
        return True
    return word[:1] in names or all(part in names for part in re.split(r"['’-]", word))


def looks_like_name(text: str) -> bool:
    """One to four capitalised words, none of which makes it something else: `Otto Kunde`, `Hilde van Grootveld`."""
    text = text.strip(" \t*_,.!:;/&|-")
    words = [word for word in text.split() if word.strip(".,").lower() not in TITLES]
    if not 0 < len(words) <= 4 or len(text) > 50 or re.search(r"[\d?@]", text):
        return False
    return all(word[:1].isupper() and word.strip(".,").lower() not in NO_NAMES for word in words)


def initials(line: str) -> bool:
    """`J. Smith`, `Н. Ф. Петрова`."""
    match = _INITIALS.fullmatch(line.strip())
    return match is not None and line.strip()[:1].isupper() and match[1][:1].isupper()
