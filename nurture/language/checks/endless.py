"""No circle of steps without time passing in it: a lead would run round for ever within a minute."""

from __future__ import annotations

from nurture.core.graph import Goto, Graph, Node
from nurture.language.bench import Bench
from nurture.language.problems import Code, Place
from nurture.language.ways import instant_ways


def check(bench: Bench, graph: Graph) -> None:
    """`a: [ { tag: x }, { goto: a } ]`. Emails do not count as time: what was had already is passed at once."""
    for circle in circles(graph):
        members = [graph.nodes[name] for name in graph.nodes if name in circle]
        last = next((node for node in reversed(members) if isinstance(node.verb, Goto)), members[-1])
        message = f"This leads back to {_named(members)} without any time passing."
        hint = "give a step on the way a time of its own: after: 1 week"
        bench.problems.error(Place(last.line, last.column), Code.ENDLESS, message, hint)


def _named(members: list[Node]) -> str:
    resting = next((node.id for node in members if node.rests), None)
    return resting or f"line {members[0].line}"


def circles(graph: Graph) -> list[frozenset[str]]:
    """The sets of steps that lead to one another in an instant (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    found: list[frozenset[str]] = []
    for root in graph.nodes:
        if root in order:
            continue
        trail = [(root, iter(_targets(graph, root)))]
        order[root] = low[root] = len(order)
        open_.append(root)
        while trail:
            here, rest = trail[-1]
            ahead = next(rest, None)
            if ahead is None:
                trail.pop()
                if trail:
                    low[trail[-1][0]] = min(low[trail[-1][0]], low[here])
                if low[here] == order[here]:
                    circle = _closed(here, open_, low, len(graph.nodes))
                    if len(circle) > 1 or here in _targets(graph, here):
                        found.append(circle)
            elif ahead not in order:
                order[ahead] = low[ahead] = len(order)
                open_.append(ahead)
                trail.append((ahead, iter(_targets(graph, ahead))))
            else:
                low[here] = min(low[here], low[ahead])
    return found


def _closed(root: str, open_: list[str], low: dict[str, int], beyond: int) -> frozenset[str]:
    """Take the finished component off the stack; its members no longer pull others down."""
    members = [open_.pop()]
    while members[-1] != root:
        members.append(open_.pop())
    circle = frozenset(members)
    low.update(dict.fromkeys(circle, beyond))
    return circle


def _targets(graph: Graph, name: str) -> tuple[str, ...]:
    return tuple(
        target for target in instant_ways(graph.nodes[name]) if target is not None and target in graph.nodes
    )
