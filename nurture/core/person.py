"""Everything `decide` may know about one lead: a snapshot, and what of it a step may change.

The snapshot holds exactly what the campaigns' graphs declare they need (their `listens`, the mails had); nothing is
fetched from inside. `decide` only reads it. `core/case.py` works on a copy of its own and carries effects out on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from nurture.core.duration import Duration
from nurture.core.event import Event, nothing
from nurture.core.place import Place
from nurture.core.scoring import ScoreState


class Mail(NamedTuple):
    """One email this person had, has queued, or is being handed.

    `planned_at` is what limits count by; `service` mail counts toward no limit. A withdrawn or failed-before-hand-over
    mail is not in the list. `occurrence` is the rounds and occasion it was sent for.
    """

    run: str
    campaign: str
    step: str
    template: str
    planned_at: datetime
    occasion: str = ""
    occurrence: str = ""
    service: bool = False
    opened: bool = False
    clicked: bool = False
    replied: bool = False


@dataclass(slots=True)
class Person:
    """One lead, as decisions see it.

    `seed` never changes and fixes the arm of every experiment. `fields` are the lead's fields by their names in
    interfaces.md, own fields included (`email`, `name`, `country`, `tags` …); `stage`, `temperature`, `score` and
    `consent` are read from here and not from `fields`. `topics` are consents by topic. `suppressed`: unsubscribed,
    complained or erased; `reachable`: has an email address that is not known to bounce. `absent_until`: an auto-reply
    named the day of return. `score` fades by `half_life`; `score_now` is what it came to when it was last told.
    `company` is us, as texts see it. `paused` holds campaign names, or `everything`. `mql_fired`: `score.mql` was
    raised in this nurturing period. `given`: when each scoring rule gave points; `profile`: the profile points held, by reason.
    """

    seed: str
    place: Place
    id: int = 0
    fields: Mapping[str, Any] = field(default_factory=nothing)
    owner: Mapping[str, Any] = field(default_factory=nothing)
    tags: frozenset[str] = frozenset()
    stage: str = "new"
    temperature: str = "cold"
    consent: str = "unknown"
    topics: Mapping[str, bool] = field(default_factory=nothing)
    suppressed: bool = False
    reachable: bool = True
    absent_until: datetime | None = None
    postponed_until: datetime | None = None
    score: ScoreState | None = None
    half_life: Duration | None = None
    score_now: int = 0
    mql_fired: bool = False
    given: Mapping[str, tuple[datetime, ...]] = field(default_factory=nothing)
    profile: Mapping[str, int] = field(default_factory=nothing)
    paused: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()
    mails: tuple[Mail, ...] = ()
    company: Mapping[str, Any] = field(default_factory=nothing)
    in_campaigns: frozenset[str] = frozenset()
