"""The head of an email: who, what, in answer to what, and how to end it; as bytes that go over the wire unchanged.

Identifiers and addresses of machines (Message-ID, References, List-Unsubscribe, Feedback-ID …) stand on one plain line
each: encoded or folded, mail providers no longer see the one-click unsubscribe. A control character in one is an error,
never silently repaired; names and subjects are cleaned, since people's names come from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from nurture.core.errors import NurtureError
from nurture.mail.words import LINE, phrase, unstructured

MAX_LINE: Final = 998
"""Longest line without its line end (RFC 5322 §2.1.1)."""
MAX_REFERENCES: Final = 900
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_ID: Final = re.compile(r"<[^\s<>@\x00-\x1f\x7f-\U0010ffff]+@[^\s<>@\x00-\x1f\x7f-\U0010ffff]+>")
_DOT_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
_QUOTED: Final = re.compile(r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"')
_DOMAIN: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class HeaderInjection(NurtureError, ValueError):
    """A header's value has a character in it that could begin another header."""


class BadAddress(NurtureError, ValueError):
    """This is not an email address mail can be sent to."""


class NeedsSmtputf8(BadAddress):
    """The address has letters before the @ that only servers with SMTPUTF8 accept."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown for it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Where the mail program's own unsubscribe button leads (RFC 8058, RFC 2369): an https URL, and an address."""

    url: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of one email says. `at` is when it is made; `references` are this mail's, oldest first."""

    message_id: str
    at: datetime
    sender: Mailbox
    to: Mailbox
    subject: str
    reply_to: Mailbox | None = None
    references: tuple[str, ...] = ()
    unsubscribe: Unsubscribe | None = None
    list_id: str | None = None
    feedback_id: str | None = None
    bulk: bool = False
    """`Precedence: bulk`: keeps many vacation programs quiet."""
    automatic: bool = False
    """`Auto-Submitted: auto-generated` (RFC 3834): responders that follow it stay silent, return dates are not learned."""
    extra: tuple[tuple[str, str], ...] = ()


def message_id(token: str, domain: str) -> str:
    """The Message-ID of a send: the same for ever, from its own id (or a token for it) and our domain."""
    written = f"<{token}@{ascii_domain(domain)}>"
    if not _ID.fullmatch(written):
        raise HeaderInjection(f"“{token}” cannot stand in a Message-ID.")
    return written


def references_after(parent: str, before: Sequence[str] = ()) -> tuple[str, ...]:
    """The References of a mail that follows `parent`, whose own References were `before` (RFC 5322 §3.6.4).

    Trimmed in the middle so that they fit on one line; the first and the last ones are kept. What is no Message-ID is
    left out.
    """
    ids = [one for one in dict.fromkeys([*before, parent]) if _ID.fullmatch(one)]
    while len(ids) > 2 and sum(len(one) + 1 for one in ids) > MAX_REFERENCES:
        del ids[1]
    return tuple(ids)


def list_id(stream: str, domain: str) -> str:
    """A stable List-Id for a stream of mail, `<news.example.com>` (RFC 2919)."""
    label = re.sub(r"[^a-z0-9-]+", "-", stream.lower()).strip("-")[:60] or "list"
    return f"<{label}.{ascii_domain(domain)}>"


def feedback_id(campaign: str, step: str, account: str, sender: str) -> str:
    """A Feedback-ID `campaign:step:account:sender`: never a person's, the same for all mails of a step.

    The sender id is 5 to 15 letters and digits that stay the same (Gmail's feedback loop).
    """
    parts = [
        re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-")[:60] or "x" for part in (campaign, step, account)
    ]
    ours = re.sub(r"[^A-Za-z0-9]", "", sender)[:15]
    return ":".join([*parts, ours.ljust(5, "0")])


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """A domain in the form mail is sent to: international names as A-labels (RFC 5891). Raises BadAddress."""
    if not domain.isascii():
        try:
            domain = validate_email(
                f"x@{domain}", check_deliverability=False, test_environment=True
            ).ascii_domain
        except EmailNotValidError:
            raise BadAddress(f"“{_shown(domain)}” is not a domain.") from None
    if not _DOMAIN.fullmatch(domain) or len(domain) > 255:
        raise BadAddress(f"“{_shown(domain)}” is not a domain.")
    return domain


def wire_address(address: str) -> str:
    """An address as it stands in headers and in the envelope: domain in ASCII, an odd local part quoted.

    Raises HeaderInjection for control characters, NeedsSmtputf8 for other letters before the @, BadAddress otherwise.
    """
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", address):
        raise HeaderInjection(f"“{_shown(address)}” has a control character in it.")
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or len(local.encode("utf-8", "replace")) > 64:
        raise BadAddress(f"“{_shown(address)}” is not an email address.")
    if not local.isascii():
        raise NeedsSmtputf8(f"“{_shown(address)}” needs a mail server with SMTPUTF8.")
    if not _DOT_ATOM.fullmatch(local) and not _QUOTED.fullmatch(local):
        if not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", local):
            raise BadAddress(f"“{_shown(address)}” is not an email address.")
        local = f'"{local}"'
    return f"{local}@{ascii_domain(domain)}"


def write_head(head: Head) -> bytes:
    """The head as bytes, every line ended by CRLF, without MIME headers and the empty line.

    Raises HeaderInjection, BadAddress or NeedsSmtputf8; then nothing may be sent.
    """
    lines = list(_lines(head))
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _lines(head: Head) -> Iterator[str]:
    if head.at.tzinfo is None:
        raise ValueError("the time of a mail needs its zone")
    yield "Date: " + format_datetime(head.at.astimezone(UTC).replace(microsecond=0))
    yield _mailbox("From", head.sender)
    if head.reply_to is not None:
        yield _mailbox("Reply-To", head.reply_to)
    yield _mailbox("To", head.to)
    yield unstructured("Subject", head.subject)
    yield _plain("Message-ID", _checked_id(head.message_id))
    if head.references:
        ids = references_after(_checked_id(head.references[-1]), head.references[:-1])
        yield _plain("In-Reply-To", ids[-1])
        yield _plain("References", " ".join(ids))
    yield from _list_lines(head)
    if head.bulk:
        yield "Precedence: bulk"
    if head.automatic:
        yield "Auto-Submitted: auto-generated"
    for name, value in head.extra:
        if not _NAME.fullmatch(name):
            raise HeaderInjection(f"“{_shown(name)}” cannot name a header.")
        yield _plain(name, value)


def _list_lines(head: Head) -> Iterator[str]:
    if head.unsubscribe is not None:
        # RFC 8058 §3.1: exactly one https URI; a mailto may stand beside it.
        if not re.fullmatch(r"https?://[^\s<>,]+", head.unsubscribe.url):
            raise HeaderInjection(f"“{_shown(head.unsubscribe.url)}” cannot stand in List-Unsubscribe.")
        targets = [f"<{head.unsubscribe.url}>"]
        if head.unsubscribe.address:
            targets.append(f"<mailto:{wire_address(head.unsubscribe.address)}>")
        yield _plain("List-Unsubscribe", ", ".join(targets))
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    if head.list_id:
        yield _plain("List-Id", head.list_id)
    if head.feedback_id:
        yield _plain("Feedback-ID", head.feedback_id)


def _mailbox(name: str, mailbox: Mailbox) -> str:
    address = wire_address(mailbox.address)
    if not mailbox.name.strip():
        return f"{name}: {address}"
    shown = phrase(mailbox.name, LINE - len(name) - 2)
    if not shown or shown == '""':
        return f"{name}: {address}"
    last = shown.rpartition("\r\n")[2]
    used = len(last) + (len(name) + 2 if last == shown else 0)
    glue = " " if used + len(address) + 3 <= LINE else "\r\n "
    return f"{name}: {shown}{glue}<{address}>"


def _plain(name: str, value: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise HeaderInjection(f"{name} cannot be “{_shown(value)}”.")
    if len(name) + 2 + len(value) > MAX_LINE:
        raise HeaderInjection(f"{name} is too long for one line.")
    return f"{name}: {value}"


def _checked_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise HeaderInjection(f"“{_shown(value)}” is not a Message-ID.")
    return value


def _shown(value: str) -> str:
    return (
        value[:80].encode("unicode_escape", "replace").decode("ascii")
        if not value.isprintable()
        else value[:80]
    )
