"""The `tests:` of a campaign as stories: what happens to one lead, and what the campaign should do.

All times are wall-clock times in the lead's zone (naive); `day 1` is the date of `start` (semantics.md, Stories and
simulation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from nurture.core.event import nothing
from nurture.core.graph import Graph
from nurture.core.vocabulary import Vocabulary
from nurture.language.bench import Bench
from nurture.language.problems import Code, Problem, Problems
from nurture.language.schema import StoryBlock
from nurture.language.shape import validate
from nurture.language.source import Path, Source, read_source
from nurture.language.story_reader import EffectKind, StoryReader

FIRST_DAY: Final = date(2026, 1, 12)
"""A Monday: `start: tuesday 10:00` is the first such day on or after it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to the lead at `at`.

    `event`: `name` is its type, `data` what it carries. `set`: `data` are fields of the lead. `task`: `name` is the
    outcome a colleague reports. `enter`: the lead is put into the campaign, with `data` as its entry.
    """

    at: datetime
    kind: Literal["event", "set", "task", "enter"]
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=nothing)
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of the timeline: `email` with its template, `stage` with the stage, `task` with or without a name."""

    at: datetime
    kind: EffectKind
    name: str | None = None
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One test. `lead` are fields by name, of the kinds config.yaml and the built-in fields declare.

    `expect` is None where nothing is expected (a story for `simulate`), else every email in order and the effects it
    names. `others` are campaigns that take part when this one starts them.
    """

    name: str
    start: datetime
    lead: Mapping[str, Any] = field(default_factory=nothing)
    story: tuple[Happening, ...] = ()
    expect: tuple[Expected, ...] | None = None
    others: tuple[str, ...] = ()
    scoring: bool = True
    line: int = 0
    column: int = 0


def read_stories(bench: Bench, graph: Graph) -> tuple[Story, ...]:
    """The tests of a campaign, those that can be read; what is wrong with the others goes to `bench.problems`."""
    # Where a step names no template there is, the tests that expect the right one are not to blame.
    sure = bench.whole and not any(problem.code == Code.UNKNOWN_TEMPLATE for problem in bench.problems)
    reader = StoryReader(bench.source, bench.problems, bench.vocabulary, graph if sure else None)
    for index, block in enumerate(bench.model.tests):
        written = bench.source.get(("tests", index))
        if isinstance(written, dict) and set(written) <= {"name"}:
            message = f"The test {block.name} says neither what happens nor what is expected."
            bench.error(("tests", index), Code.MISSING_KEY, message, "add story: and expect:")
    stories = (_story(reader, block, ("tests", index)) for index, block in enumerate(bench.model.tests))
    return tuple(story for story in stories if story is not None)


def load_story(
    text: str | bytes, file: str, vocabulary: Vocabulary, graph: Graph | None = None
) -> tuple[Story | None, tuple[Problem, ...]]:
    """A story file of `nurture simulate --story FILE`: one entry of `tests:`, its name and `expect` optional."""
    problems = Problems(file)
    source = read_source(text, file, problems)
    if source is None:
        return None, tuple(problems)
    path, data = _only_entry(source)
    if isinstance(data, dict):
        data = {"name": "story", **data}
    block = validate(StoryBlock, source, problems, path=path, data=data)
    if block is None:
        return None, tuple(problems)
    story = _story(StoryReader(source, problems, vocabulary, graph), block, path)
    return (None if problems.errors else story), tuple(problems)


def _only_entry(source: Source) -> tuple[Path, Any]:
    """The entry of a story file: the whole, or the only item of a list or of `tests:`."""
    path: Path = ()
    data: Any = source.data
    if isinstance(data, dict) and list(data) == ["tests"]:
        path, data = ("tests",), data["tests"]
    if isinstance(data, list) and len(data) == 1:
        path, data = (*path, 0), data[0]
    return path, data


def _story(reader: StoryReader, block: StoryBlock, path: Path) -> Story | None:
    start = reader.start(block.start, (*path, "start"), FIRST_DAY)
    if start is None:
        return None
    place = reader.source.value_place(path)
    happenings = reader.entries(block.story, (*path, "story"), start, reader.happening)
    expected = None
    if block.expect is not None:
        lines = reader.entries(block.expect, (*path, "expect"), start, reader.expected)
        expected = tuple(Expected(**line) for line in lines)
    return Story(
        name=block.name,
        start=start,
        lead=reader.fields(block.lead, (*path, "lead")),
        story=tuple(Happening(**entry) for entry in happenings),
        expect=expected,
        others=tuple(block.others or ()),
        scoring=block.scoring == "on",
        line=place.line,
        column=place.column,
    )
