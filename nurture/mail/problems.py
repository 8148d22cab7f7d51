"""What is wrong with a template or text: problems found at load (values), faults met while rendering (exceptions)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nurture.core.errors import GrammarError
from nurture.core.words import Word


class TemplateCode(Word):
    """What kind of problem a template has."""

    TOO_LARGE = "too-large", "The template is larger than nurture reads."
    SYNTAX = "syntax", "A {{ }} or {% %} mark cannot be read."
    NOT_ALLOWED = "not-allowed", "Something is used that templates may not do."
    UNKNOWN_NAME = "unknown-name", "A name is used that templates do not see."
    UNKNOWN_FIELD = "unknown-field", "A field is used that nobody declared."
    UNKNOWN_FILTER = "unknown-filter", "A filter is used that does not exist."
    UNKNOWN_TEST = "unknown-test", "A test (is …) is used that does not exist."
    UNKNOWN_FUNCTION = "unknown-function", "A function is called that does not exist."
    FRONT_MATTER = "front-matter", "The block between the --- lines is missing or cannot be read."
    UNKNOWN_KEY = "unknown-key", "A key of the front matter is not one of those known."
    WRONG_TYPE = "wrong-type", "A value of the front matter is of another kind than the key wants."
    MISSING_SUBJECT = "missing-subject", "An email has no subject."
    EMPTY_BODY = "empty-body", "An email has no text."
    LINK = "link", "A link goes nowhere, or where emails must not link to."
    UNSAFE_HTML = "unsafe-html", "The HTML has something in it that no email may have."
    LAYOUT = "layout", "The layout leaves out something the engine has to put into every email."
    FILE_NAME = "file-name", "The file's name is not that of a template."


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One problem in the author's words. `line` and `column` count from 1 in the template's file."""

    line: int
    column: int
    code: TemplateCode
    message: str
    hint: str | None = None


class TemplateFault(GrammarError):
    """The text cannot be made for this person.

    `template` names the template or is None, `line` counts from 1 in its file or is None. The mail is not sent half.
    """

    def __init__(
        self,
        message: str | None = None,
        hint: str | None = None,
        *,
        template: str | None = None,
        line: int | None = None,
    ) -> None:
        said = message or "The text cannot be made for this person."
        place = ", ".join(part for part in (template, f"line {line}" if line else None) if part)
        super().__init__(f"{place}: {said}" if place else said, hint)
        self.reason = said
        self.template = template
        self.line = line


_WORD: Final = re.compile(r"\w+")


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the known word most like `word`, or None when none is near."""
    if not word or len(word) > 60:
        return None
    plain = {candidate.lower().replace("-", "_"): candidate for candidate in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.lower().replace("-", "_"), plain, n=1, cutoff=0.65)
    return f"Did you mean {plain[near[0]]}?" if near else None


def column_of(lines: list[str], line: int, word: str) -> int:
    """The column (from 1) at which `word` stands as a word of its own in a line, or 1."""
    if not 1 <= line <= len(lines):
        return 1
    text = lines[line - 1]
    whole = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) if _WORD.search(word) else None
    at = whole.start() if whole else text.find(word)
    return at + 1 if at >= 0 else 1
