"""SIGTERM while the outside world dawdles: the end comes in time, nothing is lost, nothing goes twice after it."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from nurture.demo.servers.imap_server import ImapServer
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.wiring import open_app
from tests.faults.office import CONFIG, Office, make_project
from tests.faults.program import Nursery, surroundings, until

pytestmark = pytest.mark.slow
PEOPLE = [f"p{number}" for number in range(12)]
GRACE = 1.5
"""Instead of the thirty seconds."""
CONNECTIONS = 4


async def project_with_people(folder: Path, **files: str) -> Path:
    """Everybody has downloaded; no daemon has run yet."""
    make_project(folder, files)
    app = await open_app(folder, {})
    try:
        office = Office(folder, SmtpServer(), app.clock, app)  # type: ignore[arg-type]
        for name in PEOPLE:
            await office.downloads(name)
    finally:
        await app.close()
    return folder


def states(folder: Path) -> Counter[str]:
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        return Counter(state for (state,) in database.execute("SELECT state FROM message"))


@pytest.mark.parametrize(
    ("how", "accept"),
    [
        pytest.param(signal.SIGTERM, True, id="it has the letters"),
        pytest.param(signal.SIGTERM, False, id="it has them not"),
        pytest.param(signal.SIGINT, True, id="Ctrl-C"),
    ],
)
async def test_a_relay_that_does_not_answer_to_the_dot(
    tmp_path: Path, nursery: Nursery, how: signal.Signals, accept: bool
) -> None:
    folder = await project_with_people(tmp_path / "project")
    silent = Fault(at="DOT", do=Do.HANG, accept=accept)
    async with SmtpServer(script=Script([silent])) as relay:
        environ = surroundings(relay.port)
        daemon = nursery.begin(folder, "run", "--no-web", environ=environ, grace=GRACE)
        await until(lambda: states(folder)["handing_over"] == CONNECTIONS)
        began = time.monotonic()
        daemon.send(how)
        assert await daemon.ends(20) == 0
        assert GRACE <= time.monotonic() - began < GRACE + 3
        assert "daemon.cut_off" in daemon.said()
        left = states(folder)
        assert left["handing_over"] + left["in_doubt"] == CONNECTIONS
        assert left["queued"] + left["claimed"] == len(PEOPLE) - CONNECTIONS
        taken = len(relay.accepted)
        assert taken == (CONNECTIONS if accept else 0)
        relay.script.clear()
        again = nursery.begin(folder, "run", "--until-idle", environ=environ)
        assert await again.ends() == 0, again.said()
        assert states(folder) == {"in_doubt": CONNECTIONS, "sent": len(PEOPLE) - CONNECTIONS}
        got = Counter(to for mail in relay.accepted for to in mail.recipients)
        assert max(got.values()) == 1
        assert len(got) == len(PEOPLE) - (0 if accept else CONNECTIONS)


@pytest.mark.parametrize("at", ["CONNECT", "DATA"])
async def test_a_relay_that_hangs_before_the_dot_leaves_no_doubt(
    tmp_path: Path, nursery: Nursery, at: str
) -> None:
    folder = await project_with_people(tmp_path / "project")
    async with SmtpServer(script=Script([Fault(at=at, do=Do.HANG)])) as relay:
        environ = surroundings(relay.port)
        daemon = nursery.begin(folder, "run", "--no-web", environ=environ, grace=GRACE)
        await until(lambda: relay.connections >= CONNECTIONS)
        began = time.monotonic()
        daemon.send(signal.SIGTERM)
        assert await daemon.ends(20) == 0
        assert time.monotonic() - began < GRACE + 3
        assert set(states(folder)) <= {"queued", "claimed"}
        relay.script.clear()
        again = nursery.begin(folder, "run", "--until-idle", environ=environ)
        assert await again.ends() == 0, again.said()
        assert states(folder) == {"sent": len(PEOPLE)}
        assert Counter(to for mail in relay.accepted for to in mail.recipients) == Counter(
            f"{name}@example.org" for name in PEOPLE
        )


async def test_a_mailbox_that_hangs_does_not_hold_up_the_end(tmp_path: Path, nursery: Nursery) -> None:
    async with ImapServer(users={"us": "pw"}, script=Script([Fault(at="SELECT", do=Do.HANG)])) as post:
        inbox = f"inbox: [{{ kind: imap, host: 127.0.0.1, port: {post.port}, security: none, username: us, password: pw }}]\n"
        folder = make_project(tmp_path / "project", {"config.yaml": CONFIG + inbox})
        daemon = nursery.begin(folder, "run", "--no-web", environ=surroundings(), grace=GRACE)
        await until(lambda: post.connections >= 1)
        await daemon.says("nurture runs")
        await asyncio.sleep(0.5)
        began = time.monotonic()
        daemon.send(signal.SIGTERM)
        assert await daemon.ends(30) == 0, daemon.said()
        assert time.monotonic() - began < GRACE + 3
