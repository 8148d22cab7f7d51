"""What an incoming mail can be matched by: clues in the order of their strength. No look-ups happen here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.original import returned_ids
from nurture.inbound.verdict import Clue, ClueKind

T = TypeVar("T")

MAX_CLUES = 200
MAX_REPORT = 8000

_PLUS = re.compile(r"[^+@\s]{1,64}\+([^@\s]{4,250})@")
_LINK_TOKEN = re.compile(r"https?://[^\s<>\"]{1,250}/[uv]/([A-Za-z0-9_.~=-]{8,400})")
_ENVELOPE = re.compile(r"^original-envelope-id:[ \t]*<?([^\s<>;]{4,250})", re.I | re.M)
_TOKEN_HEADERS = (
    "return-path",
    "x-envelope-from",
    "reply-to",
    "list-unsubscribe",
    "errors-to",
    "to",
    "delivered-to",
)


def clues(mail: Received, recipients: tuple[str, ...] = ()) -> tuple[Clue, ...]:
    """Tokens in the addresses it was sent to, then ids it answers or returns, then who it is from or about.

    `recipients` are the addresses a report names. A token is only a candidate until its signature is verified.
    """
    found: dict[Clue, None] = {}
    for address in mail.to:
        _add(found, ClueKind.TOKEN, _PLUS.match(address), "recipient")
    for original in mail.originals:
        for name in _TOKEN_HEADERS:
            value = original.header(name)
            for address in addresses(value):
                _add(found, ClueKind.TOKEN, _PLUS.match(address), f"returned {name}")
            _add(found, ClueKind.TOKEN, _LINK_TOKEN.search(value), f"returned {name}")
    for report in mail.reports:
        for address in addresses(report.text[:MAX_REPORT]):
            _add(found, ClueKind.TOKEN, _PLUS.match(address), "report")
        _add(found, ClueKind.TOKEN, _ENVELOPE.search(report.text[:MAX_REPORT]), "envelope id")
    for message_id in mail.in_reply_to:
        found[Clue(ClueKind.MESSAGE_ID, message_id, "in-reply-to")] = None
    if mail.originals or mail.reports or recipients:
        for message_id in returned_ids(mail)[:20]:
            found[Clue(ClueKind.MESSAGE_ID, message_id, "returned mail")] = None
    for message_id in reversed(mail.references):
        found[Clue(ClueKind.MESSAGE_ID, message_id, "references")] = None
    for address in recipients:
        found[Clue(ClueKind.SENDER, address.lower(), "failed recipient")] = None
    if not recipients:
        for written, source in (
            (mail.from_, "from"),
            (mail.reply_to, "reply-to"),
            (mail.return_path, "return-path"),
        ):
            if written:
                found[Clue(ClueKind.SENDER, written.lower(), source)] = None
    return tuple(found)[:MAX_CLUES]


def verified_token(found: tuple[Clue, ...], verify: Callable[[str], T | None]) -> T | None:
    """What `verify` makes of the first token it accepts; None if it accepts none."""
    for clue in found:
        if clue.kind is ClueKind.TOKEN and (meaning := verify(clue.value)) is not None:
            return meaning
    return None


def _add(found: dict[Clue, None], kind: ClueKind, match: re.Match[str] | None, source: str) -> None:
    if match is not None:
        found[Clue(kind, match[1], source)] = None
