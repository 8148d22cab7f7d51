"""What is wrong with a condition as a text: the usual slips of the pen, each with what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from nurture.language.problems import Code

MAX_LENGTH: Final = 2000
MAX_NODES: Final = 300


class Fault(NamedTuple):
    """A problem inside a text; `offset` counts characters from 0."""

    offset: int
    code: Code
    message: str
    hint: str | None = None


_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")

# These are wrong wherever they stand outside quotes, whether Python would read them or not.
_NEVER: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r"[“”„«»‘’‚`´]", "This is not a straight quote.", 'write "…" with straight quotes'),
        (r"&&|&", "{0} is not a word here.", "write and"),
        (r"\|\||\|", "{0} is not a word here.", "write or"),
        (r"!(?!=)", "! is not a word here.", "write not"),
        (r"===|<>|!==", "{0} is no comparison.", "write == for equal, != for not equal"),
        (r"=<|=>", "{0} is no comparison.", "write <= for at most, >= for at least"),
        (r"[≤≥≠]", "{0} is no comparison here.", "write <= for ≤, >= for ≥, != for ≠"),
        (r"\{\{|\}\}", "A condition has no {0}.", "write it without the braces"),
        (r"#", "A condition has no comments.", "put the remark on a YAML line of its own"),
        (r"\\", "A condition has no backslashes.", "delete it"),
        (r";", "A condition has no {0}.", "join conditions with and, or"),
        (
            r"(?<![\w.])\d[\d.]*[^\W\d]\w*",
            "{0} is no number.",
            'write a bare number, or a text in quotes: "{0}"',
        ),
        (r"(?<![\w.])\d+,\d", "{0} is no number.", "write decimals with a point: 1.5"),
    )
)
_AFTER_FAILURE: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r"\b(?:AND|OR|NOT|IN|And|Or|Not|In)\b", "{0} is written in small letters.", "write {lower}"),
        (r"\b(?:contains|includes|like)\b", "{0} is not a word here.", 'write "word" in lead.interest'),
        (r"\b(?:is|equals)\b", "{0} is not a word here.", "write == to compare, known(…) to ask for a value"),
        (
            r"\b(?:if|then|else)\b",
            "{0} is not part of a condition.",
            "write then: and else: as keys of their own",
        ),
    )
)
_TRAILING = re.compile(r"(?:\b(?:and|or|not|in)|[=<>!+\-*/,.(\[])\s*$")


def outside_strings(text: str) -> str:
    """The text with everything between quotes (the quotes stay) made spaces; as long as before."""
    return _STRING.sub(lambda found: found[0][0] + " " * (len(found[0]) - 2) + found[0][-1], text)


def faults_before(text: str) -> Iterator[Fault]:
    """What is wrong whatever a parser says. `text` holds no line breaks."""
    if len(text) > MAX_LENGTH:
        message = f"The condition has {len(text):,} characters; nurture reads {MAX_LENGTH:,}."
        yield Fault(0, Code.CONDITION_TOO_LONG, message, "split it into several steps")
        return
    bare = outside_strings(text)
    if len(re.findall(r"\w+|[^\w\s]", bare)) > 3 * MAX_NODES:
        yield Fault(
            0, Code.CONDITION_TOO_LONG, "The condition has too many parts.", "split it into several steps"
        )
        return
    for pattern, message, hint in _NEVER:
        if found := pattern.search(bare):
            said = found.group()
            yield Fault(found.start(), Code.CONDITION_SYNTAX, message.format(said), hint.format(said))
    strings = list(_STRING.finditer(text))
    for one, other in pairwise(strings):
        if not text[one.end() : other.start()].strip():
            message = "A comma is missing between two texts."
            yield Fault(
                other.start(), Code.CONDITION_SYNTAX, message, f"write {one.group()}, {other.group()}"
            )
    for found in re.finditer(r"\w(?=[\"'])", bare):
        if found.end() in {string.start() for string in strings}:
            message = "A space or operator is missing before the quote."
            yield Fault(found.end(), Code.CONDITION_SYNTAX, message)


def explain_syntax(text: str, offset: int | None) -> Fault:
    """Why the parser stopped at `offset` (characters from 0, None: it did not say)."""
    bare = outside_strings(text)
    if not bare.strip():
        return Fault(
            0, Code.CONDITION_SYNTAX, "There is no condition here.", 'write one: lead.country == "DE"'
        )
    for mark in "\"'":
        if len(re.findall(mark, bare)) % 2:
            at = bare.rindex(mark)
            return Fault(
                at, Code.CONDITION_SYNTAX, f"The quote {mark} opened here is never closed.", f"add a {mark}"
            )
    if (found := _single_equals(bare)) is not None:
        return Fault(found, Code.CONDITION_SYNTAX, "= does not compare.", "write == to compare")
    for pattern, message, hint in _AFTER_FAILURE:
        if match := pattern.search(bare):
            word = match.group()
            message, hint = message.format(word), hint.format(word, lower=word.lower())
            return Fault(match.start(), Code.CONDITION_SYNTAX, message, hint)
    if trailing := _TRAILING.search(bare):
        return Fault(
            trailing.start(), Code.CONDITION_SYNTAX, "The condition ends too early.", "something must follow"
        )
    if (unbalanced := _unbalanced(bare)) is not None:
        at, message = unbalanced
        return Fault(at, Code.CONDITION_SYNTAX, message)
    at = min(max(offset or 0, 0), max(len(text) - 1, 0))
    message = "The condition cannot be read from here."
    return Fault(at, Code.CONDITION_SYNTAX, message, 'an example: lead.score >= 30 and lead.country == "DE"')


def _single_equals(bare: str) -> int | None:
    """The first `=` that is neither `==`, `<=` … nor the `=` of a named argument."""
    depth: list[bool] = []  # of each open bracket: does it belong to a call?
    for at, character in enumerate(bare):
        if character in "([":
            depth.append(character == "(" and bool(re.search(r"\w\s*$", bare[:at])))
        elif character in ")]" and depth:
            depth.pop()
        elif character == "=" and "=" not in bare[at + 1 : at + 2] and not re.search(r"[=!<>]$", bare[:at]):
            named = depth and depth[-1] and re.search(r"[(,]\s*\w+\s*$", bare[:at])
            if not named:
                return at
    return None


def _unbalanced(bare: str) -> tuple[int, str] | None:
    pairs = {")": "(", "]": "["}
    opened: list[tuple[int, str]] = []
    for at, character in enumerate(bare):
        if character in "([":
            opened.append((at, character))
        elif character in pairs:
            if not opened or opened[-1][1] != pairs[character]:
                return at, f"This {character} closes nothing."
            opened.pop()
    if opened:
        at, character = opened[-1]
        return at, f"This {character} is never closed."
    return None
