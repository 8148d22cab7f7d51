"""An email's head and parts as the bytes that are handed over.

A writer of our own, since building an `email.message.EmailMessage` costs more than everything else in a send together.
7-bit throughout (quoted-printable or base64), so that no relay has to recode it and break a signature (RFC 6376 §5.3).
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from nurture.mail.headers import Head, HeaderInjection, write_head
from nurture.mail.words import clean

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent along. `kind` is its media type."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"


def compose(
    head: Head,
    text: str,
    html: str | None = None,
    *,
    calendar: bytes | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> bytes:
    """The whole message, CRLF line ends, no line over 998 octets, pure ASCII; the same input gives the same bytes.

    Text and HTML are alternatives (text first, RFC 2046 §5.1.4). `calendar` is an iCalendar REQUEST: the last
    alternative, and a file `invite.ics` besides (RFC 6047). Raises as `write_head`.
    """
    mark = sha256(head.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    parts = [_text_part("plain", text)]
    if html is not None:
        parts.append(_text_part("html", html))
    files = list(attachments)
    if calendar is not None:
        parts.append(_text_part("calendar; method=REQUEST", calendar.decode("utf-8", "replace")))
        files.append(Attachment("invite.ics", calendar, "application/ics"))
    body = parts[0] if len(parts) == 1 else _multipart("alternative", parts, f"=_a{mark}")
    if files:
        body = _multipart("mixed", [body, *map(_file_part, files)], f"=_m{mark}")
    return write_head(head) + b"MIME-Version: 1.0\r\n" + body


def _multipart(kind: str, parts: list[bytes], boundary: str) -> bytes:
    # "=_" can stand neither in base64 nor in quoted-printable, so no part can contain the boundary.
    line = f"--{boundary}".encode("ascii")
    opening = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return opening + body + line + b"--\r\n"


def _text_part(kind: str, text: str) -> bytes:
    subtype, _, rest = kind.partition(";")
    parameters = f'; charset="utf-8"{";" + rest if rest else ""}'
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = text.encode("utf-8", "replace")
    if len(raw) - len(text) > len(raw) // 8:
        encoding, content = "base64", _base64(raw.replace(b"\n", b"\r\n"))
    else:
        encoding, content = "quoted-printable", _quoted_printable(raw)
    opening = f"Content-Type: text/{subtype}{parameters}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return opening.encode("ascii") + content


def _file_part(file: Attachment) -> bytes:
    if not _TYPE.fullmatch(file.kind):
        raise HeaderInjection(f"“{clean(file.kind, 60)}” is not a media type.")
    opening = (
        f"Content-Type: {file.kind}\r\n"
        f"Content-Disposition: attachment;\r\n {_file_name(file.name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return opening.encode("ascii") + _base64(file.content)


def _file_name(name: str) -> str:
    """The file name's parameter: quoted, or RFC 2231 for what is not ASCII."""
    name = re.sub(r"[/\\\"]", "_", clean(name, 120)) or "file"
    if name.isascii():
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


def _base64(raw: bytes) -> bytes:
    line = b2a_base64(raw, newline=False)
    return b"\r\n".join([line[at : at + 76] for at in range(0, len(line), 76)])


def _quoted_printable(raw: bytes) -> bytes:
    lines = b2a_qp(raw, istext=True)
    if b"From " in lines:
        # mbox writers put a ">" before such a line, which breaks signatures.
        lines = (b"\n" + lines).replace(b"\nFrom ", b"\n=46rom ")[1:]
    return lines.replace(b"\n", b"\r\n")
