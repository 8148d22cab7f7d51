"""A project is read whole, whatever is wrong with its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.adapters.folder import ProjectFolder
from nurture.ports import Unreadable
from nurture.services.project import company_values, load_project
from nurture.services.world import catalog_of, language_of
from tests.unit.services.small_project import CAMPAIGN, CONFIG, FILES, WELCOME, project, write


def said(found: object) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, str(one.code)) for one in found.problems]  # type: ignore[attr-defined]


def test_a_sound_project() -> None:
    found = project()
    assert found.ok
    assert not found.problems
    assert list(found.graphs) == ["report"]
    assert [story.name for story in found.stories["report"]] == ["two emails"]
    assert found.templates.names() == ("update", "welcome")
    assert found.templates.locales("welcome") == (None, "de")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"config.yaml": CONFIG.replace("timezone", "time_zone")}, ("config.yaml", 5, "unknown-key")),
        ({"config.yaml": Unreadable(path="config.yaml", why="is not UTF-8 text")}, ("config.yaml", 1, "encoding")),
        ({"campaigns/report.yaml": CAMPAIGN.replace("after: 3 days", "after: 3 dais")}, ("campaigns/report.yaml", 11, "grammar")),
        ({"campaigns/report.yaml": CAMPAIGN.replace("email: update", "email: upgrade")}, ("campaigns/report.yaml", 10, "unknown-template")),
        ({"campaigns/report.yml": CAMPAIGN}, ("campaigns/report.yml", 1, "conflict")),
        ({"campaigns/other.yaml": Unreadable(path="campaigns/other.yaml", why="is bigger than 1 MB")}, ("campaigns/other.yaml", 1, "too-large")),
        ({"templates/welcome.md": WELCOME.replace("subject:", "subjet:")}, ("templates/welcome.md", 2, "unknown-key")),
        ({"templates/welcome.md": WELCOME.replace("lead.first_name }}", "lead.firstname }}")}, ("templates/welcome.md", 4, "unknown-field")),
        ({"templates/welcome.md": WELCOME.replace("entry.report", "company.nmae")}, ("templates/welcome.md", 2, "unknown-field")),
        ({"templates/no name.md": WELCOME}, ("templates/no name.md", 1, "template")),
        ({"templates/_layout.html": "<p>{{ content }}</p>"}, ("templates/_layout.html", 1, "layout")),
    ],
)  # fmt: skip
def test_each_problem_has_its_place(changes: dict[str, str], place: tuple[str, int, str]) -> None:
    found = project(changes)
    assert not found.ok
    assert place in said(found)


def test_all_problems_of_all_files_come_together_in_order() -> None:
    found = project(
        {
            "config.yaml": CONFIG.replace("timezone", "time_zone"),
            "campaigns/report.yaml": CAMPAIGN.replace("title", "titel"),
            "templates/update.md": "no front matter",
        }
    )
    files = [one.file for one in found.problems]
    assert {"config.yaml", "campaigns/report.yaml", "templates/update.md"} <= set(files)
    assert list(found.problems) == sorted(found.problems)


def test_a_broken_config_hides_what_only_it_could_tell_and_lets_nothing_run() -> None:
    uses_own_field = CAMPAIGN.replace("    after: 3 days", "    after: 3 days\n    if: lead.pumps >= 10")
    found = project({"config.yaml": CONFIG + "sned: {}\n", "campaigns/report.yaml": uses_own_field})
    assert [one.file for one in found.problems] == ["config.yaml"]
    assert not found.config_ok
    assert not found.graphs
    assert project({"campaigns/report.yaml": uses_own_field}).ok


def test_without_any_file_the_defaults_hold() -> None:
    found = project(dict.fromkeys(FILES))
    assert found.ok
    assert found.settings.company.timezone == "UTC"
    assert not found.graphs


def test_mjml_is_said_to_be_missing_once(tmp_path: Path) -> None:
    folder = write(tmp_path, {"templates/update.md": None, "templates/update.mjml": "<mjml></mjml>"})
    problems = load_project(ProjectFolder(folder), {}).problems
    assert [(one.file, one.line, one.column, one.code) for one in problems] == [
        ("templates/update.mjml", 1, 1, "not-yet")
    ]


def test_limits_and_gap_over_all_campaigns_reach_every_graph() -> None:
    found = project({"config.yaml": CONFIG + "send: { limit: 2 per week, gap: 1 day, consent: given }\n"})
    send = found.graphs["report"].send
    assert [str(limit) for limit in send.overall] == ["2 per week"]
    assert (str(send.overall_gap), send.gap) == ("1 day", None)
    assert send.consent == "given"


def test_where_leads_live_and_who_is_theirs() -> None:
    world = catalog_of(project())
    assert world.place_of({"country": "GB"}).zone.key == "Europe/London"
    assert world.place_of({"country": "GB", "timezone": "Asia/Tokyo"}).zone.key == "Asia/Tokyo"
    assert world.place_of({}).zone.key == "Europe/Berlin"
    assert world.owner_of("ANNA@pumpwerk.example")["first_name"] == "Anna"
    assert world.owner_of(None)["name"] == "Pumpwerk"


@pytest.mark.parametrize(
    ("fields", "language"),
    [({"language": "de-AT"}, "de-AT"), ({"country": "FR"}, "fr"), ({"country": "XX"}, "en"), ({}, "en")],
)
def test_the_language_of_a_lead(fields: dict[str, str], language: str) -> None:
    assert language_of(project().settings, fields) == language


def test_templates_may_ask_for_everything_the_company_has() -> None:
    names = company_values(project().settings)
    body = "".join(f"{{% if company.{name} %}}{{{{ company.{name} }}}}{{% endif %}}" for name in names)
    assert project({"templates/update.md": f"---\nsubject: x\n---\n{body}\n"}).ok


@given(st.text(max_size=200), st.sampled_from(sorted(FILES)))
@settings(max_examples=60, deadline=None)
def test_no_text_makes_it_raise(text: str, path: str) -> None:
    found = project({path: text})
    assert all(one.line >= 1 and one.column >= 1 for one in found.problems)
