"""A clock that was wrong for a while: no bell waits for a day that was never, and `status` says what it knows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.adapters.clock import VirtualClock
from nurture.daemon.works import works_of
from nurture.services.status import status_of
from nurture.wiring import open_app
from tests.faults.office import NOW, Office, open_office, quick_mailer

AHEAD = [timedelta(hours=1), timedelta(days=1), timedelta(days=400)]


async def set_back(office: Office, by: timedelta) -> None:
    """The program starts again, the clock put right."""
    port = office.relay.port
    right = office.clock.now() - by
    await office.app.close()
    office.clock = VirtualClock(right)
    office.app = await open_app(
        office.folder, {}, clock=office.clock, mailer=quick_mailer(port), mailboxes={}
    )
    office.works = works_of(office.app)


async def alive(office: Office) -> bool:
    async with office.app.store.read() as conn:
        told = await status_of(conn, office.clock.now())
    return bool(told["daemon"]["alive"])


@pytest.mark.parametrize("by", AHEAD)
async def test_after_the_clock_is_put_right_bells_ring_and_nobody_is_mailed_twice(
    tmp_path: Path, by: timedelta
) -> None:
    async with open_office(tmp_path, now=NOW + by) as office:
        await office.downloads("ada")
        await office.works.bells()
        await office.look()
        assert await alive(office)
        await set_back(office, by)
        assert not await alive(office), "a beat that lies ahead says nothing"
        assert await office.works.bells() > 0
        assert await alive(office)
        await office.downloads("bob")
        await office.wait(timedelta(days=3))
        got = Counter(office.ledger())
        assert max(got.values()) == 1
        assert {("bob", "Hello"), ("bob", "Lesson"), ("ada", "Hello")} <= set(got)


@pytest.mark.parametrize("days", [3, 400])
async def test_a_clock_that_jumps_ahead_is_no_flood_and_nothing_goes_twice(tmp_path: Path, days: int) -> None:
    async with open_office(tmp_path) as office:
        for name in ("ada", "bob"):
            await office.downloads(name)
        await office.look()
        office.clock.advance_to(office.clock.now() + timedelta(days=days))
        await office.works.bells()
        for _ in range(3):
            await office.look()
        # After 400 days the wait behind the lesson is over as well, and with it the run: its letters are taken back.
        more = ["Hello", "Lesson"] if days == 3 else ["Hello"]
        assert Counter(office.ledger()) == Counter((name, mail) for name in ("ada", "bob") for mail in more)
        assert set(await office.states()) <= {"sent", "withdrawn"}
