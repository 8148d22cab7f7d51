"""What the engine makes of one incoming mail: the `Verdict`, and the closed vocabularies it speaks in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from nurture.core.vocabulary import ReplyKind

Kind = ReplyKind
"""What sort of mail it is."""


class BounceClass(StrEnum):
    """What a failed delivery says about the address (reliability.md 3.6)."""

    HARD = "hard"
    """The address does not exist or no longer takes mail: do not write to it again."""
    SOFT = "soft"
    """The address may work another day."""
    BLOCK = "block"
    """Our server, reputation, authentication or content was refused: it says nothing about the address."""


class Cause(StrEnum):
    """Why a delivery failed, in finer words than the class."""

    UNKNOWN_USER = "unknown_user"
    """No such mailbox."""
    UNKNOWN_HOST = "unknown_host"
    """No such domain, or it takes no mail."""
    MOVED = "moved"
    """The person left or has another address."""
    DISABLED = "disabled"
    """The mailbox exists and is switched off or suspended."""
    FULL = "full"
    """The mailbox is full."""
    EXPIRED = "expired"
    """Tried until the time was up."""
    NETWORK = "network"
    """The receiving server could not be reached, or a loop was found."""
    SYSTEM = "system"
    """The receiving system failed."""
    FILTERED = "filtered"
    """The recipient's own filter refused it."""
    TOO_BIG = "too_big"
    """The mail was larger than allowed."""
    RATE = "rate"
    """Too many mails or connections."""
    SPAM = "spam"
    """Its content was taken for spam or carried a virus."""
    POLICY = "policy"
    """A rule of the receiving system refused it."""
    AUTHENTICATION = "authentication"
    """SPF, DKIM, DMARC or a reverse name was missing."""
    REPUTATION = "reputation"
    """Our server or domain is on a list or badly thought of."""
    RELAY = "relay"
    """The server does not take mail for that domain from us."""
    CONTENT = "content"
    """The message or a command was not well-formed in the receiver's eyes."""
    OTHER = "other"
    """It does not say."""


class ClueKind(StrEnum):
    """By what an incoming mail can be matched to what was sent, strongest first."""

    TOKEN = "token"
    """A token in the plus part of the address the mail was sent to; the caller verifies its signature."""
    MESSAGE_ID = "message_id"
    """A Message-ID in In-Reply-To, References or a returned message."""
    SENDER = "sender"
    """The sender's address, or the failed recipient's."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing to match by. `source` names the header or part it was found in."""

    kind: ClueKind
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one incoming mail is. Times are aware UTC datetimes; `until` is a calendar date.

    `intent` and `reason` are words of interfaces.md and set only for replies. `hard` is True, False, or None
    when the failure does not speak about the address (blocked, unknown). `evidence` names what settled it,
    strongest first, for a person to read.
    """

    kind: Kind
    intent: str | None = None
    reason: str | None = None
    until: date | None = None
    language: str | None = None
    confidence: float = 0.0
    text: str = ""
    full_text: str = ""
    asked: str = ""
    """The sentence of ours that a short answer quotes."""
    original_message_id: str | None = None
    recipients: tuple[str, ...] = ()
    status: str | None = None
    hard: bool | None = None
    bounce_class: BounceClass | None = None
    cause: Cause | None = None
    evidence: tuple[str, ...] = ()
    other_address: str | None = None
    """Whom to write to instead: a successor, or the right person."""
    left: bool = False
    """The person is said to have left the company."""
    forwarded: bool = False
    """The mail passes on another mail rather than answering it."""
    denied: str | None = None
    """What our server found against the sender's address (RFC 8601), in words; None if nothing."""
    clues: tuple[Clue, ...] = ()
    message_id: str | None = None
    from_: str | None = None
    from_name: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    size: int = 0
    defects: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; `from_dict` reads it back."""
        plain = asdict(self)
        plain["until"] = self.until.isoformat() if self.until else None
        plain["date"] = self.date.isoformat() if self.date else None
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Verdict:
        """The inverse of `as_dict`. Raises ValueError, KeyError or TypeError for anything else."""
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in plain.items() if key in known}
        for name in ("recipients", "evidence", "to", "defects"):
            values[name] = tuple(values.get(name, ()))
        values["kind"] = Kind(values["kind"])
        values["bounce_class"] = BounceClass(values["bounce_class"]) if values.get("bounce_class") else None
        values["cause"] = Cause(values["cause"]) if values.get("cause") else None
        values["until"] = date.fromisoformat(values["until"]) if values.get("until") else None
        values["date"] = datetime.fromisoformat(values["date"]) if values.get("date") else None
        values["clues"] = tuple(
            Clue(ClueKind(clue["kind"]), clue["value"], clue["source"]) for clue in values.get("clues", ())
        )
        return cls(**values)
