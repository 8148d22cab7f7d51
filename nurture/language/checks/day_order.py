"""Days count upwards along a list of steps. (A warning: a day that has passed means now.)"""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.core.point import DayPoint, Point
from nurture.language.bench import Bench
from nurture.language.problems import Code
from nurture.language.schema_steps import Step, WaitForStep
from nurture.language.source import Path
from nurture.language.walk import blocks_of, items, trunks


def check(bench: Bench, graph: Graph) -> None:
    """`at: day 7 09:30` and then `at: day 3 09:30`: the second would go out at once."""
    for trunk in trunks(bench.model):
        _list(bench, trunk.steps, trunk.path, None)


def _list(bench: Bench, steps: object, path: Path, latest: DayPoint | None) -> None:
    for place, step in items(steps, path, bench.source):  # type: ignore[arg-type]
        for key, point in _points(step):
            if latest is not None and point.day < latest.day:
                message = f"{point} lies before {latest} above: the step happens at once."
                bench.problems.warning(
                    bench.source.value_place((*place, key)),
                    Code.IMPOSSIBLE_TIME,
                    message,
                    "put the days in order",
                )
            latest = point
        for key_path, inner in blocks_of(step):
            _list(bench, inner, (*place, *key_path), latest)


def _points(step: Step) -> list[tuple[str, DayPoint]]:
    found: list[tuple[str, Point | None]] = [("at", step.at)]
    if isinstance(step, WaitForStep):
        found.append(("until", step.until))
    return [(key, point) for key, point in found if isinstance(point, DayPoint)]
