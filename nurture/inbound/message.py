"""A mail's bytes as a frozen `Received`: what every detector looks at.

`read_message` never raises on junk. What was wrong, or cut off by a limit, is named in `defects`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError

from nurture.inbound.headers import Header, addresses, message_ids, parse_date, sender
from nurture.inbound.html_text import MARKS, html_to_text
from nurture.inbound.mime import EMBEDDED, MAX_BYTES, MAX_TEXT, Node, Splitter

REPORT_PARTS = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/feedback-report",
        "message/disposition-notification",
        "message/global-disposition-notification",
    }
)
HEADER_PARTS = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})

# Envelope first: a token in the address a server really delivered to beats what a To header says.
_RECIPIENT_HEADERS = (
    "delivered-to", "x-delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to",
    "x-rcpt-to", "apparently-to", "to", "cc", "resent-to",
)  # fmt: skip
_KNOWN_HEADERS = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "received",
        "return-path",
        "mime-version",
        "content-type",
        "delivered-to",
        "sender",
        "reply-to",
        "in-reply-to",
        "references",
        "auto-submitted",
        "importance",
        "resent-from",
        "envelope-to",
        "x-mailer",
        "precedence",
        "content-transfer-encoding",
        "list-id",
        "x-original-to",
    ]
)
_OF_LISTS = ("list-id", "list-post", "list-unsubscribe")
_SURE_HEADERS = frozenset(
    [
        "date",
        "message-id",
        "received",
        "return-path",
        "mime-version",
        "content-type",
        "delivered-to",
        "in-reply-to",
        "references",
    ]
)
_FIRST_LINE = re.compile(rb"(?:From [^\n]{0,300}\n|>From [^\n]{0,300}\n)?([!-9;-~]{1,60})[ \t]*:")
_NO_MARKS = {ord(mark): None for mark in MARKS}
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/vnd")
_HEADER_LINE = re.compile(r"(?:From .{0,200}\n)?[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_STUB = re.compile(r"\b(html|browser)\b", re.I)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the mail: its name, its type as declared, its size in bytes as sent."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """A part written for machines (RFC 6522): a delivery status, feedback, or disposition."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Original:
    """The mail this one returns or encloses: its headers, and as much of its text as came along."""

    headers: tuple[Header, ...]
    text: str

    def header(self, name: str) -> str:
        """The first value of a header, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One incoming mail, read. `text` is what a person would see; `html_text` the same from the HTML part.

    `every_text` holds the text of all parts, enclosed mails included: to look for a Message-ID in.
    """

    headers: tuple[Header, ...] = ()
    type: str = "text/plain"
    report_type: str = ""
    text: str = ""
    html_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    reports: tuple[Report, ...] = ()
    originals: tuple[Original, ...] = ()
    every_text: tuple[str, ...] = ()
    calendar: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    from_: str | None = None
    from_name: str = ""
    reply_to: str | None = None
    return_path: str | None = None
    """The envelope sender; an empty text for the null sender; None if unknown."""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    size: int = 0
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first value of a header by its lower-case name, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def has(self, name: str) -> bool:
        """Whether the header is there at all."""
        return any(key == name for key, _ in self.headers)

    def is_of_list(self) -> bool:
        """Whether a mailing list or newsletter sent it (RFC 2369, RFC 2919)."""
        return any(key in _OF_LISTS for key, _ in self.headers)

    def report(self, *types: str) -> Report | None:
        """The first report part of one of these types."""
        return next((report for report in self.reports if report.type in types), None)


def read_message(raw: bytes) -> Received:
    """Read a mail. Never raises on what the bytes hold; a file without headers is taken as a reply's text."""
    size = len(raw)
    defects: list[str] = []
    if size > MAX_BYTES:
        raw = raw[:MAX_BYTES]
        defects.append("message_cut")
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return _read(raw, size, defects)
    except (LookupError, RecursionError, ValueError, MessageError, ArithmeticError) as error:
        text = raw[:MAX_TEXT].decode("utf-8", "replace")
        return Received(text=text, size=size, defects=(*defects, f"unreadable:{type(error).__name__}"))


def _read(raw: bytes, size: int, defects: list[str]) -> Received:
    body = raw.lstrip(b"\n \t") if raw[:1] in (b"\n", b" ", b"\t") else raw
    if not _has_headers(body):
        text = strip_marks(Node((), "text/plain", {}, raw).text())
        return Received(text=text, every_text=(text,), size=size, defects=(*defects, "no_headers"))
    splitter = Splitter()
    root = splitter.split(body)
    seen = _Seen()
    text, html = seen.walk(root, 0)
    get = root.header
    address, name = sender(get("from") or get("sender"))
    return Received(
        headers=root.headers,
        type=root.type,
        report_type=root.params.get("report-type", "").lower(),
        text=(text if text.strip() else html)[:MAX_TEXT],
        html_text=html[:MAX_TEXT],
        attachments=tuple(seen.attachments),
        reports=tuple(seen.reports),
        originals=tuple(seen.originals),
        every_text=tuple(seen.every_text),
        calendar=seen.calendar,
        message_id=next(iter(message_ids(get("message-id"))), None),
        in_reply_to=message_ids(get("in-reply-to")),
        references=message_ids(get("references")),
        from_=address,
        from_name=name,
        reply_to=sender(get("reply-to"))[0],
        return_path=_return_path(root, body),
        to=_recipients(root),
        subject=get("subject"),
        date=parse_date(get("date")),
        size=size,
        defects=tuple(sorted({*defects, *splitter.defects})),
    )


class _Seen:
    """What a walk over the tree of parts collects."""

    def __init__(self) -> None:
        self.attachments: list[Attachment] = []
        self.reports: list[Report] = []
        self.originals: list[Original] = []
        self.every_text: list[str] = []
        self.calendar = ""
        self._room = 4 * MAX_TEXT

    def walk(self, node: Node, inside: int) -> tuple[str, str]:
        """(text, text of the HTML) that a person would see of this part."""
        if node.type in EMBEDDED and node.children:
            return self._embedded(node, inside)
        if node.children:
            return self._multipart(node, inside)
        if node.type in REPORT_PARTS:
            return self._report(node, inside)
        if node.type in HEADER_PARTS:
            return self._header_part(node)
        if node.type.startswith("text/") or node.type.startswith("message/"):
            return self._text_leaf(node, inside)
        if not inside and (node.data or node.name):
            self._attach(node)
        if not node.type.startswith(_NO_TEXT) and len(node.data) <= MAX_TEXT:
            text = node.text()
            self._keep(text if _HEADER_LINE.match(text.lstrip()) else "")
        return "", ""

    def _multipart(self, node: Node, inside: int) -> tuple[str, str]:
        for child in node.children:
            self._returned_without_type(child, inside)
        found = [self.walk(child, inside) for child in node.children]
        htmls = [html for _, html in found if html.strip()]
        texts = [text for text, _ in found if text.strip()]
        if node.type == "multipart/alternative":
            plain = texts[0] if texts else ""
            stub = (
                bool(htmls) and len(plain) < 200 and bool(_STUB.search(plain)) and len(htmls[-1]) > len(plain)
            )
            best = htmls[-1] if htmls and (not plain.strip() or stub) else plain
            return best, htmls[-1] if htmls else ""
        shown = [text if text.strip() else html for text, html in found]
        return "\n".join(part.strip("\n") for part in shown if part.strip()), "\n".join(htmls)

    def _returned_without_type(self, node: Node, inside: int) -> None:
        """A part whose own headers are those of a returned mail: its reporter forgot to say message/rfc822."""
        names = {name for name, _ in node.headers}
        if not inside and ("received" in names or {"from", "message-id"} <= names):
            self.originals.append(Original(node.headers, ""))
            self._keep("\n".join(f"{name}: {value}" for name, value in node.headers))

    def _embedded(self, node: Node, inside: int) -> tuple[str, str]:
        inner = node.children[0]
        at = len(self.originals)
        text, html = self.walk(inner, inside + 1)
        if inner.headers:
            self.originals.insert(at, Original(inner.headers, (text or html)[:MAX_TEXT]))
        self._keep("\n".join(f"{name}: {value}" for name, value in inner.headers))
        if not inside:
            self._attach(node)
        return "", ""

    def _report(self, node: Node, inside: int) -> tuple[str, str]:
        text = node.text()
        if not inside:
            self.reports.append(Report(node.type, text))
        self._keep(text)
        return "", ""

    def _header_part(self, node: Node) -> tuple[str, str]:
        text = node.text()
        inner = Splitter().split(text.encode("utf-8", "replace").lstrip(b"\n"))
        self.originals.append(Original(inner.headers, ""))
        self._keep(text)
        return "", ""

    def _text_leaf(self, node: Node, inside: int) -> tuple[str, str]:
        if node.type == "text/calendar":
            self.calendar = self.calendar or ("" if inside else node.text()[:20000])
            return "", ""
        text = strip_marks(node.text())
        html = html_to_text(text) if node.type == "text/html" else ""
        self._keep(html or text)
        if (node.attached and not inside) or node.type in ("text/x-vcard", "text/vcard", "text/csv"):
            self._attach(node)
            return "", ""
        if node.type in ("text/html", "text/x-amp-html", "text/enriched"):
            return "", html
        return text, ""

    def _attach(self, node: Node) -> None:
        self.attachments.append(Attachment(node.name[:200], node.type, len(node.data)))

    def _keep(self, text: str) -> None:
        if text and self._room > 0:
            self.every_text.append(text[: self._room])
            self._room -= len(text)


def _has_headers(raw: bytes) -> bool:
    match = _FIRST_LINE.match(raw)
    if match is None:
        return False
    block = raw.split(b"\n\n", 1)[0][:20000]
    names = {name.decode("latin-1").lower() for name in re.findall(rb"(?m)^([!-9;-~]{1,60})[ \t]*:", block)}
    if names & _SURE_HEADERS and not ("sent" in names and "received" not in names):
        return True
    return len(names & _KNOWN_HEADERS) >= 2 and "sent" not in names


def _return_path(root: Node, raw: bytes) -> str | None:
    for name in ("return-path", "x-return-path", "x-envelope-from", "envelope-from"):
        value = next((value for key, value in root.headers if key == name), None)
        if value is not None:
            found = addresses(value)
            return found[0] if found else value.strip(" <>")
    if raw.startswith((b"From ", b">From ")):
        word = raw[:300].split(b"\n", 1)[0].split(b" ")[1:2]
        return word[0].decode("latin-1").strip("<>") if word else None
    return None


def _recipients(root: Node) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in _RECIPIENT_HEADERS:
        for key, value in root.headers:
            if key == name:
                found.update(dict.fromkeys(addresses(value)))
    for key, value in root.headers:
        if key == "received" and (match := re.search(r"\bfor <([^<>\s]{3,320}@[^<>\s]{1,255})>", value)):
            found[match[1]] = None
    return tuple(found)[:300]


def strip_marks(text: str) -> str:
    """The text without the private marks that `html_text` leaves for `quotes`."""
    return text.translate(_NO_MARKS) if any(mark in text for mark in MARKS) else text
