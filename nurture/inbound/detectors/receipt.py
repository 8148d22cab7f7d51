"""A mail was delivered (success DSN, RFC 3464) or shown (MDN, RFC 8098)."""

from __future__ import annotations

import re

from nurture.inbound.delivery import Outcome, read_delivery
from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
from nurture.inbound.rule_files import any_of, load
from nurture.inbound.verdict import Kind, Verdict

_DISPOSITION = re.compile(r"^disposition:[ \t]*(.{1,200})$", re.I | re.M)
_RECIPIENT = re.compile(
    r"^(?:original|final)-recipient:[ \t]*(?:[^;\n]{0,40};)?[ \t]*(.{3,300})$", re.I | re.M
)
_DATA = load("report_words.yaml")


_SUBJECT = re.compile(rf"\s*(?:{any_of(_DATA, 'receipt_subjects')})\s*(?::|-|\(|\Z)", re.I)
_SAYS = re.compile(any_of(_DATA, "receipt_says"), re.I | re.S)
_NOT = re.compile(any_of(_DATA, "receipt_not"), re.I)


def detect(mail: Received) -> Verdict | None:
    """A receipt, with the recipients and the id of the mail it is about; or None."""
    part = mail.report("message/disposition-notification", "message/global-disposition-notification")
    if part is None and mail.report_type == "disposition-notification":
        return _verdict(mail, (), "report-type=disposition-notification", 0.95)
    if part is not None:
        shown = _DISPOSITION.search(part.text)
        named = tuple(dict.fromkeys(a for m in _RECIPIENT.finditer(part.text) for a in addresses(m[1])))
        return _verdict(mail, named[:20], f"RFC 8098 disposition {shown[1].strip() if shown else '?'}", 0.99)
    if _in_words(mail):
        return _verdict(mail, (mail.from_,) if mail.from_ else (), f"subject: {mail.subject[:80]}", 0.85)
    found = read_delivery(mail)
    if found is not None:
        if found.outcome is not Outcome.DELIVERED:
            return None
        return _verdict(mail, found.recipients, found.evidence[0], found.sure)
    return None


def _in_words(mail: Received) -> bool:
    """Whether a mail program wrote a receipt in words only."""
    if mail.report("message/delivery-status", "message/global-delivery-status") or len(mail.text) > 3000:
        return False
    return bool(
        _SUBJECT.match(mail.subject) and _SAYS.search(mail.text) and not _NOT.search(mail.text[:1000])
    )


def _verdict(mail: Received, recipients: tuple[str, ...], evidence: str, sure: float) -> Verdict:
    return Verdict(
        kind=Kind.RECEIPT,
        confidence=sure,
        original_message_id=original_id(mail),
        recipients=recipients,
        evidence=(evidence,),
    )
