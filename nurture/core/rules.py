"""What a project decides once for all its campaigns: scoring, defaults for replies, overall limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nurture.core.duration import Duration
from nurture.core.refusal import POSTPONE_DEFAULT
from nurture.core.scoring import EventRule, ProfileRule, Thresholds

if TYPE_CHECKING:
    from nurture.core.enrolment import Enrolment
    from nurture.core.graph import Graph
    from nurture.core.place import Place

REPLY_DEFAULTS: Mapping[str, str] = {
    "reply.refused": "refuse",
    "reply.later": "postpone",
    "reply.interested": "qualify",
    "reply.question": "ask",
    "reply.unclear": "ask",
    "reply.other": "ask",
    "reply.wrong_person": "ask",
}
"""What happens to a reply nobody took (language.md, Good defaults); `replies:` in config.yaml may change it.

`refuse`, `postpone`, `qualify` (stage mql, a task), `ask` (a task with the text; the campaign waits), `task` (a task
only), `nothing`.
"""


WAIT_FOR_COLLEAGUE = Duration(business_days=5)
"""How long a campaign waits at most for a colleague to deal with a reply."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The project's own rules, compiled."""

    event_points: tuple[EventRule, ...] = ()
    profile_points: tuple[ProfileRule, ...] = ()
    thresholds: Thresholds | None = None
    half_life: Duration | None = None
    replies: Mapping[str, str] = field(default_factory=lambda: REPLY_DEFAULTS)
    postpone_default: Duration = POSTPONE_DEFAULT
    wait_for_colleague: Duration = WAIT_FOR_COLLEAGUE


class World(Protocol):
    """What a case lives in: the campaigns as they are now, the version each run is on, the rules."""

    @property
    def campaigns(self) -> Mapping[str, Graph]:
        """The present version of every campaign, by name."""
        ...

    @property
    def rules(self) -> Rules:
        """The project's rules."""
        ...

    @property
    def company_place(self) -> Place:
        """Our own zone and holidays."""
        ...

    def graph_of(self, enrolment: Enrolment) -> Graph:
        """The version this run is on."""
        ...
