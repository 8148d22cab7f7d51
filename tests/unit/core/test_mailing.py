"""The email step: what is queued, and what is said where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from nurture.core.decide import decide
from nurture.core.decision import Decision, Due
from nurture.core.duration import parse_duration
from nurture.core.effects import OpenTask, SendEmail
from nurture.core.enrolment import Round
from nurture.core.graph import Graph, Send
from nurture.core.person import Mail
from tests.unit.core.small import KNOWN, MONDAY, campaign, event, later, mails, person, run_of, words


def due(graph: Graph, now: datetime = MONDAY, who: dict[str, Any] | None = None, **run: Any) -> Decision:
    return decide(graph, run_of(graph, **{"due_at": now, **run}), person(**(who or {})), Due(), now)


def only(decision: Decision) -> SendEmail:
    (email,) = (effect for effect in decision.effects if isinstance(effect, SendEmail))
    return email


def had(template: str, at: datetime = MONDAY, **values: Any) -> Mail:
    return Mail(
        **{
            "run": "x/9",
            "campaign": "test",
            "step": template,
            "template": template,
            "planned_at": at,
            **values,
        }
    )


def test_what_an_email_carries() -> None:
    graph = campaign(
        """\
send: { from: owner, window: mon-fri 08:00-18:00, thread: first, in_doubt: hold }
steps: [ { id: first, email: welcome, latest: day 2 12:00 } ]
"""
    )
    entry = event("report.downloaded", report="Pumps").plain()
    email = only(due(graph, entry=entry, last_event=entry))
    assert (email.run, email.campaign, email.version, email.step) == (
        "test/1",
        "test",
        graph.version,
        "first",
    )
    assert (email.template, email.at, email.sender) == ("welcome", MONDAY, "owner")
    assert (email.thread_first, email.in_doubt, email.service) == (True, "hold", None)
    assert email.window_open_until == MONDAY.replace(hour=18)
    assert email.latest == later(1, hours=2)
    assert email.stages == {"new", "nurturing", "mql"}
    assert email.values["entry"]["report"] == "Pumps"
    assert email.values["event"]["type"] == "report.downloaded"


def test_a_step_says_it_better_than_its_campaign() -> None:
    graph = campaign(
        """\
send: { from: owner, thread: first, in_doubt: hold, window: mon-fri 08:00-18:00 }
steps: [ { email: welcome, from: company, thread: new, in_doubt: resend, window: any } ]
"""
    )
    email = only(due(graph))
    assert (email.sender, email.thread_first, email.in_doubt) == ("company", False, "resend")
    assert email.window_open_until is None


def test_service_mail_may_go_in_any_stage_and_at_any_time() -> None:
    graph = campaign(
        "send: { window: mon-fri 08:00-18:00 }\nsteps: [ { email: welcome, service: asked for it } ]"
    )
    email = only(due(graph, later(0.5), {"stage": "customer"}))
    assert (email.service, email.stages, email.window_open_until) == ("asked for it", None, None)


def test_stages_the_campaign_set_itself_are_among_those_it_may_go_in() -> None:
    graph = campaign("steps: [ { email: welcome } ]")
    assert only(due(graph, own_stages=frozenset({"sql"}))).stages == {"new", "nurturing", "mql", "sql"}


@pytest.mark.parametrize(
    ("rounds", "occasion", "occurrence"),
    [
        ({}, "", "1"),
        ({"outer": 3, "inner": 2}, "", "3.2"),
        ({"outer": 3, "inner": 2}, "2027-01", "3.2@2027-01"),
    ],
)
def test_the_occurrence_is_the_rounds_and_the_occasion(
    rounds: dict[str, int], occasion: str, occurrence: str
) -> None:
    said = f', occasion: "{occasion}"' if occasion else ""
    inner = f"{{ id: inner, repeat: {{ every: 1 day, steps: [ {{ email: welcome{said} }} ] }} }}"
    graph = campaign(f"steps: [ {{ id: outer, repeat: {{ every: 1 month, steps: [ {inner} ] }} }} ]")
    begun = {name: Round(number, MONDAY) for name, number in (rounds or {"outer": 1}).items()}
    email = only(due(graph, step="welcome", rounds=begun))
    assert (email.occurrence, email.occasion) == (occurrence, occasion)


@pytest.mark.parametrize(
    ("record", "pick", "template"),
    [
        ((), "next", "welcome"),
        (("welcome",), "next", "offer"),
        (("offer",), "next", "welcome"),
        ((), "newest", "news"),
        (("news",), "newest", "offer"),
        (("welcome", "offer", "news"), "next", None),
    ],
)
def test_a_rotation_takes_what_was_not_had_anywhere(
    record: tuple[str, ...], pick: str, template: str | None
) -> None:
    graph = campaign(f"steps: [ {{ id: turn, email: [welcome, offer, news], pick: {pick} }} ]")
    decision = due(graph, who={"mails": tuple(had(name, campaign="other") for name in record)})
    assert [name for name, _ in mails(decision.effects)] == ([template] if template else [])


def test_another_occasion_is_not_had() -> None:
    graph = campaign('steps: [ { id: turn, email: [welcome, offer], occasion: "{{ entry.report }}" } ]')
    record = (had("welcome", occasion="Pumps"), had("offer", occasion="Valves"))
    entry = event("report.downloaded", report="Valves").plain()
    assert mails(due(graph, who={"mails": record}, entry=entry).effects) == [("welcome", MONDAY)]


def test_limits_count_a_campaign_under_its_former_name() -> None:
    graph = campaign("was: old\nsend: { limit: 1 per week }\nsteps: [ { email: welcome } ]")
    record = (had("offer", later(-3), campaign="old"),)
    assert due(graph, who={"mails": record}).enrolment.due_at == later(4)


@pytest.mark.parametrize(
    "mail", [had("offer", later(-1), service=True), had("offer", later(-1), campaign="other")]
)
def test_what_a_limit_does_not_count(mail: Mail) -> None:
    graph = campaign("send: { limit: 1 per week }\nsteps: [ { email: welcome } ]")
    assert mails(due(graph, who={"mails": (mail,)}).effects) == [("welcome", MONDAY)]


def test_the_gap_of_the_project_counts_every_campaign() -> None:
    known = replace(KNOWN, send=Send(overall_gap=parse_duration("2 days")))
    graph = campaign("steps: [ { email: welcome } ]", known=known)
    record = (had("offer", later(-1), campaign="other"),)
    assert due(graph, who={"mails": record}).enrolment.due_at == later(1)


def test_after_an_absence_a_clock_time_is_kept() -> None:
    graph = campaign("send: { window: mon-fri 08:00-18:00 }\nsteps: [ { email: welcome, at: day 2 09:30 } ]")
    moved = due(graph, later(1, minutes=-30), {"absent_until": later(3, hours=-10)})
    assert moved.enrolment.due_at == later(3, minutes=-30)
    assert mails(due(graph, later(3, minutes=-30), {"absent_until": later(3, hours=-10)}).effects)


def test_after_a_pause_that_ended_at_night_too() -> None:
    graph = campaign("send: { window: mon-fri 08:00-18:00 }\nsteps: [ { email: welcome, at: day 2 09:30 } ]")
    night = later(2, hours=12)
    assert due(graph, night, not_before=night).enrolment.due_at == later(3, minutes=-30)


@pytest.mark.parametrize(
    ("who", "word", "text"),
    [
        ({"stage": "refused"}, "refused", "Ada refused"),
        ({"reachable": False}, "no_address", "Ada has no address"),
    ],
)
def test_some_gates_ask_a_colleague(who: dict[str, Any], word: str, text: str) -> None:
    graph = campaign(
        "stages: [new, refused]\nsteps: [ { email: welcome }, { id: rest, wait_for: reply, for: 1 day } ]"
    )
    decision = due(graph, who=who)
    assert words(decision.effects) == [word]
    (task,) = (effect for effect in decision.effects if isinstance(effect, OpenTask))
    assert task.text.startswith(text)
    assert decision.enrolment.step == "rest"


def test_an_occasion_that_cannot_be_made_is_told_and_the_mail_goes() -> None:
    graph = campaign('steps: [ { email: welcome, occasion: "{{ 1 / lead.company_size }}" } ]')
    decision = due(graph, who={"fields": {"company_size": 0}})
    assert mails(decision.effects) == [("welcome", MONDAY)]
    assert words(decision.effects) == ["text"]
