"""Files edited under a running daemon: a valid edit is taken up in a moment, a broken one is told with its place."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.office import CONFIG, COURSE, LETTERS, make_project
from tests.faults.program import Nursery, Program, surroundings

TAKEN_UP = r"apply\.taken_up +campaign=course"
SECONDS = 10
"""What is seen comes within a second or two on a machine that does nothing else."""


def save(path: Path, text: str) -> None:
    """As most editors do: a new file put in the place of the old one."""
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    os.replace(beside, path)


async def says_anew(daemon: Program, before: str, pattern: str) -> str:
    """Wait for something it had not said `before`; answers all it has said by then."""
    for _ in range(SECONDS * 50):
        said = daemon.said()
        if re.search(pattern, said[len(before) :]):
            return said
        await asyncio.sleep(0.02)
    raise AssertionError(f"it never said {pattern!r} after that: {daemon.said()[len(before) :]}")


@pytest.mark.slow
async def test_valid_edits_are_taken_up_and_broken_ones_told(tmp_path: Path, nursery: Nursery) -> None:
    folder, environ = make_project(tmp_path / "project"), surroundings()
    course = folder / "campaigns" / "course.yaml"
    daemon = nursery.start(folder, "run", "--no-web", environ=environ)
    said = await daemon.says("nurture runs: 1 live campaign")

    def running() -> str:
        """The title in the text that runs."""
        with closing(sqlite3.connect(folder / "nurture.db")) as database:
            (text,) = database.execute("SELECT text FROM version WHERE current").fetchone()
        return str(text).splitlines()[0]

    save(course, COURSE.replace("Course", "Course 2"))
    said = await says_anew(daemon, said, TAKEN_UP)
    assert running() == "title: Course 2"

    course.write_text(COURSE.replace("email: lesson", "email: leson"))  # as others do: written in place
    said = await says_anew(daemon, said, r"project\.problem")
    assert re.search(r"place=campaigns/course\.yaml:7:12\b", said)
    assert re.search(r"did you mean lesson\?.*There is no template leson", said)
    assert running() == "title: Course 2", "the last good version runs on"

    course.write_text(COURSE.replace("email: lesson", "email: [lesson"))
    said = await says_anew(daemon, said, r"place=campaigns/course\.yaml:7:\d+\b")
    assert running() == "title: Course 2"

    course.write_text(COURSE.replace("Course", "Course 3"))
    said = await says_anew(daemon, said, TAKEN_UP)
    assert re.search(r"project\.mended +file=campaigns/course\.yaml", said)
    assert running() == "title: Course 3"
    os.kill(daemon.pid, 0)
    daemon.send(signal.SIGTERM)
    assert await daemon.ends() == 0
    assert "Traceback" not in daemon.said()


@pytest.mark.slow
async def test_other_files_new_files_and_files_that_go(tmp_path: Path, nursery: Nursery) -> None:
    folder, environ = make_project(tmp_path / "project"), surroundings()
    daemon = nursery.begin(folder, "run", "--no-web", environ=environ)
    said = await daemon.says("nurture runs: 1 live campaign")

    save(folder / "config.yaml", CONFIG.replace("Europe/London", "Europe/Londn"))
    said = await says_anew(daemon, said, r"place=config\.yaml:5:\d+\b")
    (folder / "config.yaml").write_bytes(CONFIG.replace("1 Street", "1 Stra\xdfe").encode("latin-1"))
    said = await says_anew(daemon, said, r"place=config\.yaml:4:\d+\b")
    save(folder / "config.yaml", CONFIG)
    said = await says_anew(daemon, said, r"project\.mended +file=config\.yaml")

    save(folder / "templates" / "lesson.md", LETTERS["lesson"].replace("lead.name", "lead.nmae"))
    said = await says_anew(daemon, said, r"place=templates/lesson\.md:4:\d+\b")
    save(folder / "templates" / "lesson.md", LETTERS["lesson"])
    said = await says_anew(daemon, said, r"project\.mended +file=templates/lesson\.md")

    save(folder / "campaigns" / "second.yaml", COURSE.replace("Course", "Second"))
    said = await says_anew(daemon, said, r"apply\.taken_up +campaign=second")
    (folder / "campaigns" / "second.yaml").unlink()
    said = await says_anew(daemon, said, r"apply\.retired +campaign=second")
    (folder / "campaigns").rename(folder / "moved away")
    (folder / "moved away").rename(folder / "campaigns")
    save(folder / "campaigns" / "third.yaml", COURSE.replace("Course", "Third"))
    said = await says_anew(daemon, said, r"apply\.taken_up +campaign=third")
    daemon.send(signal.SIGTERM)
    assert await daemon.ends() == 0
    assert "Traceback" not in daemon.said()
