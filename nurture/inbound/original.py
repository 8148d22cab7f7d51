"""The Message-ID of the mail that another mail is about, wherever it stands."""

from __future__ import annotations

import re

from nurture.inbound.headers import message_ids
from nurture.inbound.message import Received
from nurture.inbound.sns import read_notice

_LINE = re.compile(
    r"^[ \t>|*\"']{0,12}(?:x-)?(?:original-?|internet |your |the )?message[-_ ]?id(?:entifier)?(?: (?:was|is|of .{0,40}?(?:is|was)))?[\"']?(?:[ \t]+header)?[ \t]*[:=]?[ \t\"'*]*(?:\n[ \t>|]*)?(?:<|&lt;|\\u003c)?([^\s<>&\"',;]{3,800})",
    re.I | re.M,
)
_ANYWHERE = re.compile(
    r"message[-_ ]?id(?:entifier)?\b[^<\n]{0,60}(?:\n[ \t>|]*)?(?:<|&lt;)([^\s<>&]{3,800})(?:>|&gt;)", re.I
)
_TRANSLATED = re.compile(
    r"(?:(?:id|identifier|reference) of (?:your|the|this) (?:original )?(?:message|e-?mail|mail)|msg[-_ ]?id|nachrichten?-?id|nachrichtenkennung|identifiant du message|id du message|besked-?id|meddelelses-?id|meddelande-?id|meldings-?id"
    r"|идентификатор (?:сообщения|письма)|id (?:сообщения|письма)|id\.? del? mens\w+|id del messaggio|bericht-?id|id da mensagem"
    r"|identyfikator wiadomości)[ \t]*[:=]?\s{0,4}(?:<|&lt;)?([^\s<>&]{3,800}@[^\s<>&]{1,250})",
    re.I,
)
_BARE = re.compile(r"<((?=[^<>@]{0,400}\d[^<>@]{0,400}\d)[^<>@\s]{6,400}@[^<>@\s]{2,250})>")
_PEOPLE = re.compile(
    r"(?:mailto:|rfc822; ?|to:? ?<?|from:? ?<?|for <?)([^\s<>@]{1,128}@[^\s<>]{1,250})", re.I
)
_COMMON_ID = re.compile(r"\"(?:messageId|message_id|smtp-id)\"\s*:\s*\"<?([^\"<>\s]{3,800})>?\"")


def original_id(mail: Received, *, answering: bool = False) -> str | None:
    """Of a report: the id of the mail it returns or names; of an answer (`answering`): the one it answers."""
    if answering:
        return next(iter((*mail.in_reply_to, *reversed(mail.references))), None)
    notice = read_notice(mail)
    if notice is not None and notice.message_id:
        return notice.message_id
    found = next(iter(returned_ids(mail)), None)
    found = found or next(iter((*mail.in_reply_to, *reversed(mail.references))), None)
    return found or _bare_id(mail)


def _bare_id(mail: Received) -> str | None:
    """Something in angle brackets that looks like an id and is nobody's address: the last resort."""
    people = {
        address.lower() for address in (*mail.to, mail.from_ or "", *_PEOPLE.findall(mail.text[:20000]))
    }
    for text in mail.every_text:
        for match in _BARE.finditer(text[:50000]):
            if match[1].lower() not in people and f"<{match[1]}>" != mail.message_id:
                return f"<{match[1]}>"
    return None


def returned_ids(mail: Received) -> tuple[str, ...]:
    """Every candidate in a report, the likeliest first, without the report's own id."""
    found: dict[str, None] = {}
    for original in mail.originals:
        found.update(dict.fromkeys(message_ids(original.header("message-id"))))
    for report in mail.reports:
        found.update(dict.fromkeys(_ids_in(report.text)))
    for text in mail.every_text:
        found.update(dict.fromkeys(_ids_in(text)))
    for name in (
        "x-original-message-id",
        "x-failed-message-id",
        "original-message-id",
        "x-ms-exchange-parent-message-id",
        "x-riferimento-message-id",
    ):
        found.update(dict.fromkeys(message_ids(mail.header(name))))
    found.pop(mail.message_id or "", None)
    return tuple(found)


def _ids_in(text: str) -> list[str]:
    found: list[str] = []
    for pattern in (_LINE, _ANYWHERE, _TRANSLATED, _COMMON_ID):
        for number, match in enumerate(pattern.finditer(text)):
            if number >= 20:
                break
            value = match[1].rstrip(">.")
            sure = pattern is _COMMON_ID or (":" in match[0] and ("<" in match[0] or "&lt;" in match[0]))
            if "@" in value or (sure and "/" not in value):
                found.append(f"<{value}>")
    return found
