"""The disk is full: sending stops before the dot, the reason is said, nobody is lost, and it goes on when there is space."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nurture.adapters.journal import FileJournal
from nurture.core.errors import OutsideError
from nurture.ports import HandOver
from nurture.store import engine
from tests.faults.office import Office, open_office

PEOPLE = [f"p{number}" for number in range(12)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


async def look_once(office: Office) -> str:
    """One look of the daemon, and what it says of the outside world."""
    with capture_logs() as log:
        try:
            await office.look()
        except OutsideError as trouble:
            return str(trouble)
    return " ".join(str(line.get("why", "")) for line in log)


async def add_leads_until_it_fails(office: Office) -> str:
    try:
        for number in range(200):
            await office.downloads(f"late{number}")
    except OutsideError as trouble:
        return str(trouble)
    return "all went well"


@pytest.mark.parametrize("left", [0, 30_000, 60_000, 90_000])
async def test_a_full_disk_stops_sending_and_loses_nobody(small_disk: Path, left: int) -> None:
    async with open_office(small_disk) as office:
        for name in PEOPLE:
            await office.downloads(name)
        filler = small_disk / "filler"
        fill(small_disk, filler, left)
        said = [await look_once(office) for _ in range(3)]
        said.append(await add_leads_until_it_fails(office))
        said += [await look_once(office) for _ in range(3)]
        assert "disk is full" in said[-1], said
        assert "disk is full" in said[3], "whoever adds a lead that cannot be kept is told"
        assert max(Counter(office.ledger()).values(), default=0) <= 1
        filler.unlink()
        await office.wait(timedelta(hours=2), every=timedelta(minutes=5))
        known = [row["email"].split("@")[0] for row in await office.rows("lead")]
        assert set(PEOPLE) <= set(known)
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in known)
        assert set(await office.states()) == {"sent"}


def fill(disk: Path, file: Path, left: int) -> None:
    """Write until only `left` bytes are free."""
    with file.open("wb", buffering=0) as full:
        while (free := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize) > left:
            try:
                full.write(b"x" * min(4096, free))
            except OSError:
                return


@contextmanager
def no_file_grows_beyond(octets: int) -> Iterator[None]:
    """What a quota does: a write beyond it fails, in the middle of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_a_journal_that_cannot_be_written_stops_sending_before_the_dot(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE:
            await office.downloads(name)
        while await office.works.advance():
            pass
        journal = office.app.deliverer.marker.journal
        assert isinstance(journal, FileJournal)
        journal.path = tmp_path / "no such folder" / "journal"
        assert "No such file" in await look_once(office)
        assert office.ledger() == []
        journal.path.parent.mkdir()
        await office.wait(timedelta(hours=1), every=timedelta(minutes=5))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)


async def test_half_a_line_is_taken_back_and_swallows_no_other(tmp_path: Path) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    first, second, third = (HandOver(send_key=f"{n}|run|step|letter|", attempt=1, at=now) for n in (1, 2, 3))
    journal = FileJournal(tmp_path / "journal")
    await journal.note([first])
    kept = journal.path.read_bytes()
    with no_file_grows_beyond(len(kept) + 20), pytest.raises(OSError, match="too large"):
        await journal.note([second])
    assert journal.path.read_bytes() == kept
    journal.path.write_bytes(kept + b"2026-03-02T09:00")  # a crash in the middle of a line
    await journal.note([third])
    assert journal.read(now) == [first, third]


async def test_a_database_that_may_not_grow_is_a_full_disk_for_those_who_may_not_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        for name in PEOPLE:
            await office.downloads(name)
        store = office.app.store
        async with store.read() as conn:
            pages = int((await conn.exec_driver_sql("PRAGMA page_count")).scalar() or 0)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_PRAGMAS", (*engine._PRAGMAS, f"PRAGMA max_page_count={pages + 4}"))
            await store.engine.dispose()
            said = [await look_once(office) for _ in range(3)]
            said.append(await add_leads_until_it_fails(office))
            assert "disk is full" in said[3]
            assert max(Counter(office.ledger()).values(), default=0) <= 1
        await store.engine.dispose()
        await office.wait(timedelta(hours=2), every=timedelta(minutes=5))
        known = [row["email"].split("@")[0] for row in await office.rows("lead")]
        assert set(PEOPLE) <= set(known)
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in known)
        assert set(await office.states()) == {"sent"}


async def test_a_disk_that_became_read_only_is_said_and_nothing_goes_twice(small_disk: Path) -> None:
    async with open_office(small_disk) as office:
        for name in PEOPLE:
            await office.downloads(name)
        while await office.works.advance():
            pass
        await office.app.store.engine.dispose()
        remount(small_disk, "ro")
        assert re.search("readonly|read-only|unable to open", await look_once(office))
        assert office.ledger() == []
        remount(small_disk, "rw")
        await office.app.store.engine.dispose()
        await office.wait(timedelta(hours=2), every=timedelta(minutes=5))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True, capture_output=True)
