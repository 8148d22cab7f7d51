"""Points meet a person: what an event and a profile earn, and what a change of score sets off (rows Q1–Q3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from nurture.core.effects import Effect, GivePoints, Raise
from nurture.core.event import Event
from nurture.core.facts import Facts
from nurture.core.person import Person
from nurture.core.rules import Rules
from nurture.core.scoring import (
    Kind,
    ScoreState,
    add_points,
    change_at,
    faded,
    next_crossing,
    points_for,
    profile_points,
    score_at,
    whole,
)

_PROFILE_MAY_CHANGE = frozenset({"lead.created", "lead.updated", "lead.merged", "form.submitted"})
_MAY_QUALIFY = frozenset({"new", "nurturing"})


def refresh(person: Person, rules: Rules, now: datetime) -> None:
    """The score as it is at `now`."""
    person.score_now = 0 if person.score is None else whole(score_at(person.score, now, rules.half_life))


def earned(person: Person, event: Event, rules: Rules, now: datetime) -> Iterator[GivePoints]:
    """What the event earns by the project's rules, and what a changed profile does."""
    facts = Facts(person, now, event=event)
    for rule in rules.event_points:
        if not event.stands_for(rule.event):
            continue
        entry = points_for(rule, event, facts, person.given.get(rule.key, ()))
        if entry is not None:
            yield GivePoints(
                at=now,
                points=entry.points,
                reason=entry.reason,
                kind=Kind.BEHAVIOUR,
                rule=entry.rule,
                topic=entry.topic,
                event_id=event.id,
                because=f"on {event.type}",
            )
    if event.type in _PROFILE_MAY_CHANGE and rules.profile_points:
        yield from _profile(person, rules, now)


def _profile(person: Person, rules: Rules, now: datetime) -> Iterator[GivePoints]:
    """Entries that take the profile points from what was given to what holds now."""
    holds: dict[str, int] = {}
    for entry in profile_points(rules.profile_points, Facts(person, now)):
        holds[entry.reason] = holds.get(entry.reason, 0) + entry.points
    for reason in sorted(holds.keys() | person.profile.keys()):
        points = holds.get(reason, 0) - person.profile.get(reason, 0)
        if points:
            yield GivePoints(at=now, points=points, reason=reason, kind=Kind.PROFILE, because="who they are")


def give(person: Person, effect: GivePoints, rules: Rules) -> None:
    """Add the points to the person's score."""
    if effect.kind == Kind.PROFILE:
        person.profile = {
            **person.profile,
            effect.reason: person.profile.get(effect.reason, 0) + effect.points,
        }
        state = person.score or ScoreState(0.0, effect.at)
        person.score = replace(state, profile=state.profile + effect.points)
    else:
        person.score = add_points(person.score, effect.points, effect.at, rules.half_life, effect.topic)
        if effect.rule:
            person.given = {**person.given, effect.rule: (*person.given.get(effect.rule, ()), effect.at)}
    refresh(person, rules, effect.at)


def changes(person: Person, rules: Rules, now: datetime, *, given: bool) -> Iterator[Effect]:
    """The events a score that crossed a threshold raises; the person's temperature follows.

    Only points just `given` qualify: whom sales gave back with many points is not theirs again a minute later.
    """
    if rules.thresholds is None or person.score is None:
        return
    score = score_at(person.score, now, rules.half_life)
    fired = not given or person.mql_fired or person.stage not in _MAY_QUALIFY
    change = change_at(score, person.temperature, rules.thresholds, mql_fired=fired)
    person.temperature = str(change.temperature)
    for event in change.events:
        if event.type == "score.mql":
            person.mql_fired = True
        yield Raise(at=now, type=event.type, data=event.data, because=f"{event.score} points")


def next_change(person: Person, rules: Rules, now: datetime) -> datetime | None:
    """When fading alone next changes the temperature; always later than `now`."""
    if rules.thresholds is None or person.score is None or rules.half_life is None:
        return None
    left = faded(person.score.behaviour, person.score.at, now, rules.half_life)
    present = replace(person.score, behaviour=left, at=max(now, person.score.at))
    at = next_crossing(present, rules.thresholds, person.temperature, rules.half_life)
    return None if at is None else max(at, now + timedelta(minutes=1))
