"""Nothing to do costs nothing: with letters held back the daemon looks, and writes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nurture.store.engine import Store
from tests.faults.office import LETTERS, Office, open_office

ONLY_FOR_SOME = LETTERS["lesson"].replace("this is", "{{ lead.company }} and")


@asynccontextmanager
async def writing_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Every transaction that may write, while the `with` lasts."""
    begun: list[str] = []
    write = Store.write

    @asynccontextmanager
    async def counted(self: Store) -> AsyncIterator[Any]:
        begun.append("write")
        async with write(self) as conn:
            yield conn

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", counted)
        yield begun


async def test_with_a_letter_held_and_another_behind_it_the_daemon_sleeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "templates/lesson.md": ONLY_FOR_SOME,
        "campaigns/course.yaml": "title: Course\nstatus: live\nenter: { on: report.downloaded }\n"
        "steps: [ { email: lesson }, { email: goodbye, after: 1 day } ]\n",
    }
    async with open_office(tmp_path, files=files) as office:
        await office.downloads("ada")
        await office.look()
        await office.wait(timedelta(days=2))
        assert await office.states() == {"held": 1, "queued": 1}, "the goodbye waits for the lesson"
        async with writing_counted(office, monkeypatch) as begun:
            for _ in range(3):
                await office.look()
        assert begun == []
        assert await office.works.idle()
        office.write("templates/lesson.md", LETTERS["lesson"])
        await office.works.reload()
        await office.look()
        await office.look()
        assert office.ledger() == [("ada", "Lesson"), ("ada", "Goodbye")]


async def test_with_letters_for_tomorrow_the_daemon_sleeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        await office.downloads("ada")
        await office.look()
        async with writing_counted(office, monkeypatch) as begun:
            await office.look()
        assert begun == []


async def test_a_letter_that_was_held_for_a_week_has_its_days_of_trying_before_it(tmp_path: Path) -> None:
    files = {"templates/hello.md": ONLY_FOR_SOME}
    async with open_office(tmp_path, files=files) as office:
        await office.downloads("ada")
        await office.wait(timedelta(days=7))
        assert (await office.states())["held"] >= 1
        office.write("templates/hello.md", LETTERS["hello"])
        await office.works.reload()
        office.relay.script.add(later := _later())
        await office.look()
        assert await office.states() == {"deferred": 1, "queued": 1}, f"one {later.answer} is no end"
        office.relay.script.clear()
        await office.wait(timedelta(hours=3), every=timedelta(minutes=20))
        assert office.ledger()[0] == ("ada", "Hello")


def _later() -> Any:
    from nurture.demo.servers.script import Do, Fault

    return Fault(at="RCPT", do=Do.SAY, answer="450 4.7.1 greylisted, try again", times=1)
