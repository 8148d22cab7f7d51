"""Life-cycles as tables: every way there is, and that there is no other (semantics.md, Stages)."""

from __future__ import annotations

from itertools import product

import pytest

from nurture.core.errors import IllegalTransition
from nurture.core.lifecycle import ENROLMENT, MESSAGE, STAGE, STEP_FOR_STAGE, TASK, move, stage_after
from nurture.core.vocabulary import LeadStage

STAGES = tuple(str(stage) for stage in LeadStage)

WAYS = {
    "nurture": {"new": "nurturing"},
    "qualify": {"new": "mql", "nurturing": "mql"},
    "accept": {"new": "sql", "nurturing": "sql", "mql": "sql"},
    "reject": {"mql": "nurturing", "sql": "nurturing"},
    "refuse": dict.fromkeys(("new", "nurturing", "mql", "sql", "postponed"), "refused"),
    "postpone": dict.fromkeys(("new", "nurturing", "mql", "sql", "refused"), "postponed"),
    "reopen": {"refused": "nurturing", "postponed": "nurturing"},
    "convert": dict.fromkeys(set(STAGES) - {"customer"}, "customer"),
    "junk": dict.fromkeys(set(STAGES) - {"junk"}, "junk"),
    "restore": {"junk": "nurturing"},
    "lose": {"customer": "nurturing"},
}


@pytest.mark.parametrize(("stage", "step"), list(product(STAGES, WAYS)))
def test_where_a_step_leads_from_each_stage(stage: str, step: str) -> None:
    assert stage_after(stage, step) == WAYS[step].get(stage)


def test_the_table_of_stages_holds_nothing_else() -> None:
    changing = {(stage, step) for (stage, step), after in STAGE.items() if after != stage}
    assert changing == {(stage, step) for step, ways in WAYS.items() for stage in ways}
    assert {stage for stage, _ in STAGE} | set(STAGE.values()) == set(STAGES)


def test_every_stage_a_campaign_may_name_has_a_step() -> None:
    assert set(STEP_FOR_STAGE) == set(STAGES) - {"new"}
    assert all(step in WAYS for step in STEP_FOR_STAGE.values())


@pytest.mark.parametrize("end", ["completed", "stopped", "goal"])
def test_a_run_that_ended_stays_ended(end: str) -> None:
    for step in ("hold", "release", "complete", "stop", "goal"):
        with pytest.raises(IllegalTransition):
            move(ENROLMENT, end, step)


@pytest.mark.parametrize("state", ["sent", "failed", "withdrawn"])
def test_what_became_of_a_message_stays(state: str) -> None:
    assert not [step for before, step in MESSAGE if before == state]


def test_nothing_leads_from_handing_over_back_to_the_queue() -> None:
    """A message that may have been sent is never queued again by itself."""
    ends = {step: after for (before, step), after in MESSAGE.items() if before == "handing_over"}
    assert ends == {"accept": "sent", "defer": "deferred", "fail": "failed", "doubt": "in_doubt"}
    assert MESSAGE["in_doubt", "resend"] == "queued"


def test_a_task_is_finished_once() -> None:
    assert move(TASK, "overdue", "finish") == "done"
    with pytest.raises(IllegalTransition):
        move(TASK, "done", "finish")
