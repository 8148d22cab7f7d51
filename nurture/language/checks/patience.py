"""Every `wait_for` says how long it waits: exactly one of `for` and `until`."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code
from nurture.language.schema_steps import WaitForStep
from nurture.language.shape import knows_all
from nurture.language.source import Path


def check(bench: Bench, graph: Graph) -> None:
    """`wait_for: reply.interested` alone would wait for ever."""
    for placed in bench.steps:
        step = placed.step
        if not isinstance(step, WaitForStep):
            continue
        if step.patience is None and step.until is None:
            _none(bench, placed.path)
        elif step.patience is not None and step.until is not None:
            message = "for and until both say how long to wait."
            bench.key_error((*placed.path, "until"), Code.CONFLICT, message, "leave one of them out")


def _none(bench: Bench, path: Path) -> None:
    """Say that there is no patience, unless one is written that cannot be read, or a key that may be meant as it."""
    written = bench.source.get(path)
    keys = written if isinstance(written, dict) else {}
    if not knows_all(WaitForStep, keys) or any(keys.get(key) is not None for key in ("for", "until")):
        return
    hint = "add for: and a duration, or until: and a point in time"
    empty = next((key for key in ("for", "until") if key in keys), None)
    if empty is None:
        bench.key_error((*path, "wait_for"), Code.MISSING_PATIENCE, "This waits for ever.", hint)
    else:
        message = f"{empty} has no value: this waits for ever."
        bench.key_error(
            (*path, empty), Code.MISSING_PATIENCE, message, "write a duration, or a point in time"
        )
