"""A provider says that a recipient called the mail spam: ARF (RFC 5965), and reports that came before it."""

from __future__ import annotations

import re
from dataclasses import replace

from nurture.inbound.delivery import read_delivery
from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
from nurture.inbound.rule_files import any_of, load
from nurture.inbound.sns import read_notice
from nurture.inbound.verdict import Kind, Verdict

# RFC 5965 §7.3 and its registry. `not-spam`, `auth-failure` and `dmarc` reports speak against nobody.
COMPLAINTS = frozenset(
    {"abuse", "fraud", "opt-out", "opt-out-list", "optout", "virus", "other", "miscategorized", "unsubscribe"}
)

_TYPE = re.compile(r"^feedback-type:[ \t]*([\w-]+)", re.I | re.M)
_RECIPIENT = re.compile(
    r"^(?:original-rcpt-to|removal-recipient|redacted-address):[ \t]*(.{3,300})$", re.I | re.M
)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|vs|отв)\s*:", re.I)
_DATA = load("report_words.yaml")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(any_of(_DATA, name), re.I)


_SENDER = _pattern("complaint_senders")
_SUBJECT = _pattern("complaint_subjects")
_SAYS = _pattern("complaint_says")
_HEADERS = re.compile(r"^[ \t>|]{0,8}(?:received|return-path|message-id):[ \t]*\S", re.I | re.M)
_DESK = re.compile(
    r"(?:abuse|fbl|complaints?|spam|postmaster|hostmaster|security|noc|trust|missbrauch|beschwerden?|plaintes?|abus|misbrug|klager?)"
    r"(?:[+_.-][^@]*)?@",
    re.I,
)
_ABUSE_DESK = re.compile(
    r"(?:abuse|fbl|complaints?|spam|missbrauch|beschwerden?|plaintes?|abus|misbrug|klager?)@", re.I
)
_WATCH = re.compile(r"@[^@]*(?:spam|abuse)|\A[^@]*(?:spam|abuse|fbl|complaint)[^@]*@", re.I)
"""Senders that make it their business to pass complaints on."""
_REPORTED = re.compile(
    r"\b(?:offending|reported|unsolicited|spamvertised) (?:message|e-?mail|mail)|(?:beanstandete|gemeldete)[nr]? (?:e-?mail|mail|nachricht)"
    r"|(?:message|courriel) (?:signalé|incriminé)|(?:anmeldte|påklagede) (?:mail|besked)|(?:спорное|жалоб\w+ на) (?:письмо|сообщение)",
    re.I,
)
_SOME_HEADERS = re.compile(
    r"^[ \t>|]{0,8}(?:from|to|subject|date|von|an|betreff|objet|emne|тема):[ \t]*\S", re.I | re.M
)
_UNWANTED = re.compile(
    r"\bspam|unwanted|unsolicited|harass\w*|\bjunk|werbung|belästig\w*|unerwünscht|publicit\w+|indésirable|harc[eè]l\w*|reklame|uønsket|chikane|спам|реклам\w*|рассылк\w*|нежелательн\w*",
    re.I,
)
_REPORT_FIELD = re.compile(
    r"^(?:user-agent|version|original-(?:mail-from|rcpt-to|envelope-id)|source-ip|arrival-date|received-date|reported-domain):[ \t]*\S",
    re.I | re.M,
)
_X_ARF = re.compile(
    r"^[ \t\"]{0,4}report-?type\"?:[ \t\"]*(?:spam|abuse|phish\w*|fraud|unsolicited|complaint)", re.I | re.M
)


def detect(mail: Received) -> Verdict | None:
    """A complaint, with whom it is about where that was not removed; or None."""
    notice = read_notice(mail)
    if notice is not None and notice.kind == "complaint":
        found = _verdict(mail, "SNS notice of a complaint", "", 0.97)
        return replace(found, recipients=notice.recipients, original_message_id=notice.message_id)
    part = mail.report("message/feedback-report")
    if part is not None:
        said = _TYPE.search(part.text)
        kind = said[1].lower() if said else "abuse"
        if kind not in COMPLAINTS:
            return replace(_verdict(mail, f"RFC 5965 feedback type {kind}", "", 0.97), kind=Kind.OTHER)
        return _verdict(mail, f"RFC 5965 feedback type {kind}", part.text, 0.99)
    if mail.report_type == "feedback-report":
        return _verdict(mail, "report-type=feedback-report", "", 0.95)
    said = _TYPE.search(mail.text)
    if said and said[1].lower() in COMPLAINTS and _REPORT_FIELD.search(mail.text) and not _answers(mail):
        return _verdict(
            mail, f"fields of RFC 5965 in the text, feedback type {said[1].lower()}", mail.text, 0.9
        )
    if (mail.has("x-arf") or mail.has("x-xarf")) and _X_ARF.search(mail.text):
        return _verdict(mail, "X-ARF report", mail.text, 0.95)
    if (
        mail.header("x-loop").lower().startswith("scomp")
        or mail.has("x-spamcop-sourceip")
        or mail.has("x-hmxmroriginalrecipient")
    ):
        return _verdict(mail, "feedback loop header", "", 0.95)
    return _in_words(mail)


def _answers(mail: Received) -> bool:
    return bool(mail.in_reply_to) or _ANSWER.match(mail.subject) is not None


def _in_words(mail: Received) -> Verdict | None:
    """A complaint in words, which brings the mail it is about or its headers along.

    A desk for abuse may file it as an answer to the mail complained of, under a subject of its own.
    """
    desk = _ABUSE_DESK.match(mail.from_ or "") is not None and _ANSWER.match(mail.subject) is None
    if _answers(mail) and not desk:
        return None
    headers = bool(mail.originals) or _HEADERS.search(mail.text) is not None
    subject, says = _SUBJECT.search(mail.subject), _SAYS.search(mail.text[:3000])
    provider = _SENDER.search(mail.from_ or "") is not None
    if provider and subject and says and len(_SOME_HEADERS.findall(mail.text[:6000])) >= 2:
        return _verdict(mail, f"complaint of {mail.from_}", "", 0.85)
    if not (headers or mail.attachments):
        return None
    if headers and _WATCH.search(mail.from_ or "") and _REPORTED.search(mail.text[:3000]):
        return _verdict(mail, f"passed on by {mail.from_}", "", 0.85)
    if not provider and read_delivery(mail) is not None:
        return None
    if provider and (subject or says):
        return _verdict(mail, f"feedback loop of {mail.from_}", "", 0.9)
    if subject and says and headers:
        return _verdict(mail, f"subject: {mail.subject[:80]}", "", 0.8)
    if says and headers and any(_DESK.match(address) for address in mail.to):
        return _verdict(mail, f"sent to a desk for complaints: {says[0][:60]}", "", 0.8)
    unwanted = _UNWANTED.search(f"{mail.subject}\n{mail.text[:3000]}")
    if unwanted and headers and any(_ABUSE_DESK.match(address) for address in mail.to):
        return _verdict(mail, f"sent to a desk for abuse: {unwanted[0]}", "", 0.75)
    return None


def _verdict(mail: Received, evidence: str, report: str, sure: float) -> Verdict:
    named = tuple(dict.fromkeys(a for m in _RECIPIENT.finditer(report) for a in addresses(m[1])))
    for original in mail.originals:
        named = named or addresses(original.header("to") or original.header("x-original-to"))
    return Verdict(
        kind=Kind.COMPLAINT,
        confidence=sure,
        original_message_id=original_id(mail),
        recipients=named[:20],
        evidence=(evidence,),
    )
