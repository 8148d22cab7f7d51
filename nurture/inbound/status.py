"""What a failed delivery says about the address: RFC 3463 codes, SMTP reply codes and the words beside them.

The words come first: servers use one code for many things, and their text is what they mean. A refusal because
of our server, reputation, authentication or content is a `block` and never hard (reliability.md 3.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture.inbound.rule_files import load
from nurture.inbound.verdict import BounceClass, Cause

MAX_TEXT = 4000

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([245][0-5]\d)(?=[ \-#:]|$)")

# What one system writes around another's answer, and what names no reason.
_WRAPPERS = re.compile(
    r"5\.1\.0 - unknown address error|rfc822;|undeliverable message|mail delivery failed|delivery temporarily suspended:?",
    re.I,
)

_DATA = load("bounce_words.yaml")
_WORDS: tuple[tuple[Cause, bool, re.Pattern[str]], ...] = tuple(
    (
        Cause(entry["cause"]),
        bool(entry.get("weak")),
        re.compile("|".join(entry["says"].split("\n")[:-1]), re.I),
    )
    for entry in _DATA["causes"]
)
"""Cause, whether a code that says more goes before it, and the words."""

_CLASSES: dict[Cause, BounceClass] = {
    Cause.UNKNOWN_USER: BounceClass.HARD,
    Cause.UNKNOWN_HOST: BounceClass.HARD,
    Cause.MOVED: BounceClass.HARD,
    Cause.DISABLED: BounceClass.SOFT,
    Cause.FULL: BounceClass.SOFT,
    Cause.EXPIRED: BounceClass.SOFT,
    Cause.NETWORK: BounceClass.SOFT,
    Cause.SYSTEM: BounceClass.SOFT,
    Cause.FILTERED: BounceClass.SOFT,
    Cause.TOO_BIG: BounceClass.SOFT,
    Cause.RATE: BounceClass.BLOCK,
    Cause.SPAM: BounceClass.BLOCK,
    Cause.POLICY: BounceClass.BLOCK,
    Cause.AUTHENTICATION: BounceClass.BLOCK,
    Cause.REPUTATION: BounceClass.BLOCK,
    Cause.RELAY: BounceClass.BLOCK,
    Cause.CONTENT: BounceClass.BLOCK,
    Cause.OTHER: BounceClass.SOFT,
}

# Enhanced codes as subject.detail, whatever their class digit (RFC 3463, RFC 5248 and its registry, RFC 7372,
# RFC 7504, RFC 7505; Microsoft's own 5.7.5xx). `None` as detail stands for any other of that subject.
_CODES: dict[tuple[int, int | None], Cause] = {
    (1, 1): Cause.UNKNOWN_USER, (1, 2): Cause.UNKNOWN_HOST, (1, 3): Cause.UNKNOWN_USER, (1, 4): Cause.UNKNOWN_USER,
    (1, 6): Cause.MOVED, (1, 7): Cause.POLICY, (1, 8): Cause.POLICY, (1, 9): Cause.OTHER, (1, 10): Cause.UNKNOWN_HOST,
    (1, 0): Cause.UNKNOWN_USER, (1, None): Cause.UNKNOWN_USER,
    (2, 0): Cause.OTHER, (2, 1): Cause.DISABLED, (2, 2): Cause.FULL, (2, 3): Cause.TOO_BIG, (2, 4): Cause.SYSTEM,
    (2, None): Cause.OTHER,
    (3, 1): Cause.SYSTEM, (3, 2): Cause.UNKNOWN_HOST, (3, 3): Cause.SYSTEM, (3, 4): Cause.TOO_BIG, (3, 5): Cause.SYSTEM,
    (3, None): Cause.SYSTEM,
    (4, 1): Cause.NETWORK, (4, 3): Cause.NETWORK, (4, 4): Cause.NETWORK, (4, 6): Cause.NETWORK, (4, 7): Cause.EXPIRED,
    (4, None): Cause.NETWORK,
    (5, 3): Cause.RATE, (5, None): Cause.CONTENT,
    (6, None): Cause.CONTENT,
    (7, 13): Cause.DISABLED, (7, 17): Cause.MOVED, (7, 18): Cause.MOVED,
    (7, 20): Cause.AUTHENTICATION, (7, 21): Cause.AUTHENTICATION, (7, 22): Cause.AUTHENTICATION,
    (7, 23): Cause.AUTHENTICATION, (7, 24): Cause.AUTHENTICATION, (7, 25): Cause.AUTHENTICATION,
    (7, 26): Cause.AUTHENTICATION, (7, 27): Cause.AUTHENTICATION, (7, 28): Cause.RATE, (7, 29): Cause.AUTHENTICATION, (7, 30): Cause.AUTHENTICATION,
    (7, 509): Cause.AUTHENTICATION, (7, 515): Cause.AUTHENTICATION, (7, 708): Cause.REPUTATION,
    (7, None): Cause.POLICY,
}  # fmt: skip

# What a code of these subjects says is more than the words of a transcript around it.
_SURE_CODES = frozenset(
    {
        (1, 1),
        (1, 2),
        (1, 6),
        (1, 8),
        (1, 10),
        (2, 2),
        (3, 4),
        (7, 25),
        (7, 26),
        (7, 27),
        (7, 30),
        (7, 509),
        (7, 515),
    }
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A failure understood: the enhanced code (given or derived), why, what it says about the address."""

    status: str | None
    cause: Cause
    bounce_class: BounceClass
    words: str = ""

    @property
    def hard(self) -> bool | None:
        """True: never write again. False: may work later. None: it does not speak about the address, or not
        clearly enough to give it up.
        """
        if self.bounce_class is BounceClass.BLOCK:
            return None
        if self.cause is Cause.OTHER and not (self.status or "").startswith("4"):
            return None
        return self.bounce_class is BounceClass.HARD


def find_status(text: str) -> str | None:
    """The first enhanced status code in a text that is not a success and says more than `x.0.0`."""
    codes = [match[0] for match in _ENHANCED.finditer(text[:MAX_TEXT]) if match[1] != "2"]
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else None)


def find_reply_code(text: str) -> int | None:
    """The first SMTP reply code of a refusal in a text."""
    codes = [int(match[1]) for match in _REPLY.finditer(text[:MAX_TEXT])]
    return next((code for code in codes if code >= 400), None)


def diagnose(status: str | None, text: str = "") -> Diagnosis:
    """Understand a failure from its enhanced status (may be missing) and the text beside it."""
    text = _WRAPPERS.sub(" ", re.sub(r"\s+", " ", text[:MAX_TEXT]))
    inner = find_status(text)
    code = _better(status, inner)
    reply = find_reply_code(text)
    by_code = _cause_of(code)
    cause, weak, words = _cause_in(text)
    settled = by_code[1] or (weak and by_code[0] is not Cause.OTHER)
    if cause is None or (settled and not _overrides(cause, by_code[0])):
        cause = by_code[0]
    if cause is Cause.OTHER and reply is not None:
        cause = _cause_of_reply(reply, bool(code))
    return Diagnosis(code or _status_of(cause, reply), cause, _class_of(cause, code, reply), words)


def _better(status: str | None, inner: str | None) -> str | None:
    """The remote server's own code beats the `5.0.0` that the reporting one made of it."""
    if status is None or status.startswith("2"):
        return inner or status
    if inner is None:
        return status
    vague = status.endswith((".0.0", ".3.0", ".5.0", ".4.0", ".1.0"))
    return inner if vague and not inner.endswith(".0.0") else status


def _cause_of(code: str | None) -> tuple[Cause, bool]:
    """(cause, whether the code alone settles it)."""
    match = _ENHANCED.fullmatch(code or "")
    if match is None:
        return Cause.OTHER, False
    subject, detail = int(match[2]), int(match[3])
    found = _CODES.get((subject, detail)) or _CODES.get((subject, None), Cause.OTHER)
    return found, (subject, detail) in _SURE_CODES


def _cause_in(text: str) -> tuple[Cause | None, bool, str]:
    for cause, weak, pattern in _WORDS:
        match = pattern.search(text)
        if match is not None:
            return cause, weak, match[0][:120]
    return None, False, ""


_OURS = frozenset({Cause.AUTHENTICATION, Cause.REPUTATION, Cause.SPAM, Cause.RATE, Cause.POLICY})


def _overrides(words: Cause, code: Cause) -> bool:
    """Words about our server, or about a full box, are believed against a code that says `no such user`."""
    return words in _OURS or (
        words in (Cause.FULL, Cause.DISABLED, Cause.MOVED) and code is Cause.UNKNOWN_USER
    )


def _cause_of_reply(reply: int, coded: bool) -> Cause:
    if reply in (521, 556):
        return Cause.UNKNOWN_HOST
    if reply == 552 and not coded:
        return Cause.FULL
    if reply in (421, 451, 450, 452, 454):
        return Cause.SYSTEM
    return Cause.OTHER


def _class_of(cause: Cause, code: str | None, reply: int | None) -> BounceClass:
    temporary = (code or "").startswith("4") or (code is None and reply is not None and reply < 500)
    found = _CLASSES[cause]
    return (
        BounceClass.SOFT
        if found is BounceClass.HARD and temporary and cause is not Cause.UNKNOWN_USER
        else found
    )


def _status_of(cause: Cause, reply: int | None) -> str | None:
    """An enhanced code for a report that gives none, from its reply code and the cause."""
    details = {
        Cause.UNKNOWN_USER: "1.1", Cause.UNKNOWN_HOST: "1.2", Cause.MOVED: "1.6", Cause.FULL: "2.2", Cause.DISABLED: "2.1",
        Cause.TOO_BIG: "3.4", Cause.EXPIRED: "4.7", Cause.NETWORK: "4.1", Cause.AUTHENTICATION: "7.26",
        Cause.POLICY: "7.1", Cause.SPAM: "7.1", Cause.REPUTATION: "7.1", Cause.RELAY: "7.1", Cause.FILTERED: "2.0",
        Cause.SYSTEM: "3.0", Cause.CONTENT: "6.0", Cause.RATE: "7.0",
    }  # fmt: skip
    if cause not in details:
        return None if reply is None else f"{reply // 100}.0.0"
    soft = cause in (Cause.EXPIRED, Cause.NETWORK, Cause.SYSTEM, Cause.FULL, Cause.RATE)
    first = reply // 100 if reply else (4 if soft and cause is not Cause.FULL else 5)
    return f"{first}.{details[cause]}"
