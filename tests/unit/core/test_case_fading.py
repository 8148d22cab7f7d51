"""A score that fades: what it sets off comes once, at its time, however late the case is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nurture.core.case import Case, live
from nurture.core.duration import parse_duration
from nurture.core.enrolment import Enrolment
from nurture.core.event import Event
from nurture.core.graph import Graph
from nurture.core.holiday_book import HolidayBook
from nurture.core.person import Person
from nurture.core.place import Place
from nurture.core.rules import Rules
from nurture.core.scoring import EventRule, Thresholds

PLACE = Place(ZoneInfo("UTC"), None, HolidayBook())
BEGIN = datetime(2026, 1, 13, 12, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    rules: Rules
    campaigns: Mapping[str, Graph] = field(default_factory=dict)
    company_place: Place = PLACE

    def graph_of(self, enrolment: Enrolment) -> Graph:
        raise AssertionError("nobody is in a campaign here")


def world() -> World:
    rule = EventRule("meeting.held", 32)
    return World(Rules((rule,), thresholds=Thresholds(30, 70, None), half_life=parse_duration("30 days")))


def met(case: Case) -> Case:
    case.queue.append(Event("meeting.held", BEGIN, BEGIN, id=1))
    return case


def raised(case: Case) -> list[tuple[str, datetime]]:
    return [(event.type, event.at) for event in case.raised]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(days=3), timedelta(days=300)])
def test_a_cooled_lead_is_noticed_at_the_time_it_cooled_however_late(late: timedelta) -> None:
    case = met(Case(Person("seed", PLACE)))
    live(case, world(), BEGIN)
    assert case.person.temperature == "warm"
    assert case.wake_at is not None
    cools = case.wake_at
    assert BEGIN + timedelta(days=7) < cools < BEGIN + timedelta(days=8), "32 is 27 after 7.35 days"

    live(case, world(), cools + late)

    assert raised(case) == [("score.warm", BEGIN), ("score.cold", cools)]
    assert case.person.temperature == "cold"
    assert case.wake_at is None


def test_conditions_see_the_score_of_their_own_time() -> None:
    seen = []

    def looks(facts: object) -> bool:
        seen.append(facts.value("lead", "score"))  # type: ignore[attr-defined]
        return False

    rules = Rules(
        (EventRule("meeting.held", 32), EventRule("page.viewed", 1, where=looks)),
        half_life=parse_duration("30 days"),
    )
    case = met(Case(Person("seed", PLACE)))
    case.queue.append(Event("page.viewed", BEGIN + timedelta(days=30), BEGIN + timedelta(days=30), id=2))
    live(case, World(rules), BEGIN + timedelta(days=90))
    assert seen == [16]
