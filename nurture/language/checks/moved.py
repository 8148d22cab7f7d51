"""`moved:` leads from an id that is gone to one that is there."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code, did_you_mean


def check(bench: Bench, graph: Graph) -> None:
    """`moved: { offer: ofer }` leads nowhere; so does a circle of old names."""
    resting = {node.id for node in graph.resting()}
    for old, new in graph.moved.items():
        if new in resting or old in resting:
            continue
        followed = {old}
        while new in graph.moved and new not in resting and new not in followed:
            followed.add(new)
            new = graph.moved[new]
        if new in resting:
            continue
        near = did_you_mean(new, resting)
        hint = f"did you mean {near}?" if near else f"steps with an id are {', '.join(sorted(resting))}"
        bench.error(("moved", old), Code.UNKNOWN_TARGET, f"There is no step {new} to move leads to.", hint)
