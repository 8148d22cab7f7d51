"""A mail to the List-Unsubscribe address (RFC 2369, RFC 8058): what a mail program sends for a button."""

from __future__ import annotations

import re

from nurture.inbound.message import Received
from nurture.inbound.verdict import Kind, Verdict

_ADDRESS = re.compile(
    r"(?:list-?)?(?:unsubscribe|unsub|optout|opt-out|remove|leave|abmelden|austragen|desabonnement|afmeld)"
    r"(?:[+=._-][^@\s]{1,300})?@|[^@+\s]{1,60}(?:\+|-|=)(?:unsubscribe|unsub|optout)(?:[+=._-][^@\s]{1,300})?@|u-[A-Za-z0-9_-]{16,}@|[^@+\s]{1,60}\+u-[A-Za-z0-9_.~=-]{8,300}@",
    re.I,
)
_SUBJECT = re.compile(
    r"\s*(?:unsubscribe|unsub|optout|opt-out|list-unsubscribe|remove)\b[\s:<+=\[]*[A-Za-z0-9_.~+/=@>\]-]{0,400}\s*",
    re.I,
)
_EMPTY_TEXT = re.compile(
    r"\W*(?:unsubscribe|this (?:message|e-?mail) was (?:automatically )?(?:generated|sent) by .{0,40}(?:mail|outlook|gmail).{0,40}|please unsubscribe.{0,60}|remove)?\W*",
    re.I,
)


def detect(mail: Received) -> Verdict | None:
    """A mail to an unsubscribe address, or one with the subject such a link gives and no words of its own."""
    if re.match(r"\s*(?:re|aw|sv|fwd?|wg|tr|vs|antw)\s*:", mail.subject, re.I) and mail.text.strip():
        return None
    to = next((address for address in mail.to if _ADDRESS.match(address)), None)
    if mail.header("x-apple-unsubscribe").strip().lower() == "true":
        return Verdict(
            kind=Kind.UNSUBSCRIBE, confidence=0.97, text=mail.text, evidence=("X-Apple-Unsubscribe",)
        )
    if to is not None:
        return Verdict(kind=Kind.UNSUBSCRIBE, confidence=0.97, text=mail.text, evidence=(f"sent to {to}",))
    if _SUBJECT.fullmatch(mail.subject) and _EMPTY_TEXT.fullmatch(mail.text[:400].strip()):
        return Verdict(
            kind=Kind.UNSUBSCRIBE, confidence=0.9, text=mail.text, evidence=(f"subject: {mail.subject[:80]}",)
        )
    return None
