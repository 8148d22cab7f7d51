"""Stories on a virtual clock: what is told, and what a story may say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nurture.language.stories import Story, load_story
from nurture.services.project import Project
from nurture.services.simulate import Simulation, simulate
from nurture.services.stories import run_story
from tests.unit.services.small_project import CAMPAIGN, CONFIG, project

LEAD = "lead: { email: ada@example.org, name: Ada, country: GB }\nstart: monday 10:00\n"
DOWNLOAD = "  - day 1 10:00: { report.downloaded: { report: Pumps } }\n"


def story(found: Project, text: str) -> Story:
    made, problems = load_story(text, "story.yaml", found.settings.vocabulary(), found.graphs["report"])
    assert made is not None, "\n".join(map(str, problems))
    return made


def play(lines: str, found: Project | None = None, head: str = LEAD) -> Simulation:
    found = found or project()
    return simulate(found, "report", story(found, f"{head}story:\n{DOWNLOAD}{lines}"))


def told(played: Simulation, *, without: Sequence[str] = ("score",)) -> list[str]:
    return [
        f"day {played.day_of(one.at)} {one.at:%H:%M} {one.kind} {one.name}"
        for one in played.timeline
        if one.kind not in without
    ]


BEGIN = ["day 1 10:00 stage nurturing", "day 1 10:00 email welcome"]


@pytest.mark.parametrize(
    ("lines", "then"),
    [
        ("", ["day 4 10:00 email update"]),
        ("  - day 2 10:00: unsubscribed\n", ["day 2 10:00 stop suppressed"]),
        ("  - day 2 10:00: { set: { stage: sql } }\n", ["day 2 10:00 stop stage"]),
        ("  - day 2 10:00: { set: { name: Grace } }\n", ["day 4 10:00 email update"]),
        (
            "  - day 2 10:00: reply.interested\n",
            ["day 2 10:00 stage mql", "day 2 10:00 task Call Ada"],
        ),
        (
            "  - day 2 10:00: reply.interested\n  - day 3 09:00: { task: reached }\n",
            ["day 2 10:00 stage mql", "day 2 10:00 task Call Ada", "day 3 09:00 tag reached"],
        ),
        (
            "  - day 2 10:00: reply.interested\n  - day 2 10:00: { task: not_reached }\n",
            ["day 2 10:00 stage mql", "day 2 10:00 task Call Ada", "day 2 10:00 tag missed"],
        ),
        ("  - day 2 10:00: { reply.refused: { reason: budget } }\n", ["day 2 10:00 refuse budget", "day 2 10:00 stop stage"]),
        ("  - day 2 10:00: { reply.later: { until: 2026-03-02 } }\n", ["day 2 10:00 postpone 2026-03-02", "day 2 10:00 stop stage", "day 50 09:00 reopen later"]),
    ],
)  # fmt: skip
def test_what_may_happen(lines: str, then: list[str]) -> None:
    assert told(play(lines)) == [*BEGIN, *then]


def test_a_field_set_by_hand_is_seen_by_what_follows() -> None:
    lines = "  - day 2 09:00: { set: { name: Grace } }\n  - day 2 10:00: reply.interested\n"
    assert "day 2 10:00 task Call Grace" in told(play(lines))


def test_points_only_for_what_the_story_names_and_none_when_switched_off() -> None:
    assert play("").final.score < 10, "ten points, faded since"
    assert play("  - day 1 11:00: webinar.attended\n").timeline[-2].kind != "email"
    off = play("", head=LEAD + "scoring: off\n")
    assert off.final.score == 0
    assert not [one for one in off.timeline if one.kind == "score"]


def test_a_warm_lead_cools_once_and_the_story_ends() -> None:
    config = CONFIG.replace("webinar.attended: 25", "webinar.attended: 40")
    played = play("  - day 1 11:00: webinar.attended\n", project({"config.yaml": config}))
    assert played.final.temperature == "cold"


def test_named_temperature_holds_where_no_points_say_otherwise() -> None:
    played = play("  - day 2 11:00: score.hot\n", head=LEAD + "scoring: off\n")
    assert played.final.temperature == "hot"


def test_the_relay_answers_at_once() -> None:
    text = CAMPAIGN.replace(
        "  - id: news\n",
        "  - id: gone\n    wait_for: email.sent\n    for: 30 days\n    since: entry\n  - id: news\n",
    )
    played = play("", project({"campaigns/report.yaml": text}))
    assert "day 4 10:00 email update" in told(played)


def test_others_take_part_only_when_asked() -> None:
    other = (
        "title: Bye\nstatus: draft\nenter: { on: lead.refused }\nstages: [refused]\n"
        "steps:\n  - email: update\n    after: 1 day\n"
    )
    found = project({"campaigns/bye.yaml": other})
    refusal = "  - day 2 10:00: { reply.refused: { reason: need } }\n"
    assert "day 3 10:00 email update" not in told(play(refusal, found))
    assert "day 3 10:00 email update" in told(play(refusal, found, LEAD + "with: [bye]\n"))


def test_limits_over_all_campaigns_do_not_count() -> None:
    found = project({"config.yaml": CONFIG + "send: { limit: 1 per month, gap: 10 days }\n"})
    assert "day 4 10:00 email update" in told(play("", found))


BOUNCE = "  - day 2 10:00: { email.bounced: { hard: true } }\n"


@pytest.mark.parametrize(
    ("lines", "reached"),
    [
        ("", False),
        ("  - day 3 10:00: { set: { name: Grace } }\n", False),
        ("  - day 3 10:00: { set: { email: ada@home.example } }\n", True),
        (
            "  - day 3 10:00: { set: { email: ada@home.example } }\n"
            "  - day 3 11:00: { set: { email: ada@example.org } }\n",
            False,
        ),
    ],
)
def test_another_address_makes_a_lead_reachable_again(lines: str, reached: bool) -> None:
    assert ("day 4 10:00 email update" in told(play(BOUNCE + lines))) is reached


def test_a_task_that_is_not_open_is_told() -> None:
    assert [note.word for note in play("  - day 2 10:00: { task: done }\n").notes] == ["no_task"]


def test_the_shape_of_the_answer() -> None:
    played = play("")
    shape = played.as_json()
    assert shape["final"] == {
        "stage": "nurturing",
        "temperature": "cold",
        "score": played.final.score,
        "state": "completed",
        "step": None,
    }
    first = next(one for one in shape["timeline"] if one["kind"] == "email")
    assert first | {"because": ""} == {
        "at": "2026-01-12T10:00+00:00",
        "kind": "email",
        "name": "welcome",
        "step": "welcome",
        "because": "",
        "campaign": "report",
    }
    assert first["because"]


def test_times_have_the_leads_own_offset() -> None:
    head = LEAD.replace("GB", "JP").replace("monday 10:00", "2026-07-06 10:00")
    assert play("", head=head).timeline[0].at.isoformat() == "2026-07-06T10:00:00+09:00"


def test_whoever_never_comes_in() -> None:
    found = project()
    played = simulate(found, "report", story(found, LEAD + "story:\n  - day 1 10:00: page.viewed\n"))
    assert not played.timeline
    assert (played.final.state, played.final.step) == (None, None)


# -- expectations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "missing", "unexpected"),
    [
        ("[{day 1 10:00: email welcome}, {day 4 10:00: email update}]", [], []),
        ("[{day 1 10:00: email welcome}]", [], ["day 4 10:00: email update"]),
        ("[]", [], ["day 1 10:00: email welcome", "day 4 10:00: email update"]),
        (
            "[{day 1 10:00: email welcome}, {day 4 11:00: email update}]",
            ["day 4 11:00: email update"],
            ["day 4 10:00: email update"],
        ),
        (
            "[{day 1 10:00: email welcome}, {day 4 10:00: email update}, {day 4 10:00: task}]",
            ["day 4 10:00: task"],
            [],
        ),
        (
            "[{day 1 10:00: stage mql}, {day 1 10:00: email welcome}, {day 4 10:00: email update}]",
            ["day 1 10:00: stage mql"],
            [],
        ),
    ],
)
def test_every_email_is_expected_and_the_effects_one_names(
    expect: str, missing: list[str], unexpected: list[str]
) -> None:
    found = project()
    lines = expect[1:-1].replace("}, {", "}\n  - {")
    block = f"expect:\n  - {lines}\n" if lines else "expect: []\n"
    outcome = run_story(found, "report", story(found, f"{LEAD}story:\n{DOWNLOAD}{block}"))
    assert (list(outcome.missing), list(outcome.unexpected)) == (missing, unexpected)
    assert outcome.ok is not bool(missing or unexpected)


def test_two_of_a_kind_are_two() -> None:
    found = project()
    lines = "  - day 2 10:00: reply.interested\n"
    expect = "expect:\n  - day 1 10:00: email welcome\n  - day 2 10:00: task\n  - day 2 10:00: task Call\n"
    outcome = run_story(found, "report", story(found, f"{LEAD}story:\n{DOWNLOAD}{lines}{expect}"))
    assert outcome.missing == ("day 2 10:00: task Call",)
