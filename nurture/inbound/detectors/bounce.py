"""A mail system gave up delivering a mail (RFC 3464, and the many free forms)."""

from __future__ import annotations

from nurture.inbound.delivery import Outcome, read_delivery
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
from nurture.inbound.verdict import Kind, Verdict


def detect(mail: Received) -> Verdict | None:
    """A bounce, with its class, status, failed recipients and the id of the returned mail; or None."""
    found = read_delivery(mail)
    if found is None or found.outcome is not Outcome.FAILED:
        return None
    return Verdict(
        kind=Kind.BOUNCE,
        confidence=found.sure,
        original_message_id=original_id(mail),
        recipients=found.recipients,
        status=found.diagnosis.status,
        hard=found.diagnosis.hard,
        bounce_class=found.diagnosis.bounce_class,
        cause=found.diagnosis.cause,
        evidence=found.evidence,
    )
