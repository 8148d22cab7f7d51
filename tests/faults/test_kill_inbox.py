"""kill -9 at random while answers are read: every answer is acted on once, and none is lost."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from nurture.demo.servers.imap_server import ImapServer
from nurture.wiring import open_app
from tests.faults.office import CONFIG, Office, make_project
from tests.faults.program import Nursery, surroundings, until
from tests.faults.test_mailbox_away import answer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
PEOPLE = [f"p{number}" for number in range(60)]
KILLS = 6
SAYS = [
    "Yes, I am interested. Please call me.",
    "No thanks, we are not interested.",
    "How much does it cost?",
]


def count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        return int(database.execute(query).fetchone()[0])


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "nurture.db")) as database:
        return database.execute(query).fetchall()


async def test_killed_at_random_while_reading(tmp_path: Path, nursery: Nursery) -> None:
    dice = random.Random(5)
    async with ImapServer(users={"us": "pw"}) as post:
        inbox = f"inbox: [{{ kind: imap, host: 127.0.0.1, port: {post.port}, security: none, username: us, password: pw }}]\n"
        folder = make_project(tmp_path / "project", {"config.yaml": CONFIG + inbox})
        app = await open_app(folder, {}, mailboxes={})
        office = Office(folder, None, app.clock, app)  # type: ignore[arg-type]
        for name in PEOPLE:
            await office.downloads(name)
        await app.close()
        for number, name in enumerate(PEOPLE):
            post.put(answer(name, SAYS[number % 3]))
        for _ in range(KILLS):
            daemon = nursery.begin(folder, "run", "--no-web", environ=surroundings())
            done = count(folder, "SELECT count(*) FROM received WHERE state = 'done'")
            if dice.random() < 0.5:
                await until(
                    lambda done=done: (
                        count(folder, "SELECT count(*) FROM received WHERE state = 'done'") > done
                    )  # type: ignore[misc]
                )
            await asyncio.sleep(dice.random() * 0.4)
            await daemon.killed()
        left = len(PEOPLE) - count(folder, "SELECT count(*) FROM received WHERE state = 'done'")
        assert 0 < left < len(PEOPLE), "they were killed at work"
        last = nursery.begin(folder, "run", "--until-idle", environ=surroundings())
        assert await last.ends(90) == 0, last.said()
    assert Counter(rows(folder, "SELECT state FROM received")) == {("done",): len(PEOPLE)}
    said = rows(
        folder, "SELECT email, type FROM event JOIN lead ON lead.id = lead_id WHERE type LIKE 'reply.%'"
    )
    expected = ("reply.interested", "reply.refused", "reply.question")
    assert Counter(said) == Counter(
        (f"{name}@example.org", expected[number % 3]) for number, name in enumerate(PEOPLE)
    )
