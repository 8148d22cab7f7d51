"""A database that is newer, damaged, or another daemon's: told in plain words, and nothing is changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from nurture.cli.main import OUTSIDE, main
from tests.faults.office import make_project
from tests.faults.program import Nursery, surroundings

COMMANDS = [
    "run --no-web", "run --once", "run --until-idle", "status", "status --json", "lead list", "lead add eve@b.example",
    "lead show ada@b.example", "lead why ada@b.example", "lead set ada@b.example company=X", "event ada@b.example meeting.held",
    "enrol ada@b.example course", "stop ada@b.example course", "task list", "campaign list", "campaign pause course", "apply", "plan",
    "message list", "suppress add ada@b.example", "suppress list", "reply list", "report replies", "db upgrade", "db status",
]  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a lead in its database."""
    folder = make_project(tmp_path_factory.mktemp("project"))
    assert nurture(folder, "lead add ada@b.example") == 0
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def nurture(folder: Path, words: str) -> int:
    return main(["--project", str(folder), *words.split()])


def fingerprint(folder: Path) -> Mapping[str, str]:
    """Every file's bytes; SQLite's own two beside a file that is open hold nothing when they are empty."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not (path.name.endswith(("-wal", "-shm", ".lock")) and path.stat().st_size in (0, 32768))
    }


def newer(file: Path) -> None:
    """What a later nurture leaves behind."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9001'")
        database.execute("CREATE TABLE telepathy (id INTEGER PRIMARY KEY)")


def no_database(file: Path) -> None:
    file.write_text("Dear diary, this was never a database.\n" * 200)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100_000])


def overwritten(file: Path) -> None:
    octets = bytearray(file.read_bytes())
    octets[4096 : 40 * 4096] = bytes(39 * 4096)
    file.write_bytes(octets)


NEWER = (
    "The database was made by a newer nurture. Install that version, or restore a backup made by this one."
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_newer_database_is_refused_by_every_command_and_left_as_it_is(
    good: Path, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(good, tmp_path, newer)
    before = fingerprint(folder)
    assert nurture(folder, command) == OUTSIDE
    assert capsys.readouterr() == ("", f"nurture: {NEWER}\n")
    assert fingerprint(folder) == before
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("9001",)]
        assert database.execute("SELECT count(*) FROM lead").fetchone() == (1,)


@pytest.mark.parametrize("command", ["check", "schema campaign", "preview course"])
def test_what_needs_no_database_works_beside_a_newer_one(good: Path, tmp_path: Path, command: str) -> None:
    folder = copied(good, tmp_path, newer)
    before = fingerprint(folder)["nurture.db"]
    assert nurture(folder, command) == 0
    assert fingerprint(folder)["nurture.db"] == before


@pytest.mark.parametrize("damage", [no_database, cut_off, overwritten])
@pytest.mark.parametrize("command", ["run --no-web", "status", "lead add eve@b.example", "db status"])
def test_a_damaged_database_is_told_and_kept(
    good: Path,
    tmp_path: Path,
    damage: Callable[[Path], None],
    command: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copied(good, tmp_path, damage)
    before = fingerprint(folder)
    assert nurture(folder, command) == OUTSIDE
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"nurture: the database is damaged, or no database at all \(.*\)\. Keep .* backup.*\n", said
    )
    assert fingerprint(folder) == before


def copied(good: Path, tmp_path: Path, damage: Callable[[Path], None]) -> Path:
    """The good project with its database spoiled."""
    folder = make_project(tmp_path / "project")
    (folder / "nurture.db").write_bytes((good / "nurture.db").read_bytes())
    damage(folder / "nurture.db")
    return folder


# -- two daemons ------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_second_daemon_is_refused_until_the_first_is_dead(tmp_path: Path, nursery: Nursery) -> None:
    folder, environ = make_project(tmp_path / "project"), surroundings()
    first = nursery.start(folder, "run", "--no-web", environ=environ)
    await first.says("nurture runs: 1 live campaign")
    (tmp_path / "link.db").symlink_to(folder / "nurture.db")
    by_a_link = {**environ, "NURTURE_DATABASE__URL": f"sqlite:///{tmp_path / 'link.db'}"}
    for words, where in (("run --no-web", environ), ("run --once", environ), ("run --until-idle", by_a_link)):
        second = nursery.begin(folder, *words.split(), environ=where)
        assert await second.ends() == OUTSIDE
        said = second.said()
        assert f"another daemon is running on this database (process {first.pid})" in said
        assert "for several use PostgreSQL" in said
        assert "nurture runs" not in said, "it never began"
    os.kill(first.pid, 0)
    status = nursery.begin(folder, "status", environ=environ)
    assert await status.ends() == 0, "a look is no daemon"
    await first.killed()
    third = nursery.begin(folder, "run", "--no-web", environ=environ)
    await third.says("nurture runs: 1 live campaign")
    assert str(third.pid) == (folder / "nurture.db.lock").read_text()
    await third.killed()


@pytest.mark.slow
async def test_of_daemons_that_start_at_once_one_runs(tmp_path: Path, nursery: Nursery) -> None:
    folder, environ = make_project(tmp_path / "project"), surroundings()
    programs = [nursery.begin(folder, "run", "--no-web", environ=environ) for _ in range(4)]
    for _ in range(600):
        running = [one for one in programs if "nurture runs" in one.said()]
        refused = [one for one in programs if "another daemon" in one.said()]
        if len(running) == 1 and len(refused) == 3:
            break
        await asyncio.sleep(0.05)
    assert (len(running), len(refused)) == (1, 3), [one.said() for one in programs]
    await running[0].killed()
