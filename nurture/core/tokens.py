"""Short signed tokens for reply addresses and links: who is meant, unforgeable, bound to one purpose.

A token is the identity and a truncated HMAC-SHA256 (80 bits) in lower-case base32. The alphabet has one case only,
since mail systems may change the case of a local part; read back, case does not count. Nothing in it is secret:
the identity can be decoded by anyone, it just cannot be made up.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from binascii import Error as Base32Error
from typing import Final
from uuid import UUID

from nurture.core.errors import NurtureError
from nurture.core.words import Word

MAC_BYTES: Final = 10
MAX_TOKEN: Final = 200
_TEXT, _NUMBER, _UUID = 0, 1, 2
_NUMBER_FORM = re.compile(r"[1-9][0-9]{0,37}|0", re.ASCII)
_UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Purpose(Word):
    """What a token is good for. A token of one purpose is never valid for another."""

    REPLY = "reply", "Stands in the address that replies to a message go to."
    UNSUBSCRIBE = "unsubscribe", "Ends all mail to the person it was made for."
    CLICK = "click", "Stands for a link in a message."
    OPEN = "open", "Stands for the picture that tells a message was opened."
    SURVEY = "survey", "Opens a questionnaire for one person."
    CONFIRM = "confirm", "Confirms an email address."
    PREFERENCES = "preferences", "Opens a person's choice of topics."
    MESSAGE = "message", "Stands in the Message-ID of a message."
    BOUNCE = "bounce", "Stands in the return path that bounces of a message go to."


class WeakKey(NurtureError, ValueError):
    """A signing key must have at least 16 bytes."""


class LongAddress(NurtureError, ValueError):
    """The address has no room for a token before its @."""


def sign(purpose: Purpose, identity: str, key: bytes) -> str:
    """A token that stands for `identity` (an id of ours, at most 64 bytes of UTF-8) for one purpose.

    Deterministic. Whole numbers give at most 26 characters up to 2^32, UUIDs 44. Raises ValueError for an identity that
    is empty or too long, WeakKey for a short key.
    """
    payload = _pack(identity)
    return b32encode(payload + _mac(purpose, payload, key)).decode("ascii").rstrip("=").lower()


def verify(purpose: Purpose, token: str, key: bytes, *older: bytes) -> str | None:
    """The identity a token was made for, or None: forged, damaged, of another purpose, or not a token at all.

    `older` are keys that were used before and still count. Takes the same time for every wrong signature.
    """
    if not 0 < len(token) <= MAX_TOKEN or not token.isascii():
        return None
    text = token.upper()
    try:
        raw = b32decode(text + "=" * (-len(text) % 8))
    except (Base32Error, ValueError):
        return None
    payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    # Trailing bits that carry nothing could be varied: only the one spelling that sign() writes is valid.
    if len(payload) < 2 or b32encode(raw).decode("ascii").rstrip("=") != text:
        return None
    valid = False
    for candidate in (key, *older):
        valid |= hmac.compare_digest(_mac(purpose, payload, candidate), mac)
    return _unpack(payload) if valid else None


def plus_address(address: str, token: str) -> str:
    """`reply@example.com` with a token: `reply+TOKEN@example.com`.

    Raises LongAddress when it has no local part, or one that would exceed 64 characters (RFC 5321 §4.5.3.1.1).
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or len(local) + 1 + len(token) > 64:
        raise LongAddress(f"{address} cannot carry a token.")
    return f"{local}+{token}@{domain}"


def plus_token(address: str) -> str | None:
    """The token in `reply+TOKEN@example.com`, not yet verified, or None."""
    local, at, _ = address.strip().rpartition("@")
    _, plus, token = local.rpartition("+")
    return token if at and plus and token else None


def _mac(purpose: Purpose, payload: bytes, key: bytes) -> bytes:
    if len(key) < 16:
        raise WeakKey
    return hmac.digest(key, b"nurture " + purpose.value.encode("ascii") + b"\0" + payload, "sha256")[
        :MAC_BYTES
    ]


def _pack(identity: str) -> bytes:
    if _NUMBER_FORM.fullmatch(identity):
        number = int(identity)
        return bytes((_NUMBER,)) + number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    if _UUID_FORM.fullmatch(identity):
        return bytes((_UUID,)) + UUID(identity).bytes
    raw = identity.encode("utf-8")
    if not 0 < len(raw) <= 64:
        raise ValueError("a token stands for an id of 1 to 64 bytes")
    return bytes((_TEXT,)) + raw


def _unpack(payload: bytes) -> str | None:
    kind, raw = payload[0], payload[1:]
    if kind == _NUMBER:
        return str(int.from_bytes(raw, "big"))
    if kind == _UUID and len(raw) == 16:
        return str(UUID(bytes=raw))
    if kind == _TEXT:
        return raw.decode("utf-8", "replace")
    return None
