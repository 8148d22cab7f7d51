"""What goes over the wire for one message: the commands with what this server can do, and the body. No I/O."""

from __future__ import annotations

import re

import idna

from nurture.mail import replies
from nurture.mail.replies import Because, Stage
from nurture.ports import NotSent

_ODD_LINE_END = re.compile(rb"\r\n|\r|\n")
_NOT_IN_A_PATH = re.compile(r"[\x00-\x20\x7f<>\u0080-\u00a0\u2028\u2029]")


def wire(raw: bytes) -> bytes:
    """`raw` with CRLF at the end of every line and of the whole: no bare CR or LF ever leaves us (RFC 5321 §2.3.8)."""
    pairs = raw.count(b"\r\n")
    if raw.count(b"\n") != pairs or raw.count(b"\r") != pairs:
        raw = _ODD_LINE_END.sub(b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def stuffed(body: bytes) -> bytes:
    """`body` (as `wire` makes it) with leading dots doubled (RFC 5321 §4.5.2); the final dot is not in it."""
    if body.startswith(b"."):
        body = b"." + body
    return body.replace(b"\r\n.", b"\r\n..")


def commands(
    envelope_from: str, recipient: str, body: bytes, extensions: dict[str, str]
) -> list[tuple[Stage, bytes]]:
    """MAIL, RCPT and DATA for one message to one recipient, each with its CRLF.

    `extensions` are the EHLO keywords of *this* connection in lower case. Raises `NotSent` for what this server has no
    means for: an address outside ASCII without SMTPUTF8, 8-bit text without 8BITMIME, more octets than SIZE.
    """
    sender = _path(envelope_from, allow_empty=True)
    person = _path(recipient)
    ascii_body = body.isascii()
    headers = body[: body.find(b"\r\n\r\n") + 1 or len(body)]
    wants_utf8 = not (sender.isascii() and person.isascii() and (ascii_body or headers.isascii()))
    parameters = []
    if "size" in extensions:
        _check_size(len(body), extensions["size"])
        parameters.append(f"SIZE={len(body)}")
    if not ascii_body or wants_utf8:
        _need("8bitmime" in extensions, Because.NEEDS_8BITMIME)
        parameters.append("BODY=8BITMIME")
    if wants_utf8:
        _need("smtputf8" in extensions, Because.NEEDS_SMTPUTF8)
        parameters.append("SMTPUTF8")
    mail = " ".join([f"MAIL FROM:<{sender}>", *parameters])
    return [
        (Stage.MAIL, mail.encode() + b"\r\n"),
        (Stage.RCPT, f"RCPT TO:<{person}>\r\n".encode()),
        (Stage.DATA, b"DATA\r\n"),
    ]


def _path(address: str, *, allow_empty: bool = False) -> str:
    """The address as it stands between the angle brackets: an international domain as A-labels (RFC 5891)."""
    if not address and allow_empty:
        return ""
    local, at, domain = address.rpartition("@")
    if not local or not at or not domain or _NOT_IN_A_PATH.search(address):
        raise _unsendable(Because.BAD_ADDRESS, f"{address!r} is not an address")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise _unsendable(Because.BAD_ADDRESS, str(error)) from None


def _check_size(octets: int, limit: str) -> None:
    """RFC 1870 §6.1: a limit of 0, or none, is no fixed limit."""
    most = int(limit) if limit.isdigit() else 0
    if most and octets > most:
        raise _unsendable(Because.TOO_BIG, f"{octets} octets, the server takes {most}")


def _need(has_it: bool, word: Because) -> None:
    if not has_it:
        raise _unsendable(word)


def _unsendable(word: Because, detail: str = "") -> NotSent:
    return NotSent(Stage.MAIL, replies.unsendable(word), detail=detail)
