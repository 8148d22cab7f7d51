"""The relay refuses, hangs, vanishes in the middle of a campaign, and comes back: everybody gets everything, once."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.demo.servers.script import Do, Fault
from nurture.demo.servers.smtp_server import Accepted, SmtpServer
from nurture.services.deliver import DOUBTS_IN_A_ROW
from tests.faults.office import Office, letter, open_office

PEOPLE = [f"p{number}" for number in range(12)]


async def everybody_downloads(office: Office) -> None:
    for name in PEOPLE:
        await office.downloads(name)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(at="CONNECT", do=Do.SAY, answer="554 5.3.2 we are closed"), id="lets nobody in"),
        pytest.param(Fault(at="CONNECT", do=Do.HANG), id="never says hello"),
        pytest.param(Fault(at="MAIL", do=Do.SAY, answer="451 4.3.2 come back later"), id="wants to be asked later"),
        pytest.param(Fault(at="MAIL", do=Do.HANG), id="falls silent at the sender"),
        pytest.param(Fault(at="DATA", do=Do.DROP), id="hangs up at the letter"),
        pytest.param(Fault(at="BODY", do=Do.DROP, octets=40, skip=5), id="hangs up in the sixth letter"),
        pytest.param(Fault(at="DOT", do=Do.SAY, answer="452 4.3.1 no space", skip=3), id="is full after three"),
    ],
)  # fmt: skip
async def test_what_the_relay_did_not_take_goes_out_when_it_is_back(tmp_path: Path, fault: Fault) -> None:
    async with open_office(tmp_path, fault) as office:
        await everybody_downloads(office)
        await office.look()
        for _ in range(3):
            await office.wait(timedelta(minutes=20))
        states = await office.states()
        assert states.get("failed", 0) == states.get("in_doubt", 0) == 0
        assert states.get("sent", 0) == len(office.ledger()) < len(PEOPLE)
        office.relay.script.clear()
        await office.wait(timedelta(days=1), every=timedelta(minutes=30))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        await office.wait(timedelta(days=2))
        assert Counter(office.ledger()) == Counter(
            (name, letter) for name in PEOPLE for letter in ("Hello", "Lesson")
        )


async def test_a_relay_that_vanishes_in_the_middle_and_comes_back_on_its_port(tmp_path: Path) -> None:
    ledger: list[tuple[str, str]] = []
    gone = asyncio.Event()

    def keep(mail: Accepted) -> None:
        ledger.append((mail.recipients[0].split("@")[0], str(letter(mail.raw)["Subject"])))
        if len(ledger) >= 5:
            gone.set()

    async with open_office(tmp_path, Fault(at="DOT", do=Do.SLOW, seconds=0.02)) as office:
        port, office.relay.on_accept = office.relay.port, keep
        await everybody_downloads(office)
        looking = asyncio.create_task(office.look())
        await gone.wait()
        await office.relay.__aexit__()
        await looking
        assert 5 <= len(ledger) < len(PEOPLE)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        await office.wait(timedelta(hours=1), every=timedelta(minutes=10))
        before = await office.states()
        assert before.get("in_doubt", 0) <= 2, "one letter a connection may have been under way"
        async with SmtpServer(port, on_accept=keep):
            await office.wait(timedelta(hours=6), every=timedelta(minutes=10))
            after = await office.states()
        await office.relay.__aenter__()  # for the one that closes it
    assert after == {"sent": len(PEOPLE)}, "doubt is settled by the policy, and counts as sent"
    assert max(Counter(ledger).values()) == 1
    assert len(ledger) >= len(PEOPLE) - before.get("in_doubt", 0)


async def test_an_address_that_does_not_exist_stops_nobody_else(tmp_path: Path) -> None:
    refuses = Fault(at="RCPT", do=Do.SAY, answer="550 5.1.1 no such user", about="p3@*")
    async with open_office(tmp_path, refuses) as office:
        await everybody_downloads(office)
        await office.wait(timedelta(days=3))
        others = [name for name in PEOPLE if name != "p3"]
        assert Counter(office.ledger()) == Counter(
            (name, mail) for name in others for mail in ("Hello", "Lesson")
        )
        assert await office.states() == {"sent": 2 * len(others), "failed": 1}
        (told,) = await office.tasks()
        assert "p3@example.org" in told


async def test_a_relay_that_takes_letters_and_never_answers_leaves_little_in_doubt(tmp_path: Path) -> None:
    silent = Fault(at="DOT", do=Do.HANG, accept=True)
    async with open_office(tmp_path, silent) as office:
        await everybody_downloads(office)
        await office.look()
        assert (await office.states())["in_doubt"] <= 2 * DOUBTS_IN_A_ROW
        put_back = await office.rows("message", state="queued")
        assert put_back
        assert {(row["attempt"], row["first_tried_at"]) for row in put_back} == {(0, None)}, "none was tried"
        await office.wait(timedelta(minutes=4))
        assert (await office.states())["in_doubt"] <= 2 * DOUBTS_IN_A_ROW, "it is left alone for a while"
        office.relay.script.clear()
        await office.wait(timedelta(hours=3), every=timedelta(minutes=10))
        assert Counter(office.ledger()) == Counter((name, "Hello") for name in PEOPLE)
        assert await office.states() == {"sent": len(PEOPLE)}
