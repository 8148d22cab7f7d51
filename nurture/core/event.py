"""What happened to a lead: the one thing that moves it, besides time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """No data: the default of mappings that nobody changes in place."""
    return NOTHING


ENTER = "campaign.enter"
"""Internal: somebody or a bell puts the lead into `data.campaign` (`enrol`, `start:`, segments, holidays …)."""

LEAVE = "campaign.leave"
"""Internal: somebody or another campaign takes the lead out of `data.campaign`."""

RESUME = "campaign.resume"
"""Internal: the pause of `data.campaign` (or of everything) is over; runs it held go on."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened (semantics.md, Events).

    `at` is when it happened, `learned_at` when we learned it (UTC both); the engine acts at `learned_at`.
    `data` holds plain values only. `id` orders events learned at one instant and makes repeating one harmless.
    `depth` counts causes: 0 from outside, one more for each event the engine itself raised from another.
    """

    type: str
    at: datetime
    learned_at: datetime
    data: Mapping[str, Any] = field(default_factory=nothing)
    id: int = 0
    depth: int = 0

    def plain(self) -> dict[str, Any]:
        """The event as conditions and texts see it: its data, with `type` and `at` beside."""
        return {**self.data, "type": self.type, "at": self.at}

    def stands_for(self, name: str) -> bool:
        """Whether `name` names this event: itself, or `reply` for every `reply.*`."""
        return self.type == name or (name == "reply" and self.type.startswith("reply."))
