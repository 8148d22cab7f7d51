"""Who comes into a campaign, and why not (semantics.md, Entering)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from nurture.core.decision import Decision
from nurture.core.effects import ChangeStage
from nurture.core.enrolment import Enrolment
from nurture.core.enter import Refused, enter
from nurture.core.event import ENTER
from nurture.core.graph import Graph
from tests.unit.core.small import MONDAY, campaign, event, later, person, run_of

PLAIN = campaign("steps: [ { email: welcome, after: 1 day } ]")
DOWNLOAD = event("report.downloaded", report="Pumps")


def entering(graph: Graph = PLAIN, runs: tuple[Enrolment, ...] = (), **who: Any) -> Decision | Refused | None:
    return enter(graph, person(**who), DOWNLOAD, runs, MONDAY)


def ended(graph: Graph = PLAIN, days_ago: float = 1, **values: Any) -> Enrolment:
    left = MONDAY - timedelta(days=days_ago)
    return run_of(graph, state="completed", ended_at=left, due_at=None, **values)


def test_a_run_as_it_begins() -> None:
    decision = entering(runs=(ended(campaign("steps: [ { email: welcome } ]", "other")),))
    assert isinstance(decision, Decision)
    run = decision.enrolment
    assert (run.run, run.campaign, run.version, run.entered_version) == (
        "test/2",
        "test",
        PLAIN.version,
        PLAIN.version,
    )
    assert (run.entered_at, run.step, run.arrived_at, run.due_at) == (MONDAY, "welcome", MONDAY, later(1))
    assert run.entry == run.last_event == DOWNLOAD.plain()
    assert run.state == "active"


@pytest.mark.parametrize("type", ["webinar.attended", "reply.interested"])
def test_other_events_are_nothing(type: str) -> None:
    assert enter(PLAIN, person(), event(type), (), MONDAY) is None


def test_reply_stands_for_every_reply() -> None:
    graph = campaign("enter: { on: reply }\nsteps: [ { email: welcome } ]")
    assert isinstance(enter(graph, person(), event("reply.later"), (), MONDAY), Decision)


@pytest.mark.parametrize(
    ("graph", "who", "word"),
    [
        (PLAIN, {"suppressed": True}, "suppressed"),
        (PLAIN, {"stage": "customer"}, "stage"),
        (replace(PLAIN, status="draft"), {}, "draft"),
        (replace(PLAIN, status="paused"), {}, "paused"),
        (replace(PLAIN, runs=(date(2026, 1, 13), None)), {}, "out of season"),
        (replace(PLAIN, runs=(None, date(2026, 1, 11))), {}, "out of season"),
    ],
)
def test_why_somebody_does_not_come_in(graph: Graph, who: dict[str, Any], word: str) -> None:
    assert entering(graph, **who) == Refused(word)


@pytest.mark.parametrize("season", [(date(2026, 1, 12), date(2026, 1, 12)), (None, None), None])
def test_both_days_of_a_season_belong_to_it(season: Any) -> None:
    assert isinstance(entering(replace(PLAIN, runs=season)), Decision)


def test_status_and_season_do_not_matter_in_a_story() -> None:
    draft = replace(PLAIN, status="draft", runs=(date(2030, 1, 1), None))
    assert isinstance(enter(draft, person(), DOWNLOAD, (), MONDAY, story=True), Decision)


@pytest.mark.parametrize(
    ("again", "days_ago", "comes_in"),
    [
        ("never", 5000, False),
        ("always", 0, True),
        ("after 10 days", 9.99, False),
        ("after 10 days", 10, True),
    ],
)
def test_again_counts_from_leaving(again: str, days_ago: float, comes_in: bool) -> None:
    graph = campaign(f"enter: {{ on: report.downloaded, again: {again} }}\nsteps: [ {{ email: welcome }} ]")
    found = entering(graph, (ended(graph, days_ago),))
    assert found == Refused("again") if not comes_in else isinstance(found, Decision)


def test_nobody_is_in_it_twice_at_once() -> None:
    graph = campaign("enter: { on: report.downloaded, again: always }\nsteps: [ { email: welcome } ]")
    assert entering(graph, (run_of(graph),)) == Refused("in it already")
    held = run_of(graph, state="held", due_at=None)
    assert entering(graph, (held,)) == Refused("in it already")


def test_a_run_per_value() -> None:
    graph = campaign("enter: { on: report.downloaded, each: event.report }\nsteps: [ { email: welcome } ]")
    assert entering(graph, (run_of(graph, each="Pumps"),)) == Refused("in it already")
    assert entering(graph, (ended(graph, each="Pumps"),)) == Refused("again")
    other = entering(graph, (run_of(graph, each="Valves"),))
    assert isinstance(other, Decision)
    assert other.enrolment.each == "Pumps"


def test_a_renamed_campaign_remembers_its_runs() -> None:
    graph = campaign("was: old\nsteps: [ { email: welcome } ]")
    assert entering(graph, (replace(ended(graph), campaign="old"),)) == Refused("again")


@pytest.mark.parametrize(
    ("data", "comes_in"),
    [
        ({"campaign": "test"}, True),
        ({"campaign": "test", "by": "other/1"}, True),
        ({"campaign": "test", "by_calendar": True}, False),
        ({"campaign": "other"}, False),
    ],
)
def test_by_hand_the_condition_is_not_asked(data: dict[str, Any], comes_in: bool) -> None:
    graph = campaign(
        "enter: { on: report.downloaded, if: lead.company_size > 50 }\nsteps: [ { email: welcome } ]"
    )
    assert entering(graph) is None
    found = enter(graph, person(), event(ENTER, **data), (), MONDAY)
    assert isinstance(found, Decision) if comes_in else found is None


@pytest.mark.parametrize(("stage", "becomes"), [("new", "nurturing"), ("nurturing", None), ("mql", None)])
def test_enter_stage_never_goes_back(stage: str, becomes: str | None) -> None:
    graph = campaign("enter: { on: report.downloaded, stage: nurturing }\nsteps: [ { email: welcome } ]")
    decision = entering(graph, stage=stage)
    assert isinstance(decision, Decision)
    changes = [effect.to for effect in decision.effects if isinstance(effect, ChangeStage)]
    assert changes == ([becomes] if becomes else [])
    assert decision.enrolment.own_stages == frozenset(changes)
