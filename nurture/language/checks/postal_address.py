"""Emails carry the sender's postal address, which most countries' laws ask for."""

from __future__ import annotations

from nurture.core.graph import Email, Graph
from nurture.language.bench import Bench
from nurture.language.campaign_codes import POSTAL_ADDRESS
from nurture.language.problems import Place


def check(bench: Bench, graph: Graph) -> None:
    """A live campaign sends emails, and config.yaml has no `company.postal_address`."""
    if bench.known.postal_address or graph.status != "live":
        return
    first = next((node for node in graph.nodes.values() if isinstance(node.verb, Email)), None)
    if first is not None:
        message = "Emails go out without a postal address: config.yaml has none."
        hint = "add postal_address: under company: in config.yaml"
        bench.problems.error(Place(first.line, first.column), POSTAL_ADDRESS, message, hint)
