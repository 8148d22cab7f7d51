"""Takes the `{{ }}` and `{% %}` out of a text, leaving opaque marks, and puts them back.

Between the two, Markdown and CSS tools can work on the text as if each mark were a word. So a value never meets the
Markdown parser: what a lead is called cannot become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nurture.mail.sandbox import TEXT

URL_OPEN, URL_CLOSE, PICTURE = "\x02", "\x03", "\x04"
"""Stand around every link target in a compiled source (a picture's begins with PICTURE); links.py takes them out."""
LIST_OPEN, LIST_ITEM, LIST_CLOSE = "\x11", "\x12", "\x13"
"""Stand in a numbered list whose length is not known before it is rendered; render.py counts."""
_BEGINS: Final = {"variable_begin": "e", "block_begin": "s"}
_HTML_PIECE: Final = re.compile(
    r"""<!--.*?-->|<(style|title|script)\b.*?</\1\s*>|</?[a-zA-Z!](?:[^<>"']|"[^"]*"|'[^']*')*>|(?P<words>[^<]+|<)""",
    re.DOTALL | re.IGNORECASE,
)
_ENDS: Final = ("variable_end", "block_end", "comment_end", "raw_end")


@dataclass(frozen=True, slots=True)
class Lifted:
    """A text with marks, and what each mark stands for (`{{ … }}` or `{% … %}`, by number)."""

    text: str
    prefix: str
    sources: tuple[str, ...]

    @property
    def mark(self) -> re.Pattern[str]:
        """Matches one mark; group 1 is `e` (expression) or `s` (statement), group 2 its number."""
        return re.compile(rf"{self.prefix}([es])([0-9]+)z")

    def lower(self, text: str) -> str:
        """The text with every mark replaced by what it stands for.

        Marks that an HTML tool wrote as a comment (`wrapped`) or as an attribute without value come back as well.
        """
        mark = rf"(?:<!--)?{self.prefix}[es]([0-9]+)z(?:-->|=\"\")?"
        return re.sub(mark, lambda found: self.sources[int(found[1])], text)

    def wrapped(self, html: str) -> str:
        """The HTML with each statement outside a tag as a comment, which may stand anywhere, even between table rows."""
        statement = re.compile(rf"{self.prefix}s[0-9]+z")

        def wrap(found: re.Match[str]) -> str:
            return statement.sub(r"<!--\g<0>-->", found[0]) if found["words"] else found[0]

        return _HTML_PIECE.sub(wrap, html)

    def tag_of(self, number: int) -> str:
        """The word a statement begins with: `if`, `endfor` …"""
        words = self.sources[number].strip("{%-+ \n\t}").split(None, 1)
        return words[0] if words else ""


def lift(source: str, avoid: str = "") -> Lifted:
    """Take the marks out of a source that `allowed.parse` has accepted. Comments go, with their line if alone on it.

    `avoid` is further text in which the marks must be recognisable (the layout around it).
    """
    prefix = "jmk"
    while prefix in source.lower() or prefix in avoid.lower():
        prefix += "q"
    parts: list[str] = []
    sources: list[str] = []
    last = at = 0
    kind = ""
    raw: str | None = None
    for _, token, value in TEXT.lex(source):
        if token in ("variable_begin", "block_begin", "comment_begin", "raw_begin"):
            start = source.index(value.strip(), last)
            parts.append(source[last:start])
            kind = _BEGINS.get(token, "")
            raw = "" if token == "raw_begin" else None
            last = start
            at = start + len(value if token != "raw_begin" else value.rstrip())
        elif token in _ENDS:
            at += len(value.rstrip()) if token != "raw_end" else 0
            if token == "raw_end":
                at = source.index(value.strip(), at) + len(value.strip())
            if kind:
                parts.append(f"{prefix}{kind}{len(sources)}z")
                sources.append(_without_signs(source[last:at]))
            elif raw:
                parts.append(_braces(raw, prefix, sources))
            elif token == "comment_end":
                at = _past_lone_line(source, last, at)
            last, kind, raw = at, "", None
        elif raw is not None and token == "data":
            raw += value
        elif token not in ("data",):
            at += len(value)
    parts.append(source[last:])
    return Lifted("".join(parts), prefix, tuple(sources))


def without_stray_braces(text: str) -> str:
    """The text with every `{` that could be taken for the beginning of a mark written so that it is none."""
    return re.sub(r"\{(?=[{%#])", '{{ "{" }}', text)


def _without_signs(mark: str) -> str:
    """`{%- x -%}` as `{% x %}`: in an email, Markdown decides about white space."""
    inner = mark[2:-2]
    inner = inner[1:] if inner[:1] in "-+" else inner
    inner = inner[:-1] if inner[-1:] in "-+" else inner
    return f"{mark[:2]} {inner.strip()} {mark[-2:]}"


def _braces(raw: str, prefix: str, sources: list[str]) -> str:
    def escape(found: re.Match[str]) -> str:
        sources.append(f'{{{{ "{found[0]}" }}}}')
        return f"{prefix}e{len(sources) - 1}z"

    return re.sub(r"\{[{%#]|[}%#]\}", escape, raw)


def _past_lone_line(source: str, start: int, end: int) -> int:
    line = source.rfind("\n", 0, start) + 1
    if source[line:start].strip() or not source[end:].startswith("\n"):
        return end
    return end + 1
