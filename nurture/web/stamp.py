"""The stamp in a form: when the page was made and for which form, so that haste and repetition can be told.

It needs no cookie and grants nothing; a form sent without one is taken as it is.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp that was read: when it was made, and what tells it from others."""

    made_at: datetime
    nonce: str


def make_stamp(form: str, now: datetime, secret: bytes) -> str:
    """A stamp for a form's page."""
    body = f"{int(now.timestamp()):x}.{secrets.token_hex(8)}"
    return f"{body}.{_mac(form, body, secret)}"


def read_stamp(text: str, form: str, secret: bytes) -> Stamp | None:
    """What a stamp says; None for one that is missing, forged, damaged or of another form."""
    body, _, mac = text.rpartition(".")
    made, _, nonce = body.partition(".")
    if not text.isascii() or not hmac.compare_digest(mac, _mac(form, body, secret)):
        return None
    return Stamp(datetime.fromtimestamp(int(made, 16), UTC), nonce)


def _mac(form: str, body: str, secret: bytes) -> str:
    return hmac.digest(secret, f"nurture form\0{form}\0{body}".encode(), "sha256")[:10].hex()
