"""The id of every step: the author's, an email's template, or the step's place where none is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from nurture.language.problems import Code, Problems
from nurture.language.schema import CampaignFile
from nurture.language.schema_steps import EmailStep, RepeatStep, Step, TaskStep, WaitForStep
from nurture.language.source import Path, Source
from nurture.language.verbs import verb_of
from nurture.language.walk import Placed


def rotates(step: Step) -> bool:
    """Whether an email step takes turns between templates."""
    return isinstance(step, EmailStep) and (len(step.email) > 1 or "*" in step.email[0])


def expand(name: str, templates: Iterable[str] | None) -> tuple[str, ...]:
    """The templates a name stands for: itself, or all that `digest/*` matches, in their order."""
    if "*" not in name:
        return (name,)
    return tuple(template for template in templates or () if fnmatchcase(template, name))


def can_rest(step: Step) -> bool:
    """Whether a lead can stand before this step for a time (language.md, Ids)."""
    if isinstance(step, EmailStep | WaitForStep | RepeatStep):
        return True
    if isinstance(step, TaskStep) and step.results:
        return True
    return step.after is not None or step.at is not None or step.window is not None


def own_id(step: Step) -> str | None:
    """The id a step has without its place: the one it is given, or its template's name."""
    if step.id is not None:
        return step.id
    if isinstance(step, EmailStep) and not rotates(step):
        return step.email[0]
    return None


def path_id(path: Path) -> str:
    """The id of a step nobody can rest in: `#steps.3.then.0`."""
    return "#" + ".".join(str(part) for part in path)


def name_steps(
    steps: Iterable[Placed], model: CampaignFile, source: Source, problems: Problems
) -> Mapping[Path, str]:
    """An id for each step, by its place; says where one is missing or stands twice."""
    ids: dict[Path, str] = {}
    for path in model.paths:
        if path == "steps" or path.startswith("on."):
            message = f"A path cannot be called {path}: that is the name of another part of the file."
            problems.error(source.key_place(("paths", path)), Code.CONFLICT, message, "choose another name")
    taken: dict[str, Path] = {name: ("paths", name) for name in model.paths}
    for placed in steps:
        name = own_id(placed.step)
        if name is None:
            if can_rest(placed.step) and placed.event is None:
                _missing(placed, source, problems)
            name = path_id(placed.path)
        elif name in taken:
            _twice(name, placed, taken[name], source, problems)
            name = path_id(placed.path)
        while name in taken:
            name += "~"
        taken[name] = placed.path
        ids[placed.path] = name
    return ids


def _missing(placed: Placed, source: Source, problems: Problems) -> None:
    verb = verb_of(source.get(placed.path)) or "step"
    kind = "rotation" if verb == "email" else verb
    message = f"This {kind} needs an id: leads rest here, and the id is their place when the file is edited."
    hint = "add id: and a name of your choice, or run nurture check --fix"
    problems.error(source.value_place(placed.path), Code.MISSING_ID, message, hint)


def _twice(name: str, placed: Placed, first: Path, source: Source, problems: Problems) -> None:
    line = source.key_place(first).line
    key = "id" if placed.step.id is not None else "email"
    place = source.value_place((*placed.path, key))
    if first[:1] == ("paths",) and len(first) == 2:
        message = f"{name} is the name of a path already (line {line})."
        hint = "give the step another id"
    elif key == "email":
        message = f"{name} is sent in line {line} already: this step needs an id of its own."
        hint = f"add id: {name}-2, or run nurture check --fix"
    else:
        message = f"{name} is the id of the step in line {line} already."
        hint = "an id stands once in a file"
    problems.error(place, Code.DUPLICATE_ID, message, hint)
