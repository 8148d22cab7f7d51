"""The names a template reads exist in every campaign that sends it."""

from __future__ import annotations

from nurture.core.graph import Email, Graph
from nurture.language.bench import Bench
from nurture.language.names_read import missing
from nurture.language.problems import Code, Place


def check(bench: Bench, graph: Graph) -> None:
    """A template with `{{ entry.starts_at }}`, sent by a campaign that is entered on `report.downloaded`."""
    known = bench.known.templates
    if known is None:
        return
    for node in graph.nodes.values():
        if not isinstance(node.verb, Email):
            continue
        for name in node.verb.templates:
            for use in known[name].uses if name in known else ():
                found = missing(bench, use.path, None)
                if found is not None:
                    file = use.file or f"templates/{name}.md"
                    where = f"{file}:{use.line}:{use.column}" if use.line else file
                    message = f"The template {name} uses {'.'.join(use.path)} ({where}), which is not there: {found[0]}"
                    bench.problems.error(Place(node.line, node.column), Code.TEMPLATE, message, found[1])
