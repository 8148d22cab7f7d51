"""The verbs that happen in an instant: what each asks to be done (language.md, Steps)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from nurture.core.decide import decide
from nurture.core.decision import Decision, Due
from nurture.core.effects import (
    AddTag,
    CallWebhook,
    ChangeStage,
    Effect,
    GivePoints,
    OpenTask,
    RemoveTag,
    SetField,
    StartRun,
    StopRun,
    TellPerson,
)
from nurture.core.verbs import arm_of
from tests.unit.core.small import MONDAY, campaign, event, later, person, run_of, words

STAGES = "stages: [new, nurturing, mql, sql, customer, refused, postponed, junk]\n"


def did(step: str, **who: Any) -> Decision:
    """What one step does, with another after it."""
    graph = campaign(f"{STAGES}steps: [ {{ id: it, {step} }}, {{ email: welcome }} ]")
    entry = event("report.downloaded", report="Pumps").plain()
    return decide(graph, run_of(graph, "it", entry=entry, last_event=entry), person(**who), Due(), MONDAY)


def shown(effects: tuple[Effect, ...]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for effect in effects:
        match effect:
            case ChangeStage():
                found.append(("stage", effect.to, effect.reason))
            case GivePoints():
                found.append(("points", effect.points, effect.reason))
            case SetField():
                found.append(("set", effect.name, effect.value))
            case AddTag():
                found.append(("tag", effect.tag))
            case RemoveTag():
                found.append(("untag", effect.tag))
            case StartRun():
                found.append(("start", effect.campaign))
            case StopRun():
                found.append(("stop", effect.campaign, effect.reason))
            case TellPerson():
                found.append(("notify", effect.who, effect.text))
            case CallWebhook():
                found.append(("webhook", effect.name, effect.data["report"]))
            case _:
                pass
    return found


@pytest.mark.parametrize(
    ("step", "who", "effects"),
    [
        ("stage: mql", {}, [("stage", "mql", "")]),
        ("stage: sql", {"stage": "mql"}, [("stage", "sql", "")]),
        ("stage: customer", {"stage": "sql"}, [("stage", "customer", "")]),
        ("score: 10", {}, [("points", 10, "test: it")]),
        ("score: -5", {}, [("points", -5, "test: it")]),
        ('set: { interest: "{{ entry.report }}" }', {}, [("set", "interest", "Pumps")]),
        ('set: { interest: "about {{ entry.report }}" }', {}, [("set", "interest", "about Pumps")]),
        (
            "set: { city: York, region: Yorkshire }",
            {},
            [("set", "city", "York"), ("set", "region", "Yorkshire")],
        ),
        ("tag: [a, b]", {"tags": frozenset({"a"})}, [("tag", "b")]),
        ("untag: [a, b]", {"tags": frozenset({"a"})}, [("untag", "a")]),
        ("refuse: budget", {}, [("stage", "refused", "budget")]),
        ("refuse: trust", {"stage": "refused"}, [("stage", "refused", "trust")]),
        ("postpone: 30 days, reason: timing", {}, [("stage", "postponed", "timing")]),
        ("reopen: a call", {"stage": "refused"}, [("stage", "nurturing", "a call")]),
        ("start: other", {}, [("start", "other")]),
        ("stop: { campaign: other }", {}, [("stop", "other", "test stops it")]),
        ('notify: owner, text: "{{ lead.name }} is here"', {}, [("notify", "owner", "Ada is here")]),
        ("webhook: crm", {}, [("webhook", "crm", "Pumps")]),
    ],
)
def test_what_a_verb_asks_for(step: str, who: dict[str, Any], effects: list[tuple[Any, ...]]) -> None:
    decision = did(step, **who)
    assert shown(decision.effects) == effects
    assert decision.enrolment.step == "welcome"
    assert all(
        (effect.at, effect.run, effect.step) == (MONDAY, "test/1", "it") for effect in decision.effects
    )


@pytest.mark.parametrize(
    ("step", "who", "word"),
    [
        ("stage: mql", {"stage": "mql"}, "unchanged"),
        ("stage: nurturing", {"stage": "mql"}, "unchanged"),
        ("stage: mql", {"stage": "refused"}, "unchanged"),
        ("refuse: budget", {"stage": "customer"}, "unchanged"),
        ("postpone: 30 days", {"stage": "junk"}, "unchanged"),
        ("reopen: a call", {"stage": "mql"}, "unchanged"),
        ('set: { interest: "{{ 1 / lead.company_size }}" }', {"fields": {"company_size": 0}}, "text"),
    ],
)
def test_what_changes_nothing_is_told(step: str, who: dict[str, Any], word: str) -> None:
    decision = did(step, **who)
    assert words(decision.effects) == [word]
    assert shown(decision.effects) == []
    assert decision.enrolment.step == "welcome"


@pytest.mark.parametrize(
    ("step", "reason", "told"),
    [
        ("refuse: weather", "other", ["default"]),
        ('refuse: "{{ entry.report }}"', "other", ["default"]),
        ('refuse: "{{ lead.interest }}"', "other", ["default"]),
    ],
)
def test_a_value_that_is_no_reason(step: str, reason: str, told: list[str]) -> None:
    decision = did(step)
    assert shown(decision.effects) == [("stage", "refused", reason)]
    assert words(decision.effects) == told


@pytest.mark.parametrize(
    ("value", "days", "told"),
    [
        ("30 days", 30, []),
        ("2 weeks", 14, []),
        ("2026-02-11", 30, []),
        ('"{{ lead.postponed_until }}"', 90, ["default"]),
        ('"{{ lead.interest }}"', 90, ["default"]),
        ('"{{ 1 / lead.company_size }}"', 90, ["text", "default"]),
    ],
)
def test_until_when(value: str, days: int, told: list[str]) -> None:
    decision = did(f"postpone: {value}", fields={"interest": "pumps", "company_size": 0})
    (change,) = (effect for effect in decision.effects if isinstance(effect, ChangeStage))
    assert change.until is not None
    nine = MONDAY.replace(hour=9) + timedelta(days=days)
    assert change.until in (nine, nine - timedelta(hours=1))  # the clocks have changed after ninety days
    assert words(decision.effects) == told


def test_a_stage_it_set_is_the_campaigns_own() -> None:
    assert did("stage: sql").enrolment.own_stages == {"sql"}
    assert did("refuse: budget").enrolment.own_stages == {"refused"}
    assert did("stage: mql", stage="mql").enrolment.own_stages == frozenset()


def test_a_task_for_a_colleague() -> None:
    (task,) = (
        effect
        for effect in did(
            'task: "Call {{ lead.name }}", kind: call, due: 4 business hours, who: owner'
        ).effects
        if isinstance(effect, OpenTask)
    )
    assert (task.text, task.kind, task.who, task.due, task.results) == (
        "Call Ada",
        "call",
        "owner",
        later(hours=4),
        (),
    )
    assert not task.releases


def test_a_text_that_cannot_be_made_is_shown_as_it_is_written() -> None:
    decision = did('task: "Call {{ 1 / lead.company_size }}"', fields={"company_size": 0})
    (task,) = (effect for effect in decision.effects if isinstance(effect, OpenTask))
    assert task.text == "Call {{ 1 / lead.company_size }}"
    assert words(decision.effects) == ["text"]


def test_stop_with_a_reason() -> None:
    run = did('stop: "{{ entry.report }} is enough"').enrolment
    assert (run.state, run.why) == ("stopped", "Pumps is enough")


def test_shares_come_out_and_stay() -> None:
    arms = (("a", 60, "x"), ("b", 30, "y"), ("c", 10, None))
    drawn = {f"lead{number}": arm_of(arms, f"lead{number}", "test/trial")[0] for number in range(3000)}
    counted = Counter(drawn.values())
    assert 1650 < counted["a"] < 1950
    assert 780 < counted["b"] < 1020
    assert 220 < counted["c"] < 390
    assert all(arm_of(arms, seed, "test/trial")[0] == arm for seed, arm in drawn.items())
    other = [arm_of(arms, seed, "test/second")[0] for seed in drawn]
    assert other != list(drawn.values()), "another experiment draws anew"


@pytest.mark.parametrize(
    ("arms", "arm"), [((("a", 0, None), ("b", 1, None)), "b"), ((("a", 1, None), ("b", 0, None)), "a")]
)
def test_nobody_goes_where_the_share_is_nothing(arms: Any, arm: str) -> None:
    assert {arm_of(arms, str(seed), "x")[0] for seed in range(200)} == {arm}
