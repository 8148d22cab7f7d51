"""kill -9 at random while emails go out: nobody is mailed twice, nobody is lost, what is in doubt is bounded."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.services.record import find_or_add_lead, record
from nurture.store.engine import open_store
from nurture.store.tables import Row
from nurture.wiring import open_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]
LEADS, KILLS, CONNECTIONS = 80, 6, 4
MESSAGE = Row.metadata.tables["message"]


def project(folder: Path) -> Path:
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
    return folder


async def fill(folder: Path) -> None:
    """So many people ask for the report; the daemon has not run yet."""
    app = await open_app(folder, {})
    now = datetime.now(UTC)
    async with app.store.write() as conn:
        for number in range(LEADS):
            fields = {"email": f"lead{number}@example.org", "country": "GB"}
            lead_id, _ = await find_or_add_lead(conn, fields, now=now, secret=app.secret)
            await record(conn, lead_id, "report.downloaded", {"report": "Pumps"}, now=now, secret=app.secret)
    await app.close()


async def daemon(folder: Path, port: int, *more: str) -> asyncio.subprocess.Process:
    environ = {
        **os.environ,
        "NURTURE_SMTP__HOST": "127.0.0.1",
        "NURTURE_SMTP__PORT": str(port),
        "NURTURE_SMTP__SECURITY": "none",
        "NURTURE_SMTP__CONNECTIONS": str(CONNECTIONS),
    }
    command = (sys.executable, "-m", "nurture", "--project", str(folder), "run", "--no-web", *more)
    quiet = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*command, env=environ, stdout=quiet, stderr=quiet)


async def states(folder: Path) -> Counter[str]:
    store = open_store(f"sqlite:///{folder / 'nurture.db'}")
    async with store.read() as conn:
        found = Counter((await conn.scalars(select(MESSAGE.c.state))).all())
    await store.close()
    return found


async def test_killed_at_random_while_delivering(tmp_path: Path) -> None:
    folder, dice = project(tmp_path), random.Random(7)
    await fill(folder)
    slow = Fault(at="DOT", do=Do.SLOW, seconds=0.15)
    async with SmtpServer(script=Script([slow])) as relay:
        killed = 0
        for _ in range(KILLS):
            before = len(relay.accepted)
            process = await daemon(folder, relay.port)
            for _ in range(1200):  # until it delivers, whatever the machine is busy with
                if len(relay.accepted) > before or process.returncode is not None:
                    break
                await asyncio.sleep(0.05)
            await asyncio.sleep(dice.random() * 0.3)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            await process.wait()
            if (
                killed >= KILLS
                or sum((await states(folder)).values()) == (await states(folder))["sent"] == LEADS
            ):
                break
        relay.script.clear()
        last = await daemon(folder, relay.port, "--until-idle")
        assert await asyncio.wait_for(last.wait(), 120) == 0
        ledger = Counter(to for mail in relay.accepted for to in mail.recipients)
    after = await states(folder)
    assert killed >= 3
    assert max(ledger.values()) == 1, "somebody was mailed twice"
    assert set(after) <= {"sent", "in_doubt"}, f"something was lost on the way: {after}"
    assert sum(after.values()) == LEADS
    assert after["in_doubt"] <= killed * CONNECTIONS
    assert len(ledger) >= after["sent"], "something counts as sent that the relay never took"


async def test_sigterm_while_delivering_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    folder = project(tmp_path)
    await fill(folder)
    async with SmtpServer(script=Script([Fault(at="DOT", do=Do.SLOW, seconds=0.3)])) as relay:
        process = await daemon(folder, relay.port)
        for _ in range(1200):
            if len(relay.accepted) > 5:
                break
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 40) == 0
        after = await states(folder)
        assert after["in_doubt"] == after["handing_over"] == 0
        assert after["sent"] == len(relay.accepted)
