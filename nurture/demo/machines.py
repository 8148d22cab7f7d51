"""What mail systems send of themselves: a returned mail (RFC 3464) and a report of abuse (RFC 5965)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final

from nurture.demo.story import Actor
from nurture.demo.writing import Got

_BOUNDARY: Final = "=_a_report_in_three_parts"


def returned(actor: Actor, got: Got, back_to: str, at: datetime) -> bytes:
    """The report of a server that took the mail and could not deliver it: the mailbox does not exist."""
    host = f"mx.{actor.email.partition('@')[2]}"
    said = f"550 5.1.1 <{actor.email}>: Recipient address rejected: User unknown"
    head = {
        **_head(f"MAILER-DAEMON@{host}", back_to, "Undelivered Mail Returned to Sender", at),
        "Auto-Submitted": "auto-replied",
    }
    failed = {
        "Final-Recipient": f"rfc822; {actor.email}",
        "Action": "failed",
        "Status": "5.1.1",
        "Diagnostic-Code": f"smtp; {said}",
    }
    machine = _lines({"Reporting-MTA": f"dns; {host}"}) + b"\r\n" + _lines(failed)
    original = got.raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    text = f"Your message could not be delivered.\r\n\r\n<{actor.email}>: {said}\r\n"
    parts = [
        ("text/plain", text.encode()),
        ("message/delivery-status", machine),
        ("text/rfc822-headers", original),
    ]
    return _report("delivery-status", head, parts)


def abuse_report(actor: Actor, got: Got, provider: str, back_to: str, at: datetime) -> bytes:
    """The feedback loop of a mailbox provider: this reader called the mail spam."""
    machine = _lines(
        {
            "Feedback-Type": "abuse",
            "User-Agent": "ExampleFeedback/1.0",
            "Version": "1",
            "Original-Rcpt-To": actor.email,
            "Arrival-Date": format_datetime(at),
        }
    )
    text = b"A user of ours marked this mail as spam.\r\n"
    parts = [("text/plain", text), ("message/feedback-report", machine), ("message/rfc822", got.raw)]
    return _report("feedback-report", _head(f"feedback@{provider}", back_to, f"FW: {got.subject}", at), parts)


def _head(sender: str, to: str, subject: str, at: datetime) -> dict[str, str]:
    return {
        "From": f"Mail system <{sender}>",
        "To": to,
        "Subject": Header(subject, "utf-8").encode(linesep="\r\n"),
        "Date": format_datetime(at),
        "Message-ID": f"<{at:%Y%m%d%H%M%S}.report@{sender.partition('@')[2]}>",
    }


def _report(kind: str, head: Mapping[str, str], parts: list[tuple[str, bytes]]) -> bytes:
    """A multipart/report (RFC 6522): for people, for machines, the original."""
    typed = f'multipart/report; report-type={kind}; boundary="{_BOUNDARY}"'
    whole = _lines({**head, "MIME-Version": "1.0", "Content-Type": typed}) + b"\r\n"
    for content_type, content in parts:
        whole += f"--{_BOUNDARY}\r\nContent-Type: {content_type}\r\n\r\n".encode() + content + b"\r\n"
    return whole + f"--{_BOUNDARY}--\r\n".encode()


def _lines(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
