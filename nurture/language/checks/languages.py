"""Every template has a text in the campaign's default language, which whoever speaks no other gets."""

from __future__ import annotations

from nurture.core.graph import Email, Graph
from nurture.language.bench import Bench
from nurture.language.campaign_codes import MISSING_LANGUAGE
from nurture.language.problems import Place


def check(bench: Bench, graph: Graph) -> None:
    """`welcome.de.md` alone, in a campaign whose language is `en`."""
    known = bench.known.templates
    if known is None:
        return
    wanted = graph.language.lower()
    accepted = {"", wanted, wanted.split("-")[0]}
    for node in graph.nodes.values():
        if not isinstance(node.verb, Email):
            continue
        for name in node.verb.templates:
            if name in known and not accepted & {locale.lower() for locale in known[name].locales}:
                there = ", ".join(sorted(known[name].locales))
                message = f"The template {name} has no text in {graph.language}, only in {there}."
                hint = f"add templates/{name}.md, or language: {sorted(known[name].locales)[0]}"
                bench.problems.error(Place(node.line, node.column), MISSING_LANGUAGE, message, hint)
