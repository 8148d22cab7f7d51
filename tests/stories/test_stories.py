"""The rules of the campaign language, one file a rule, each shown by stories that can be read like a diary.

A file is an ordinary campaign; further documents after `--- # NAME` are other campaigns, or `config.yaml`. Its tests may
say more than those of a project: `trace` (why something was not done), `exactly` (kinds of effects of which there are no
others than those expected) and `ends` (where the lead stands at the end).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from nurture.language.stories import Story
from nurture.ports import SourceText
from nurture.services.project import Project, load_project
from nurture.services.simulate import Simulation, simulate
from nurture.services.stories import run_story

FILES = sorted(Path(__file__).parent.glob("*.yaml"))

CONFIG = """\
company:
  name: Example
  from: Example <hello@example.org>
  postal_address: 1 Example Street, London
  timezone: Europe/London
  country: GB
  languages: [en]
send: { window: any }
"""

TEMPLATES = (
    "welcome", "link", "offer", "reminder", "news", "article", "podcast", "webinar", "letter", "goodbye",
    "digest/one", "digest/two", "digest/three",
)  # fmt: skip

_OWN_KEYS = re.compile(r"^( +)(?:trace|exactly|ends):(?:.*\n)((?:\1[ -]+.*\n|[ \t]*\n)*)", re.MULTILINE)
_NEXT_FILE = re.compile(r"^--- # (\S+)\n", re.MULTILINE)


@dataclass
class Texts:
    """A project's files out of one story file."""

    texts: dict[str, str]
    more: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def config(self) -> SourceText:
        return _file("config.yaml", CONFIG + self.texts.get("config.yaml", ""))

    def campaigns(self) -> list[SourceText]:
        named = [(name, text) for name, text in self.texts.items() if name != "config.yaml"]
        return [_file(f"campaigns/{name}.yaml", text) for name, text in named]

    def templates(self) -> list[SourceText]:
        return [
            _file(f"templates/{name}.md", f"---\nsubject: {name}\n---\nHello.\n")
            for name in sorted(TEMPLATES)
        ]


def _file(path: str, text: str) -> SourceText:
    return SourceText(path=path, text=text, hash=sha256(text.encode()).hexdigest())


def read(path: Path) -> tuple[Project, dict[str, list[dict[str, Any]]]]:
    """The project a story file makes, and what its tests say besides, by campaign."""
    first, *rest = _NEXT_FILE.split(path.read_text())
    texts = {path.stem: first, **dict(zip(rest[::2], rest[1::2], strict=True))}
    said = {
        name: yaml.load(text, yaml.BaseLoader).get("tests", [])
        for name, text in texts.items()
        if name != "config.yaml"
    }
    plain = {name: _OWN_KEYS.sub(_blank, text) for name, text in texts.items()}
    return load_project(Texts(plain), {}), said


def _blank(found: re.Match[str]) -> str:
    """Empty lines in its place, so that problems keep their line numbers."""
    return "\n" * found[0].count("\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_story(path: Path) -> None:
    project, said = read(path)
    assert not project.problems, "\n".join(str(problem) for problem in project.problems)
    played = 0
    for campaign, stories in project.stories.items():
        for story, more in zip(stories, said[campaign], strict=True):
            differences = _differences(project, campaign, story, more)
            assert not differences, "\n".join([f"{campaign}: {story.name}", *differences])
            played += 1
    assert played, "a rule needs a story"


def _differences(project: Project, campaign: str, story: Story, more: dict[str, Any]) -> list[str]:
    outcome = run_story(project, campaign, story)
    simulation = simulate(project, campaign, story)
    found = [f"missing    {line}" for line in outcome.missing]
    found += [f"unexpected {line}" for line in outcome.unexpected]
    happened = [f"{_when(simulation, one.at)}: {one.kind} {one.name}" for one in simulation.timeline]
    for kind in more.get("exactly", ()):
        expected = sum(1 for one in story.expect or () if one.kind == kind)
        actual = [line for line in happened if f": {kind} " in line]
        if len(actual) != expected:
            found.append(f"{kind}: {expected} expected, there are {actual}")
    lines = [f"{_when(simulation, note.at)}: {note.word} {note.step}" for note in simulation.notes]
    for wanted in more.get("trace", ()):
        ((when, word),) = wanted.items()
        if not any(line == f"{when}: {word}" or line.startswith(f"{when}: {word} ") for line in lines):
            found.append(f"not traced {when}: {word}")
    final = simulation.final.as_json()
    for name, wanted in more.get("ends", {}).items():
        if str(final[name]) != wanted:
            found.append(f"ends with {name} {final[name]}, not {wanted}")
    return [*found, "happened:", *happened, "trace:", *lines, f"ends: {final}"] if found else []


def _when(played: Simulation, at: Any) -> str:
    return f"day {played.day_of(at)} {at:%H:%M}"
