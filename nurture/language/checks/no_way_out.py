"""From every step a lead can come to the end of the campaign, or to rounds that are meant to go on for ever."""

from __future__ import annotations

from nurture.core.graph import Graph, Node, Repeat, Stop
from nurture.language.bench import Bench
from nurture.language.campaign_codes import NO_WAY_OUT
from nurture.language.checks.endless import circles
from nurture.language.problems import Place
from nurture.language.ways import reached, starts, ways


def check(bench: Bench, graph: Graph) -> None:
    """`steps: [ { id: a, after: 1 week, tag: x }, { goto: a } ]`, without a goal and without a reaction that ends it."""
    if circles(graph):
        return  # said by `endless`, and mended with it
    leading_out = _leading_out(graph)
    reactions = [reaction.first for reaction in graph.reactions if reaction.first is not None]
    if graph.goal is not None or any(name in leading_out for name in reached(graph, reactions)):
        return
    inside = reached(graph, starts(graph))
    for name, node in graph.nodes.items():
        if name in inside and name not in leading_out and not _in_reaction(node, graph):
            message = "No lead ever comes from here to the end of the campaign."
            hint = "add a step that ends it (stop: REASON), or a goal:"
            bench.problems.error(Place(node.line, node.column), NO_WAY_OUT, message, hint)
            return


def _leading_out(graph: Graph) -> set[str]:
    """The steps from which the end, or rounds for ever, can be come to."""
    before: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        for target in ways(node):
            if target is not None:
                before.setdefault(target, []).append(node.id)
    waiting = [node.id for node in graph.nodes.values() if _ends(node, graph)]
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += before.get(here, [])
    return seen


def _in_reaction(node: Node, graph: Graph) -> bool:
    return node.path.startswith("on.") and node.path not in graph.paths


def _ends(node: Node, graph: Graph) -> bool:
    if isinstance(node.verb, Stop):
        return True
    if isinstance(node.verb, Repeat) and node.verb.times is None:
        return True
    return None in ways(node) and not _in_reaction(node, graph)
