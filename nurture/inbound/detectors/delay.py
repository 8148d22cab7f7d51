"""A mail system has not delivered a mail yet and goes on trying."""

from __future__ import annotations

from nurture.inbound.delivery import Outcome, read_delivery
from nurture.inbound.message import Received
from nurture.inbound.original import original_id
from nurture.inbound.verdict import Kind, Verdict


def detect(mail: Received) -> Verdict | None:
    """A delay, with the recipients it is about; or None. It never speaks against an address."""
    found = read_delivery(mail)
    if found is None or found.outcome is not Outcome.DELAYED:
        return None
    return Verdict(
        kind=Kind.DELAY,
        confidence=found.sure,
        original_message_id=original_id(mail),
        recipients=found.recipients,
        status=found.diagnosis.status,
        hard=False,
        cause=found.diagnosis.cause,
        evidence=found.evidence,
    )
