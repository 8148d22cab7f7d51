"""A mail's bytes split into a tree of parts, under limits that hold before anything is decoded.

The standard library's parser raises RecursionError on 2,000 nested parts and needs a second for 100,000 of
them; this one stops at `MAX_DEPTH` and `MAX_PARTS`, says so in `defects`, and keeps what it has.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

from nurture.inbound.charset import decode_bytes
from nurture.inbound.headers import Header, decode_base64, decode_header, parameters, split_headers

MAX_BYTES = 2 * 1024 * 1024
MAX_PARTS = 200
MAX_DEPTH = 30
MAX_TEXT = 256 * 1024

EMBEDDED = frozenset({"message/rfc822", "message/global", "message/news", "message/partial"})

_BOUNDARY_LINE = re.compile(rb"(?:\A|\n)--([^\s-][^\n]{0,198}?)[ \t]*\n(?=[Cc]ontent-)")


@dataclass(slots=True)
class Node:
    """One part: a leaf with data, a multipart with children, or an embedded message with one child."""

    headers: tuple[Header, ...]
    type: str
    params: dict[str, str]
    data: bytes = b""
    children: list[Node] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The first value of a header, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def name(self) -> str:
        """The attachment's file name, or an empty text."""
        _, disposition = parameters(self.header("content-disposition"))
        return disposition.get("filename") or self.params.get("name", "")

    @property
    def attached(self) -> bool:
        """Whether the sender meant it to be shown as a file."""
        return self.header("content-disposition").strip().lower().startswith("attachment")

    def decoded(self) -> bytes:
        """The data with its transfer encoding undone; as it is where that fails."""
        encoding = self.header("content-transfer-encoding").strip().lower().strip("\"';. ")
        if encoding.startswith("base64"):
            return decode_base64(self.data)
        if encoding.startswith("quoted"):
            try:
                return binascii.a2b_qp(self.data)
            except ValueError:
                return self.data
        return self.data

    def text(self) -> str:
        """The data as text, at most `MAX_TEXT` characters, with LF line ends."""
        return decode_bytes(self.decoded()[: MAX_TEXT * 2], self.params.get("charset"))[:MAX_TEXT].replace(
            "\r\n", "\n"
        )


class Splitter:
    """Splits one mail. `defects` collects what was wrong or cut off."""

    def __init__(self) -> None:
        self.defects: list[str] = []
        self._parts = 0

    def split(self, raw: bytes, depth: int = 0, default: str = "text/plain") -> Node:
        """The tree for an entity: its headers, an empty line, its body. Line ends must be LF."""
        block, body = _cut_headers(raw)
        fields, defects = split_headers(block)
        self.defects += defects
        headers = tuple((name, decode_header(value)) for name, value in fields)
        declared = next((value for name, value in headers if name == "content-type"), "")
        kind, params = parameters(declared)
        if not re.fullmatch(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+", kind):
            kind = default
        node = Node(headers, kind, params, body)
        self._parts += 1
        if self._parts > MAX_PARTS or depth >= MAX_DEPTH:
            self.defects.append("too_many_parts" if self._parts > MAX_PARTS else "too_deep")
            node.type, node.data = "application/octet-stream", b""
        elif kind.startswith("multipart/"):
            self._split_multipart(node, depth)
        elif kind in EMBEDDED:
            inner = node.decoded().replace(b"\r\n", b"\n").lstrip(b"\n")
            node.children.append(self.split(inner, depth + 1))
        return node

    def _split_multipart(self, node: Node, depth: int) -> None:
        default = "message/rfc822" if node.type == "multipart/digest" else "text/plain"
        boundary = node.params.get("boundary", "").encode("utf-8", "replace")
        pieces = _pieces(node.data, boundary) if boundary else []
        if not pieces:
            guessed = _BOUNDARY_LINE.search(node.data)
            self.defects.append("no_boundary")
            pieces = _pieces(node.data, guessed[1]) if guessed else []
        if not pieces:
            node.type = "text/plain"
            return
        for piece in pieces:
            if self._parts > MAX_PARTS:
                self.defects.append("too_many_parts")
                break
            node.children.append(self.split(piece, depth + 1, default))


def _cut_headers(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith(b"\n"):
        return b"", raw[1:]
    end = raw.find(b"\n\n")
    blank = re.compile(rb"\n[ \t]+\n").search(raw, 0, end + 1 if end >= 0 else len(raw))
    if blank is not None:
        return raw[: blank.start()], raw[blank.end() :]
    return (raw, b"") if end < 0 else (raw[:end], raw[end + 2 :])


def _pieces(data: bytes, boundary: bytes) -> list[bytes]:
    """What lies between the boundary lines; a missing last one is forgiven."""
    mark = b"\n--" + boundary.rstrip()
    data = b"\n" + data
    pieces: list[bytes] = []
    start = -1
    at = data.find(mark)
    while at >= 0 and len(pieces) <= MAX_PARTS:
        end = data.find(b"\n", at + len(mark))
        rest = data[at + len(mark) : end if end >= 0 else len(data)].strip()
        if rest not in (b"", b"--"):
            at = data.find(mark, at + len(mark))
            continue
        if start >= 0:
            pieces.append(data[start:at])
        if rest == b"--" or end < 0:
            start = -1
            break
        start = end + 1
        at = data.find(mark, end)
    if 0 <= start < len(data):
        pieces.append(data[start:])
    return pieces
