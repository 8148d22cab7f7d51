"""A project's own words for understanding answers (`replies.words`): one YAML file, by language, and a test of them.

Under each language stands what a shipped file of `nurture/inbound/intent` may hold; it is added to what is shipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from nurture.core.errors import GrammarError, UsageError
from nurture.inbound.intent.language import LANGUAGES
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.read import read_intent
from nurture.inbound.intent.reading import Intent, IntentReading
from nurture.inbound.intent.texts import read_texts
from nurture.language.problems import Code, Problem, did_you_mean

MOST: Final = 64_000
"""Characters that own words may have."""

ACTED_ON: Final = ("interested", "later", "refused", "unsubscribe")
"""Intents that move somebody: read wrongly, they do harm."""

_NOT_CLEAR: Final = ("unclear", "other")
_MARK: Final = re.compile(r"line (\d+), column (\d+)")
_QUOTED: Final = re.compile(r"'([^']+)'")


def words_in(folder: Path, name: str | None) -> dict[str, str]:
    """The words of the file `name` in the project's folder, a YAML text by language. Raises UsageError."""
    if name is None:
        return {}
    text = _text(folder / name)
    try:
        return words_of(text)
    except GrammarError as error:
        raise UsageError(f"replies.words: {name}: {_with_hint(error)}") from None


def words_problems(folder: Path, name: str | None) -> list[Problem]:
    """What is wrong with the file `name` of words, as `nurture check` tells it."""
    if name is None:
        return []
    try:
        text = _text(folder / name)
    except UsageError as error:
        return [Problem(name, 1, 1, Code.GRAMMAR, "error", str(error))]
    try:
        words_of(text)
    except GrammarError as error:
        message = _with_hint(error)
        return [Problem(name, *_place(text, message), Code.GRAMMAR, "error", message)]
    return []


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"replies.words: {path} can't be read: {said}.") from None


def _with_hint(error: GrammarError) -> str:
    return f"{error} ({error.hint})" if error.hint else str(error)


def _place(text: str, message: str) -> tuple[int, int]:
    """Line and column, from 1, of what a message is about: where YAML says it is, or of the first word it quotes."""
    if match := _MARK.search(message):
        return int(match[1]), int(match[2])
    at = next((at for word in _QUOTED.findall(message) if (at := text.find(word)) >= 0), 0)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def words_of(text: str) -> dict[str, str]:
    """The same of a text, each language's words tried. Raises GrammarError."""
    if len(text) > MOST:
        raise GrammarError(f"more than {MOST:,} characters of words")
    try:
        data = read_texts(text)
    except yaml.YAMLError as error:
        raise GrammarError(f"this is not YAML: {_said_of_yaml(error)}") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise GrammarError("languages are expected, each with its words", f"{LANGUAGES[0]}: …")
    found = {}
    for language, words in data.items():
        if language not in LANGUAGES:
            near = did_you_mean(str(language), LANGUAGES)
            hint = f"did you mean {near}?" if near else f"one of {', '.join(LANGUAGES)}"
            raise GrammarError(f"there is no language '{language}'", hint)
        found[language] = yaml.safe_dump(words, allow_unicode=True)
        load_lexicon(language, found[language])
    return found


def _said_of_yaml(error: yaml.YAMLError) -> str:
    mark, said = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    return f"{said} (line {mark.line + 1}, column {mark.column + 1})" if mark and said else str(error)


def lexicon_of(words: Mapping[str, str]) -> Callable[[str], Lexicon]:
    """The rules of a language with these words."""
    return lambda language: load_lexicon(language, words.get(language))


@dataclass(frozen=True, slots=True)
class Miss:
    """A labelled reply that was read otherwise. `harm`: it would have moved somebody wrongly."""

    place: str
    text: str
    wanted: str
    got: str
    harm: bool
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Tested:
    """How labelled replies were read."""

    total: int = 0
    right: int = 0
    misses: list[Miss] = field(default_factory=list)

    @property
    def harmful(self) -> int:
        """How many would have moved somebody wrongly."""
        return sum(miss.harm for miss in self.misses)


def try_words(lines: Iterable[tuple[str, str]], words: Mapping[str, str]) -> Tested:
    """Read labelled replies, given as (place, line of JSON Lines), with these words beside the shipped ones.

    A line has `text` and `intent`, and may have `reason`, `until` (ISO date), `written_at` (ISO time), `language`,
    `asked` (the sentence of ours it answers). Raises UsageError, naming the place, for a line that is none.
    """
    lexicon, tested = lexicon_of(words), Tested()
    for place, line in lines:
        if not line.strip():
            continue
        label = _label(place, line)
        written = label.get("written_at")
        read = read_intent(
            label["text"],
            written_at=datetime.fromisoformat(written) if written else None,
            language=label.get("language"),
            asked=str(label.get("asked") or ""),
            lexicon=lexicon,
        )
        tested.total += 1
        if _is_right(label, read):
            tested.right += 1
            continue
        wanted, got = str(label["intent"]), str(read.intent)
        harm = got in ACTED_ON and got != wanted
        tested.misses.append(Miss(place, label["text"], _said(label), _heard(read), harm, read.evidence))
    return tested


def _label(place: str, line: str) -> dict[str, Any]:
    try:
        label = json.loads(line)
    except ValueError:
        raise UsageError(f"{place}: this is no JSON; a line looks so: " + _EXAMPLE) from None
    if not isinstance(label, dict) or not isinstance(label.get("text"), str):
        raise UsageError(f"{place}: text and intent are missing; a line looks so: {_EXAMPLE}")
    if label.get("intent") not in tuple(Intent):
        raise UsageError(f"{place}: there is no intent {label.get('intent')!r}: one of {', '.join(Intent)}")
    try:
        datetime.fromisoformat(label.get("written_at") or "2026-01-01")
    except (TypeError, ValueError):
        raise UsageError(f"{place}: written_at is no time: write 2026-03-02T10:00") from None
    return label


_EXAMPLE: Final = '{"text": "Not this year, sorry.", "intent": "refused", "reason": "timing"}'


def _is_right(label: Mapping[str, Any], read: IntentReading) -> bool:
    """The intent, and where the label names them the reason and the month."""
    wanted, got = label["intent"], str(read.intent)
    if wanted != got:
        return wanted in _NOT_CLEAR and got in _NOT_CLEAR
    if label.get("reason") and label["reason"] != str(read.reason):
        return False
    until = label.get("until")
    return not until or (read.until is not None and str(read.until)[:7] == str(until)[:7])


def _said(label: Mapping[str, Any]) -> str:
    return " ".join(str(label[name]) for name in ("intent", "reason", "until") if label.get(name))


def _heard(read: IntentReading) -> str:
    return " ".join(str(one) for one in (read.intent, read.reason, read.until) if one)
