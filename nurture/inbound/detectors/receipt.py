"""A mail was delivered (success DSN, RFC 3464) or shown (MDN, RFC 8098)."""

from __future__ import annotations

import re

from nurture.inbound.delivery import Outcome, read_delivery
from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
from nurture.inbound.verdict import Kind, Verdict

_DISPOSITION = re.compile(r"^disposition:[ \t]*(.{1,200})$", re.I | re.M)
_RECIPIENT = re.compile(
    r"^(?:original|final)-recipient:[ \t]*(?:[^;\n]{0,40};)?[ \t]*(.{3,300})$", re.I | re.M
)
_SUBJECT = re.compile(
    r"\s*(?:(?:not )?read(?: receipt)?|gelesen|nicht gelesen|ungelesen gelöscht|lesebestätigung|lu|non lu|accusé de lecture"
    r"|confirmation de lecture|læst|ikke læst|kvittering for læsning|læsekvittering|прочитано|прочтено|не прочитано"
    r"|уведомление о прочтении|отчет о прочтении|leído|letto|gelezen|przeczytano|läst|lest|lida|return receipt(?: \(displayed\))?"
    r"|disposition notification|zugestellt|delivered|remis|leveret|доставлено)\s*(?::|-|\(|$)",
    re.I,
)
_SAYS = re.compile(
    r"(?:your|the) message\s.{0,600}?\b(?:was|has been) (?:read|opened|displayed|viewed|deleted without|delivered to)\b|return receipt for the mail"
    r"|this is a (?:return|read) receipt|(?:ihre|die) nachricht\s.{0,600}?(?:wurde .{0,60}?(?:gelesen|angezeigt|geöffnet|ungelesen gelöscht|zugestellt))"
    r"|votre message\s.{0,600}?(?:a été (?:lu|affiché|supprimé|remis))|din (?:meddelelse|besked|mail)\s.{0,600}?(?:blev|er) (?:læst|vist)"
    r"|ваше (?:сообщение|письмо)\s.{0,600}?(?:было )?(?:прочитано|прочтено|просмотрено|открыто)",
    re.I | re.S,
)


def detect(mail: Received) -> Verdict | None:
    """A receipt, with the recipients and the id of the mail it is about; or None."""
    part = mail.report("message/disposition-notification", "message/global-disposition-notification")
    if part is None and mail.report_type == "disposition-notification":
        return _verdict(mail, (), "report-type=disposition-notification", 0.95)
    if part is not None:
        shown = _DISPOSITION.search(part.text)
        named = tuple(dict.fromkeys(a for m in _RECIPIENT.finditer(part.text) for a in addresses(m[1])))
        return _verdict(mail, named[:20], f"RFC 8098 disposition {shown[1].strip() if shown else '?'}", 0.99)
    found = read_delivery(mail)
    if found is not None:
        if found.outcome is not Outcome.DELIVERED:
            return None
        return _verdict(mail, found.recipients, found.evidence[0], found.sure)
    if _SUBJECT.match(mail.subject) and _SAYS.search(mail.text[:3000]) and len(mail.text) < 3000:
        return _verdict(mail, (mail.from_,) if mail.from_ else (), f"subject: {mail.subject[:80]}", 0.85)
    return None


def _verdict(mail: Received, recipients: tuple[str, ...], evidence: str, sure: float) -> Verdict:
    return Verdict(
        kind=Kind.RECEIPT,
        confidence=sure,
        original_message_id=original_id(mail),
        recipients=recipients,
        evidence=(evidence,),
    )
