"""What is wrong with a text an author wrote: where, what, and what would be right.

A problem is a value, never an exception: all problems of a file are collected and shown together.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nurture.core.words import Word

Severity = Literal["error", "warning"]


class Code(Word):
    """What kind of problem it is. Stable: scripts and editors may filter by it."""

    # the file as a text
    TOO_LARGE = "too-large", "The file is larger than nurture reads."
    ENCODING = "encoding", "The file is not UTF-8 text."
    CONTROL_CHARACTER = "control-character", "An invisible character stands in the text."
    # the file as YAML
    SYNTAX = "syntax", "The file cannot be read as YAML."
    TAB = "tab", "A tab stands where YAML wants spaces."
    UNCLOSED = "unclosed", "A quote or bracket is opened and never closed."
    UNQUOTED = "unquoted", "A text needs quotes because of the characters in it."
    TOO_DEEP = "too-deep", "Lists and mappings are nested too deeply."
    TOO_MANY_VALUES = "too-many-values", "The file holds more values than nurture reads."
    DUPLICATE_KEY = "duplicate-key", "A key stands twice in one mapping."
    MERGE_KEY = "merge-key", "The merge key << is used."
    ALIAS = "alias", "A YAML alias is used where it is not allowed, or too many are."
    TAG = "tag", "A YAML tag is used."
    NOT_TEXT_KEY = "not-text-key", "A key is not a text."
    SEVERAL_DOCUMENTS = "several-documents", "The file holds more than one YAML document."
    CUT_BY_COMMENT = "cut-by-comment", "A # has turned the end of a text into a comment."
    TOO_MANY_PROBLEMS = "too-many-problems", "There are more problems than are shown."
    # the file against its schema
    UNKNOWN_KEY = "unknown-key", "A key is not one of those known at this place."
    MISSING_KEY = "missing-key", "A required key is missing."
    NO_VALUE = "no-value", "A key stands there without a value, and counts as not written."
    WRONG_TYPE = "wrong-type", "A value is of another kind than the key wants."
    WRONG_CHOICE = "wrong-choice", "A value is not one of the allowed ones."
    OUT_OF_RANGE = "out-of-range", "A number or text is too small, too large, too short or too long."
    GRAMMAR = "grammar", "A duration, point, window or similar text cannot be read."
    CONFLICT = "conflict", "Two keys do not go together."
    # conditions
    CONDITION_SYNTAX = "condition-syntax", "A condition cannot be read."
    CONDITION_NAME = "condition-name", "A condition uses a name nobody declared."
    CONDITION_TYPE = "condition-type", "A condition compares or combines what does not fit together."
    CONDITION_CALL = "condition-call", "A function in a condition is called in a wrong way."
    CONDITION_TOO_LONG = "condition-too-long", "A condition is longer than nurture reads."
    # what the parts of a project mean to one another
    UNKNOWN_EVENT = "unknown-event", "An event is used that nobody declared."
    UNKNOWN_FIELD = "unknown-field", "A field is used that nobody declared."
    UNKNOWN_TEMPLATE = "unknown-template", "A template is named that does not exist."
    UNKNOWN_CAMPAIGN = "unknown-campaign", "A campaign is named that does not exist."
    UNKNOWN_TARGET = "unknown-target", "A goto names no path and no step."
    UNKNOWN_NAME = "unknown-name", "Something is named that config.yaml does not declare."
    MISSING_ID = "missing-id", "A step in which leads can rest has no id."
    DUPLICATE_ID = "duplicate-id", "Two steps have the same id."
    MISSING_PATIENCE = "missing-patience", "A step waits for ever."
    UNREACHABLE = "unreachable", "Nothing leads to a path or step."
    ENDLESS = "endless", "Steps follow one another in a circle without time passing."
    OUTSIDE_WINDOW = "outside-window", "A clock time lies outside the send window on every day."
    IMPOSSIBLE_TIME = "impossible-time", "A time can never come, or comes before the one before it."
    MISSING_STEP = (
        "missing-step",
        "A step in which leads stand is gone and moved: does not say where they go.",
    )
    TEMPLATE = "template", "A template cannot be read or uses what is not there."
    STORY_FAILED = "story-failed", "A campaign's test did not go as expected."
    # config.yaml
    MISSING_SECRET = "missing-secret", "${NAME} is not set in the environment."


class Place(NamedTuple):
    """A place in a text: line and column from 1, counted in characters; `offset` from 0."""

    line: int
    column: int
    offset: int = 0


START = Place(1, 1, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, in the author's words. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    code: Code
    severity: Severity
    message: str
    hint: str | None = None

    def __lt__(self, other: Problem) -> bool:
        """Order by place: file, line, column; errors before warnings at one place."""
        return self._order() < other._order()

    def _order(self) -> tuple[str, int, int, str, str, str]:
        return (self.file, self.line, self.column, self.severity, self.code, self.message)

    def as_json(self) -> dict[str, str | int | None]:
        """The shape `nurture check --json` shows (interfaces.md)."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code.value,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """`file:line:column: message (hint)`, as compilers print it."""
        said = f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"
        return f"{said} ({self.hint})" if self.hint else said


class Problems:
    """Collects the problems of one file. Iterating gives them in order of place, each once.

    After `LIMIT` problems further ones are counted, not kept; a last problem says how many.
    """

    LIMIT = 500

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Problem, None] = {}
        self._left_out = 0

    def error(self, place: Place, code: Code, message: str, hint: str | None = None) -> None:
        """Add an error at a place of this file."""
        self.add(Problem(self.file, place.line, place.column, code, "error", message, hint))

    def warning(self, place: Place, code: Code, message: str, hint: str | None = None) -> None:
        """Add a warning at a place of this file."""
        self.add(Problem(self.file, place.line, place.column, code, "warning", message, hint))

    def add(self, problem: Problem) -> None:
        """Add one problem, of this or another file."""
        if len(self._found) < self.LIMIT:
            self._found[problem] = None
        elif problem not in self._found:
            self._left_out += 1

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add several."""
        for problem in problems:
            self.add(problem)

    @property
    def errors(self) -> bool:
        """Is there at least one error? (Warnings alone stop nothing.)"""
        return any(problem.severity == "error" for problem in self._found) or self._left_out > 0

    def __iter__(self) -> Iterator[Problem]:
        yield from sorted(self._found)
        if self._left_out:
            message = f"{self._left_out} more problems are not shown."
            yield Problem(self.file, 1, 1, Code.TOO_MANY_PROBLEMS, "error", message)

    def __len__(self) -> int:
        return len(self._found) + bool(self._left_out)

    def __bool__(self) -> bool:
        return bool(self._found)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when none is near. Case and `-`/`_` do not count."""
    if not word or len(word) > 60:
        return None
    plain = {_plain(candidate): candidate for candidate in sorted(known, reverse=True)}
    near = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.7)
    return plain[near[0]] if near else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
