"""Everything that is wrong with a project: its files, what they mean to one another, and the campaigns' own tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nurture.language.fix import fix_ids
from nurture.language.problems import Problem
from nurture.mail.layout import check_page
from nurture.services.project import Project, placed
from nurture.services.stories import Outcome, problems_of, run_story


@dataclass(frozen=True, slots=True)
class Checked:
    """The problems of a project in order of place, and how its tests went."""

    problems: tuple[Problem, ...]
    outcomes: tuple[Outcome, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(problem.severity == "error" for problem in self.problems)

    def as_json(self) -> dict[str, Any]:
        """The shape `nurture check --json` shows (interfaces.md)."""
        return {"ok": self.ok, "problems": [problem.as_json() for problem in self.problems]}


def check_project(project: Project, files: Iterable[str] = (), more: Iterable[Problem] = ()) -> Checked:
    """Check everything, or what is wrong in these files only (paths relative to the project, with `/`).

    `more` is what was found in files that are not part of `project`.
    """
    wanted = frozenset(files)
    outcomes = [
        run_story(project, name, story)
        for name, stories in project.stories.items()
        if not wanted or project.texts[name].path in wanted
        for story in stories
    ]
    found = [*project.problems, *_pages(project), *problems_of(project, outcomes), *more]
    if wanted:
        found = [problem for problem in found if problem.file in wanted]
    return Checked(tuple(sorted(set(found))), tuple(outcomes))


def _pages(project: Project) -> list[Problem]:
    """What is wrong with templates inside their layout."""
    return [
        problem
        for template in project.templates
        for problem in placed(check_page(template, project.layout), f"templates/{template.file}")
    ]


def fixed_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The campaign files (path → text as it stands, line ends included) that a fix changes, with the missing ids."""
    made = {path: fix_ids(text) for path, text in texts.items()}
    return {path: text for path, text in made.items() if text != texts[path]}
