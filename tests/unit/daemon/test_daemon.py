"""The daemon's own promises: one per database, errors survived with growing pauses, an orderly stop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from nurture.cli import place
from nurture.core.errors import OutsideError, StoreBusy
from nurture.daemon import runner
from nurture.daemon.health import Health
from nurture.daemon.lock import DaemonLock
from nurture.daemon.loops import Loop, run
from nurture.daemon.works import Works
from nurture.demo.servers.script import Do, Fault
from tests.faults.office import open_office


def now() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def nothing() -> int:
    return 0


async def done() -> None:
    return None


def works(**pieces: Callable[..., Awaitable[Any]]) -> Works:
    async def idle() -> bool:
        return True

    async def report() -> dict[str, int]:
        return {}

    given: dict[str, Any] = {
        "now": now,
        "advance": nothing,
        "deliver": nothing,
        "act": nothing,
        "tell": nothing,
        "bells": nothing,
        "reload": nothing,
        "idle": idle,
        "report": report,
        "start": done,
        "close": done,
    }
    return Works(**{**given, **pieces})


def test_two_daemons_on_one_file_are_refused_and_told_whose(tmp_path: Path) -> None:
    database = tmp_path / "nurture.db"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib\n"
            "from nurture.daemon.lock import DaemonLock\n"
            "with DaemonLock(pathlib.Path(sys.argv[1])):\n"
            "    print('held', flush=True); time.sleep(60)",
            str(database),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusy, match=rf"process {holder.pid}.*PostgreSQL"), DaemonLock(database):
            pass
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with DaemonLock(database):
        pass  # a lock dies with its process, however that died


async def test_a_loop_survives_errors_says_so_and_goes_on() -> None:
    health, stop, rounds = Health(), asyncio.Event(), 0

    async def work() -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise OutsideError("the relay is away")
        stop.set()
        return 1

    going = asyncio.create_task(run(loop := Loop("deliver", work, rest=0.01), stop, health, now))
    await asyncio.sleep(0.05)
    assert health.beats["deliver"].trouble == "OutsideError: the relay is away"
    loop.wake.set()
    await asyncio.wait_for(going, 5)
    assert (rounds, health.beats["deliver"].trouble, health.beats["deliver"].failures) == (2, None, 0)


async def test_a_loop_rests_when_there_is_nothing_and_wakes_at_once() -> None:
    health, stop, rounds = Health(), asyncio.Event(), 0

    async def work() -> int:
        nonlocal rounds
        rounds += 1
        return 0

    loop = Loop("advance", work, rest=60)
    going = asyncio.create_task(run(loop, stop, health, now))
    await asyncio.sleep(0.05)
    assert rounds == 1
    loop.wake.set()
    await asyncio.sleep(0.05)
    assert rounds == 2
    stop.set()
    await asyncio.wait_for(going, 5)


async def test_what_is_in_hand_is_finished_at_a_stop() -> None:
    stop, finished = asyncio.Event(), []

    async def deliver() -> int:
        stop.set()
        await asyncio.sleep(0.2)
        finished.append("sent")
        return 1

    await asyncio.wait_for(runner.run(works(deliver=deliver), web=False, stop=stop), 5)
    assert finished == ["sent"]


async def test_once_goes_round_everything_once_and_closes() -> None:
    seen: list[str] = []

    def piece(name: str) -> Callable[[], Awaitable[int]]:
        async def work() -> int:
            seen.append(name)
            return 0

        return work

    async def close() -> None:
        seen.append("close")

    given = works(
        close=close,
        **{name: piece(name) for name in ("reload", "bells", "act", "advance", "deliver", "tell")},
    )
    given.fetch["inbox"] = piece("fetch")
    await runner.once(given)
    assert seen == ["reload", "bells", "fetch", "act", "advance", "deliver", "advance", "tell", "close"]


async def test_until_idle_goes_on_until_nothing_is_left() -> None:
    left = [3, 2, 1]

    async def advance() -> int:
        return left.pop() if left else 0

    async def idle() -> bool:
        return not left

    assert await runner.until_idle(works(advance=advance, idle=idle)) == {}
    assert left == []


@pytest.mark.slow
def test_sigterm_ends_a_real_process_in_order(tmp_path: Path) -> None:
    script = tmp_path / "daemon.py"
    script.write_text(
        "import asyncio\n"
        "from tests.unit.daemon.test_daemon import works\n"
        "from nurture.daemon import runner\n"
        "async def close():\n"
        "    print('closed', flush=True)\n"
        "async def start():\n"
        "    print('started', flush=True)\n"
        "asyncio.run(runner.run(works(close=close, start=start), web=False))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
    assert "closed" in said
    assert process.wait(10) == 0


async def test_files_are_read_when_they_rest_and_again_after_a_failure() -> None:
    """`looks` is what the files look like each time; None: as they were taken up."""
    looks: list[object] = [None, "half", "whole", "whole", "whole", None, "half", None, "new", "new", None]
    read: list[object] = []
    health, stop = Health(), asyncio.Event()

    def edited() -> object:
        if not looks:
            stop.set()
            return None
        return looks.pop(0)

    async def reload() -> int:
        read.append(looks[0] if looks else None)
        if len(read) == 1:
            raise OutsideError("the disk is full")
        return 1

    given = works(reload=reload)
    given.edited = edited
    loop = runner._files(given)
    loop.rest = 0.001
    going = asyncio.create_task(run(loop, stop, health, now))
    while not going.done():
        loop.wake.set()
        await asyncio.sleep(0.001)
    assert read == ["whole", None, None], "after the failure it was read again; half a file never was"
    assert health.beats["files"].trouble is None


async def test_halt_lets_nothing_new_be_handed_over(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for name in ("ada", "bob"):
            await office.downloads(name)
        while await office.works.advance():
            pass
        office.works.halt()
        assert await office.works.deliver() == 0
        assert office.ledger() == []
        assert await office.states() == {"queued": 2}


async def test_halt_puts_back_what_was_claimed_and_not_begun(tmp_path: Path) -> None:
    async with open_office(tmp_path, Fault(at="DOT", do=Do.SLOW, seconds=0.2)) as office:
        for number in range(12):
            await office.downloads(f"p{number}")
        while await office.works.advance():
            pass
        first = asyncio.Event()
        office.relay.on_accept = lambda mail: first.set()
        delivering = asyncio.create_task(office.works.deliver())
        await first.wait()
        office.works.halt()
        await delivering
        states = await office.states()
        assert states["sent"] == len(office.ledger()) <= office.app.deliverer.connections
        assert states == {"sent": states["sent"], "queued": 12 - states["sent"]}
        assert {row["attempt"] for row in await office.rows("message", state="queued")} == {0}


@pytest.mark.parametrize("halted", [False, True])
async def test_the_runner_halts_before_it_waits(halted: bool) -> None:
    said: list[str] = []
    stop = asyncio.Event()

    async def deliver() -> int:
        stop.set()
        for _ in range(50):
            if "halt" in said:
                return 1
            await asyncio.sleep(0.01)
        said.append("never told")
        return 1

    given = works(deliver=deliver)
    if halted:
        given.halt = lambda: said.append("halt")
    await asyncio.wait_for(runner.run(given, web=False, stop=stop, grace=5), 10)
    assert said == (["halt"] if halted else ["never told"])


async def test_what_hangs_at_a_stop_is_cut_off_after_the_grace() -> None:
    stop, closed = asyncio.Event(), []

    async def deliver() -> int:
        stop.set()
        await asyncio.sleep(3600)
        return 1

    async def close() -> None:
        closed.append("closed")

    began = time.monotonic()
    await runner.run(works(deliver=deliver, close=close), web=False, stop=stop, grace=0.2)
    assert time.monotonic() - began < 3
    assert closed == ["closed"]


def test_the_log_tells_no_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    place.quiet("info")
    password = "".join(["hunt", "er2"])
    try:
        raise ValueError(f"wrong, {len(password)}")
    except ValueError:
        structlog.get_logger("daemon").exception("loop.failed")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" in said.err
    assert "ValueError: wrong, 7" in said.err
    assert "hunter2" not in said.err
    assert len(said.err.splitlines()) < 12
