"""IMAP commands as they come over the wire: atoms, quoted strings, literals, lists (RFC 9051 §4). And answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from nurture.demo.servers.lines import Wire

Token = bytes | list["Token"]

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")
_ATOM_END = b' ()"'


class BadCommand(Exception):
    """The client's command can't be read; it is answered with BAD."""


async def read_command(wire: Wire) -> list[Token]:
    """One command with all its literals, asked for as they come."""
    parts: list[bytes | tuple[bytes]] = []
    while True:
        line = await wire.line()
        found = _LITERAL.search(line)
        if found is None:
            parts.append(line)
            return _Reader(parts).tokens()
        parts.append(line[: found.start()])
        if not found[2]:
            await wire.send(b"+ go ahead\r\n")
        parts.append((await wire.octets(int(found[1])),))


class _Reader:
    """Cuts a command into tokens. A literal is one token wherever it stands."""

    def __init__(self, parts: list[bytes | tuple[bytes]]) -> None:
        self._stack: list[list[Token]] = [[]]
        self._parts = parts

    def tokens(self) -> list[Token]:
        for part in self._parts:
            if isinstance(part, tuple):
                self._stack[-1].append(part[0])
            else:
                self._cut(part)
        if len(self._stack) != 1:
            raise BadCommand("unbalanced brackets")
        return self._stack[0]

    def _cut(self, text: bytes) -> None:
        at = 0
        while at < len(text):
            char = text[at : at + 1]
            if char == b" ":
                at += 1
            elif char == b"(":
                self._stack.append([])
                at += 1
            elif char == b")":
                if len(self._stack) == 1:
                    raise BadCommand("unbalanced brackets")
                done = self._stack.pop()
                self._stack[-1].append(done)
                at += 1
            elif char == b'"':
                at = self._quoted(text, at + 1)
            else:
                at = self._atom(text, at)

    def _quoted(self, text: bytes, at: int) -> int:
        out = bytearray()
        while at < len(text) and text[at : at + 1] != b'"':
            if text[at : at + 1] == b"\\":
                at += 1
            out += text[at : at + 1]
            at += 1
        if at >= len(text):
            raise BadCommand("a quote is open")
        self._stack[-1].append(bytes(out))
        return at + 1

    def _atom(self, text: bytes, at: int) -> int:
        """An atom; what stands in square brackets belongs to it (``BODY[HEADER.FIELDS (TO)]<0.9>``)."""
        start, depth = at, 0
        while at < len(text):
            char = text[at]
            if char == ord("["):
                depth += 1
            elif char == ord("]"):
                depth = max(0, depth - 1)
            elif depth == 0 and char in _ATOM_END:
                break
            at += 1
        self._stack[-1].append(text[start:at])
        return at


def text(token: Token) -> str:
    """The token as text; raises `BadCommand` for a list."""
    if isinstance(token, list):
        raise BadCommand("a list where a string belongs")
    return token.decode("utf-8", "replace")


def number_set(token: Token, highest: int) -> Callable[[int], bool]:
    """``1:4,7,9:*`` as a test (RFC 9051 §9 "sequence-set"); `highest` stands for the star."""
    ranges: list[tuple[int, int]] = []
    try:
        for part in text(token).split(","):
            first, _, last = part.partition(":")
            ends = [highest if end == "*" else int(end) for end in (first, last or first)]
            ranges.append((min(ends), max(ends)))
    except ValueError:
        raise BadCommand(f"not a set of numbers: {text(token)}") from None
    return lambda number: any(low <= number <= high for low, high in ranges)


def quoted(value: str) -> bytes:
    """A quoted string."""
    return b'"' + value.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def literal(data: bytes) -> bytes:
    """A literal."""
    return b"{%d}\r\n" % len(data) + data
