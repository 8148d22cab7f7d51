"""Edits while leads are in flight, and pauses: nobody is stranded, lost, or mailed twice, and there is no flood."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.store.queries import bells
from tests.faults.office import COURSE, Office, open_office

PEOPLE = [f"p{number}" for number in range(10)]
WITHOUT_ANSWER = (
    COURSE[: COURSE.index("  - id: answer")] + "  - id: last\n    email: goodbye\n    after: 3 days\n"
)
RENAMED = COURSE.replace("id: second", "id: lecture")

DAILY = """\
title: Daily
status: live
enter: { on: report.downloaded }
send: { gap: 1 day, window: "every day 08:00-18:00" }
steps:
  - email: hello
  - { id: second, email: lesson, after: 1 day }
  - { id: third, email: goodbye, after: 1 day }
"""


async def everybody_waits(office: Office) -> None:
    """All have had two letters and stand at `answer`."""
    for name in PEOPLE:
        await office.downloads(name)
    await office.look()
    await office.wait(timedelta(days=2))
    assert {row["step"] for row in await office.rows("enrolment")} == {"answer"}


async def test_a_step_with_leads_in_it_cannot_be_deleted_until_the_file_says_where_they_go(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        await everybody_waits(office)
        version = office.app.catalog.campaigns["course"].version
        office.write("campaigns/course.yaml", WITHOUT_ANSWER)
        await office.works.reload()
        (refused,) = office.app.applied.refused
        assert "10 leads stand in the step answer, which is gone. The last version runs on." in str(refused)
        assert str(refused).startswith("campaigns/course.yaml:")
        assert "moved: { answer: NEW-ID }" in str(refused)
        assert office.app.catalog.campaigns["course"].version == version
        office.write("campaigns/course.yaml", WITHOUT_ANSWER + "moved: { answer: last }\n")
        await office.works.reload()
        assert (office.app.applied.refused, office.app.applied.moved) == ((), len(PEOPLE))
        for _ in range(3):  # taking it up again changes nothing
            await office.works.reload()
        await office.wait(timedelta(days=20))
        letters = ("Hello", "Lesson", "Goodbye")
        assert Counter(office.ledger()) == Counter((name, letter) for name in PEOPLE for letter in letters)
        assert {row["state"] for row in await office.rows("enrolment")} == {"completed"}


async def test_a_renamed_step_mails_nobody_twice(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE[:5]:
            await office.downloads(name)
        await office.look()
        office.write("campaigns/course.yaml", RENAMED)
        await office.works.reload()
        assert "5 leads stand in the step second" in str(office.app.applied.refused[0])
        office.write("campaigns/course.yaml", RENAMED + "moved: { second: lecture }\n")
        await office.works.reload()
        for name in PEOPLE[5:]:
            await office.downloads(name)
        await office.wait(timedelta(days=3))
        office.write("campaigns/course.yaml", RENAMED + "moved: { second: lecture }\n# left in\n")
        await office.works.reload()
        await office.wait(timedelta(days=3))
        assert Counter(office.ledger()) == Counter(
            (name, letter) for name in PEOPLE for letter in ("Hello", "Lesson")
        )


@pytest.mark.parametrize("said", [True, False], ids=["was said", "was not said"])
async def test_a_renamed_file(tmp_path: Path, said: bool) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE:
            await office.downloads(name)
        await office.look()
        (tmp_path / "campaigns" / "course.yaml").unlink()
        office.write("campaigns/lessons.yaml", COURSE + ("was: course\n" if said else ""))
        await office.works.reload()
        runs = await office.rows("enrolment")
        assert {row["campaign"] for row in runs} == {"lessons" if said else "course"}
        assert list(office.app.catalog.campaigns) == ["lessons"]
        await office.downloads("new")
        await office.wait(timedelta(days=20))
        everybody = [*PEOPLE, "new"]
        assert Counter(office.ledger()) == Counter(
            (name, letter) for name in everybody for letter in ("Hello", "Lesson")
        )
        assert {row["state"] for row in await office.rows("enrolment")} == {"stopped"}


async def test_a_deleted_campaign_lets_those_inside_finish_and_nobody_in(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads("ada")
        await office.look()
        (tmp_path / "campaigns" / "course.yaml").unlink()
        await office.works.reload()
        await office.downloads("late")
        await office.wait(timedelta(days=20))
        assert office.ledger() == [("ada", "Hello"), ("ada", "Lesson")]


@pytest.mark.parametrize("scope", ["daily", "everything"])
async def test_a_pause_ends_without_a_flood(tmp_path: Path, scope: str) -> None:
    files = {
        "campaigns/course.yaml": COURSE.replace("status: live", "status: draft"),
        "campaigns/daily.yaml": DAILY,
    }
    async with open_office(tmp_path, files=files) as office:
        for name in PEOPLE:
            await office.downloads(name)
        await office.look()
        async with office.app.store.write() as conn:
            await bells.pause(conn, scope, "the wrong price", office.clock.now())
        await office.wait(timedelta(days=21, hours=11))  # the pause ends in the evening
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        async with office.app.store.write() as conn:
            assert await bells.resume(conn, scope, office.clock.now()) == len(PEOPLE)
        await office.look()
        assert len(office.ledger()) == len(PEOPLE), "20:00 is outside the window"
        for day, letters in (
            (1, ("Hello", "Lesson")),
            (2, ("Hello", "Lesson", "Goodbye")),
            (9, ("Hello", "Lesson", "Goodbye")),
        ):
            await office.wait(timedelta(days=1))
            found = Counter(office.ledger())
            assert found == Counter((name, letter) for name in PEOPLE for letter in letters), f"day {day}"
            sent = [row["sent_at"] for row in await office.rows("message", state="sent")]
            assert all(8 <= at.hour < 18 for at in sent)


async def test_a_letter_that_was_queued_when_the_pause_came_is_held_and_goes_later(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE:
            await office.downloads(name)
        while await office.works.advance():
            pass
        async with office.app.store.write() as conn:
            await bells.pause(conn, "course", "", office.clock.now())
        await office.look()
        assert office.ledger() == []
        assert await office.states() == {"held": len(PEOPLE)}
        await office.wait(timedelta(days=5))
        assert office.ledger() == []
        async with office.app.store.write() as conn:
            await bells.resume(conn, "course", office.clock.now())
        await office.look()
        for name in (
            PEOPLE
        ):  # the second was due two days after the first was planned, and nothing limits this campaign
            assert [letter for who, letter in office.ledger() if who == name] == ["Hello", "Lesson"]


async def test_a_campaign_paused_in_its_file_holds_and_goes_on(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE:
            await office.downloads(name)
        await office.look()
        office.write("campaigns/course.yaml", COURSE.replace("status: live", "status: paused"))
        await office.works.reload()
        await office.downloads("late")
        await office.wait(timedelta(days=10))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        office.write("campaigns/course.yaml", COURSE)
        await office.works.reload()
        await office.wait(timedelta(days=1))
        assert Counter(office.ledger()) == Counter(
            (name, letter) for name in PEOPLE for letter in ("Hello", "Lesson")
        )
