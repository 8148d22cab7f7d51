"""Every `wait_for` says how long it waits: exactly one of `for` and `until`."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code
from nurture.language.schema_steps import WaitForStep
from nurture.language.shape import keys_of
from nurture.language.source import Data


def check(bench: Bench, graph: Graph) -> None:
    """`wait_for: reply.interested` alone would wait for ever."""
    for placed in bench.steps:
        step = placed.step
        if not isinstance(step, WaitForStep):
            continue
        if not _is_written(bench.source.get(placed.path)):
            hint = "add for: and a duration, or until: and a point in time"
            bench.key_error((*placed.path, "wait_for"), Code.MISSING_PATIENCE, "This waits for ever.", hint)
        elif step.patience is not None and step.until is not None:
            message = "for and until both say how long to wait."
            bench.key_error((*placed.path, "until"), Code.CONFLICT, message, "leave one of them out")


def _is_written(step: Data) -> bool:
    """Whether patience is written, rightly or not; a key that is none of a `wait_for` may be meant as it."""
    keys = set(step) if isinstance(step, dict) else set[str]()
    return bool(keys & {"for", "until"}) or not keys <= set(keys_of(WaitForStep))
