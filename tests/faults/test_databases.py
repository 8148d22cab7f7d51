"""A database that is newer, damaged, or another daemon's: told in plain words, and nothing is changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.cli.main import OUTSIDE, main
from nurture.core.errors import OutsideError
from nurture.demo.servers.script import Do, Fault
from nurture.store import engine
from tests.faults.office import make_project, open_office
from tests.faults.program import Nursery, surroundings, until

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


# -- the file under a daemon ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "deleted"])
async def test_a_daemon_ends_when_its_file_is_another_one(
    good: Path, tmp_path: Path, nursery: Nursery, replaced: bool
) -> None:
    folder = make_project(tmp_path / "project")
    backup = tmp_path / "backup.db"
    backup.write_bytes((good / "nurture.db").read_bytes())
    daemon = nursery.begin(folder, "run", "--no-web", environ=surroundings())
    await daemon.says("nurture runs")
    if replaced:
        backup.replace(folder / "nurture.db")
    else:
        (folder / "nurture.db").unlink()
    assert await daemon.ends(15) == OUTSIDE
    assert "was deleted or replaced while the daemon ran on it" in daemon.said()


@pytest.mark.slow
async def test_a_database_that_was_half_made_or_half_brought_up_to_date_is_finished(
    tmp_path: Path, nursery: Nursery
) -> None:
    folder, environ, dice = make_project(tmp_path / "project"), surroundings(), random.Random(11)
    for number in range(8):
        if number % 4 == 0:
            for file in folder.glob("nurture.db*"):
                file.unlink()
        upgrade = nursery.begin(folder, "db", "upgrade", environ=environ)
        await asyncio.sleep(0.1 + dice.random() * 0.3)
        await upgrade.killed()
        again = nursery.begin(folder, "lead", "list", environ=environ)
        assert await again.ends() == 0, again.said()
        with closing(sqlite3.connect(folder / "nurture.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("SELECT count(*) FROM project").fetchone() == (1,)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes, and takes its time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits for a lock for an instant, not ten seconds."""
    pragmas = [pragma for pragma in engine._PRAGMAS if "busy_timeout" not in pragma]
    monkeypatch.setattr(engine, "_PRAGMAS", (*pragmas, "PRAGMA busy_timeout=100"))


@pytest.mark.usefixtures("impatient")
async def test_a_database_locked_by_a_backup_costs_time_and_no_letter(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        people = [f"p{number}" for number in range(6)]
        for name in people:
            await office.downloads(name)
        with locked(tmp_path / "nurture.db"):
            for piece in (office.works.advance, office.works.bells):
                with pytest.raises(OutsideError, match="locked"):
                    await piece()
        while await office.works.advance():
            pass
        with locked(tmp_path / "nurture.db"), pytest.raises(OutsideError, match="locked"):
            await office.works.deliver()
        await office.look()
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in people)


@pytest.mark.usefixtures("impatient")
async def test_a_lock_between_the_letter_and_the_dot_sends_no_dot(tmp_path: Path) -> None:
    async with open_office(tmp_path, Fault(at="DATA", do=Do.SLOW, seconds=0.3)) as office:
        people = [f"p{number}" for number in range(6)]
        for name in people:
            await office.downloads(name)
        while await office.works.advance():
            pass
        delivering = asyncio.create_task(office.works.deliver())
        await until(lambda: "DATA" in office.relay.commands)
        with locked(tmp_path / "nurture.db"):
            await asyncio.sleep(1)
            assert office.ledger() == [], "what cannot be marked is not sent"
        await delivering
        await office.wait(timedelta(hours=1), every=timedelta(minutes=5))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in people)
        assert await office.states() == {"sent": len(people)}
