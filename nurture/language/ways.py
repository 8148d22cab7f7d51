"""Where a lead can go from each step of a graph: what the checks of the whole walk along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nurture.core.graph import (
    Again,
    Branch,
    Email,
    Goto,
    Graph,
    MakeTask,
    Node,
    Repeat,
    Split,
    Stop,
    Target,
    WaitFor,
)
from nurture.core.point import WeekdayPoint


def ways(node: Node) -> tuple[Target, ...]:
    """Where a lead can go from here, sooner or later. None is the end of its path."""
    found = list(_by_verb(node))
    if node.condition is not None or node.timing.at is not None:
        found.append(node.next)
    return tuple(dict.fromkeys(found))


def _by_verb(node: Node) -> Iterator[Target]:
    match node.verb:
        case Email() as email:
            yield node.next
            if email.has_otherwise:
                yield email.otherwise
        case WaitFor() as wait:
            yield from (awaited.target for awaited in wait.events)
            yield wait.otherwise
        case Branch() as branch:
            yield from (target for _, target in branch.cases)
            yield branch.otherwise
        case Split() as split:
            yield from (target for _, _, target in split.arms)
        case Repeat() as repeat:
            yield repeat.body
            if repeat.times is not None or repeat.until is not None:
                yield node.next
        case Again() as again:
            yield again.repeat
        case Goto() as goto:
            yield goto.target
        case Stop():
            return
        case MakeTask() as task if task.results:
            yield from (target for _, target in task.results)
            yield task.otherwise
        case _:
            yield node.next


def instant_ways(node: Node) -> tuple[Target, ...]:
    """Where a lead can go from here without a minute passing."""
    if _passes_time(node):
        return ()
    match node.verb:
        case WaitFor() as wait:
            return (
                () if wait.patience is not None or isinstance(wait.until, WeekdayPoint) else (wait.otherwise,)
            )
        case MakeTask() as task if task.results:
            return ()
        case Repeat():
            return tuple(target for target in ways(node) if target == node.next)
        case Again():
            return ()
        case _:
            return ways(node)


def _passes_time(node: Node) -> bool:
    """Whether the step's own time is later than its arrival, whenever that is. A `day N` may have passed."""
    return bool(node.timing.after) or isinstance(node.timing.at, WeekdayPoint)


def starts(graph: Graph) -> tuple[str, ...]:
    """Where leads come in: the first step, and the first of each reaction."""
    firsts = (graph.start, *(reaction.first for reaction in graph.reactions))
    return tuple(target for target in firsts if target is not None)


def reached(graph: Graph, begin: Iterable[str]) -> set[str]:
    """All steps a lead can come to from these, themselves included."""
    seen: set[str] = set()
    waiting = [target for target in begin if target in graph.nodes]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        waiting += [
            target for target in ways(graph.nodes[here]) if target is not None and target in graph.nodes
        ]
    return seen
