"""An experiment has shares that say something, and paths only for its arms."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_steps import SplitStep


def check(bench: Bench, graph: Graph) -> None:
    """`split: {a: 50, b: 50}` with `paths: {a: …, c: …}`."""
    for placed in bench.steps:
        step = placed.step
        if not isinstance(step, SplitStep):
            continue
        if not sum(step.split.values()):
            bench.error(
                (*placed.path, "split"), Code.OUT_OF_RANGE, "No arm has a share.", "write {a: 50, b: 50}"
            )
        if not step.paths:
            hint = "add paths: with steps for at least one arm"
            bench.key_error((*placed.path, "split"), Code.MISSING_KEY, "All arms do the same.", hint)
        for arm in step.paths:
            if arm not in step.split:
                near = did_you_mean(arm, step.split)
                hint = f"did you mean {near}?" if near else f"arms are {', '.join(step.split)}"
                bench.key_error(
                    (*placed.path, "paths", arm), Code.UNKNOWN_TARGET, f"There is no arm {arm}.", hint
                )
