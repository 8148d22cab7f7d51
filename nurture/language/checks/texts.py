"""The names that texts with `{{ }}` read exist where they stand."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.names_read import missing
from nurture.language.problems import Code


def check(bench: Bench, graph: Graph) -> None:
    """`task: "Call {{ lead.nmae }}"`; `{{ entry.report }}` in a campaign entered on `webinar.registered`."""
    for path, text in bench.texts.items():
        event = str(path[1]) if path[0] == "on" else None
        for use in getattr(text, "uses", ()):
            found = missing(bench, tuple(use.path), event)
            if found is not None:
                place = bench.place_in_text(path, text.source, use)
                bench.problems.error(place, Code.TEMPLATE, *found)
