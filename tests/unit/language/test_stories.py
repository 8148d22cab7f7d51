"""The tests of a campaign, read as stories in the lead's own time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from campaign_bench import HEAD, VOCABULARY, load
from campaign_sample import SAMPLE

from nurture.language.stories import Expected, Happening, Story, load_story


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def story_of(text: str) -> Story:
    story, problems = load_story(text, "story.yaml", VOCABULARY)
    assert story is not None, "\n".join(map(str, problems))
    return story


def test_the_sample_has_this_story() -> None:
    (story,) = load(SAMPLE).stories
    assert story == Story(
        name="a yes after the webinar",
        start=at("2026-01-13 10:00"),
        lead={"email": "ada@example.org", "name": "Ada", "country": "GB"},
        story=(
            Happening(at("2026-01-13 10:00"), "event", "report.downloaded", {"report": "Pumps"}, 64, 9),
            Happening(at("2026-01-17 15:00"), "event", "webinar.attended", {}, 65, 9),
            Happening(at("2026-01-19 11:00"), "event", "reply.interested", {}, 66, 9),
        ),
        expect=(
            Expected(at("2026-01-13 10:00"), "email", "report_link", 68, 9),
            Expected(at("2026-01-15 09:30"), "email", "webinar_invite", 69, 9),
            Expected(at("2026-01-19 09:30"), "email", "follow_up", 70, 9),
            Expected(at("2026-01-19 11:00"), "stage", "mql", 71, 9),
            Expected(at("2026-01-19 11:00"), "task", None, 72, 9),
        ),
        line=60,
        column=5,
    )


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("monday 09:00", "2026-01-12 09:00"),
        ("tuesday 10:00", "2026-01-13 10:00"),
        ("sunday 23:59", "2026-01-18 23:59"),
        ("tue", "2026-01-13 00:00"),
        ("2026-12-21 09:00", "2026-12-21 09:00"),
        ("2026-12-21", "2026-12-21 00:00"),
    ],
)
def test_when_day_one_begins(start: str, begins: str) -> None:
    assert story_of(f"start: {start}\n").start == at(begins)


@pytest.mark.parametrize(
    ("time", "happens"),
    [
        ("day 1 10:00", "2026-01-13 10:00"),
        ("day 20 00:00", "2026-02-01 00:00"),
        ("tuesday 11:00", "2026-01-13 11:00"),
        ("tuesday 09:00", "2026-01-20 09:00"),
        ("friday 09:00", "2026-01-16 09:00"),
        ("2026-03-01 07:30", "2026-03-01 07:30"),
    ],
)
def test_when_an_entry_happens(time: str, happens: str) -> None:
    story = story_of(f"start: tuesday 10:00\nstory: [ {{ {time}: unsubscribed }} ]\n")
    assert story.story[0].at == at(happens)


def test_a_weekday_is_the_next_one_after_the_entry_above() -> None:
    story = story_of(
        "story: [ { friday 09:00: reply.later }, { monday 10:00: reply.later }, { monday 09:00: reply.later } ]\n"
    )
    assert [entry.at for entry in story.story] == [
        at("2026-01-16 09:00"),
        at("2026-01-19 10:00"),
        at("2026-01-26 09:00"),
    ]


@pytest.mark.parametrize(
    ("entry", "kind", "name", "data"),
    [
        ("webinar.attended", "event", "webinar.attended", {}),
        ("{ webinar.attended: }", "event", "webinar.attended", {}),
        ("{ webinar.attended: { minutes: 43, webinar: NO } }", "event", "webinar.attended", {"minutes": 43, "webinar": "NO"}),
        ("{ feedback.given: { rating: 4.5, quote: true } }", "event", "feedback.given", {"rating": 4.5, "quote": True}),
        ("{ reply.later: { until: 2026-03-02 } }", "event", "reply.later", {"until": "2026-03-02"}),
        ("{ set: { stage: customer, tags: [a, b], company_size: 12 } }", "set", "", {"stage": "customer", "tags": ["a", "b"], "company_size": 12}),
        ("{ task: reached }", "task", "reached", {}),
        ("enter", "enter", "", {}),
        ("{ enter: { holiday: christmas } }", "enter", "", {"holiday": "christmas"}),
    ],
)  # fmt: skip
def test_what_can_happen(entry: str, kind: str, name: str, data: dict[str, Any]) -> None:
    (happening,) = story_of(f"story:\n  - day 1 10:00: {entry}\n").story
    assert (happening.kind, happening.name, happening.data) == (kind, name, data)


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("email a", "email", "a"),
        ("task", "task", None),
        ("task Call Ada", "task", "Call Ada"),
        ("tag mended", "tag", "mended"),
        ("postpone", "postpone", None),
        ("score 10", "score", "10"),
    ],
)
def test_what_can_be_expected(line: str, kind: str, name: str | None) -> None:
    expected = story_of(f"expect:\n  - day 2 10:00: {line}\n").expect
    assert expected is not None
    assert [(one.kind, one.name) for one in expected] == [(kind, name)]


def test_expecting_nothing_is_not_the_same_as_not_expecting() -> None:
    assert story_of("expect: []\n").expect == ()
    assert story_of("story: []\n").expect is None


def test_scoring_and_other_campaigns() -> None:
    story = story_of("name: x\nwith: [farewell, other]\nscoring: off\n")
    assert (story.name, story.others, story.scoring) == ("x", ("farewell", "other"), False)
    assert story_of("{}\n").scoring


@pytest.mark.parametrize("text", ["name: x\n", "- name: x\n", "tests:\n  - name: x\n"])
def test_a_story_file_holds_one_entry_in_any_wrapping(text: str) -> None:
    assert story_of(text).name == "x"


@pytest.mark.parametrize("text", ["", "[", "- name: x\n- name: y\n", "just text", "story: 3\n"])
def test_what_is_no_story_is_a_problem_and_no_crash(text: str) -> None:
    story, problems = load_story(text, "story.yaml", VOCABULARY)
    assert (story is None) == bool(problems)


def test_a_story_is_checked_against_its_campaign() -> None:
    graph = load(HEAD + "steps: [ { email: a } ]\n").graph
    story, problems = load_story("expect: [ { day 1 10:00: email b } ]\n", "story.yaml", VOCABULARY, graph)
    assert story is None
    assert [(p.line, p.column, p.code.value, p.hint) for p in problems] == [
        (1, 26, "unknown-template", "it sends a")
    ]
