"""A clock time lies inside its window on at least one day of the week (semantics.md, Time)."""

from __future__ import annotations

from nurture.core.clocktime import clock_text
from nurture.core.graph import Email, Graph, Node
from nurture.core.window import Window
from nurture.language.bench import Bench
from nurture.language.problems import Code, Place


def check(bench: Bench, graph: Graph) -> None:
    """`at: day 3 19:30` with `window: mon-fri 08:00-18:00`: the email would never go."""
    for node in graph.nodes.values():
        window = _window(node, graph)
        clock = _clock(node)
        if window is not None and clock is not None and not window.can_open_at(clock):
            message = f"{clock_text(clock)} lies outside the window {window} on every day."
            hint = "change the time, or give the step a window: of its own"
            bench.problems.error(Place(node.line, node.column), Code.OUTSIDE_WINDOW, message, hint)


def _window(node: Node, graph: Graph) -> Window | None:
    if node.window is not None:
        return node.window
    if isinstance(node.verb, Email) and node.verb.service is None:
        return graph.send.window
    return None


def _clock(node: Node) -> int | None:
    """Minutes since midnight."""
    if node.timing.after_at is not None:
        return node.timing.after_at.hour * 60 + node.timing.after_at.minute
    return None if node.timing.at is None else node.timing.at.clock
