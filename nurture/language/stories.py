"""The `tests:` of a campaign as stories: what happens to one lead, and what the campaign should do."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.core.graph import Graph
from nurture.language.bench import Bench


@dataclass(frozen=True, slots=True)
class Story:
    """One test."""

    name: str


def read_stories(bench: Bench, graph: Graph) -> tuple[Story, ...]:
    """The tests of a campaign."""
    return ()
