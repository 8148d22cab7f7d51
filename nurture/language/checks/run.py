"""All checks of a campaign, in order. A check is a file beside this one with a function `check(bench, graph)`.

To add one, copy its neighbour: its docstring says what is right, that of `check` what is wrong; what it finds goes to
`bench.problems`, at the place an author would mend.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.checks import (
    day_order,
    endless,
    events,
    fields,
    holidays,
    languages,
    limits,
    moved,
    names,
    no_way_out,
    outside_window,
    pairs,
    patience,
    postal_address,
    reactions,
    shares,
    stages,
    template_names,
    templates,
    texts,
    unreachable,
)

Check = Callable[[Bench, Graph], None]

ALWAYS: Final[tuple[Check, ...]] = (
    events.check,
    templates.check,
    languages.check,
    names.check,
    stages.check,
    holidays.check,
    fields.check,
    texts.check,
    template_names.check,
    pairs.check,
    patience.check,
    reactions.check,
    shares.check,
    outside_window.check,
    day_order.check,
)
"""Checks that look at one place at a time: they say true things even of a part of a file."""

WHOLE: Final[tuple[Check, ...]] = (
    moved.check,
    unreachable.check,
    endless.check,
    no_way_out.check,
    limits.check,
    postal_address.check,
)
"""Checks that look at how the steps hang together."""


def run_checks(bench: Bench, graph: Graph) -> None:
    """Run all checks that make sense; problems go to `bench.problems`."""
    for check in (*ALWAYS, *(WHOLE if bench.whole else ())):
        check(bench, graph)
