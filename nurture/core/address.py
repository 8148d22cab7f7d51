"""Addresses as they are compared: an email or phone in the one form under which it is unique.

Local parts are kept as written but compared case-folded; dots and plus tags are never "mended" (RFC 5321 §2.4,
reliability.md M11). A domain is compared in lower case, international ones as A-labels (RFC 5891).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from email_validator import EmailNotValidError, validate_email

from nurture.core.errors import GrammarError

_NOT_DIGITS = re.compile(r"[^\d+]")


def storable(value: Any) -> Any:
    """Text as every database can keep it: no NUL, no half of a surrogate pair, at any depth; other values as they are."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def parse_email(written: str) -> str:
    """The address as it is sent to. Raises GrammarError with what is wrong with it, in plain words.

    Only the form is looked at; no name is looked up.
    """
    text = unicodedata.normalize("NFC", written.strip())
    if any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text):
        raise GrammarError(f"{written!r} has characters an address cannot have")
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise GrammarError(f"`{text[:200]}` is not an email address: {error}") from None
    return found.normalized


def email_key(address: str) -> str:
    """The form under which an email address is unique."""
    local, _, domain = address.strip().rpartition("@")
    domain = domain.lower()
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{unicodedata.normalize('NFC', local).casefold()}@{domain}"


def phone_key(phone: str) -> str:
    """The form under which a phone number is unique: digits, with + for an international one."""
    digits = _NOT_DIGITS.sub("", phone)
    return "+" + digits[2:] if digits.startswith("00") else digits


def keyed_hash(address: str, secret: str) -> str:
    """What suppression remembers of an address when everything else is erased: guessable by nobody without the secret."""
    return hmac.new(secret.encode(), email_key(address).encode(), hashlib.sha256).hexdigest()
