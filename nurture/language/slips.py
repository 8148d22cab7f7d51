"""libyaml's complaints in the author's words: what the usual slips of the pen look like and how to mend them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import yaml

from nurture.language.problems import Code, Place

_KEY = re.compile(
    r"(?P<before>[ \t]*(?:-[ \t]+)*)(?P<key>[^\s:#'\"{\[][^:#\r\n]*):(?P<rest>[ \t]+(?P<value>.*))?$"
)
_BLOCK_FORM = "write it as a block, one key a line"


class Slip(NamedTuple):
    """What is wrong, where, and what would be right."""

    place: Place
    code: Code
    message: str
    hint: str | None = None


def shorten(text: str, limit: int = 40) -> str:
    """A text for a message: on one line, not longer than `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quote(text: str) -> str:
    """A text as a quoted YAML scalar, for a hint."""
    line = shorten(text, 70)
    if '"' in line or "\\" in line:
        return "'" + line.replace("'", "''") + "'"
    return f'"{line}"'


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Where libyaml stopped (`at`), what it was reading (`since`), and the lines around."""

    lines: list[str]
    at: Place
    since: Place | None
    last: Place | None
    problem: str
    context: str

    @property
    def line(self) -> str:
        return self.of(self.at)

    def of(self, place: Place) -> str:
        return self.lines[place.line - 1] if place.line <= len(self.lines) else ""

    @property
    def char(self) -> str:
        return self.line[self.at.column - 1 : self.at.column]


def explain(error: yaml.MarkedYAMLError, text: str, last: Place | None) -> Slip:
    """The slip behind an error of libyaml. `last` is where the last value read begins."""
    mark = error.problem_mark or error.context_mark
    since = error.context_mark
    trouble = _Trouble(
        lines=re.split(r"\r\n|\r|\n", text),
        at=Place(mark.line + 1, mark.column + 1, mark.index) if mark else Place(1, 1),
        since=Place(since.line + 1, since.column + 1, since.index) if since else None,
        last=last,
        problem=error.problem or "",
        context=error.context or "",
    )
    for beginning, explanation in _EXPLANATIONS:
        if trouble.problem.startswith(beginning) or trouble.context.startswith(beginning):
            slip = explanation(trouble)
            if slip is not None:
                return slip
    return _unreadable(trouble)


def explain_tag(text: str, where: Place) -> Slip:
    """A value that begins with `!`, which YAML takes for a tag."""
    line = text[where.offset :].splitlines()[0].rstrip()
    if line.startswith("!!"):
        name = line.split()[0]
        message = f"{shorten(name)} is a YAML tag; nurture knows what each key wants."
        return Slip(where, Code.TAG, message, "delete it, or put the text in quotes")
    if re.match(r"!\s*[\w.]+\(", line):
        said = f"in a condition write: not {shorten(line[1:].lstrip(), 60)}"
    else:
        said = f"write {quote(line)}"
    return Slip(where, Code.TAG, "A text that begins with ! needs quotes.", said)


def _tab(trouble: _Trouble) -> Slip | None:
    if trouble.char != "\t" and "tab" not in trouble.problem:
        return None
    message = "A tab stands where YAML wants spaces."
    return Slip(
        trouble.at, Code.TAB, message, "replace the tab by spaces; most editors can do so by themselves"
    )


def _bad_beginning(trouble: _Trouble) -> Slip | None:
    """`@you`, `*hot*`, `%x`, a comma or bracket: characters no plain text may begin with."""
    at = trouble.since if trouble.context.startswith("while scanning an a") else trouble.at
    assert at is not None
    line = trouble.of(at)
    value = _cut_comment(line[at.column - 1 :])
    if not value or value in "]}":
        brackets = {"]": "[", "}": "{"}
        if value in brackets:
            return Slip(at, Code.SYNTAX, f"A {value} closes what was never opened with {brackets[value]}.")
        return None
    message = f"A text that begins with {value[0]} needs quotes."
    return Slip(at, Code.UNQUOTED, message, f"write {_with_key(line, at, value)}")


def _second_colon(trouble: _Trouble) -> Slip | None:
    """`title: Trial: 14 days`."""
    match = _KEY.match(trouble.line)
    value = match.group("value") if match else None
    if match is None or not value or match.start("value") >= trouble.at.column:
        return None
    message = "A text with a colon and a space in it needs quotes."
    hint = f"write {match.group('key')}: {quote(_cut_comment(value))}"
    return Slip(trouble.at, Code.UNQUOTED, message, hint)


def _deeper(trouble: _Trouble) -> Slip | None:
    """A key below a line that already has a value."""
    line = trouble.line
    first = Place(trouble.at.line, len(line) - len(line.lstrip()) + 1, trouble.at.offset)
    above = _line_above(trouble)
    if above is None or line.strip().startswith("---"):
        return None
    number, said = above
    glued = re.match(r"[ \t]*(?:-[ \t]+)*([\w.-]+):(\S.*)$", said)
    if glued:
        place = Place(number, said.index(glued.group(1)) + 1)
        hint = f"write {glued.group(1)}: {shorten(glued.group(2))}"
        return Slip(place, Code.SYNTAX, "A space is missing after the colon.", hint)
    if _KEY.match(said) is None and _KEY.match(line) is not None and not said.lstrip().startswith("-"):
        place = Place(number, len(said) - len(said.lstrip()) + 1)
        return Slip(place, Code.SYNTAX, "A colon is missing on this line.", f"write {shorten(said)}: …")
    message = f"This line is indented below line {number}, which already has a value."
    return Slip(first, Code.SYNTAX, message, "begin it in the same column as its neighbours")


def _list_beside(trouble: _Trouble) -> Slip | None:
    """`a: - b`."""
    message = "A list begins on a line of its own."
    return Slip(trouble.at, Code.SYNTAX, message, "put each - on its own line below the key, or write [a, b]")


def _question_mark(trouble: _Trouble) -> Slip | None:
    value = _cut_comment(trouble.line[trouble.at.column - 1 :])
    hint = f"write {_with_key(trouble.line, trouble.at, value)}"
    return Slip(trouble.at, Code.UNQUOTED, "A text that begins with ? needs quotes.", hint)


def _after_the_end(trouble: _Trouble) -> Slip | None:
    """Something stands behind a closed quote or bracket, or a line is indented like no other."""
    line, at = trouble.line, trouble.at
    before = line[: at.column - 1]
    if not before.strip():
        return _odd_indentation(trouble)
    head = re.match(r"[ \t]*(?:-[ \t]+)*(?:[^:'\"{\[]+:[ \t]+)?", before)
    start = head.end() if head else 0
    value = _cut_comment(line[start:])
    ended = before.rstrip()[-1:]
    if value[:2] == "{{":
        place = Place(at.line, start + 1)
        return Slip(place, Code.UNQUOTED, "A text that begins with {{ needs quotes.", f"write {quote(value)}")
    if value[:1] in "'\"" and ended in "'\"":
        if trouble.last and trouble.last.line < at.line:
            return _unclosed_before(trouble)
        if value[0] == "'" and re.match(r"'[^']*\w'\w", value):
            inner = value[1:-1] if value.endswith("'") else value[1:]
            message = "An apostrophe ends a text in single quotes."
            return Slip(at, Code.UNQUOTED, message, f'use double quotes: "{shorten(inner)}"')
        message = "The text goes on after its closing quote: put quotes around all of it."
        return Slip(at, Code.UNQUOTED, message, f"write {quote(value)}")
    if trouble.last and trouble.last.line < at.line and ended in "'\"":
        return _unclosed_before(trouble)
    if ended in "]}":
        message = f"The text goes on after {ended}: a text with brackets at its beginning needs quotes."
        return Slip(at, Code.UNQUOTED, message, f"write {quote(value)}")
    return None


def _unclosed_before(trouble: _Trouble) -> Slip:
    assert trouble.last is not None
    message = "The quote opened here is not closed on its line."
    return Slip(trouble.last, Code.UNCLOSED, message, f"close it before line {trouble.last.line + 1}")


def _odd_indentation(trouble: _Trouble) -> Slip:
    if trouble.line.strip().startswith("- "):
        message = "A list item stands where a key should stand, or is indented like no line above."
    elif trouble.context.startswith("while parsing a block collection"):
        message = "A key stands where the list above should go on, or is indented like no line above."
    else:
        message = "This line is indented like no line above it."
    return Slip(trouble.at, Code.SYNTAX, message, "begin it in the same column as its neighbours")


def _flow(trouble: _Trouble) -> Slip | None:
    """Inside `{ }` or `[ ]` something stands that cannot, or the closing bracket is missing."""
    if trouble.since is None:
        return None
    opened = trouble.of(trouble.since)[trouble.since.column - 1 : trouble.since.column]
    closing = {"{": "}", "[": "]"}.get(opened, "")
    same_line = trouble.line[: trouble.at.column - 1] if trouble.at.line == trouble.since.line else None
    if same_line is None or trouble.at.column > len(trouble.line):
        message = f"The {opened} opened here is never closed."
        return Slip(trouble.since, Code.UNCLOSED, message, f"add the {closing}")
    inside = trouble.of(trouble.since)[trouble.since.column - 1 :]
    if inside.startswith("{{"):
        hint = f"write {quote(_cut_comment(inside))}"
        return Slip(trouble.since, Code.UNQUOTED, "A text that begins with {{ needs quotes.", hint)
    read = inside[: trouble.at.offset - trouble.since.offset]
    if trouble.char in "[{(\"'" or read.count("(") > read.count(")"):
        message = f"A text with brackets or quotes in it cannot stand inside {opened} {closing}."
        return Slip(trouble.at, Code.UNQUOTED, message, _block_form(inside))
    message = f"Inside {opened} {closing} a comma or the closing {closing} is missing before this."
    hint = "put a text with : , [ ] { } in it in quotes, or " + _BLOCK_FORM
    return Slip(trouble.at, Code.SYNTAX, message, hint)


def _block_form(inside: str) -> str:
    """`{if: x in ["DE"], then: …}` is written as a block."""
    key = re.match(r"\{\s*([\w.-]+):\s*(.*)", inside)
    if key is None:
        return "put the text in quotes, or write the list with one - a line"
    value = re.split(r",\s*[\w.-]+:", key.group(2))[0]
    value = _cut_comment(value).rstrip("}").rstrip()
    return f"{_BLOCK_FORM}, without the brackets: {key.group(1)}: {shorten(value, 60)}"


def _open_quote(trouble: _Trouble) -> Slip | None:
    if trouble.since is None:
        return None
    quote_mark = trouble.of(trouble.since)[trouble.since.column - 1 : trouble.since.column]
    message = f"The quote {quote_mark} opened here is never closed."
    return Slip(trouble.since, Code.UNCLOSED, message, f"add a {quote_mark} at the end of the text")


def _escape(trouble: _Trouble) -> Slip | None:
    message = "Between double quotes a backslash begins a special character, and this is none."
    return Slip(trouble.at, Code.UNQUOTED, message, "write \\\\ or use single quotes")


def _after_bar(trouble: _Trouble) -> Slip | None:
    bar = trouble.of(trouble.since)[trouble.since.column - 1 : trouble.since.column] if trouble.since else "|"
    message = f"A text after {bar} begins on the next line."
    line = trouble.line[(trouble.since.column - 1) if trouble.since else 0 :]
    hint = (
        f"put it on the next line, indented; or, where it is one line, in quotes: {quote(_cut_comment(line))}"
    )
    return Slip(trouble.since or trouble.at, Code.SYNTAX, message, hint)


def _missing_colon(trouble: _Trouble) -> Slip | None:
    at = trouble.since or trouble.at
    line = trouble.of(at).strip()
    glued = re.match(r"([\w.-]+):(\S.*)$", line)
    if glued:
        hint = f"write {glued.group(1)}: {shorten(glued.group(2))}"
        return Slip(at, Code.SYNTAX, "A space is missing after the colon.", hint)
    hint = f"write {shorten(line)}: …"
    if len(line.split()) > 3:
        hint = "a text of several lines needs a > behind its key: about: >"
    return Slip(at, Code.SYNTAX, "This line is no `key: value`: its colon is missing.", hint)


def _tag(trouble: _Trouble) -> Slip | None:
    at = trouble.since or trouble.at
    return explain_tag(
        "\n".join(trouble.lines[at.line - 1 :])[at.column - 1 :] or "!", Place(at.line, at.column)
    )


def _directive(trouble: _Trouble) -> Slip | None:
    at = trouble.since or trouble.at
    return Slip(at, Code.UNQUOTED, "A line cannot begin with %.", "put the text in quotes")


def _unreadable(trouble: _Trouble) -> Slip:
    hint = "look at the quotes, colons and indentation of this line and the one above"
    return Slip(trouble.at, Code.SYNTAX, "YAML cannot read on from here.", hint)


def _line_above(trouble: _Trouble) -> tuple[int, str] | None:
    """The nearest line above that is neither empty nor a comment, with its number."""
    for number in range(trouble.at.line - 1, 0, -1):
        said = trouble.lines[number - 1]
        if said.strip() and not said.lstrip().startswith("#"):
            return number, said
    return None


def _cut_comment(text: str) -> str:
    return re.split(r"\s#\s", text)[0].strip()


def _with_key(line: str, at: Place, value: str) -> str:
    key = _KEY.match(line)
    if key is not None and key.group("value") is not None and key.start("value") == at.column - 1:
        return f"{key.group('key')}: {quote(value)}"
    return quote(value)


_EXPLANATIONS: tuple[tuple[str, Callable[[_Trouble], Slip | None]], ...] = (
    ("found a tab character", _tab),
    ("found character that cannot start any token", _tab),
    ("found character that cannot start any token", _bad_beginning),
    ("while scanning an alias", _bad_beginning),
    ("while scanning an anchor", _bad_beginning),
    ("mapping values are not allowed", _second_colon),
    ("mapping values are not allowed", _deeper),
    ("block sequence entries are not allowed", _list_beside),
    ("mapping keys are not allowed", _question_mark),
    ("while parsing a flow", _flow),
    ("did not find expected node content", _bad_beginning),
    ("while parsing a block", _after_the_end),
    ("did not find expected <document start>", _after_the_end),
    ("while scanning a quoted scalar", _open_quote),
    ("while parsing a quoted scalar", _escape),
    ("while scanning a block scalar", _after_bar),
    ("while scanning a simple key", _missing_colon),
    ("while scanning a tag", _tag),
    ("while parsing a tag", _tag),
    ("while parsing a node", _tag),
    ("while scanning a directive", _directive),
)
