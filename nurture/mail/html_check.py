"""What an `.html` template or a layout may not have in it: scripts, unquoted values, links that lead nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from nurture.mail.marks import Lifted
from nurture.mail.problems import TemplateCode, TemplateProblem

_TAGS: Final = frozenset(
    {
        "script",
        "iframe",
        "object",
        "embed",
        "applet",
        "base",
        "form",
        "input",
        "button",
        "frame",
        "frameset",
        "svg",
    },
)
_VALUE_ATTRIBUTES: Final = frozenset(
    {
        "href",
        "src",
        "alt",
        "title",
        "lang",
        "dir",
        "class",
        "id",
        "width",
        "height",
        "align",
        "bgcolor",
        "color",
    },
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")


def judge_link(target: str, lifted: Lifted) -> str | None:
    """What is wrong with a link target in which marks stand, or None. A target that begins with a mark is judged later."""
    shown = lifted.lower(target)
    if lifted.mark.match(target):
        return None
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", target)
    if scheme and scheme[1].lower() in ("http", "https"):
        return (
            None
            if re.match(r"[a-z]+://[^/\s]", target, re.IGNORECASE)
            else f"The link “{shown}” has no host."
        )
    if scheme and scheme[1].lower() in ("mailto", "tel"):
        return None
    if scheme:
        return f"A link in an email cannot lead to “{shown}”."
    if not target.strip():
        return "A link leads nowhere."
    return f"The link “{shown}” has no https:// in front."


class HtmlCheck(HTMLParser):
    """Reads the HTML of a template (its marks lifted) and collects what is wrong. Use `check_html`."""

    def __init__(self, lifted: Lifted, first_line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[TemplateProblem] = []
        self._lifted = lifted
        self._first_line = first_line
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one tag and its attributes."""
        self._raw = tag if tag in ("style", "script") else ""
        mark = self._lifted.mark
        if tag in _TAGS or (
            tag == "meta" and any(name == "http-equiv" and value == "refresh" for name, value in attrs)
        ):
            self._problem(TemplateCode.UNSAFE_HTML, f"An email cannot have <{tag}>.")
        if mark.search(tag):
            self._problem(TemplateCode.UNSAFE_HTML, "A tag's name cannot come from {{ }}.")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        bare = _QUOTED.sub('""', self.get_starttag_text() or "")
        if re.search(rf"=\s*[^\s\"'>]*{self._lifted.prefix}e", bare):
            self._problem(TemplateCode.UNSAFE_HTML, "A {{ }} in an attribute must stand between quotes.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        self._raw = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a style element."""
        self._raw = ""

    def handle_data(self, data: str) -> None:
        """Values may stand in text but not in style sheets."""
        if self._raw and self._lifted.mark.search(data):
            self._problem(TemplateCode.UNSAFE_HTML, "A style sheet cannot have {{ }} or {% %} in it.")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        values = [found for found in self._lifted.mark.finditer(value) if found[1] == "e"]
        if name.startswith("on"):
            self._problem(TemplateCode.UNSAFE_HTML, f"An email cannot have {name}=…: it would be a script.")
        elif any(found[1] == "e" for found in self._lifted.mark.finditer(name)):
            self._problem(TemplateCode.UNSAFE_HTML, "An attribute's name cannot come from {{ }}.")
        elif values and name not in _VALUE_ATTRIBUTES and not name.startswith(("data-", "aria-")):
            self._problem(TemplateCode.UNSAFE_HTML, f"A {{{{ }}}} cannot stand in {name}=….")
        elif (tag in ("a", "area") and name == "href") or (tag == "img" and name == "src"):
            wrong = judge_link(value, self._lifted)
            if wrong and not value.startswith("#"):
                self._problem(TemplateCode.LINK, wrong)

    def _problem(self, code: TemplateCode, message: str) -> None:
        line, offset = self.getpos()
        self.problems.append(TemplateProblem(line + self._first_line - 1, offset + 1, code, message))


def check_html(lifted: Lifted, first_line: int = 1) -> list[TemplateProblem]:
    """All that is wrong with the HTML of a template or layout. Lines are right unless a mark spans several."""
    check = HtmlCheck(lifted, first_line)
    check.feed(lifted.text)
    check.close()
    return check.problems
