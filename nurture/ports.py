"""What the engine asks of the world outside: time, mail out, mail in, files. The docstrings are the contracts.

Adapters implement these; services take them as arguments; `nurture/wiring.py` brings both together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nurture.core.errors import NurtureError, OutsideError
from nurture.inbound.verdict import Verdict
from nurture.mail.replies import Meaning, Reply, Stage


class Clock(Protocol):
    """The time, from one place, so that a story can be told in a second."""

    def now(self) -> datetime:
        """The present instant, timezone-aware, in UTC."""
        ...


class NotSent(NurtureError):
    """The message was not handed over, and that is certain: the final dot was not sent.

    `meaning` says what to do now; `reply` is what the server said, or None when it said nothing readable;
    `stage` is how far it came.
    """

    def __init__(self, stage: Stage, meaning: Meaning, reply: Reply | None = None, detail: str = "") -> None:
        self.stage = stage
        self.meaning = meaning
        self.reply = reply
        said = str(reply) if reply is not None else detail
        super().__init__(f"{meaning.word.sentence} ({stage}{': ' + said if said else ''})")


class InDoubt(NurtureError):
    """The final dot was sent and no readable answer came: the server may have the message or not.

    Never send it again because of this alone.
    """


class Offer(Protocol):
    """A message whose envelope was accepted and whose body was written, without the final dot.

    Exactly one of `finish` and `abandon` is called; after either the offer is spent.
    """

    async def finish(self) -> Reply:
        """Write the final dot and return the server's definite answer (2xx, 4xx or 5xx; `replies.meaning` reads it).

        Raises `InDoubt` when no readable answer comes within the time limit or the connection breaks, and
        `NotSent` when the connection was gone, or the server had already spoken, before the dot was written.
        A task cancelled in here leaves doubt as well.
        """
        ...

    def abandon(self) -> None:
        """Cut the connection without the dot: the server must throw the message away (RFC 5321 §4.1.1.4)."""
        ...


class MailConnection(Protocol):
    """One relay connection, ours alone until the `async with` ends; one message at a time."""

    async def offer(self, envelope_from: str, recipient: str, raw: bytes) -> Offer:
        """Bring a message to the point just before hand-over: MAIL, one RCPT, DATA, the whole body, no dot.

        `raw` is a complete RFC 5322 message; bare CR or LF become CRLF and leading dots are doubled on the wire.
        `envelope_from` may be empty. Raises `NotSent` on every refusal and failure; the connection can be used again.
        """
        ...


class Mailer(Protocol):
    """The way to the relay."""

    def connection(self) -> AbstractAsyncContextManager[MailConnection]:
        """A connection of our own, waiting for one when all are in use.

        Leaving it with an unfinished offer abandons that offer. Entering does not connect yet: an unreachable relay
        shows in `offer`.
        """
        ...

    async def close(self) -> None:
        """Say goodbye on idle connections and refuse new ones; those in use are closed when they come back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A message about to be handed over: its send key, which attempt, when."""

    send_key: str
    attempt: int
    at: datetime


class Journal(Protocol):
    """What was about to be handed over, kept beside the database and not in it."""

    async def note(self, hand_overs: Sequence[HandOver]) -> None:
        """Keep these durably. Raises OSError when that fails; then none of them may be sent."""
        ...

    def read(self, now: datetime) -> list[HandOver]:
        """What was noted in the last year, the oldest first."""
        ...


class Caller(Protocol):
    """The way to other systems over HTTP."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST and answer the status code. Raises OutsideError when no answer comes in time. Follows no redirect."""
        ...


class MailboxLost(OutsideError):
    """The mailbox could not be reached or broke off. It will be tried again."""


class LoginRefused(OutsideError):
    """The mailbox refused the user name or password."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a folder has been read: its UIDVALIDITY and the last UID done with (RFC 9051 §2.3.1.1).

    A mailbox without UIDs (maildir) has the position (0, 0) always.
    """

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One mail as it lies in the mailbox.

    `position` is where it lies, to be stored in the transaction that stores the mail; `key` names it in its folder.
    `size` is what the server says it weighs, in octets; when that is over the limit `raw` is only its beginning
    (all headers and the first of the text) and `truncated` is true.
    """

    position: Position
    key: str
    raw: bytes
    size: int
    flags: frozenset[str] = frozenset()
    truncated: bool = False


class Mailbox(Protocol):
    """A place where mail for us arrives. Nothing in it is ever deleted."""

    name: str
    """For people: ``hello@imap.example/INBOX``; never contains a password."""

    def poll(self, position: Position | None) -> AsyncIterator[Fetched]:
        """Every mail after `position`, oldest first, then the end; None means from the first.

        When the folder's UIDVALIDITY is another one, everything is read again from the first: whoever calls knows
        mails by their content. A connection lost midway is taken up again where it broke. Raises `OutsideError`
        (`LoginRefused`, `MailboxLost`) when the mailbox can't be read; mails yielded before stay valid.
        """
        ...

    async def end(self) -> Position:
        """The position behind the last mail there is now: where somebody starts who doesn't want the old mail."""
        ...

    async def done(self, mail: Fetched) -> None:
        """Mark a mail as dealt with, in the way the mailbox is set to (a flag, a move, or nothing).

        Called after the mail is stored. Repeating it is harmless; a mail that has gone meanwhile is no error.
        """
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait until it is time to poll again: there may be news. False when `seconds` pass without that.

        Never raises for the mailbox's sake: a poll will. May be cancelled at any time.
        """
        ...

    async def close(self) -> None:
        """Log out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A file of the project: `path` relative to it with ``/``, the text, and the SHA-256 of its bytes in hex."""

    path: str
    text: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file of the project that could not be read, and why, in words for its author.

    `line` and `column` count from 1 and say where in the file, as far as that is known.
    """

    path: str
    why: str
    line: int = 1
    column: int = 1


class ProjectFiles(Protocol):
    """The project folder as its authors left it. Reading never raises for a bad file: it is returned as `Unreadable`."""

    def config(self) -> SourceText | Unreadable | None:
        """``config.yaml``; None when there is none."""
        ...

    def campaigns(self) -> list[SourceText | Unreadable]:
        """``campaigns/*.yaml``, by name."""
        ...

    def templates(self) -> list[SourceText | Unreadable]:
        """``templates/**/*.md`` and ``*.html``, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail to be read, and what is known of it.

    `received_at` is aware UTC. `ours` are the bytes of the mail of ours that it answers, `language` is the lead's own;
    both only help to read what a person wrote.
    """

    raw: bytes
    received_at: datetime | None = None
    ours: bytes = b""
    language: str | None = None


class MailReader(Protocol):
    """Reads mails where they can do no harm: a child process with limits of time and memory."""

    async def read(self, mails: Sequence[Incoming]) -> list[Verdict | None]:
        """A verdict for each mail, None for one that could not be read within the limits."""
        ...
