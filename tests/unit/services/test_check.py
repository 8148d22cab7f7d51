"""Everything that is wrong with a project, its own tests and pages included."""

from __future__ import annotations

from nurture.services.check import check_project, fixed_texts
from nurture.services.stories import run_stories
from tests.unit.services.small_project import CAMPAIGN, WELCOME, project


def test_a_sound_project_is_well_and_its_tests_ran() -> None:
    checked = check_project(project())
    assert checked.ok
    assert [outcome.name for outcome in checked.outcomes] == ["two emails"]
    assert checked.as_json() == {"ok": True, "problems": []}


def test_a_failing_test_is_a_problem_at_its_place() -> None:
    text = CAMPAIGN.replace("day 4 10:00: email update", "day 5 10:00: email update")
    (problem,) = check_project(project({"campaigns/report.yaml": text})).problems
    assert (problem.file, problem.line, problem.code) == ("campaigns/report.yaml", 20, "story-failed")
    assert "“day 5 10:00: email update” did not happen" in problem.message
    assert "“day 4 10:00: email update” was not expected" in problem.message


def test_what_a_layout_cannot_hold_is_said() -> None:
    layout = (
        "<html><style>{</style><body>{{ content }}{{ footer }}<style>p { colour: }}</style></body></html>"
    )
    found = check_project(project({"templates/_layout.html": layout, "templates/welcome.md": WELCOME}))
    assert all(problem.file.startswith("templates/") for problem in found.problems)


def test_only_some_files() -> None:
    broken = {
        "campaigns/report.yaml": CAMPAIGN.replace("title", "titel"),
        "templates/update.md": "nothing",
    }
    checked = check_project(project(broken), ["templates/update.md"])
    assert {problem.file for problem in checked.problems} == {"templates/update.md"}


def test_a_campaign_with_errors_is_not_played() -> None:
    assert run_stories(project({"campaigns/report.yaml": CAMPAIGN.replace("title", "titel")})) == []


def test_fixing_writes_ids_and_leaves_the_rest() -> None:
    without = CAMPAIGN.replace("    - id: call\n      task", "    - task")
    texts = {"campaigns/report.yaml": without, "campaigns/other.yaml": CAMPAIGN}
    fixed = fixed_texts(texts)
    assert list(fixed) == ["campaigns/report.yaml"]
    assert project({"campaigns/report.yaml": without}).graphs == {}
    again = project({"campaigns/report.yaml": fixed["campaigns/report.yaml"]})
    assert again.ok, "\n".join(map(str, again.problems))
