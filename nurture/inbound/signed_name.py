"""Whether a line is somebody's name: that of the person who wrote, by what is known of it, or one by its looks."""

from __future__ import annotations

import re
from functools import lru_cache

from nurture.inbound.quote_data import CONTACT, FROM_WORDS, NO_NAMES, REFERRING, ROLE, TITLES, may_close

Names = frozenset[str]
"""The words of the names that a mail's writer is known by, in lower case."""

MAX_PERSON = 100

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_ADDRESS = re.compile(r"@[\w.-]+")
_REST = re.compile(r"\s*(?:[|,(/•·*–—:;]|\s-\s)")
_INITIALS = re.compile(
    r"(?:[^\W\d_]\.[ -]?){1,3}([^\W\d_]{3,}(?:-[^\W\d_]{3,})?)|([^\W\d_]{3,})(?: ?[^\W\d_]\.){2}"
)
_LETTERS = re.compile(r"[^\W\d_]{1,4}|(?:[^\W\d_]\.[ -]?){1,4}")
_BRACKET = re.compile(r"\s*\([^()]{1,60}\)$")
_KISSES = re.compile(r"(?:\s+(?:x+|xo+))+$", re.I)
_PET_ENDING = re.compile(r"[ayiая]$|ek$|uś$")


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
    if len(words) == 3 and known[0] and words[1].lower() in FROM_WORDS and words[2][:1].isupper():
        return len(words[0]) > 2 and words[0][:1].isupper() and words[2].lower() not in NO_NAMES
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
    words = [word for word in _WORD.findall(line) if word.strip(".").casefold() not in TITLES]
    return 0 < len(words) <= 4 and all(_is_known(word, names) for word in words)


def are_initials(line: str, names: Names) -> bool:
    """`TM`, `R.` or `J. R. S.`, each letter the first of another of the writer's names."""
    line = line.strip(" \t*_-–—/")
    if not names or not line.isupper() or not _LETTERS.fullmatch(line) or line.strip(".").lower() in NO_NAMES:
        return False
    letters = [letter.lower() for letter in line if letter.isalpha()]
    if len(letters) == 1 and line[-1] != ".":
        return False
    begun = [name[:1] for name in names]
    return all(letters.count(letter) <= begun.count(letter) for letter in letters)


def is_pet_name(line: str, names: Names) -> bool:
    """A short form of a writer's name: `Darek` of Dariusz, `Гена` of Геннадий."""
    word = line.strip(" \t*_.,!").casefold()
    if not word.isalpha() or not 3 < len(word) <= 6 or not line.strip(" \t*_")[:1].isupper():
        return False
    if word in NO_NAMES or may_close(word) or _PET_ENDING.search(word) is None:
        return False
    return any(name[:3] == word[:3] and len(_shared(name, word)) >= len(word) - 2 for name in names)


def _shared(one: str, other: str) -> str:
    return one[
        : next(
            (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other)
        )
    ]


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
    text = _KISSES.sub("", _BRACKET.sub("", text.strip(" \t*_,.!:;/&|-")))
    words = _name_words(text)
    if not 0 < len(words) <= 4 or len(text) > 60 or re.search(r"[\d?@]", text):
        return False
    return all(word[:1].isupper() and word.strip(".,").lower() not in NO_NAMES for word in words)


def looks_like_person(text: str) -> bool:
    """A first and a last name by their looks, perhaps with a title before or what the person is after a bar."""
    if len(text) > MAX_PERSON:
        return False
    head = re.split(r"\s*[|•·]\s*|\s[-–]\s", text.strip(), maxsplit=1)[0]
    if not looks_like_name(head) or may_close(head) or CONTACT.search(head) or head[-1:] in "?!:":
        return False
    if initials(head):
        return True
    words = _name_words(_BRACKET.sub("", head))
    whole = [word for word in words if len(word.strip(".-")) > 1]
    first = whole[0] if whole else ""
    if len(words) < 2 or not first or first.isupper() or first.lower() in REFERRING:
        return False
    return not any(ROLE.match(word) for word in words)


def is_titled(line: str) -> bool:
    """`rag. Loredana Pivetti`: a title before a name."""
    first = line.split(maxsplit=1)[0] if line.strip() else ""
    return first.endswith(".") and first.strip(".").lower() in TITLES


def _name_words(text: str) -> list[str]:
    """The words of a name without titles and without what its owner is: `гл. бухгалтер Н. В. Ершова`."""
    words = [word for word in text.split() if word.strip(".,").lower() not in TITLES]
    while len(words) > 1 and words[0][:1].islower() and ROLE.match(words[0]):
        words.pop(0)
    return words


def initials(line: str) -> bool:
    """`J. Smith`, `J.-P. Blachon`, `Н. Ф. Петрова`, `Петрова Н. Ф.`."""
    match = _INITIALS.fullmatch(line.strip())
    return match is not None and line.strip()[:1].isupper() and (match[1] or match[2])[:1].isupper()
