"""What a template reads of the entering or last event is there in every campaign that sends it.

A name no event has is an error. One that only other campaigns' events have is a warning: the template may ask first
(`{% if entry.report %}`). The names that do not depend on the campaign are checked with the template itself.
"""

from __future__ import annotations

from nurture.core.graph import Email, Graph
from nurture.core.vocabulary import HOLIDAY_ENTRY
from nurture.language.bench import Bench
from nurture.language.known import TemplateUse
from nurture.language.names_read import missing
from nurture.language.problems import Code, Place


def check(bench: Bench, graph: Graph) -> None:
    """A template with `{{ entry.starts_at }}`, sent by a campaign that is entered on `report.downloaded`."""
    known = bench.known.templates
    if known is None:
        return
    anywhere = {**bench.vocabulary.data_of(), **HOLIDAY_ENTRY}
    for node in graph.nodes.values():
        if not isinstance(node.verb, Email):
            continue
        place = Place(node.line, node.column)
        for name in node.verb.templates:
            for use in known[name].uses if name in known else ():
                found = missing(bench, use.path, None) if use.path[0] in ("entry", "event") else None
                if found is not None:
                    say = bench.problems.warning if use.path[1] in anywhere else bench.problems.error
                    say(place, Code.TEMPLATE, _said(name, use), found[1])


def _said(name: str, use: TemplateUse) -> str:
    file = use.file or f"templates/{name}.md"
    where = f"{file}:{use.line}:{use.column}" if use.line else file
    return f"The template {name} reads {'.'.join(use.path)} ({where}), which this campaign does not have."
