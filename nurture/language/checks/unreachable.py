"""Every step and every path can be come to. (A warning: leads of an earlier version may still be there.)"""

from __future__ import annotations

from nurture.core.graph import Again, Graph, Node
from nurture.language.bench import Bench
from nurture.language.problems import Code, Place
from nurture.language.ways import reached, starts, ways


def check(bench: Bench, graph: Graph) -> None:
    """A path no `goto` names; a step after a `goto` or `stop`."""
    if any(problem.code == Code.UNKNOWN_TARGET for problem in bench.problems):
        return  # A goto that leads nowhere may be meant to lead there.
    seen = reached(graph, starts(graph))
    lost = [node for node in graph.nodes.values() if node.id not in seen and not isinstance(node.verb, Again)]
    dead_paths = {name for name, first in graph.paths.items() if first is not None and first not in seen}
    for name in dead_paths:
        message = f"Nothing leads to the path {name}: no new lead comes here."
        place = bench.source.key_place(("paths", name))
        bench.problems.warning(place, Code.UNREACHABLE, message, f"go there with goto: {name}, or delete it")
    led_to = {target for node in lost for target in ways(node)}
    for node in lost:
        if node.path not in dead_paths and node.id not in led_to:
            bench.problems.warning(Place(node.line, node.column), Code.UNREACHABLE, _said(node), _HINT)


_HINT = "move it, delete it, or give the step that goes elsewhere an if:"


def _said(node: Node) -> str:
    name = "This step" if node.id.startswith("#") else f"The step {node.id}"
    return f"{name} is never come to: the steps before it all go elsewhere."
