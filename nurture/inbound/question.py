"""The sentence of ours that an answer is to, found in the lines that a mail quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST_ASKED = 300
_FEW_LINES, _SHORT_LINE = 3, 46
_ALONE = 6
"""A question of fewer words leans on the sentence before it."""
_MARKS = re.compile(r"^(?:[ \t]*(?:>|&gt;|\|))+[ \t]?", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_])(?![a-zа-яß-ÿё])|\s*\n\s*")


def question_in(quoted: Sequence[str], *, above: bool) -> str:
    """The sentence of the quoted lines that an answer is to: their last question.

    `above`: they stand right above the answer; then, where they are few, their last sentence counts even when it
    is no question. A question of few words ("OK with you?") comes with the sentence before it.
    """
    sentences = [one for one in _SENTENCE_END.split(_unwrapped(quoted)) if one]
    places = [place for place, one in enumerate(sentences) if one.endswith("?")]
    if not places and above and sentences and len(quoted) <= _FEW_LINES:
        places = [len(sentences) - 1]
    if not places:
        return ""
    asked, before = sentences[places[-1]], sentences[places[-1] - 1] if places[-1] else ""
    if len(asked.split()) < _ALONE and before.endswith((".", "!", "…")):
        asked = f"{before} {asked}"
    return asked[-_MOST_ASKED:]


def _unwrapped(quoted: Sequence[str]) -> str:
    """The quoted text without its marks, one line for each that was not wrapped."""
    text, last = "", ""
    for line in (_MARKS.sub("", one).strip() for one in quoted):
        goes_on = bool(last) and (len(last) >= _SHORT_LINE or line[:1].islower())
        text += (" " if goes_on else "\n") + line
        last = line
    return text.strip()
