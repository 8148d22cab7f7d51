"""One incoming mail understood: detectors in order, the first that speaks settles the kind, with evidence.

The order is a law: what a mail system says of itself comes before what its words look like, and a person's
reply is what is left. An unclear reply goes to a person, never to a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from nurture.inbound.authentication import denied_sender
from nurture.inbound.detectors import auto_reply, automatic, bounce, complaint, delay, receipt, unsubscribe
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.read import read_intent
from nurture.inbound.match import clues
from nurture.inbound.message import Received, read_message, strip_marks
from nurture.inbound.original import original_id
from nurture.inbound.quotes import cut_quotes
from nurture.inbound.verdict import Kind, Verdict

MAX_READ = 3000
"""Characters of a reply that its intent is read from; people say what they want before that."""

_OF_PEOPLE = (Kind.REPLY, Kind.AUTO_REPLY, Kind.UNSUBSCRIBE)

Detector = Callable[[Received], Verdict | None]
Words = Callable[[str], Lexicon]
"""The rules of a language: the shipped ones, or with a project's own words."""


def _detectors(lexicon: Words) -> tuple[Detector, ...]:
    return (
        complaint.detect,
        receipt.detect,
        delay.detect,
        bounce.detect,
        unsubscribe.detect,
        partial(auto_reply.detect, lexicon=lexicon),
        automatic.detect,
    )


def classify(
    raw: bytes,
    *,
    language: str | None = None,
    received_at: datetime | None = None,
    ours: bytes = b"",
    lexicon: Words = load_lexicon,
) -> Verdict:
    """What a mail (RFC 5322 bytes, or the bare text of a reply) is. Never raises on what it holds.

    `language` is the lead's own, a hint for reading a reply. `received_at` (aware UTC) stands in for a missing
    or senseless Date header when dates such as "next week" are read. `ours` is the mail it answers (RFC 5322 bytes),
    where that is known. `lexicon` as for `read_intent`.
    """
    mail = read_message(raw)
    answered = read_message(ours) if ours else None
    try:
        return understand(mail, language=language, received_at=received_at, ours=answered, lexicon=lexicon)
    except (LookupError, RecursionError, ValueError, ArithmeticError) as error:
        fault = f"not_understood:{type(error).__name__}"
        return Verdict(
            kind=Kind.REPLY, intent="unclear", text=strip_marks(mail.text), full_text=strip_marks(mail.text),
            from_=mail.from_, to=mail.to, subject=mail.subject, size=mail.size, defects=(*mail.defects, fault),
        )  # fmt: skip


def understand(
    mail: Received,
    *,
    language: str | None = None,
    received_at: datetime | None = None,
    ours: Received | None = None,
    lexicon: Words = load_lexicon,
) -> Verdict:
    """The same for mails already read."""
    if mail.date is None and received_at is not None:
        mail = replace(mail, date=received_at)
    verdict = next((found for detect in _detectors(lexicon) if (found := detect(mail)) is not None), None)
    if verdict is None:
        verdict = _reply(mail, ours, language, lexicon)
    full_text = strip_marks(mail.text)
    denied = denied_sender(mail) if verdict.kind in _OF_PEOPLE else None
    return replace(
        verdict,
        text=strip_marks(verdict.text) or (full_text if verdict.kind is not Kind.REPLY else ""),
        full_text=full_text,
        original_message_id=verdict.original_message_id or original_id(mail, answering=True),
        evidence=tuple(words for words in (denied or "", *verdict.evidence) if words),
        denied=denied,
        clues=clues(mail, verdict.recipients),
        message_id=mail.message_id,
        from_=mail.from_,
        from_name=mail.from_name,
        to=mail.to,
        subject=mail.subject,
        date=mail.date,
        size=mail.size,
        defects=mail.defects,
    )


def _reply(mail: Received, ours: Received | None, language: str | None, lexicon: Words) -> Verdict:
    """A person's mail: its own words, and what they want."""
    known = f"{ours.text}\n{ours.html_text}" if ours is not None else ""
    cut = cut_quotes(mail.text, subject=mail.subject, sender_name=mail.from_name, ours=strip_marks(known))
    read = _reading(cut.text, cut.asked, mail.subject, mail.date, language, lexicon)
    return Verdict(kind=Kind.REPLY, text=cut.text, asked=cut.asked, forwarded=cut.forwarded, **read)


def _reading(
    text: str,
    asked: str,
    subject: str,
    written_at: datetime | None,
    language: str | None,
    lexicon: Words,
) -> dict[str, Any]:
    """The only place that asks for an intent. Words that cannot be read are unclear, and go to a person.

    Any error counts as that: a fault of ours must not lose somebody's mail.
    """
    try:
        reading = read_intent(text[:MAX_READ], subject, written_at, language, asked=asked, lexicon=lexicon)
    except Exception as error:
        return {"intent": "unclear", "evidence": (f"unreadable: {type(error).__name__}",)}
    return {
        "intent": str(reading.intent),
        "reason": None if reading.reason is None else str(reading.reason),
        "until": reading.until,
        "language": reading.language if reading.language != "und" else None,
        "confidence": reading.confidence,
        "evidence": reading.evidence,
        "other_address": reading.wrong_person_address,
    }
