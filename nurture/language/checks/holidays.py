"""The holidays a campaign is entered on are known."""

from __future__ import annotations

from nurture.core.errors import GrammarError
from nurture.core.graph import Graph
from nurture.core.occasions import parse_occasion
from nurture.language.bench import Bench, sentence
from nurture.language.problems import Code


def check(bench: Bench, graph: Graph) -> None:
    """`holiday: { only: [chrismas] }`."""
    block = bench.model.enter.holiday
    if block is None or block.only is None:
        return
    listed = isinstance(bench.source.get(("enter", "holiday", "only")), list)
    for index, name in enumerate(block.only):
        try:
            parse_occasion(name, bench.known.holidays)
        except GrammarError as error:
            path = ("enter", "holiday", "only", index) if listed else ("enter", "holiday", "only")
            bench.error(path, Code.UNKNOWN_NAME, sentence(error), error.hint)
