"""Header values as they go over the wire: encoded words, phrases, folding (RFC 5322 §2.2.3, RFC 2047)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

LINE: Final = 76
"""Longest line (octets) with encoded words in it (RFC 2047 §2)."""
_WORD: Final = 75
_PREFIX, _SUFFIX = "=?utf-8?", "?="
_FRAME: Final = len("=?utf-8?q??=")
# RFC 2047 §5 (3): what may stand as it is in a Q word inside a phrase.
_Q_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
# Control characters, line and paragraph separators, and the marks that turn the direction of writing.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean(text: str, limit: int = 400) -> str:
    """A text fit for a header: on one line, nothing invisible that could break or forge one, at most `limit` characters."""
    return " ".join(_UNSEEN.sub(" ", text).split())[:limit].rstrip()


def unstructured(name: str, text: str) -> str:
    """A whole header of free text (Subject), folded, without the last line end. `text` is cleaned."""
    text = clean(text)
    if text.isascii() and "=?" not in text:
        folded = _folded(f"{name}: {text}")
        if folded is not None:
            return folded
    return f"{name}: {encoded(text, LINE - len(name) - 2)}"


def phrase(text: str, room: int) -> str:
    """A display name: atoms, a quoted string or encoded words. `room` is what the first line has left."""
    text = clean(text, 200)
    if text.isascii() and "=?" not in text and len(text) + 2 <= room:
        if _ATOMS.fullmatch(text):
            return text
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return encoded(text, room)


def encoded(text: str, room: int) -> str:
    """Encoded words of at most 75 characters, one a line, no character split. `room` is what the first line has left."""
    raw = text.encode("utf-8", "replace")
    plain = sum(byte in _Q_PLAIN or byte == 32 for byte in raw)
    words = _q_words if (len(raw) - plain) * 3 < len(raw) else _b_words
    return "\r\n ".join(words(text, room))


def _b_words(text: str, room: int) -> Iterator[str]:
    limit = _bytes_in(room)
    chunk = b""
    for character in text:
        raw = character.encode("utf-8", "replace")
        if len(chunk) + len(raw) > limit and chunk:
            yield f"{_PREFIX}b?{b64encode(chunk).decode('ascii')}{_SUFFIX}"
            chunk, limit = b"", _bytes_in(LINE - 1)
        chunk += raw
    yield f"{_PREFIX}b?{b64encode(chunk).decode('ascii')}{_SUFFIX}"


def _bytes_in(room: int) -> int:
    return max(4, (min(room, _WORD) - _FRAME) // 4 * 3)


def _q_words(text: str, room: int) -> Iterator[str]:
    limit = max(12, min(room, _WORD) - _FRAME)
    chunk = ""
    for character in text:
        raw = character.encode("utf-8", "replace")
        piece = "".join(
            "_" if byte == 32 else chr(byte) if byte in _Q_PLAIN else f"={byte:02X}" for byte in raw
        )
        if len(chunk) + len(piece) > limit and chunk:
            yield f"{_PREFIX}q?{chunk}{_SUFFIX}"
            chunk, limit = "", min(LINE - 1, _WORD) - _FRAME
        chunk += piece
    yield f"{_PREFIX}q?{chunk}{_SUFFIX}"


def _folded(line: str) -> str | None:
    """A header folded at spaces into lines of at most 78; None when a word is too long for that."""
    if len(line) <= 78:
        return line
    lines = [""]
    for word in line.split(" "):
        if len(word) > LINE:
            return None
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    # A first line that is only the name ("Subject:") is legal but read badly by some.
    return None if lines[0].endswith(":") else "\r\n ".join(lines)
