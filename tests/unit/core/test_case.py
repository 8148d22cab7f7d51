"""A case living through time: order, causes, pauses, outages (semantics.md, Events)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from nurture.core.case import DEPTH, Case, live, replan
from nurture.core.duration import parse_duration
from nurture.core.effects import AddTag, OpenTask, SendEmail, StopRun, Traced
from nurture.core.event import RESUME, Event
from nurture.core.rules import Rules
from nurture.core.scoring import EventRule, ScoreState, Thresholds
from tests.unit.core.small import MONDAY, Small, campaign, later, mails, person

PLAIN = campaign("steps: [ { email: welcome, after: 1 day }, { email: offer, after: 1 day } ]")


def tags(case: Case) -> list[str]:
    return [effect.tag for effect in case.effects if isinstance(effect, AddTag)]


def test_after_an_outage_everything_happens_in_its_own_order() -> None:
    graph = campaign(
        "on: { meeting.held: [ { tag: met } ], reply.refused: [ { stop: no } ] }\n"
        "steps: [ { email: welcome, after: 1 day }, { email: offer, after: 2 days }, { email: news, after: 1 day } ]"
    )
    small = Small([graph])
    small.case.queue = [
        Event("reply.refused", later(3.5), later(3.5), id=3),
        Event("report.downloaded", MONDAY, MONDAY, id=1),
        Event("meeting.held", later(2), later(2), id=2),
    ]
    small.live(later(30))
    happened = [
        (type(effect).__name__, effect.at) for effect in small.case.effects if not isinstance(effect, Traced)
    ]
    assert [(name, at) for name, at in happened if name in ("SendEmail", "AddTag", "StopRun")] == [
        ("SendEmail", later(1)),
        ("AddTag", later(2)),
        ("SendEmail", later(3)),
        ("StopRun", later(3.5)),
    ]


def test_ties_go_by_id() -> None:
    graph = campaign(
        "on: { meeting.held: [ { tag: met } ], page.viewed: [ { tag: seen } ] }\nsteps: [ { email: welcome, after: 9 days } ]"
    )
    small = Small([graph]).happen("report.downloaded")
    small.case.queue = [
        Event("page.viewed", later(-30), later(1), id=9),  # happened long ago, learned now
        Event("meeting.held", later(1), later(1), id=8),
    ]
    small.live(later(1))
    assert tags(small.case) == ["met", "seen"]
    assert [event.id for event in small.case.handled[1:]] == [8, 9]


def test_late_knowledge_keeps_when_it_happened() -> None:
    graph = campaign(
        "on: { webinar.attended: [ { set: { interest: '{{ event.at }}' } } ] }\nsteps: [ { email: welcome, after: 9 days } ]"
    )
    small = Small([graph]).happen("report.downloaded")
    small.case.queue = [Event("webinar.attended", later(1), later(3), id=2)]
    small.live(later(5))
    change = small.case.effects[-1]
    assert change.at == later(3)
    assert getattr(change, "value", None) == later(1)


def test_nothing_happens_before_its_time() -> None:
    small = Small([PLAIN]).happen("report.downloaded").live(later(1) - timedelta(minutes=1))
    assert not mails(small.case.effects)
    assert small.case.next_at() == later(1)
    assert mails(small.live(later(1)).case.effects) == [("welcome", later(1))]
    assert not small.case.queue


def test_the_entering_event_does_not_react() -> None:
    graph = campaign(
        "on: { report.downloaded: [ { tag: again } ] }\nsteps: [ { email: welcome, after: 9 days } ]"
    )
    small = Small([graph]).happen("report.downloaded")
    assert tags(small.case) == []
    assert tags(small.happen("report.downloaded", later(1)).case) == ["again"]


def test_one_event_opens_many_campaigns_and_each_run_has_its_own_name() -> None:
    second = campaign("steps: [ { email: offer } ]", "other")
    small = Small([PLAIN, second]).happen("report.downloaded")
    assert set(small.case.runs) == {"test/1", "other/2"}
    assert small.case.person.in_campaigns == {"test"}


RULES = Rules(event_points=(EventRule("report.downloaded", 80),), thresholds=Thresholds())


def test_the_order_for_one_event() -> None:
    """Enter, react, wait, points; then what it caused, in order."""
    graph = campaign(
        "enter: { on: report.downloaded, stage: nurturing }\n"
        "on: { score.hot: [ { tag: hot } ], lead.stage_changed: [ { tag: stage } ] }\n"
        "steps: [ { email: welcome, after: 1 day } ]"
    )
    small = Small([graph], rules=RULES).happen("report.downloaded")
    assert [event.type for event in small.case.raised] == ["lead.stage_changed", "score.hot"]
    assert tags(small.case) == ["stage", "hot"]
    assert {event.depth for event in small.case.raised} == {1}


def test_a_chain_of_causes_ends_with_a_task() -> None:
    one = campaign("enter: { manual: true, again: always }\nsteps: [ { start: other } ]")
    two = campaign("enter: { manual: true, again: always }\nsteps: [ { start: test } ]", "other")
    small = Small([one, two]).enter()
    assert max(event.depth for event in small.case.raised) == DEPTH + 1
    assert len(small.case.runs) == DEPTH + 1
    (task,) = (effect for effect in small.case.effects if isinstance(effect, OpenTask))
    assert f"{DEPTH} deep" in task.text


def test_causes_do_not_add_up_over_time() -> None:
    """A day between is a new beginning: what is due by itself was caused by nobody."""
    one = campaign(
        "enter: { manual: true, again: always }\nsteps: [ { start: other, id: next, after: 1 day } ]"
    )
    two = campaign("enter: { manual: true, again: always }\nsteps: [ { start: test } ]", "other")
    small = Small([one, two]).enter().live(later(40))
    assert not [effect for effect in small.case.effects if isinstance(effect, OpenTask)]
    assert len(small.case.runs) > 60


# -- pauses -----------------------------------------------------------------------------------------------------------


def paused(scope: str) -> Small:
    """A run that a pause holds since Tuesday."""
    small = Small([PLAIN]).happen("report.downloaded")
    small.case.person.paused = frozenset({scope})
    small.live(later(5))
    assert (small.run.state, small.run.due_at) == ("held", None)
    return small


def test_a_pause_that_ends_releases_in_order() -> None:
    small = paused("test")
    small.case.person.paused = frozenset()
    small.happen(RESUME, later(6), campaign="test").live(later(20))
    assert mails(small.case.effects) == [("welcome", later(6)), ("offer", later(7))]


@pytest.mark.parametrize(
    ("scope", "ends", "data", "released"),
    [
        ("test", {"test"}, {"campaign": "test"}, True),
        ("test", {"test"}, {"campaign": "other"}, False),
        ("everything", {"everything"}, {}, True),
        ("test", set(), {}, False),  # its own pause goes on
    ],
)
def test_whose_pause_ends(scope: str, ends: set[str], data: dict[str, Any], released: bool) -> None:
    small = paused(scope)
    small.case.person.paused -= ends
    small.happen(RESUME, later(6), **data)
    assert bool(mails(small.case.effects)) is released
    assert (small.run.state == "active") is released


def test_a_question_is_not_answered_by_the_end_of_a_pause() -> None:
    small = Small([PLAIN]).happen("report.downloaded").happen("reply.question", later(0.5))
    small.happen(RESUME, later(0.6))
    assert small.run.hold is not None
    assert small.run.hold.word == "colleague"


# -- the person's own time --------------------------------------------------------------------------------------------


def test_the_postponed_wake_by_themselves() -> None:
    small = Small(
        [],
        case=Case(person(stage="postponed", postponed_until=later(30), fields={"refusal_reason": "budget"})),
    )
    small.live(later(29))
    assert (small.case.wake_at, small.case.person.stage) == (later(30), "postponed")
    small.live(later(31))
    assert (small.case.person.stage, small.case.wake_at, small.case.person.postponed_until) == (
        "nurturing",
        None,
        None,
    )
    (changed, resumed) = small.case.raised
    assert (changed.type, resumed.type, resumed.at) == ("lead.stage_changed", "lead.resumed", later(30))
    assert (resumed.data["by"], resumed.data["reason"]) == ("date", "budget")


@pytest.mark.parametrize("until", [later(60), later(61), later(300)])
def test_how_late_one_looks_changes_nothing(until: datetime) -> None:
    small = Small([PLAIN], case=Case(person(stage="postponed", postponed_until=later(30))))
    small.live(MONDAY)
    small.live(until)
    assert {event.at for event in small.case.raised} == {later(30)}


def test_the_score_told_at_the_end_is_of_then() -> None:
    rules = replace(RULES, half_life=parse_duration("1 day"))
    small = Small([PLAIN], rules=rules, case=Case(person(score=ScoreState(80, MONDAY), temperature="hot")))
    small.happen("report.downloaded", later(3))
    assert small.case.person.score_now == 90


# -- ending and editing -----------------------------------------------------------------------------------------------


def test_the_suppressed_leave_everything_at_once() -> None:
    second = campaign("steps: [ { email: offer, after: 5 days } ]", "other")
    small = Small([PLAIN, second]).happen("report.downloaded").happen("unsubscribed", later(0.5))
    assert {run.why for run in small.case.runs.values()} == {"suppressed"}
    assert small.case.person.in_campaigns == frozenset()
    assert small.case.next_at() is None


def test_leaving_by_hand() -> None:
    small = (
        Small([PLAIN])
        .happen("report.downloaded")
        .happen("campaign.leave", later(0.5), campaign="test", reason="asked")
    )
    assert (small.run.state, small.run.why) == ("stopped", "asked")
    stops = [effect for effect in small.case.effects if isinstance(effect, StopRun)]
    assert [stop.because for stop in stops] == ["taken out"]


def test_a_task_that_is_open_is_not_opened_again() -> None:
    small = Small([PLAIN], case=Case(person(reachable=False), open_once={"no_address"}))
    small.happen("report.downloaded").live(later(30))
    assert not [effect for effect in small.case.effects if isinstance(effect, OpenTask)]


def test_replanning_takes_a_run_to_the_present_version() -> None:
    small = Small([PLAIN]).happen("report.downloaded")
    edit = small.take(campaign("steps: [ { email: welcome, after: 5 hours }, { email: news } ]"))
    replan(small.case, small, small.run, later(0.1))
    assert (small.run.version, small.run.entered_version) == (edit.version, PLAIN.version)
    assert mails(small.live(later(3)).case.effects) == [
        ("welcome", later(0, hours=5)),
        ("news", later(0, hours=5)),
    ]


def test_every_life_comes_to_rest() -> None:
    """A campaign for ever, lived for years in one go: as many rounds as the calendar has, no more."""
    graph = campaign(
        "steps: [ { id: rounds, repeat: { every: 1 week, steps: [ { id: it, email: welcome } ] } } ]"
    )
    small = Small([graph]).happen("report.downloaded").live(later(7 * 500))
    assert len(mails(small.case.effects)) == 501
    assert small.case.next_at() == later(7 * 501, hours=-1)  # ten o'clock in summer


def test_a_seed_decides_and_nothing_else() -> None:
    """The same life twice is the same twice: no chance, no clock."""
    graph = campaign(
        "steps: [ { id: arms, split: { a: 50, b: 50 }, paths: { a: [ { email: offer } ], b: [ { email: news } ] } } ]"
    )

    def life() -> list[SendEmail]:
        case = Case(person(), queue=[Event("report.downloaded", MONDAY, MONDAY, id=1)])
        live(case, Small([graph]), later(30))
        return [effect for effect in case.effects if isinstance(effect, SendEmail)]

    assert life() == life()
