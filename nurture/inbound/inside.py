"""Answers that somebody wrote into a quoted mail without any marks, as Outlook lets them ("my answers below in red").

Where the mail that was answered is known, what it does not say is the answer. Where it is not, the lines below its
questions are, if the writer announced answers there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nurture.inbound.introduction import header_block, original_line
from nurture.inbound.quote_data import ANNOUNCED, FOOTER, may_close

MOST_LETTERS = 64 * 1024
ENOUGH = 0.5
"""So much of a quoted mail must be the known one before what else stands there is taken for an answer."""
SHORT = 12
"""Letters of a line that may stand in a mail by chance; it must be a whole line or sentence of it."""
MOST_ANNOUNCING = 300

_LINK = re.compile(r"<[^<>\n]{0,2000}>|\[?https?://[^\s<>\]]{1,2000}\]?")
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")
_NUMBERED = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•–])\s")


class Known:
    """The letters of a mail of ours, to find lines of it again however they were wrapped and spaced."""

    def __init__(self, text: str) -> None:
        bare = _LINK.sub(" ", text[:MOST_LETTERS])
        self._letters = _letters(bare)
        self._whole = {
            _letters(piece) for line in bare.splitlines() for piece in (line, *_SENTENCE.split(line))
        }
        self._end = 0

    def says(self, line: str) -> bool:
        """Whether it says this, asked for one line after the other."""
        wanted = _said(line)
        if not wanted:
            return True
        goes_on = self._letters.startswith(wanted, self._end)
        at = self._end if goes_on else self._letters.find(wanted)
        if at < 0 or not (goes_on or len(wanted) >= SHORT or wanted in self._whole):
            return False
        self._end = at + len(wanted)
        return True


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _said(line: str) -> str:
    """The letters of a line without its links."""
    return _letters(_LINK.sub(" ", line))


def not_said(lines: Sequence[str], known: Known) -> list[int]:
    """The places of lines that the known mail does not have; none where the lines are mostly of another one."""
    own = [at for at, line in enumerate(lines) if line.strip() and not known.says(line)]
    letters = [len(_letters(line)) for line in lines]
    strange = sum(letters[at] for at in own)
    return own if sum(letters) - strange >= ENOUGH * sum(letters) else []


def below_questions(lines: Sequence[str]) -> list[int]:
    """The places of the lines that follow a question: up to an empty line, the next question or the closing."""
    own: list[int] = []
    last = ""
    for at, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        goes_on = bool(own) and own[-1] == at - 1
        if (goes_on or "?" in last) and not _is_of_the_quote(text):
            own.append(at)
        else:
            last = text
            continue
        last = ""
    return own


def _is_of_the_quote(text: str) -> bool:
    return (
        text.endswith("?")
        or _NUMBERED.match(text) is not None
        or may_close(text)
        or not _said(text)
        or (_LINK.search(text) is not None and FOOTER.search(text) is not None)
    )


def announces(text: str) -> bool:
    """Whether short words above a quote say that the answers stand in it."""
    return len(text) <= MOST_ANNOUNCING and ANNOUNCED.search(text) is not None


def end_of_quoted(lines: list[str], begin: int) -> int:
    """Where the first quoted mail ends: at the header block of an older one, or with the text."""
    for at in range(begin, len(lines)):
        if original_line(lines[at]) or header_block(lines, at, separated=False):
            return at
    return len(lines)
