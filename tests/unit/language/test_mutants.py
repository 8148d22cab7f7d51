"""Every campaign that ships, broken in about three hundred ways: each is explained at its place, and none is a crash."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from nurture.adapters.folder import ProjectFolder
from nurture.core.graph import Email
from nurture.language.load import Loaded, load_campaign
from nurture.mail.texts import compile_text
from nurture.services.project import Project, load_project

STARTER = Path(__file__).parents[3]
CAMPAIGNS = sorted(path.stem for path in (STARTER / "campaigns").glob("*.yaml"))
EACH = 5
"""So many mutants of a kind for each campaign."""

_KEY = re.compile(r"(\s*(?:- )?)([\w.-]+):(?=\s|$)\s*(.*)$")
_WRONG = ("[a, b]", "{ a: b }", "true", "-12", '"?"', "soon", "3 dayz", "NO", "2026-02-30", "{{ lead.name }}")

Mutate = Callable[[list[str], int, random.Random], list[str] | None]
"""The lines with the one at a place mutated; None where that cannot be done to it."""


@cache
def starter() -> Project:
    return load_project(ProjectFolder(STARTER), {})


def drop_value(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    found = _KEY.match(lines[at])
    return _with(lines, at, f"{found[1]}{found[2]}:") if found and found[3] else None


def misspell_key(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    found = _KEY.match(lines[at])
    if found is None or len(found[2]) < 2:
        return None
    key, place = found[2], dice.randrange(len(found[2]) - 1)
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    return _with(lines, at, f"{found[1]}{swapped}: {found[3]}")


def wrong_type(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    found = _KEY.match(lines[at])
    return _with(lines, at, f"{found[1]}{found[2]}: {dice.choice(_WRONG)}") if found and found[3] else None


def wrong_indentation(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    line = lines[at]
    if not line.strip():
        return None
    return _with(lines, at, line[1:] if line.startswith(" ") and dice.random() < 0.5 else f" {line}")


def a_tab(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    return _with(lines, at, f"\t{lines[at][2:]}") if lines[at].startswith("  ") else None


def no_line(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    return [*lines[:at], *lines[at + 1 :]] if lines[at].strip() else None


def twice(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    return _with(lines, at, lines[at], lines[at]) if _KEY.match(lines[at]) else None


def another_letter(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    letters = [place for place, letter in enumerate(lines[at]) if letter.isalnum()]
    if not letters:
        return None
    place = dice.choice(letters)
    return _with(lines, at, lines[at][:place] + dice.choice("qzj7") + lines[at][place + 1 :])


def cut_off(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    line = lines[at].rstrip()
    start = len(line) - len(line.lstrip())
    return _with(lines, at, line[: dice.randrange(start + 1, len(line))]) if len(line) > start + 1 else None


def no_step(lines: list[str], at: int, dice: random.Random) -> list[str] | None:
    """A list item is gone with all that belongs to it: a step others may lead to, a case, a test."""
    found = re.match(r"( *)- ", lines[at])
    if found is None:
        return None
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(found[1] + "  ")):
        end += 1
    return [*lines[:at], *lines[end:]]


MUTATIONS: tuple[Mutate, ...] = (
    drop_value, misspell_key, wrong_type, wrong_indentation, a_tab, no_line, twice, another_letter, cut_off, no_step,
)  # fmt: skip


def _with(lines: list[str], at: int, *new: str) -> list[str]:
    return [*lines[:at], *new, *lines[at + 1 :]]


def mutants(name: str, mutate: Mutate) -> list[str]:
    """The same ones each time."""
    dice = random.Random(f"{name} {mutate.__name__}")
    lines = starter().texts[name].text.split("\n")
    made = [
        changed
        for at in dice.sample(range(len(lines)), len(lines))
        if (changed := mutate(lines, at, dice)) is not None and changed != lines
    ]
    return ["\n".join(changed) for changed in made[:EACH]]


def check(loaded: Loaded, text: str, file: str) -> None:
    """It is a campaign still, or it is said what is wrong: in this file, at a place there is, in a sentence."""
    lines = text.split("\n")
    errors = [problem for problem in loaded.problems if problem.severity == "error"]
    assert (loaded.graph is None) == bool(errors)
    for problem in loaded.problems:
        assert problem.file == file
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message.endswith((".", "?")), problem.message
        assert not re.search(r"pydantic|Traceback|<class|NoneType|\bNone\b", str(problem)), problem
    if loaded.graph is not None:
        assert loaded.graph.start is None or loaded.graph.start in loaded.graph.nodes


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_mutant_is_a_campaign_still_or_is_explained(name: str, mutate: Mutate) -> None:
    file = starter().texts[name].path
    found = mutants(name, mutate)
    assert len(found) == EACH
    for text in found:
        check(starter().compile(text, file), text, file)


def test_the_campaigns_themselves_have_no_problem() -> None:
    for name in CAMPAIGNS:
        assert starter().loaded[name].problems == ()


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_one_slip_of_the_pen_is_one_problem(name: str) -> None:
    """What one misspelt key, one value of a wrong kind or one tab brings with it is not told as well, nearly always."""
    file = starter().texts[name].path
    slips = [
        text for mutate in (misspell_key, wrong_type, a_tab, drop_value) for text in mutants(name, mutate)
    ]
    numbers = [len(starter().compile(text, file).problems) for text in slips]
    assert sum(numbers) <= 1.3 * len(numbers), numbers


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_template_that_is_gone_is_told_where_it_is_sent(name: str) -> None:
    project = starter()
    text, graph = project.texts[name], project.graphs[name]
    assert project.known.templates is not None
    sent = {
        template
        for node in graph.nodes.values()
        if isinstance(node.verb, Email)
        for template in node.verb.templates
    }
    for gone in sorted(sent):
        known = replace(
            project.known,
            templates={known: facts for known, facts in project.known.templates.items() if known != gone},
        )
        loaded = load_campaign(text.text, text.path, project.settings.vocabulary(), compile_text, known)
        check(loaded, text.text, text.path)
        assert {problem.code for problem in loaded.problems} == {"unknown-template"}
        assert all(gone in text.text.split("\n")[problem.line - 1] for problem in loaded.problems)
