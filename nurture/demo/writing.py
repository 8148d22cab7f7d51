"""The mails the cast writes: real RFC 5322 messages, quoting the mail they answer as common mail programs do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr
from functools import cached_property
from html import escape
from typing import Final

from nurture.demo.attribution import ATTRIBUTIONS, Attribution
from nurture.demo.story import Actor
from nurture.mail.dates import write_date, write_time

_MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s*(<[^>\s]+>)", re.IGNORECASE | re.MULTILINE)
_OUTLOOK: Final = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"


@dataclass(frozen=True)
class Got:
    """A mail as its reader sees it. It is taken apart only when somebody reads it."""

    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """Its headers and parts."""
        message = message_from_bytes(self.raw, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address it is from."""
        return parseaddr(str(self.message["From"]))

    @property
    def answer_to(self) -> str:
        """The address an answer goes to."""
        return parseaddr(str(self.message["Reply-To"] or self.message["From"]))[1]

    @property
    def subject(self) -> str:
        """The subject as it is shown."""
        return str(self.message["Subject"] or "")

    @property
    def identity(self) -> str:
        """Its Message-ID."""
        found = _MESSAGE_ID.search(self.raw)
        return found[1].decode() if found else ""

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    @property
    def html(self) -> str:
        """Its HTML, empty where it has none."""
        body = self.message.get_body(("html",))
        return str(body.get_content()) if body is not None else ""

    @property
    def unsubscribe_url(self) -> str | None:
        """Where the mail program's unsubscribe button goes (RFC 8058); None where there is no such button."""
        if "One-Click" not in str(self.message["List-Unsubscribe-Post"] or ""):
            return None
        links = [part.strip().strip("<>") for part in str(self.message["List-Unsubscribe"] or "").split(",")]
        return next((link for link in links if link.startswith("http")), None)


def answer(actor: Actor, got: Got, text: str, at: datetime) -> bytes:
    """The person's answer to a mail, at `at` on their own clock, as their program writes it."""
    message = _head(actor, got, at, f"{_words(actor).answer}: {got.subject}")
    references = " ".join(part for part in (str(got.message["References"] or ""), got.identity) if part)
    message["In-Reply-To"] = got.identity
    message["References"] = references
    _PROGRAMS[actor.program](message, actor, got, text.rstrip("\n"), _quoted_at(actor, got, at))
    return _bytes(message)


def absence_note(actor: Actor, got: Got, text: str, at: datetime) -> bytes:
    """What a mail server answers by itself for somebody who is away (RFC 3834)."""
    message = _head(actor, got, at, f"{_words(actor).away}: {got.subject}")
    message["In-Reply-To"] = got.identity
    message["References"] = got.identity
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text)
    return _bytes(message)


def introduction(actor: Actor, colleague: Actor, got: Got, text: str, at: datetime) -> bytes:
    """The mail passed on to a colleague, with us in copy."""
    message = _head(actor, got, at, f"FW: {got.subject}")
    del message["To"]
    message["To"] = _address(colleague.name, colleague.email)
    message["Cc"] = got.answer_to
    message["References"] = got.identity
    _outlook(message, actor, got, text, _quoted_at(actor, got, at))
    return _bytes(message)


def _head(actor: Actor, got: Got, at: datetime, subject: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(actor.name, actor.email)
    message["To"] = got.answer_to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    local, _, domain = actor.email.partition("@")
    message["Message-ID"] = f"<{at:%Y%m%d%H%M%S}.{local}@{domain}>"
    return message


def _address(name: str, email: str) -> Address:
    return Address(name, addr_spec=email)


def _bytes(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=SMTP)


def _words(actor: Actor) -> Attribution:
    return ATTRIBUTIONS[actor.language]


@dataclass(frozen=True, slots=True)
class _Quoted:
    """What stands above the quoted mail: when it was written, on the clock of whoever answers, and by whom."""

    words: Attribution
    day: str
    time: str
    name: str
    address: str

    def line(self, pattern: str) -> str:
        """The line of a program."""
        return pattern.format(day=self.day, time=self.time, name=self.name, address=self.address)


def _quoted_at(actor: Actor, got: Got, at: datetime) -> _Quoted:
    written = got.message["Date"].datetime.astimezone(at.tzinfo)
    name, address = got.sender
    return _Quoted(
        words=_words(actor),
        day=write_date(written, actor.language, "short"),
        time=write_time(written, actor.language),
        name=name,
        address=address,
    )


# -- the programs -------------------------------------------------------------------------------------------------


def _gmail(message: EmailMessage, actor: Actor, got: Got, text: str, above: _Quoted) -> None:
    """Text and HTML, the original in `gmail_quote`."""
    line = above.line(above.words.gmail)
    signature = f"\n\n-- \n{actor.signature}" if actor.signature else ""
    message.set_content(f"{text}{signature}\n\n{line}\n\n{_marked(got.text)}\n", cte="quoted-printable")
    below = (
        f'<br>-- <br><div class="gmail_signature">{_lines(actor.signature)}</div>' if actor.signature else ""
    )
    message.add_alternative(
        f'<div dir="ltr">{_lines(text)}{below}</div><br>\n'
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(line)}<br></div>\n'
        f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        f'padding-left:1ex">{_inside(got.html)}</blockquote></div>\n',
        subtype="html",
        cte="quoted-printable",
    )


def _outlook(message: EmailMessage, actor: Actor, got: Got, text: str, above: _Quoted) -> None:
    """Text and HTML, the original below a rule and its headings, unmarked."""
    if actor.signature:
        text = f"{text}\n\n{actor.signature}"
    values = (f"{above.name} <{above.address}>", f"{above.day} {above.time}", actor.email, got.subject)
    headings = list(zip(above.words.headings, values, strict=True))
    plain = "\n".join(f"{name}: {value}" for name, value in headings)
    message.set_content(f"{text}\n\n{plain}\n\n{got.text}\n", cte="quoted-printable")
    bold = "<br>\n".join(f"<b>{escape(name)}:</b> {escape(value)}" for name, value in headings)
    message.add_alternative(
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="x-none"><div class="WordSection1">\n'
        + "\n".join(
            f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}</p>' for line in text.split("\n")
        )
        + f'\n<div><div style="{_OUTLOOK}"><p class="MsoNormal">{bold}</p></div></div>\n{_inside(got.html)}\n'
        "</div></body></html>\n",
        subtype="html",
        cte="quoted-printable",
    )
    message["X-Mailer"] = "Microsoft Outlook 16.0"


def _apple(message: EmailMessage, actor: Actor, got: Got, text: str, above: _Quoted) -> None:
    """Plain text only, from a telephone, the line of attribution inside the quotation."""
    below = _marked(f"{above.line(above.words.apple)}\n\n{got.text}")
    message.set_content(f"{text}\n\n{above.words.phone}\n\n{below}\n", cte="quoted-printable")
    message["X-Mailer"] = "iPhone Mail (24A5279h)"


def _html(message: EmailMessage, actor: Actor, got: Got, text: str, above: _Quoted) -> None:
    """HTML only, from a web mailer."""
    line = above.line(above.words.gmail)
    message.set_content(
        f'<html><body><div style="font-family:Verdana;font-size:12px">{_lines(text)}</div>\n<br>\n'
        f'<div name="quote" style="margin:10px 5px 5px 10px;padding:10px 0 10px 10px;border-left:2px solid #C3D9E5">\n'
        f"<div>{escape(line)}</div>\n<blockquote>{_inside(got.html)}</blockquote></div></body></html>\n",
        subtype="html",
    )


def _windows_1251(message: EmailMessage, actor: Actor, got: Got, text: str, above: _Quoted) -> None:
    """Plain text in the character set of older Russian programs."""
    if actor.signature:
        text = f"{text}\n\n{actor.signature}"
    whole = f"{text}\n\n{above.line(above.words.gmail)}\n\n{_marked(got.text)}\n"
    known = whole.encode("windows-1251", "replace").decode("windows-1251")
    message.set_content(known, charset="windows-1251", cte="8bit")
    message["X-Mailer"] = "The Bat! (v11)"


_Program = Callable[[EmailMessage, Actor, Got, str, _Quoted], None]
_PROGRAMS: Final[Mapping[str, _Program]] = {
    "gmail": _gmail,
    "outlook": _outlook,
    "apple": _apple,
    "html": _html,
    "windows-1251": _windows_1251,
}


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.rstrip().split("\n"))


def _lines(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.split("\n"))


def _inside(html: str) -> str:
    """What stands in the body of an HTML document."""
    begin, end = html.find("<body"), html.rfind("</body>")
    return html[html.find(">", begin) + 1 : end] if begin >= 0 and end > begin else html
