"""Who comes into a campaign (semantics.md, Entering)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nurture.core.decision import Decision
from nurture.core.duration import add
from nurture.core.effects import ChangeStage, Effect
from nurture.core.enrolment import Enrolment
from nurture.core.event import ENTER, Event
from nurture.core.facts import Facts
from nurture.core.graph import Graph
from nurture.core.lifecycle import STEP_FOR_STAGE, stage_after
from nurture.core.moving import arrive
from nurture.core.person import Person


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a lead does not come in, in a word for the trace."""

    word: str


def enter(
    graph: Graph,
    person: Person,
    event: Event,
    runs: Sequence[Enrolment],
    now: datetime,
    *,
    story: bool = False,
) -> Decision | Refused | None:
    """The new run an event opens in this campaign; None where the event is not one it enters on.

    `runs` are all runs of this lead, ended ones included. Who is put in by hand or by another campaign need not meet
    `if`; who is let in by an event or the calendar must. In a story `status` and `runs:` don't matter.
    """
    asked = event.type == ENTER and event.data.get("campaign") == graph.name
    if not asked and not any(event.stands_for(name) for name in graph.enter.on):
        return None
    facts = Facts(person, now, graph=graph, event=event)
    by_hand = asked and not event.data.get("by_calendar")
    if not by_hand and graph.enter.condition is not None and not graph.enter.condition.holds(facts):
        return None
    each = _each(graph, facts)
    word = _why_not(graph, person, runs, each, now, story)
    if word is not None:
        return Refused(word)
    return _open(graph, person, event, each, len(runs), now)


def _each(graph: Graph, facts: Facts) -> str:
    if graph.enter.each is None:
        return ""
    value = graph.enter.each.value(facts)
    return "" if value is None else str(value)


def _why_not(
    graph: Graph, person: Person, runs: Sequence[Enrolment], each: str, now: datetime, story: bool
) -> str | None:
    if person.suppressed:
        return "suppressed"
    if not story and graph.status != "live":
        return graph.status
    if not story and not _in_season(graph, person, now):
        return "out of season"
    if person.stage not in graph.stages:
        return "stage"
    names = {graph.name, graph.was}
    mine = [run for run in runs if run.campaign in names and run.each == each]
    if any(run.is_open for run in mine):
        return "in it already"
    if mine and not _may_again(graph, person, mine, now):
        return "again"
    return None


def _may_again(graph: Graph, person: Person, mine: Sequence[Enrolment], now: datetime) -> bool:
    """`again` counts from leaving."""
    again = graph.enter.again
    if isinstance(again, str):
        return again == "always"
    left = max(run.ended_at for run in mine if run.ended_at is not None)
    return now >= add(again, left, person.place)


def _in_season(graph: Graph, person: Person, now: datetime) -> bool:
    if graph.runs is None:
        return True
    day, _ = person.place.wall(now)
    first, last = graph.runs
    return (first is None or first.toordinal() <= day) and (last is None or day <= last.toordinal())


def _open(graph: Graph, person: Person, event: Event, each: str, number: int, now: datetime) -> Decision:
    run = f"{graph.name}/{number + 1}"
    effects: list[Effect] = []
    own: frozenset[str] = frozenset()
    wanted = graph.enter.stage
    if wanted is not None and stage_after(person.stage, STEP_FOR_STAGE[wanted]) == wanted:
        effects.append(ChangeStage(at=now, run=run, to=wanted, because=f"enters {graph.name}"))
        own = frozenset({wanted})
    entry = event.plain()
    fresh = Enrolment(
        run=run,
        campaign=graph.name,
        version=graph.version,
        entered_version=graph.version,
        entered_at=now,
        each=each,
        entry=entry,
        last_event=entry,
        own_stages=own,
    )
    there = arrive(graph, fresh, person, graph.start, now)
    return Decision(there.enrolment, (*effects, *there.effects), took=True)
