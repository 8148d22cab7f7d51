"""Keys that need another key, or cannot stand beside one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.ids import rotates
from nurture.language.problems import Code
from nurture.language.schema_steps import ChooseStep, EmailStep, IfStep, LastCase, Step, TaskStep
from nurture.language.shape import knows_all


def check(bench: Bench, graph: Graph) -> None:
    """`missed: send` without `at`; `pick: newest` where nothing rotates; `else` before the last case."""
    for placed in bench.steps:
        written = bench.source.get(placed.path)
        given = frozenset(written) if isinstance(written, dict) else frozenset[str]()
        if not knows_all(type(placed.step), given):
            continue
        for key, message, hint in _wrong(placed.step, given):
            bench.key_error((*placed.path, *key), Code.CONFLICT, message, hint)


def _wrong(step: Step, given: frozenset[str]) -> Iterator[tuple[tuple[Any, ...], str, str | None]]:
    if "missed" in given and step.at is None:
        yield ("missed",), "missed says what to do when at: is over, and there is no at.", None
    if step.after is not None and step.after.clock is not None and step.at is not None:
        yield ("at",), "after: … at HH:MM and at: both name a clock time.", "leave one of them out"
    match step:
        case EmailStep():
            yield from _email(step, given)
        case IfStep(then=None, otherwise=None):
            yield ("if",), "This branch leads nowhere.", "add then: or else: with steps"
        case ChooseStep():
            for index, case in enumerate(step.choose[:-1]):
                if isinstance(case, LastCase):
                    yield (
                        ("choose", index),
                        "else is the last case: what follows it never happens.",
                        "move it down",
                    )
        case TaskStep(results=None):
            for key in ("for", "else"):
                if key in given:
                    yield (key,), f"{key} belongs to a task with results.", "add results:, or leave it out"


def _email(step: EmailStep, given: frozenset[str]) -> Iterator[tuple[tuple[Any, ...], str, str | None]]:
    if step.otherwise is not None and step.latest is None and step.within is None:
        hint = "add latest: or within:, or leave else out"
        yield ("else",), "else is for an email that came too late, and nothing says when that is.", hint
    if not rotates(step):
        for key in ("pick", "when_empty"):
            if key in given:
                yield (
                    (key,),
                    f"{key} belongs to a rotation, and this is one template.",
                    "write email: [a, b, …]",
                )
