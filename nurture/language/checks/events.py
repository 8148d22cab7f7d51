"""Every event a campaign enters on, reacts to or waits for exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code, Place, did_you_mean
from nurture.language.schema_steps import WaitForStep


def check(bench: Bench, graph: Graph) -> None:
    """`on: report.download` where `report.downloaded` is meant."""
    for name, place in _named(bench):
        if bench.vocabulary.knows_event(name):
            continue
        near = did_you_mean(name, bench.vocabulary.event_names)
        hint = f"did you mean {near}?" if near else "declare it under events: in config.yaml"
        bench.problems.error(place, Code.UNKNOWN_EVENT, f"There is no event {name}.", hint)


def _named(bench: Bench) -> Iterator[tuple[str, Place]]:
    source = bench.source
    listed = isinstance(source.get(("enter", "on")), list)
    for index, name in enumerate(bench.model.enter.on or ()):
        yield name, source.value_place(("enter", "on", index) if listed else ("enter", "on"))
    for name in bench.model.on:
        yield name, source.key_place(("on", name))
    for placed in bench.steps:
        if not isinstance(placed.step, WaitForStep):
            continue
        path, awaited = (*placed.path, "wait_for"), placed.step.wait_for
        if isinstance(awaited, str):
            yield awaited, source.value_place(path)
        elif isinstance(awaited, Mapping):
            yield from ((name, source.key_place((*path, name))) for name in awaited)
        else:
            yield from ((name, source.value_place((*path, index))) for index, name in enumerate(awaited))
