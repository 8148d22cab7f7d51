"""The tests of campaigns: each story is played, and what happened is held against what it expects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.core.errors import UsageError
from nurture.language.problems import Code, Problem, did_you_mean
from nurture.language.stories import Expected, Story
from nurture.services.project import Project
from nurture.services.simulate import Simulation, simulate
from nurture.services.timeline import Entry


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test went. `expected` and `actual` are lines as in YAML; the other two say how they differ."""

    campaign: str
    name: str
    line: int
    column: int
    expected: tuple[str, ...]
    actual: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything expected happened, and no other email went out."""
        return not self.missing and not self.unexpected

    def as_json(self) -> dict[str, Any]:
        """The shape `nurture test --json` shows (interfaces.md)."""
        lists = ("expected", "actual", "missing", "unexpected", "notes")
        return {
            "campaign": self.campaign,
            "name": self.name,
            "ok": self.ok,
            **{name: list(getattr(self, name)) for name in lists},
        }


def run_stories(project: Project, campaigns: Iterable[str] = ()) -> list[Outcome]:
    """Run the tests of these campaigns (none named: of all). Raises UsageError for a name no campaign has."""
    wanted = list(campaigns)
    for name in wanted:
        known_campaign(project, name)
    return [
        run_story(project, name, story)
        for name, stories in project.stories.items()
        if not wanted or name in wanted
        for story in stories
    ]


def known_campaign(project: Project, name: str) -> None:
    """Raises UsageError unless there is a campaign of that name that can run."""
    if name in project.graphs:
        return
    if name in project.loaded:
        raise UsageError(f"The campaign {name} has errors and cannot run: nurture check shows them.")
    near = did_you_mean(name, project.loaded)
    names = ", ".join(sorted(project.loaded)) or "none"
    raise UsageError(
        f"There is no campaign {name}. " + (f"Did you mean {near}?" if near else f"There is {names}.")
    )


def run_story(project: Project, campaign: str, story: Story) -> Outcome:
    """Run one test. The expected emails are all emails, in order; other effects are looked for by name and time."""
    played = simulate(project, campaign, story)
    expected = story.expect or ()
    missing, unexpected = _compare(expected, played) if story.expect is not None else ([], [])
    return Outcome(
        campaign=campaign,
        name=story.name,
        line=story.line,
        column=story.column,
        expected=tuple(_line(played, one.at, one.kind, one.name or "") for one in expected),
        actual=tuple(_line(played, one.at, one.kind, one.name) for one in played.timeline),
        missing=tuple(missing),
        unexpected=tuple(unexpected),
        notes=tuple(
            f"day {played.day_of(note.at)} {note.at:%H:%M}: {note.text or note.word}" for note in played.notes
        ),
    )


def problems_of(project: Project, outcomes: Iterable[Outcome]) -> list[Problem]:
    """Failed tests as problems, at the place of the test."""
    return [
        Problem(
            project.texts[outcome.campaign].path,
            outcome.line,
            outcome.column,
            Code.STORY_FAILED,
            "error",
            f"The test “{outcome.name}” fails: {_difference(outcome)}.",
            f"nurture test {outcome.campaign} shows what happened",
        )
        for outcome in outcomes
        if not outcome.ok
    ]


def _difference(outcome: Outcome) -> str:
    parts = [f"“{line}” did not happen" for line in outcome.missing]
    parts += [f"“{line}” was not expected" for line in outcome.unexpected]
    more = f" (and {len(parts) - 3} more)" if len(parts) > 3 else ""
    return "; ".join(parts[:3]) + more


def _compare(expected: Iterable[Expected], played: Simulation) -> tuple[list[str], list[str]]:
    """What was expected and did not happen, and the emails nobody expected."""
    left = list(played.timeline)
    missing = []
    for line in expected:
        found = next((entry for entry in left if _is(line, entry)), None)
        if found is None:
            missing.append(_line(played, line.at, line.kind, line.name or ""))
        else:
            left.remove(found)
    unexpected = [_line(played, one.at, one.kind, one.name) for one in left if one.kind == "email"]
    return missing, unexpected


def _is(line: Expected, entry: Entry) -> bool:
    at = entry.at.replace(tzinfo=None, second=0, microsecond=0)
    return at == line.at and entry.kind == line.kind and (line.name is None or _means(line, entry.name))


def _means(line: Expected, name: str) -> bool:
    wanted = (line.name or "").strip()
    if line.kind == "task":
        return wanted.lower() in name.lower()
    if line.kind == "score":
        return wanted.lstrip("+") == name.lstrip("+")
    return wanted == name


def _line(played: Simulation, at: datetime, kind: str, name: str) -> str:
    return f"day {played.day_of(at)} {at:%H:%M}: {kind} {name}".rstrip()
