"""What every part of compiling needs at hand: the file, what is known, and where problems go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nurture.core.conditions import Condition
from nurture.core.errors import GrammarError
from nurture.core.graph import Text
from nurture.core.vocabulary import EVERY_EVENT, HOLIDAY_ENTRY, Kind, Kinds, Vocabulary
from nurture.language.campaign_codes import NOT_YET
from nurture.language.expressions import Scope, condition_at
from nurture.language.known import CompileText, Known, TextProblem
from nurture.language.problems import Code, Place, Problems
from nurture.language.schema import CampaignFile
from nurture.language.schema_steps import TaskStep
from nurture.language.source import Path, Source
from nurture.language.walk import Placed, events_of, walk

T = TypeVar("T")


@dataclass(slots=True)
class Fixed:
    """A text that is always the same value: a date, or nothing. Fulfils `core.graph.Text`."""

    source: str
    value: Any

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The value, whatever the data."""
        return self.value


@dataclass(slots=True)
class Bench:
    """One campaign file while it is compiled and checked.

    `whole` is False when parts of the file could not be read and are left out of `model`. `texts` are the compiled
    texts by their place, `listens` the events whose history conditions look back at.
    """

    source: Source
    problems: Problems
    model: CampaignFile
    vocabulary: Vocabulary
    known: Known
    compile_text: CompileText
    whole: bool = True
    texts: dict[Path, Text] = field(default_factory=dict)
    listens: set[str] = field(default_factory=set)
    _steps: tuple[Placed, ...] | None = None
    _kinds: dict[str, Kinds | None] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Placed, ...]:
        """Every step of the file, each before the steps inside it."""
        if self._steps is None:
            self._steps = tuple(walk(self.model, self.source))
        return self._steps

    # -- texts ------------------------------------------------------------------------------------------------

    def text(self, source: str, path: Path) -> Text:
        """The compiled text; where it is wrong, says so and gives the text as it stands."""
        try:
            made = self.compile_text(source)
        except GrammarError as error:
            self.problems.error(self.source.value_place(path), Code.TEMPLATE, sentence(error), error.hint)
            return Fixed(source, source)
        if isinstance(made, Sequence):
            for problem in made:
                place = self.place_in_text(path, source, problem)
                self.problems.error(place, Code.TEMPLATE, problem.message, problem.hint)
            return Fixed(source, source)
        self.texts[path] = made
        return made

    def maybe_text(self, source: str | None, path: Path) -> Text | None:
        """The same for a text that may be missing."""
        return None if source is None else self.text(source, path)

    def place_in_text(self, path: Path, text: str, problem: TextProblem) -> Place:
        """Where line and column of a text stand in the file."""
        written = self.source.get(path)
        lines = (written if isinstance(written, str) else text).split("\n")
        before = sum(len(line) + 1 for line in lines[: problem.line - 1])
        return self.source.text_place(path, before + problem.column - 1)

    # -- conditions -------------------------------------------------------------------------------------------

    def condition(self, path: Path, event: str | None, wants: Kind = Kind.BOOLEAN) -> Condition | None:
        """The condition at a place where `event` is at hand; without one, any the campaign acts on."""
        return self._read(path, Scope(self.entry_kinds, self.event_kinds(event)), wants)

    def maybe_condition(self, written: str | None, path: Path, event: str | None) -> Condition | None:
        """The same for a condition that may be missing."""
        return None if written is None else self.condition(path, event)

    def at_entry(self, written: str | None, path: Path, wants: Kind = Kind.BOOLEAN) -> Condition | None:
        """A condition under `enter:`, where the entering event is both `entry` and `event`."""
        return None if written is None else self._read(path, Scope(self.entry_kinds, self.entry_kinds), wants)

    def _read(self, path: Path, scope: Scope, wants: Kind) -> Condition | None:
        made = condition_at(self.source, path, self.vocabulary, self.problems, scope, wants)
        if made is not None:
            self.listens.update(made.needs.events)
        return made

    @property
    def entry_kinds(self) -> Kinds | None:
        """What `entry` may hold; None where that cannot be told."""
        enter = self.model.enter
        if not self.whole or enter.manual:
            return None
        if enter.on is not None:
            return self._data_of(tuple(enter.on))
        return {**EVERY_EVENT, **HOLIDAY_ENTRY} if enter.holiday is not None else EVERY_EVENT

    def event_kinds(self, event: str | None) -> Kinds | None:
        """What `event` may hold where this one is at hand; without one, in any step."""
        return self._acting_kinds() if event is None else self._data_of((event,))

    def _acting_kinds(self) -> Kinds | None:
        """The data of all events this campaign acts on; looked for once."""
        if "" in self._kinds:
            return self._kinds[""]
        entry, data = self.entry_kinds, None
        if entry is not None:
            acting = [*(self.model.enter.on or ()), *self.model.on]
            for placed in self.steps:
                acting += events_of(placed.step)
                if isinstance(placed.step, TaskStep) and placed.step.results:
                    acting.append("task.done")
            data = self._data_of(tuple(dict.fromkeys(acting)))
        self._kinds[""] = None if data is None or entry is None else {**entry, **data}
        return self._kinds[""]

    def _data_of(self, events: tuple[str, ...]) -> Kinds | None:
        if not events:
            return EVERY_EVENT
        if not all(self.vocabulary.knows_event(event) for event in events):
            return None
        return self.vocabulary.data_of(*events)

    # -- single values ----------------------------------------------------------------------------------------

    def grammar(self, parse: Callable[[str], T], text: str, path: Path) -> T | None:
        """What `parse` reads; None where it cannot, which is said."""
        try:
            return parse(text)
        except GrammarError as error:
            self.problems.error(self.source.value_place(path), Code.GRAMMAR, sentence(error), error.hint)
            return None

    def error(self, path: Path, code: Code, message: str, hint: str | None = None) -> None:
        """An error at the value of a path."""
        self.problems.error(self.source.value_place(path), code, message, hint)

    def key_error(self, path: Path, code: Code, message: str, hint: str | None = None) -> None:
        """An error at the key of a path."""
        self.problems.error(self.source.key_place(path), code, message, hint)

    def not_yet(self, path: Path, what: str) -> None:
        """Something the language knows and this version does not do."""
        place = self.source.key_place(path)
        self.problems.error(place, NOT_YET, f"{what} is not there yet.", "leave it out for now")


def sentence(error: GrammarError) -> str:
    """What a grammar says is wrong, as a sentence."""
    text = str(error).strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
