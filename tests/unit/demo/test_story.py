"""The cast: everybody's deeds can be done, in a project made from the starter."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from nurture.adapters.folder import ProjectFolder
from nurture.core.duration import parse_duration
from nurture.core.vocabulary import LeadStage
from nurture.demo.setting import new_project
from nurture.demo.story import (
    FIRST_DAY,
    Actor,
    Doing,
    Moment,
    Verb,
    first_deeds,
    load_cast,
    reactions_to,
    webinar_on,
    webinars,
)
from nurture.services.project import Project, load_project
from nurture.services.world import catalog_of

CAST = load_cast()
DEEDS = [(actor, doing) for actor in CAST for doing in actor.does]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = new_project(tmp_path_factory.mktemp("demo") / "project")
    return load_project(ProjectFolder(folder), {})


def name_of(case: object) -> str:
    if isinstance(case, Actor):
        return case.email.partition("@")[0]
    return case.verb.value if isinstance(case, Doing) else ""


def test_the_demos_project_has_no_problem(project: Project) -> None:
    assert project.ok, [str(problem) for problem in project.problems]
    dates = next(field for field in project.settings.forms["webinar"].fields if field.name == "starts_at")
    assert [choice.value for choice in dates.choices] == [starts.isoformat() for starts in webinars()]


def test_there_are_some_thirty_people_who_write_five_languages_in_many_countries() -> None:
    assert 30 <= len(CAST) <= 40
    assert {actor.language for actor in CAST} == {"en", "de", "fr", "da", "ru"}
    assert len({actor.country for actor in CAST}) >= 8
    addresses = [actor.email for actor in CAST] + [actor.really for actor in CAST if actor.really]
    assert Counter(addresses).most_common(1)[0][1] == 1
    assert all(address.endswith(".example") for address in addresses)


def test_the_story_tells_everything_a_campaign_may_meet() -> None:
    assert {doing.verb for _, doing in DEEDS} == set(Verb)
    meant = Counter(doing.meant.intent for _, doing in DEEDS if doing.meant)
    assert set(meant) >= {
        "interested",
        "later",
        "refused",
        "question",
        "unsubscribe",
        "wrong_person",
        "unclear",
    }
    languages = {actor.language for actor, doing in DEEDS if doing.verb is Verb.WRITES}
    assert languages == {"en", "de", "fr", "da", "ru"}


@pytest.mark.parametrize(("actor", "doing"), DEEDS, ids=name_of)
def test_each_deed_comes_after_something_that_can_happen(
    project: Project, actor: Actor, doing: Doing
) -> None:
    trigger = doing.when.trigger
    if trigger is None:
        assert 1 <= doing.when.day <= 120
    elif trigger.startswith("stage "):
        assert trigger.removeprefix("stage ") in tuple(LeadStage)
    else:
        assert trigger in project.known.templates


@pytest.mark.parametrize(("actor", "doing"), DEEDS, ids=name_of)
def test_each_deed_has_what_it_needs(project: Project, actor: Actor, doing: Doing) -> None:
    match doing.verb:
        case Verb.REGISTERS:
            assert webinar_on(doing.value) in webinars()
            assert int(doing.details["stays"]) >= 0
        case Verb.ANSWERS:
            asked = {question.name for question in project.settings.surveys[doing.value].questions}
            assert set(doing.details) <= asked
        case Verb.DOWNLOADS:
            reports = next(
                field for field in project.settings.forms["report"].fields if field.name == "report"
            )
            assert doing.value in {choice.value for choice in reports.choices}
        case Verb.WRITES | Verb.IS_AWAY_UNTIL | Verb.PASSES_ON_TO:
            assert doing.text
        case Verb.SALES:
            assert doing.value in ("qualified", "won")


def test_deeds_are_done_on_the_persons_own_clock(project: Project) -> None:
    world = catalog_of(project)
    kim = next(actor for actor in CAST if actor.name == "Rachel Kim")
    place = world.place_of(dict(kim.fields))
    (first,) = first_deeds(kim, place)
    assert first[0] == datetime(2026, 11, 5, 14, 20, tzinfo=UTC)
    at = datetime(2026, 11, 9, 14, 30, tzinfo=UTC)
    assert [then for then, _ in reactions_to(kim, "webinar_invite", at, place)] == [
        at.replace(hour=15, minute=10)
    ]
    assert reactions_to(kim, "podcast", at, place) == []


def test_the_story_begins_on_a_monday_and_lasts_over_the_holidays() -> None:
    assert FIRST_DAY.weekday() == 0
    assert FIRST_DAY < date(2026, 12, 24) < date(2027, 1, 1) < date.fromordinal(FIRST_DAY.toordinal() + 119)


def test_a_moment_is_a_day_or_a_delay() -> None:
    ada = next(actor for actor in CAST if actor.name == "Ada Whitmore")
    assert ada.does[0].when == Moment(day=1, clock=10 * 60 + 12)
    assert ada.does[1].when == Moment(trigger="webinar_invite", delay=parse_duration("3 hours"))


def test_a_second_project_goes_beside_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [new_project(None) for _ in range(3)] == [
        Path("demo-project"),
        Path("demo-project-2"),
        Path("demo-project-3"),
    ]
