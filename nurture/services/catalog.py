"""The campaigns as they are applied now, and every version somebody is still on: the world cases live in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nurture.core.enrolment import Enrolment
from nurture.core.graph import Graph
from nurture.core.place import Place
from nurture.core.rules import Rules


@dataclass(slots=True)
class Catalog:
    """Implements `core.rules.World`. `versions` holds graphs by (campaign, hash); `campaigns` the present ones.

    `place_of` says where a lead lives, `owner_of` gives a colleague's data as texts see it, `company` us.
    """

    rules: Rules
    company_place: Place
    place_of: Callable[[Mapping[str, Any]], Place]
    owner_of: Callable[[str | None], Mapping[str, Any]]
    company: Mapping[str, Any] = field(default_factory=dict)
    campaigns: dict[str, Graph] = field(default_factory=dict)
    versions: dict[tuple[str, str], Graph] = field(default_factory=dict)

    def add(self, graph: Graph, *, current: bool) -> None:
        """Know a version; `current`: new runs begin on it."""
        self.versions[graph.name, graph.version] = graph
        if current:
            self.campaigns[graph.name] = graph

    def graph_of(self, enrolment: Enrolment) -> Graph:
        """The version this run is on."""
        return self.versions[enrolment.campaign, enrolment.version]

    def listens(self) -> frozenset[str]:
        """Event types any version looks back at."""
        return (
            frozenset().union(*(graph.listens for graph in self.versions.values()))
            if self.versions
            else frozenset()
        )
