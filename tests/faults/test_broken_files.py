"""A broken file never stops the daemon (row U1): the last good version runs on, and the author is told where and what."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.office import CONFIG, COURSE, LETTERS, Office, open_office

PLACE = re.compile(r"^[\w./-]+:(\d+):(\d+): error: \S.{8,}")


def changed(old: str, new: str) -> str:
    assert old in COURSE
    return COURSE.replace(old, new, 1)


BROKEN: dict[str, tuple[int, str | bytes]] = {
    "a tab before a key": (6, changed("  - id: second", "\t- id: second")),
    "a bracket left open": (3, changed("again: always }", "again: always")),
    "a quote left open": (1, changed("title: Course", 'title: "Course')),
    "a colon in a title": (1, changed("title: Course", "title: Trial: 14 days")),
    "an unquoted brace": (10, changed("wait_for: reply.interested", "task: {{ lead.name }}")),
    "a key twice": (3, changed("status: live", "status: live\ntitle: Another")),
    "a merge key": (2, changed("status: live", "<<: { status: live }")),
    "aliases within aliases": (
        12,
        "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30)) + COURSE,
    ),
    "nested too deep": (2, changed("status: live", "about: " + "[" * 300 + "]" * 300)),
    "not a mapping": (1, "- title: Course\n"),
    "an empty file": (1, ""),
    "no steps": (1, COURSE[: COURSE.index("steps:")]),
    "a key nobody knows": (4, changed("steps:", "stpes:\n")),
    "a step without a verb": (6, changed("    email: lesson\n", "")),
    "a step with two verbs": (8, changed("email: lesson", "email: lesson\n    stage: mql")),
    "a duration nobody can read": (8, changed("2 days", "2 dyas")),
    "an event nobody declared": (3, changed("report.downloaded", "report.downlaoded")),
    "a template that is not there": (7, changed("email: lesson", "email: leson")),
    "a goto to nowhere": (12, changed("stop: silence", "goto: nowhere")),
    "two steps of one name": (9, changed("id: answer", "id: second")),
    "a condition that is none": (6, changed("- email: hello", "- email: hello\n    if: lead.country = DE")),
    "a wait without an end": (10, changed("    for: 10 days\n    else: [ { stop: silence } ]\n", "")),
    "not UTF-8": (1, changed("Course", "Kürs").encode("latin-1")),
    "a NUL byte": (1, changed("Course", "Co\0urse")),
    "more than a megabyte": (1, COURSE + "# " + "x" * 1_100_000),
}


@pytest.mark.slow
async def test_the_last_good_version_runs_on_and_the_mended_file_is_taken_up(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for number, (kind, (line, text)) in enumerate(BROKEN.items()):
            await break_and_mend(office, number, kind, line, text)


async def break_and_mend(office: Office, number: int, kind: str, line: int, text: str | bytes) -> None:
    """While the file is broken, those inside get their next mail and new ones come in; mended, it is taken up."""
    before, inside, newcomer = office.app.catalog.campaigns["course"], f"in{number}", f"new{number}"
    await office.downloads(inside)
    await office.look()
    office.write("campaigns/course.yaml", text)
    assert await office.works.reload() == 0, kind
    assert office.app.applied.kept == ("course",), kind
    problems = [one for one in office.app.project.problems if one.severity == "error"]
    assert problems, f"{kind}: nothing is wrong?"
    assert len(set(problems)) == len(problems), kind
    assert problems[0].file == "campaigns/course.yaml", kind
    found = PLACE.match(str(problems[0]))
    assert found, f"{kind}: {problems[0]}"
    assert problems[0].line == line, f"{kind}: {problems[0]}"
    assert office.app.catalog.campaigns["course"] is before or (
        office.app.catalog.campaigns["course"].version == before.version
    ), kind
    await office.downloads(newcomer)
    office.clock.advance_to(office.clock.now() + timedelta(days=2))
    await office.look()
    for name in (inside, newcomer):
        assert [subject for who, subject in office.ledger() if who == name] == ["Hello", "Lesson"], kind
    office.write("campaigns/course.yaml", COURSE + f"# mended {number}\n")
    assert await office.works.reload() == 1, kind
    assert not office.app.project.problems, kind
    assert {row["version"] for row in await office.rows("enrolment", state="active")} == {
        office.app.catalog.campaigns["course"].version
    }, kind


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("config.yaml", CONFIG.replace("timezone: Europe/London", "timezone: Europe/Londn"), r"config\.yaml:5:\d+: error: .*Londn.*Europe/"),
        ("config.yaml", CONFIG + "smpt: { host: x }\n", r"config\.yaml:10:1: error: .*smtp"),
        ("templates/lesson.md", LETTERS["lesson"].replace("{{ lead.name }}", "{{ lead.name }"), r"templates/lesson\.md:4:\d+: error: "),
        ("templates/lesson.md", LETTERS["lesson"].replace("lead.name", "lead.nmae"), r"templates/lesson\.md:4:\d+: error: .*name"),
        ("templates/_layout.html", "<html>{{ nothing }}</html>", r"templates/_layout\.html:\d+:\d+: error: "),
    ],
)  # fmt: skip
async def test_other_broken_files_are_told_with_their_place(
    tmp_path: Path, path: str, text: str, said: str
) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads()
        await office.look()
        before = (tmp_path / path).read_text() if (tmp_path / path).exists() else None
        office.write(path, text)
        await office.works.reload()
        errors = [str(one) for one in office.app.complained]
        assert any(re.match(said, one) for one in errors), errors
        if path != "templates/lesson.md":
            await office.wait(timedelta(days=2))
            assert office.ledger() == [("ada", "Hello"), ("ada", "Lesson")]
        if before is None:
            (tmp_path / path).unlink()
        else:
            office.write(path, before)
        await office.works.reload()
        assert not office.app.complained
        await office.wait(timedelta(days=3))
        assert office.ledger() == [("ada", "Hello"), ("ada", "Lesson")]


async def test_a_folder_nobody_may_read_and_a_link_out_of_the_project_are_told(tmp_path: Path) -> None:
    async with open_office(tmp_path / "project") as office:
        secret = tmp_path / "secret.yaml"
        secret.write_text(COURSE)
        (office.folder / "campaigns" / "other.yaml").symlink_to(secret)
        (office.folder / "campaigns" / "hole.yaml").symlink_to(tmp_path / "nothing")
        (office.folder / "campaigns" / "folder.yaml").mkdir()
        await office.works.reload()
        files = {problem.file for problem in office.app.project.problems}
        assert files >= {"campaigns/other.yaml", "campaigns/hole.yaml"}
        assert list(office.app.catalog.campaigns) == ["course"]
