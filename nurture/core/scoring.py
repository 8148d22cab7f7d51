"""Scores: points given for what leads do and who they are, their fading, and what a change sets off.

Value and time are stored; the score now is computed (semantics.md, Scores). Points for behaviour fade with
one half-life, points for the profile don't. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import floor, log2
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from nurture.core.duration import Duration
from nurture.core.errors import GrammarError
from nurture.core.limit import Limit
from nurture.core.vocabulary import Temperature

if TYPE_CHECKING:
    from nurture.core.event import Event

_NO_TOPICS: Final[Mapping[str, float]] = MappingProxyType({})
_TOLERANCE: Final = 1e-6
"""Points; keeps a sum of fractions from missing the whole number it stands for."""

_NEVER: Final = timedelta(days=36500)
"""A crossing later than this is none."""

Told = Callable[[Any], object]
"""A compiled condition on whatever facts the caller hands in; only True counts (None is unknown)."""


class Kind(StrEnum):
    """Why points were given."""

    BEHAVIOUR = "behaviour"
    """For an event; they fade."""
    PROFILE = "profile"
    """For who the lead is; they hold while the rule does."""
    STEP = "step"
    """By a campaign's `score:`; they fade as behaviour does."""


@dataclass(frozen=True, slots=True)
class ScoreState:
    """A score as it is kept: `behaviour` and `topics` as they were `at` that time, `profile` as it is.

    `topics` holds the part of `behaviour` given for a topic (`score_of("energy")`).
    """

    behaviour: float
    at: datetime
    profile: int = 0
    topics: Mapping[str, float] = field(default_factory=lambda: _NO_TOPICS)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many points on a lead is warm, hot, a marketing qualified lead; `mql` None: never by points."""

    warm: int = 30
    hot: int = 70
    mql: int | None = 100

    def __post_init__(self) -> None:
        if not 0 < self.warm < self.hot:
            raise GrammarError(
                f"a lead cannot be warm at {self.warm} points and hot at {self.hot}",
                "`hot` must be more than `warm`",
            )


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Points given and why. `rule` is the key of the rule that gave them, for counting its `at_most`."""

    points: int
    reason: str
    event_id: int | str | None
    kind: Kind
    topic: str | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class EventRule:
    """Points for an event (`reply` stands for every `reply.*`), where a condition holds, at most so often."""

    event: str
    points: int
    where: Told | None = None
    at_most: Limit | None = None
    reason: str = ""
    topic: str | None = None

    @property
    def key(self) -> str:
        """What tells it from other rules in the ledger."""
        return f"{self.event}: {self.reason}" if self.reason else f"{self.event}: {self.points}"


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """Points while a condition on the lead holds."""

    condition: Told
    points: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScoreEvent:
    """An event a score raises: `score.warm`, `score.hot` (rising), `score.cooled`, `score.cold`, `score.mql`."""

    type: str
    score: int
    before: Temperature
    after: Temperature

    @property
    def data(self) -> dict[str, object]:
        """The event's data as interfaces.md names it."""
        return {"score": self.score, "from": str(self.before), "to": str(self.after)}


@dataclass(frozen=True, slots=True)
class Change:
    """What a score means now: the temperature, and the events a change raises, in order."""

    temperature: Temperature
    events: tuple[ScoreEvent, ...] = ()


def faded(value: float, since: datetime, t: datetime, half_life: Duration | None) -> float:
    """What is left at `t` of points given at `since`; all of them at or before `since`, or without a half-life."""
    if half_life is None or t <= since or not value:
        return value
    length = half_life.nominal
    return value * 0.5 ** ((t - since) / length) if length else value


def score_at(state: ScoreState, t: datetime, half_life: Duration | None) -> float:
    """The score at `t`: what is left of the behaviour, and the profile."""
    return faded(state.behaviour, state.at, t, half_life) + state.profile


def topic_at(state: ScoreState, topic: str, t: datetime, half_life: Duration | None) -> float:
    """What is left at `t` of the points given for a topic."""
    return faded(state.topics.get(topic, 0.0), state.at, t, half_life)


def whole(score: float) -> int:
    """A score as people and conditions see it: whole points, rounded down, so that 69.9 is not shown as hot."""
    return floor(score + _TOLERANCE)


def add_points(
    state: ScoreState | None, points: float, t: datetime, half_life: Duration | None, topic: str | None = None
) -> ScoreState:
    """The state with behaviour points given at `t`. The order of additions makes no difference.

    Points for an earlier time than the state's (learned late) are added as faded by then. A withdrawn entry
    is its points subtracted at the time they were given.
    """
    if state is None:
        return ScoreState(points, t, 0, {topic: points} if topic else _NO_TOPICS)
    at = max(state.at, t)
    new = faded(points, t, at, half_life)
    topics = state.topics
    if topics or topic:
        topics = {name: faded(value, state.at, at, half_life) for name, value in topics.items()}
        if topic:
            topics[topic] = topics.get(topic, 0.0) + new
    return ScoreState(faded(state.behaviour, state.at, at, half_life) + new, at, state.profile, topics)


def with_profile(state: ScoreState | None, points: int, t: datetime) -> ScoreState:
    """The state with so many profile points in all."""
    return replace(state, profile=points) if state is not None else ScoreState(0.0, t, points)


def points_for(
    rule: EventRule, event: Event, facts: object, given: Sequence[datetime] = ()
) -> LedgerEntry | None:
    """What the rule gives for an event, None when it does not apply.

    `facts` is handed to the rule's condition. `given` holds the times at which this rule (by `key`) gave this
    lead points before; its limit counts them over its span, half-open, back from when the event happened.
    """
    if not event.stands_for(rule.event):
        return None
    if rule.where is not None and rule.where(facts) is not True:
        return None
    limit = rule.at_most
    if limit is not None and sum(timedelta(0) <= event.at - at < limit.span for at in given) >= limit.count:
        return None
    return LedgerEntry(rule.points, rule.reason or event.type, event.id, Kind.BEHAVIOUR, rule.topic, rule.key)


def profile_points(rules: Iterable[ProfileRule], facts: object) -> tuple[LedgerEntry, ...]:
    """What the profile rules give a lead as it is; their sum is its profile points."""
    return tuple(
        LedgerEntry(rule.points, rule.reason or "profile", None, Kind.PROFILE)
        for rule in rules
        if rule.condition(facts) is True
    )


def temperature_of(score: float, before: str, thresholds: Thresholds) -> Temperature:
    """The temperature of a score: up at a threshold, down only when 10 % below it."""
    score += _TOLERANCE
    if score >= thresholds.hot or (before == "hot" and score >= _lower(thresholds.hot)):
        return Temperature.HOT
    if score >= thresholds.warm or (before != "cold" and score >= _lower(thresholds.warm)):
        return Temperature.WARM
    return Temperature.COLD


def change_at(score: float, before: str, thresholds: Thresholds, *, mql_fired: bool) -> Change:
    """What a score sets off, coming from a temperature.

    One event for one change of temperature, named by where it leads: cold to hot is `score.hot` alone. Then
    `score.mql`, unless it has fired in this nurturing period (the caller keeps that).
    """
    was, now = Temperature(before), temperature_of(score, before, thresholds)
    types = [] if now == was else [_type_of_change(was, now)]
    if thresholds.mql is not None and not mql_fired and score + _TOLERANCE >= thresholds.mql:
        types.append("score.mql")
    return Change(now, tuple(ScoreEvent(name, whole(score), was, now) for name in types))


def next_crossing(
    state: ScoreState,
    thresholds: Thresholds,
    temperature: str,
    half_life: Duration | None,
    *,
    mql_fired: bool = True,
) -> datetime | None:
    """When fading alone next changes the temperature or, unless it fired, reaches `mql`; None when it never does.

    The first whole minute at which it has happened, `state.at` when it has already. Computed, not searched:
    faded points are value × 2^(−time ÷ half-life). A negative value fades upwards.
    """
    if change_at(
        score_at(state, state.at, half_life), temperature, thresholds, mql_fired=mql_fired
    ) != Change(Temperature(temperature)):
        return state.at
    levels = {
        "hot": (_lower(thresholds.hot),),
        "warm": (thresholds.hot, _lower(thresholds.warm)),
        "cold": (thresholds.warm,),
    }[temperature]
    if thresholds.mql is not None and not mql_fired:
        levels = (*levels, thresholds.mql)
    times = [after for level in levels if (after := _time_to(state, level, half_life)) is not None]
    if not times:
        return None
    at = state.at + min(times)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _time_to(state: ScoreState, level: float, half_life: Duration | None) -> timedelta | None:
    """How long until fading takes the score just past a level; None when it never gets there."""
    past = -_TOLERANCE if state.behaviour > 0 else 0.0
    rest = level - state.profile + past * 2
    if half_life is None or not half_life.nominal or rest * state.behaviour <= 0:
        return None
    halvings = log2(abs(state.behaviour)) - log2(abs(rest))
    if halvings < 0 or halvings * (half_life.nominal / _NEVER) > 1:
        return None
    return half_life.nominal * halvings


def _lower(threshold: int) -> float:
    """Where a falling score leaves a threshold: 10 % below it."""
    return threshold * 9 / 10


def _type_of_change(was: Temperature, now: Temperature) -> str:
    if now == Temperature.HOT or now == Temperature.COLD:
        return f"score.{now}"
    return "score.warm" if was == Temperature.COLD else "score.cooled"
