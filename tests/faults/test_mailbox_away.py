"""Mail in that is huge, or breaks off, or is no mail at all: every answer is acted on once."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.core.errors import OutsideError
from nurture.demo.servers.imap_server import ImapServer
from nurture.demo.servers.script import Do, Fault, Script
from tests.faults.office import Office, open_office


@asynccontextmanager
async def open_post(folder: Path, *faults: Fault) -> AsyncIterator[tuple[Office, ImapServer]]:
    """An office with a mailbox."""
    async with ImapServer(users={"us": "pw"}, script=Script(faults)) as post:
        account = ImapAccount(
            host="127.0.0.1",
            port=post.port,
            security="none",
            username="us",
            password="pw",
            seconds=2,
            pause_seconds=0,
        )
        mailbox = ImapMailbox(account)
        async with open_office(folder, mailboxes={mailbox.name: mailbox}) as office:
            yield office, post


async def fetch(office: Office) -> None:
    """The daemon looks into the mailbox, and acts on what it finds."""
    for piece in office.works.fetch.values():
        await piece()
    await office.look()


def answer(who: str, text: str, *, more: bytes = b"") -> bytes:
    head = (
        f"From: {who.title()} <{who}@example.org>\r\nTo: hello@us.example\r\nSubject: Re: Hello\r\n"
        f"Message-ID: <{who}.{len(text)}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    return head.encode() + more


async def replies(office: Office) -> list[tuple[int, str]]:
    rows = await office.rows("event")
    return [
        (row["lead_id"], row["type"]) for row in rows if row["type"].startswith(("reply.", "unsubscribed"))
    ]


@pytest.mark.slow
async def test_a_reply_of_50_megabytes_is_understood_and_stops_nothing(tmp_path: Path) -> None:
    async with open_post(tmp_path) as (office, post):
        ada, bob = await office.downloads("ada"), await office.downloads("bob")
        await office.look()
        line = b"> and this is what you wrote, over and over again, with a picture of a pump.\r\n"
        post.put(
            answer("ada", "Yes, I am interested. Please call me.", more=line * (50_000_000 // len(line)))
        )
        post.put(answer("bob", "No thanks, we are not interested."))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await fetch(office)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert await replies(office) == [(ada, "reply.interested"), (bob, "reply.refused")]
        kept = await office.rows("received")
        assert [row["state"] for row in kept] == ["done", "done"]
        assert max(len(row["raw"]) for row in kept) < 1_000_000
        assert grown < 150_000, "the server in this process needs some of it, the engine next to nothing"


@pytest.mark.parametrize("octets", [0, 10, 200, 5_000])
async def test_a_connection_lost_in_the_middle_of_a_mail_is_taken_up_again(
    tmp_path: Path, octets: int
) -> None:
    async with open_post(tmp_path, Fault(at="MAIL", about="2", do=Do.DROP, octets=octets, times=1)) as (
        office,
        post,
    ):
        people = [await office.downloads(name) for name in ("ada", "bob", "eve")]
        for name in ("ada", "bob", "eve"):
            post.put(answer(name, "Yes, I am interested. " + "Please call me, I am in the office. " * 200))
        for _ in range(3):
            await fetch(office)
        assert sorted(await replies(office)) == [(lead, "reply.interested") for lead in people]
        assert len(await office.rows("received")) == 3


async def test_a_server_that_is_away_is_an_outside_trouble_and_loses_nothing(tmp_path: Path) -> None:
    async with open_post(tmp_path, Fault(at="SELECT", do=Do.DROP)) as (office, post):
        ada = await office.downloads("ada")
        post.put(answer("ada", "Yes, I am interested."))
        for _ in range(2):
            with pytest.raises(OutsideError, match=r"us@127\.0\.0\.1/INBOX|127\.0\.0\.1"):
                await fetch(office)
        post.script.clear()
        await fetch(office)
        assert await replies(office) == [(ada, "reply.interested")]


NO_MAIL = {
    "nothing": b"",
    "only line ends": b"\r\n\r\n\r\n",
    "only a head": b"From: ada@example.org",
    "noise": bytes(range(256)) * 40,
    "NULs": b"\0" * 5000,
    "a head without end": b"X-A: b\r\n" * 20_000,
    "deep parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000,
    "message in message": b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "a wrong charset": b"From: ada@example.org\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe yes\r\n",
    "many recipients": b"From: ada@example.org\r\nTo: " + b", ".join(b"a%d@b.example" % n for n in range(20_000)) + b"\r\n\r\nhi\r\n",
}  # fmt: skip


@pytest.mark.slow
async def test_what_is_no_mail_stops_nothing(tmp_path: Path) -> None:
    async with open_post(tmp_path) as (office, post):
        ada = await office.downloads("ada")
        for raw in NO_MAIL.values():
            post.put(raw)
        post.put(answer("ada", "Yes, I am interested. Please call me."))
        for _ in range(4):
            await fetch(office)
        assert (ada, "reply.interested") in await replies(office)
        assert {row["state"] for row in await office.rows("received")} <= {"done", "quarantined"}
        assert len(await office.rows("received")) == len(NO_MAIL) + 1
