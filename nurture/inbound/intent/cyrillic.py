"""Russian typed in Latin letters, and Latin look-alikes inside Cyrillic words, as Cyrillic."""

from __future__ import annotations

import re

_LATIN = re.compile(r"[a-z'’`´]+\Z")
_MIXED = re.compile(r"(?=.*[а-яё])(?=.*[aceopxykmhtb])[а-яёa-z]+\Z")
_LOOK_ALIKE = str.maketrans("aceopxykmhtb", "асеорхукмнтв")
_MANY = {
    "shch": "щ", "sch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц",
    "yo": "е", "jo": "е", "yu": "ю", "ju": "ю", "ya": "я", "ja": "я", "ye": "е", "je": "е",
}  # fmt: skip
_ONE = dict(zip("abcdefghijklmnopqrstuvwxz", "абцдефгхийклмнопкрстуввхз", strict=True))
_VOWELS = "аеиоуыэюя"


def cyrillic(word: str) -> str:
    """`word`, folded, in Cyrillic letters where it is written in Latin ones, wholly or in part; else unchanged."""
    if _MIXED.match(word):
        return word.translate(_LOOK_ALIKE)
    if not _LATIN.match(word) or not word[0].isalpha():
        return word
    found: list[str] = []
    place = 0
    while place < len(word):
        for size in (4, 3, 2):
            letters = _MANY.get(word[place : place + size])
            if letters is not None:
                found.append(letters)
                place += size
                break
        else:
            found.append(_letter(word, place, found))
            place += 1
    return "".join(found)


def _letter(word: str, place: int, found: list[str]) -> str:
    letter = word[place]
    if letter == "y":
        return "й" if found and found[-1] in _VOWELS else "ы"
    if letter == "e" and place == 0 and word[1:2] in ("t", "k"):
        return "э"
    return _ONE.get(letter, "ь")
