"""Goes through all steps of a campaign file in its order, blocks inside blocks included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nurture.language.schema import CampaignFile, ReactionBlock
from nurture.language.schema_steps import (
    Case,
    ChooseStep,
    EmailStep,
    IfStep,
    RepeatStep,
    SplitStep,
    Step,
    TaskStep,
    WaitForStep,
)
from nurture.language.source import Path, Source


@dataclass(frozen=True, slots=True)
class Placed:
    """A step and where it stands.

    `trunk` is the path it belongs to: `steps`, a name under `paths`, or `on.EVENT`; `depth` 0 is the trunk itself.
    `event` is the event of the reaction it is in, or None. `repeats` are the places of the rounds around it.
    """

    step: Step
    path: Path
    trunk: str
    depth: int = 0
    event: str | None = None
    repeats: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Trunk:
    """A list of steps that begins by itself: the main path, a named one, a reaction."""

    name: str
    path: Path
    steps: Sequence[Step]
    event: str | None = None


def trunks(model: CampaignFile) -> Iterator[Trunk]:
    """The reactions, the main path and the named paths."""
    for event, reaction in model.on.items():
        if isinstance(reaction, ReactionBlock):
            for key, steps in (("steps", reaction.steps), ("then", reaction.then)):
                if steps is not None:
                    yield Trunk(f"on.{event}", ("on", event, key), steps, event)
        else:
            yield Trunk(f"on.{event}", ("on", event), reaction, event)
    yield Trunk("steps", ("steps",), model.steps)
    for name, steps in model.paths.items():
        yield Trunk(name, ("paths", name), steps)


def walk(model: CampaignFile, source: Source) -> Iterator[Placed]:
    """Every step, each before the steps inside it."""
    for trunk in trunks(model):
        for path, step in items(trunk.steps, trunk.path, source):
            yield from _inside(Placed(step, path, trunk.name, 0, trunk.event), source)


def _inside(placed: Placed, source: Source) -> Iterator[Placed]:
    yield placed
    repeats = placed.repeats
    if isinstance(placed.step, RepeatStep):
        repeats = (*repeats, placed.path)
    for key, steps in blocks_of(placed.step):
        for path, step in items(steps, (*placed.path, *key), source):
            inner = Placed(step, path, placed.trunk, placed.depth + 1, placed.event, repeats)
            yield from _inside(inner, source)


def items(steps: Sequence[Step], path: Path, source: Source) -> Iterator[tuple[Path, Step]]:
    """Each step of a list with its place; a single step without a list stands at the list's place."""
    alone = isinstance(source.get(path), Mapping)
    for index, step in enumerate(steps):
        yield (path if alone else (*path, index)), step


def blocks_of(step: Step) -> tuple[tuple[Path, Sequence[Step]], ...]:
    """The lists of steps inside a step, each with its place below the step, in the file's usual order."""
    found: list[tuple[Path, Any]] = []
    match step:
        case WaitForStep():
            if isinstance(step.wait_for, Mapping):
                found += [(("wait_for", event), steps) for event, steps in step.wait_for.items()]
            found.append((("else",), step.otherwise))
        case IfStep():
            found += [(("then",), step.then), (("else",), step.otherwise)]
        case ChooseStep():
            for index, case in enumerate(step.choose):
                if isinstance(case, Case):
                    found.append((("choose", index, "then"), case.then))
                else:
                    found.append((("choose", index, "else"), case.otherwise))
        case SplitStep():
            found += [(("paths", arm), steps) for arm, steps in step.paths.items() if arm in step.split]
        case RepeatStep():
            found.append((("repeat", "steps"), step.repeat.steps))
        case TaskStep():
            found += [(("results", result), steps) for result, steps in (step.results or {}).items()]
            found.append((("else",), step.otherwise))
        case EmailStep():
            found.append((("else",), step.otherwise))
    return tuple((key, steps) for key, steps in found if steps is not None)


def events_of(step: Step) -> tuple[str, ...]:
    """The events a step waits for, each once."""
    if not isinstance(step, WaitForStep):
        return ()
    named = [step.wait_for] if isinstance(step.wait_for, str) else step.wait_for
    return tuple(dict.fromkeys(named))
