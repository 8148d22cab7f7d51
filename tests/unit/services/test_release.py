"""Letters a pause held go on as emails do: through the gates, under window, limits and gap."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture.services.record import record
from nurture.store.queries import bells, leads
from tests.faults.office import CONFIG, COURSE, Office, open_office

DAILY = """\
title: Daily
status: live
enter: { on: report.downloaded }
send: { gap: 1 day, window: "every day 08:00-18:00" }
steps:
  - email: hello
  - { id: second, email: lesson, after: 1 day }
"""
OTHER = (
    DAILY.replace("gap: 1 day, ", "").replace("email: hello", "email: goodbye").split("  - { id: second")[0]
)
SERVICE = "title: S\nstatus: live\nenter: { on: report.downloaded }\nsteps:\n  - { email: goodbye, service: asked }\n"
DRAFT = COURSE.replace("status: live", "status: draft")


def files(**more: str) -> dict[str, str]:
    return {
        "campaigns/course.yaml": DRAFT,
        "campaigns/daily.yaml": DAILY,
        **{f"campaigns/{name}.yaml": text for name, text in more.items()},
    }


async def hold(office: Office, scope: str = "everything") -> None:
    """Ada's letters are queued; the pause comes before they are handed over, and lasts five days."""
    await office.downloads()
    while await office.works.advance():
        pass
    async with office.app.store.write() as conn:
        await bells.pause(conn, scope, "the wrong price", office.clock.now())
    await office.look()
    await office.wait(timedelta(days=5))
    assert office.ledger() == []


async def resume(office: Office, scope: str = "everything") -> None:
    async with office.app.store.write() as conn:
        await bells.resume(conn, scope, office.clock.now())
    await office.look()


async def day_by_day(office: Office, days: int) -> list[list[str]]:
    """What Ada has had today, and after each further day."""
    seen = [[subject for _, subject in office.ledger()]]
    for _ in range(days):
        await office.wait(timedelta(days=1))
        seen.append([subject for _, subject in office.ledger()])
    return seen


@pytest.mark.parametrize("scope", ["daily", "everything"])
async def test_the_next_letter_keeps_its_gap_to_the_held_one(tmp_path: Path, scope: str) -> None:
    async with open_office(tmp_path, files=files()) as office:
        await hold(office, scope)
        await resume(office, scope)
        assert await day_by_day(office, 2) == [["Hello"], ["Hello", "Lesson"], ["Hello", "Lesson"]]


async def test_held_letters_of_several_campaigns_keep_the_limits_over_all(tmp_path: Path) -> None:
    config = CONFIG.replace("limit: []", "limit: 1 per day")
    several = files(other=OTHER)
    async with open_office(tmp_path, files=several) as office:  # one a day would have held the second back
        await hold(office)
        office.write("config.yaml", config)
        for name, text in several.items():
            office.write(name, text.replace("title:", "title: New", 1))
        await office.works.reload()
        await resume(office)
        seen = await day_by_day(office, 3)
        assert [len(letters) for letters in seen] == [1, 2, 3, 3]
        assert sorted(seen[-1]) == ["Goodbye", "Hello", "Lesson"]


async def test_the_window_is_asked_again(tmp_path: Path) -> None:
    async with open_office(tmp_path, files=files()) as office:
        await hold(office)
        office.clock.advance_to(office.clock.now() + timedelta(hours=11))
        await resume(office)
        assert office.ledger() == [], "20:00 is outside the window"
        assert await day_by_day(office, 2) == [[], ["Hello"], ["Hello", "Lesson"]]
        sent = [row["sent_at"] for row in await office.rows("message", state="sent")]
        assert all(8 <= at.hour < 18 for at in sent)


async def test_a_gate_that_closed_meanwhile_keeps_the_letter(tmp_path: Path) -> None:
    async with open_office(tmp_path, files=files()) as office:
        await hold(office)
        async with office.app.store.write() as conn:
            await leads.mark_bounced(conn, "ada@example.org", "hard", office.clock.now())
        await resume(office)
        assert await day_by_day(office, 3) == [[]] * 4
        (held,) = await office.rows("message")
        assert (held["state"], held["why"]) == ("withdrawn", "no_address")
        assert [row["word"] for row in await office.rows("trace", step="hello")] == ["no_address"]


async def test_a_letter_whose_run_ends_before_it_goes_is_withdrawn(tmp_path: Path) -> None:
    async with open_office(tmp_path, files=files()) as office:
        await hold(office)
        office.clock.advance_to(office.clock.now() + timedelta(hours=11))
        await resume(office)
        async with office.app.store.write() as conn:
            now = office.clock.now()
            await record(conn, 1, "deal.won", {}, now=now, secret=office.app.secret)
        await office.look()
        assert [row["state"] for row in await office.rows("message")] == ["withdrawn"]
        assert await day_by_day(office, 2) == [[]] * 3


async def test_one_pause_of_two_holds_on(tmp_path: Path) -> None:
    async with open_office(tmp_path, files=files()) as office:
        await hold(office)
        async with office.app.store.write() as conn:
            await bells.pause(conn, "daily", "", office.clock.now())
        await resume(office)
        assert await day_by_day(office, 1) == [[], []]
        await resume(office, "daily")
        assert await day_by_day(office, 1) == [["Hello"], ["Hello", "Lesson"]]


async def test_what_the_person_asked_for_goes_at_once(tmp_path: Path) -> None:
    async with open_office(
        tmp_path, files={"campaigns/course.yaml": DRAFT, "campaigns/s.yaml": SERVICE}
    ) as office:
        await hold(office)
        await resume(office)
        assert await day_by_day(office, 0) == [["Goodbye"]]
