"""Automatic mail that is nothing else: lists, newsletters, notices, calendar answers, test mails of systems."""

from __future__ import annotations

import re

from nurture.inbound.delivery import is_surely_system
from nurture.inbound.message import Received
from nurture.inbound.verdict import Kind, Verdict

_ROBOT = re.compile(
    r"(?:no-?reply|do-?not-?reply|donotreply|notifications?|newsletter|news|alerts?|mailer|bounces?|automated|auto-?confirm"
    r"|nicht-?antworten|ne-?pas-?repondre|svar-?ikke)(?:[+._-][^@]*)?@|owner-[^@]+@|[^@]+-(?:request|bounces|owner)@",
    re.I,
)
_METHOD = re.compile(r"^METHOD:(\w+)", re.M)
_PARTSTAT = re.compile(r"PARTSTAT=([A-Z-]+)")


def detect(mail: Received) -> Verdict | None:
    """Mail no person wrote to us; or None. Something that answers a mail is left to a person's reading."""
    if mail.calendar and (method := _METHOD.search(mail.calendar)):
        if method[1].upper() in ("REPLY", "COUNTER", "DECLINECOUNTER", "CANCEL"):
            answer = _PARTSTAT.search(mail.calendar)
            return _other(f"calendar {method[1].lower()} {answer[1].lower() if answer else ''}".strip(), 0.95)
    submitted = mail.header("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return _other(f"Auto-Submitted: {submitted[:40]}", 0.9)
    answers = bool(mail.in_reply_to or mail.references)
    if answers and (mail.reply_to or not _ROBOT.match(mail.from_ or "")):
        return None
    if mail.is_of_list():
        return _other("list headers", 0.85)
    if mail.header("precedence").strip().lower() in ("bulk", "list", "junk"):
        return _other(f"Precedence: {mail.header('precedence')[:20]}", 0.85)
    if mail.has("feedback-id") or mail.has("x-campaign-id") or mail.has("x-mailgun-sid"):
        return _other("sent by a mailing service", 0.75)
    if _ROBOT.match(mail.from_ or ""):
        return _other(f"sender {mail.from_}", 0.8)
    if mail.has("x-auto-response-suppress") and mail.return_path == "":
        return _other("X-Auto-Response-Suppress from the null sender", 0.8)
    if is_surely_system(mail):
        return _other(f"sent by a system: {mail.from_ or mail.header('from')[:60]}", 0.7)
    return None


def _other(evidence: str, sure: float) -> Verdict:
    return Verdict(kind=Kind.OTHER, confidence=sure, evidence=(evidence,))
