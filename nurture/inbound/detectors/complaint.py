"""A provider says that a recipient called the mail spam: ARF (RFC 5965), and reports that came before it."""

from __future__ import annotations

import re
from dataclasses import replace

from nurture.inbound.headers import addresses
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
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
_SENDER = re.compile(
    r"(?:scomp@aol|fbl-?no-?reply@|feedbackloop|feedback-?loop|staff@hotmail|complaints?@|abuse-?report|fbl@|arf@|-fbl-|@reports\.spamcop|postmaster@.*fbl|emailfeedback|jmrp)",
    re.I,
)
_SUBJECT = re.compile(
    r"client tos notification|e-?mail feedback report for|complaint about (?:message|mail)|abuse (?:report|complaint)|spam (?:report|complaint)"
    r"|feedback loop|^fw: spam|email abuse report|\[spamcop|spam-?beschwerde|feedback report|spam notification",
    re.I,
)
_SAYS = re.compile(
    r"this is an? (?:e-?mail )?(?:abuse|spam|feedback) report|e-?mail abuse report for an e-?mail|complain(?:t|ed)|reported (?:this|your|the) (?:message|mail|e-?mail) as (?:spam|junk)|marked .{0,40}as (?:spam|junk)"
    r"|spam report|unsolicited",
    re.I,
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
    if mail.header("x-loop").lower().startswith("scomp") or mail.has("x-spamcop-sourceip"):
        return _verdict(mail, "feedback loop header", "", 0.95)
    sender = mail.from_ or ""
    if (
        _SENDER.search(sender)
        and (_SUBJECT.search(mail.subject) or _SAYS.search(mail.text[:3000]))
        and (mail.originals or mail.attachments or "received:" in mail.text.lower())
    ):
        return _verdict(mail, f"feedback loop of {sender}", "", 0.9)
    subject, said_so = _SUBJECT.search(mail.subject), _SAYS.search(mail.text[:3000])
    if subject and said_so and mail.originals and not mail.in_reply_to:
        return _verdict(mail, f"subject: {mail.subject[:80]}", "", 0.8)
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
