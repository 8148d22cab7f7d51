"""HTML to the text a person would read, in one linear pass without a parser that hostile input could stall.

Block quotes become lines that start with ">". Marks from Unicode's private area tell `quotes` what mail
programs say by class or id: where a quoted original begins, which lines introduce a quote, what is a signature.
"""

from __future__ import annotations

import re
from html import unescape

MAX_HTML = 256 * 1024
MAX_QUOTE = 20

QUOTE_FOLLOWS = "\ue000"
ATTRIBUTION = "\ue001"
SIGNATURE = "\ue002"
SIGNATURE_END = "\ue003"
MARKS = QUOTE_FOLLOWS + ATTRIBUTION + SIGNATURE + SIGNATURE_END

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "tbody", "tr", "ul",
))  # fmt: skip
_SPACED = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre",
))  # fmt: skip
_HIDDEN = frozenset((
    "head", "script", "style", "title", "template", "noscript", "svg",
))  # fmt: skip
_TAG_STARTS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/!?")
_TAG = re.compile(r"/?([A-Za-z][A-Za-z0-9:]{0,20})")
_ORIGINAL = re.compile(
    r"divrplyfwdmsg|olk_src_body_section|yahoo_quoted|ymail_quoted|protonmail_quote|tutanota_quote|zmail_extra"
    r"|moz-forward-container|mail-editor-reference-message-container|outlookmessageheader|appendonsend|ms-outlook-mobile-reference-message|sh-quoted"
    r"|messagereplysection|freshdesk_quote|missive_quote|\bname=[\"']?quote[\"'\s]|hs_reply|zwchr"
    r"|border:\s*none;\s*border-top:\s*solid\s+#?(?:e1e1e1|b5c4df|windowtext)",
    re.I,
)
_INTRODUCTION = re.compile(
    r"gmail_attr|moz-cite-prefix|reply-intro|quote-header|mail_android_quote_intro", re.I
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|applemailsignature|protonmail_signature_block"
    r"|[\"'\s]id\s*=\s*[\"']?(?:x_)*signature[\"'\s>]|yahoo-signature|class=[\"']?signature[\"'\s]",
    re.I,
)


def html_to_text(html: str) -> str:
    """Plain text of at most `MAX_HTML` characters of HTML, blank lines collapsed to one."""
    return _Reader().read(html[:MAX_HTML])


class _Reader:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quote = 0
        self.hidden = ""
        self.pre = False
        self.signature = 0
        self.cell = False

    def read(self, html: str) -> str:
        at, unclosed = 0, False
        while at < len(html):
            start = html.find("<", at)
            if start < 0 or unclosed:
                self.words(html[at:])
                break
            self.words(html[at:start])
            if html[start + 1 : start + 2] not in _TAG_STARTS:
                self.words("<")
                at = start + 1
                continue
            end = _end_of_tag(html, start)
            if end < 0:
                unclosed = True
                at = start + 1
                continue
            self.tag(html[start + 1 : end - 1])
            at = end
        self.end_line()
        return _tidy(self.lines)

    def words(self, raw: str) -> None:
        if not raw or self.hidden:
            return
        text = unescape(raw) if "&" in raw else raw
        if self.pre:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self.end_line()
                self.line.append(other)
            return
        self.line.append(re.sub(r"[ \t\r\n\f]+", " ", text))

    def end_line(self, blank: bool = False) -> None:
        text = "".join(self.line)
        text = text.rstrip() if self.pre else text.strip(" ")
        self.line.clear()
        self.cell = False
        prefix = "> " * self.quote
        if text:
            self.lines.append(prefix + text)
        if blank and self.lines and self.lines[-1] != prefix.strip():
            self.lines.append(prefix.strip())

    def mark(self, mark: str) -> None:
        self.end_line()
        self.lines.append(mark)

    def tag(self, content: str) -> None:
        match = _TAG.match(content)
        if match is None:
            return
        name, closing = match[1].lower(), content.startswith("/")
        if self.hidden:
            self.hidden = "" if closing and name == self.hidden else self.hidden
        elif name in _HIDDEN:
            self.hidden = "" if closing or content.endswith("/") else name
        elif name == "br":
            self.break_line()
        elif name == "hr":
            self.mark("_" * 32)
        elif name in ("td", "th"):
            if not closing and self.line:
                self.line.append(" ")
        elif name in _BLOCKS:
            self.block(name, closing, content)

    def break_line(self) -> None:
        if self.line and "".join(self.line).strip():
            self.end_line()
        else:
            self.line.clear()
            self.lines.append(("> " * self.quote).strip())

    def block(self, name: str, closing: bool, content: str) -> None:
        self.end_line(blank=name in _SPACED)
        if name == "blockquote":
            self.quote = max(0, self.quote - 1) if closing else min(MAX_QUOTE, self.quote + 1)
        elif name == "pre":
            self.pre = not closing
        if name == "li" and not closing:
            self.line.append("- ")
        if name in ("div", "table") and self.signature:
            self.signature += -1 if closing else 1
            if not self.signature:
                self.lines.append(SIGNATURE_END)
        if not closing and " " in content and not self.quote:
            self.attributes(name, content[:1000])

    def attributes(self, name: str, content: str) -> None:
        if _ORIGINAL.search(content):
            self.lines.append(QUOTE_FOLLOWS)
        elif _INTRODUCTION.search(content):
            self.lines.append(ATTRIBUTION)
        elif name in ("div", "table") and not self.signature and _SIGNATURE.search(content):
            self.signature = 1
            self.lines.append(SIGNATURE)


def _end_of_tag(html: str, start: int) -> int:
    if html.startswith("<!--", start):
        end = html.find("-->", start + 4)
        return end + 3 if end >= 0 else -1
    end = html.find(">", start + 1)
    return end + 1 if end >= 0 else -1


def _tidy(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        line = line.replace("\xa0", " ").rstrip()
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")
