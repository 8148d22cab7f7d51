"""Reading a mailbox over IMAP: nothing lost, nothing deleted, whatever the connection does."""

from __future__ import annotations

import asyncio
import logging
import ssl

import pytest

from nurture.adapters.imap import KEYWORD, ImapAccount, ImapMailbox
from nurture.adapters.imap_idle import idle
from nurture.core.errors import OutsideError, UsageError
from nurture.demo.servers.imap_server import ImapServer
from nurture.demo.servers.script import Do, Fault, Script
from nurture.ports import Fetched, LoginRefused, MailboxLost, Position

Authority = dict[str, ssl.SSLContext]


def mail(number: int, size: int = 0) -> bytes:
    return f"Subject: mail {number}\r\n\r\nHello {number}\r\n".encode() + b"x" * size


def account_at(server: ImapServer, **more: object) -> ImapAccount:
    usual = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "demo",
        "password": "demo",
    }
    return ImapAccount(**{**usual, "seconds": 5, "pause_seconds": 0, **more})  # type: ignore[arg-type]


async def read(box: ImapMailbox, position: Position | None = None) -> list[Fetched]:
    return [one async for one in box.poll(position)]


def subjects(found: list[Fetched]) -> list[str]:
    return [one.raw.split(b"\r\n")[0].decode().removeprefix("Subject: ") for one in found]


async def test_every_mail_once_in_order_and_then_only_the_new() -> None:
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        assert await read(box) == []
        for number in range(1, 131):
            server.put(mail(number))
        found = await read(box)
        assert subjects(found) == [f"mail {n}" for n in range(1, 131)]
        assert [one.position for one in found] == [Position(1000, n) for n in range(1, 131)]
        assert found[0].raw == mail(1)
        assert (found[0].size, found[0].truncated, found[0].flags) == (len(mail(1)), False, frozenset())
        assert await read(box, found[-1].position) == []
        server.put(mail(131))
        assert subjects(await read(box, found[-1].position)) == ["mail 131"]
        assert subjects(await read(box, Position(1000, 129))) == ["mail 130", "mail 131"]
        assert server.connections == 1
        await box.close()


async def test_who_does_not_want_the_old_mail_starts_at_the_end() -> None:
    async with ImapServer() as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server))
        position = await box.end()
        assert position == Position(1000, 1)
        server.put(mail(2))
        assert subjects(await read(box, position)) == ["mail 2"]
        await box.close()


async def test_reading_changes_nothing_in_the_mailbox() -> None:
    async with ImapServer() as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server, done="nothing"))
        (one,) = await read(box)
        await box.done(one)
        assert server.folder().mails[0].flags == set()
        assert "EXAMINE" in server.commands
        assert "SELECT" not in server.commands
        await box.close()


@pytest.mark.parametrize(
    ("done", "without", "flags", "inbox", "moved"),
    [
        ("seen", (), {"\\Seen"}, 1, 0),
        ("flag", (), {KEYWORD}, 1, 0),
        ("move", (), None, 0, 1),
        ("move", ("MOVE",), {"\\Seen"}, 1, 1),
        ("nothing", (), set(), 1, 0),
    ],
)
async def test_a_mail_dealt_with_is_marked_as_wished_and_never_deleted(
    done: str, without: tuple[str, ...], flags: set[str] | None, inbox: int, moved: int
) -> None:
    async with ImapServer(without=without) as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server, done=done, move_to="Nurture/Read"))
        (one,) = await read(box)
        await box.done(one)
        await box.done(one)
        assert len(server.folder().mails) == inbox
        if flags is not None:
            assert server.folder().mails[0].flags == flags
        account = server.accounts["demo"]
        assert (
            len(account.folders["Nurture/Read"].mails if "Nurture/Read" in account.folders else []) == moved
        )
        assert not {"EXPUNGE", "UID EXPUNGE", "CLOSE"} & set(server.commands)
        await box.close()


async def test_a_mail_that_has_gone_is_no_trouble() -> None:
    async with ImapServer() as server:
        for number in (1, 2, 3):
            server.put(mail(number))
        box = ImapMailbox(account_at(server))
        found = []
        async for one in box.poll(None):
            found.append(one)
            if len(found) == 1:
                server.folder().remove([server.folder().mails[0]])
                await box.done(one)
        assert len(found) == 3
        assert subjects(await read(box)) == ["mail 2", "mail 3"]
        await box.close()


async def test_a_connection_lost_in_mid_mail_is_taken_up_where_it_broke() -> None:
    script = Script([Fault(at="MAIL", about="7", do=Do.DROP, octets=60, times=1)])
    async with ImapServer(script=script) as server:
        for number in range(1, 11):
            server.put(mail(number, size=300))
        box = ImapMailbox(account_at(server))
        assert subjects(await read(box)) == [f"mail {n}" for n in range(1, 11)]
        assert server.connections == 2
        await box.close()


@pytest.mark.parametrize("at", ["SELECT", "SEARCH", "FETCH", "MAIL"])
@pytest.mark.parametrize("do", [Do.DROP, Do.HALF, Do.GARBLE])
async def test_a_connection_lost_anywhere_is_taken_up(at: str, do: Do) -> None:
    script = Script([Fault(at=at, do=do, answer="* what is this", times=1)])
    async with ImapServer(script=script) as server:
        for number in (1, 2, 3):
            server.put(mail(number))
        box = ImapMailbox(account_at(server))
        assert subjects(await read(box)) == ["mail 1", "mail 2", "mail 3"]
        await box.close()


async def test_a_server_restarted_between_two_polls_is_no_trouble() -> None:
    async with ImapServer() as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server))
        (one,) = await read(box)
        server.hang_up()
        server.put(mail(2))
        assert subjects(await read(box, one.position)) == ["mail 2"]
        server.hang_up()
        await box.done(one)
        assert server.folder().mails[0].flags == {"\\Seen"}
        await box.close()


async def test_a_mail_at_which_it_always_breaks_comes_in_part_or_is_named() -> None:
    async with ImapServer() as server:
        for number in (1, 2, 3):
            server.put(mail(number, size=500_000))
        server.script.add(Fault(at="MAIL", about="2", do=Do.DROP, octets=100, times=3))
        box = ImapMailbox(account_at(server))
        found = await read(box)
        assert [one.truncated for one in found] == [False, True, False]
        assert len(found[1].raw) == 256_000
        server.script.add(Fault(at="MAIL", about="2", do=Do.DROP, octets=100))
        poll = box.poll(None)
        assert subjects([await anext(poll)]) == ["mail 1"]
        with pytest.raises(MailboxLost):
            await anext(poll)
        await box.close()


async def test_a_new_uidvalidity_means_reading_everything_again() -> None:
    async with ImapServer() as server:
        for number in (1, 2, 3):
            server.put(mail(number))
        box = ImapMailbox(account_at(server))
        found = await read(box)
        server.change_uidvalidity(2000)
        server.put(mail(4))
        again = await read(box, found[-1].position)
        assert subjects(again) == ["mail 1", "mail 2", "mail 3", "mail 4"]
        assert {one.position.uidvalidity for one in again} == {2000}
        await box.done(found[0])  # numbered in the old way: touches nothing
        assert all(kept.flags == set() for kept in server.folder().mails)
        await box.close()


async def test_a_huge_mail_is_fetched_only_at_its_beginning() -> None:
    async with ImapServer() as server:
        server.put(mail(1))
        server.put(mail(2, size=50_000_000))
        server.put(mail(3))
        box = ImapMailbox(account_at(server))
        found = await read(box)
        assert subjects(found) == ["mail 1", "mail 2", "mail 3"]
        big = found[1]
        assert (len(big.raw), big.truncated, big.size) == (256_000, True, len(mail(2)) + 50_000_000)
        assert not found[2].truncated
        await box.close()


@pytest.mark.parametrize(
    ("password", "faults", "kind"),
    [
        ("wr0ng-secret", [], LoginRefused),
        (
            "demo",
            [Fault(at="LOGIN", do=Do.SAY, answer="NO [AUTHENTICATIONFAILED] demo is wrong")],
            LoginRefused,
        ),
        ("demo", [Fault(at="LOGIN", do=Do.SAY, answer="NO [UNAVAILABLE] database is down")], MailboxLost),
        ("demo", [Fault(at="LOGIN", do=Do.DROP)], MailboxLost),
        ("demo", [Fault(at="CONNECT", do=Do.DROP)], MailboxLost),
        ("demo", [Fault(at="CONNECT", do=Do.SAY, answer="BYE too many connections")], OutsideError),
        ("demo", [Fault(at="SELECT", do=Do.HANG)], MailboxLost),
    ],
)
async def test_a_mailbox_that_can_not_be_opened_says_why(
    password: str, faults: list[Fault], kind: type[OutsideError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ImapServer(script=Script(faults)) as server:
        server.put(mail(1))
        account = account_at(server, password=password, seconds=0.5)
        box = ImapMailbox(account)
        with pytest.raises(kind) as failure:
            await read(box)
        assert "demo@127.0.0.1/INBOX" in str(failure.value)
        assert "wr0ng-secret" not in f"{failure.value} {account!r} {caplog.text}"
        server.script.clear()
        if password == "demo":
            assert subjects(await read(box)) == ["mail 1"]
        await box.close()


async def test_a_folder_that_is_not_there_is_told_with_those_that_are() -> None:
    async with ImapServer() as server:
        server.folder("Replies")
        box = ImapMailbox(account_at(server, folder="Answers"))
        with pytest.raises(OutsideError, match=r"There are: INBOX, Replies"):
            await read(box)
        await box.close()


async def test_a_server_that_is_not_there() -> None:
    async with ImapServer() as server:
        account = account_at(server)
    with pytest.raises(MailboxLost):
        await read(ImapMailbox(account))


async def test_a_cancelled_poll_ends_at_once_and_the_next_one_works() -> None:
    async with ImapServer(script=Script([Fault(at="SEARCH", do=Do.HANG, times=1)])) as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server, seconds=30))
        task = asyncio.create_task(read(box))
        await asyncio.sleep(0.3)
        assert server.commands[-1] == "UID SEARCH"
        task.cancel()
        async with asyncio.timeout(2):
            await asyncio.gather(task, return_exceptions=True)
            assert subjects(await read(box)) == ["mail 1"]
        await box.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_inside_tls(here: Authority, elsewhere: Authority, security: str) -> None:
    tls = {"starttls": here["server"]} if security == "starttls" else {"tls": here["server"]}
    async with ImapServer(**tls) as server:
        server.put(mail(1))
        box = ImapMailbox(account_at(server, security=security, tls=here["client"]))
        assert subjects(await read(box)) == ["mail 1"]
        await box.close()
        stranger = ImapMailbox(account_at(server, security=security, tls=elsewhere["client"]))
        with pytest.raises(MailboxLost, match="certificate"):
            await read(stranger)


async def test_tls_not_offered_is_not_done_without() -> None:
    async with ImapServer() as server:
        with pytest.raises(OutsideError):
            await read(ImapMailbox(account_at(server, security="starttls")))
        assert "LOGIN" not in server.commands


def test_a_password_does_not_cross_the_network_in_plain_text() -> None:
    with pytest.raises(UsageError, match=r"inbox\.security"):
        ImapAccount(host="imap.example.org", security="none", username="us", password="secret")
    assert "secret" not in repr(ImapAccount(host="imap.example.org", username="us", password="secret"))


async def waits(box: ImapMailbox, seconds: float) -> tuple[bool, float]:
    """What `wait` answers, and after how long."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    news = await asyncio.wait_for(box.wait(seconds), 10)
    return news, loop.time() - begun


async def test_a_waiting_mailbox_is_told_of_new_mail_at_once() -> None:
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        server.put(mail(1))
        [first] = await read(box)
        asyncio.get_running_loop().call_later(0.2, server.put, mail(2))
        news, took = await waits(box, 8)
        assert (news, took < 4) == (True, True)
        assert subjects(await read(box, first.position)) == ["mail 2"]
        assert server.connections == 1
        await box.close()


async def test_what_came_between_poll_and_wait_is_news() -> None:
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        await read(box)
        server.put(mail(1))
        news, took = await waits(box, 8)
        assert (news, took < 4) == (True, True)
        await box.close()


async def test_without_news_the_wait_ends_and_the_connection_goes_on() -> None:
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        await read(box)
        for _ in range(2):
            assert (await waits(box, 0.2))[0] is False
        assert await read(box) == []
        assert server.connections == 1
        await box.close()


async def test_idle_is_renewed_before_the_server_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture.adapters.imap_idle.RENEW_SECONDS", 0.1)
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        await read(box)
        client = box._client
        assert client is not None
        news = await asyncio.to_thread(idle, client, 0.5, slice_seconds=0.1)
        assert news is False
        assert await read(box) == []
        await box.close()


async def test_a_server_without_idle_is_polled() -> None:
    async with ImapServer(without={"IDLE"}) as server:
        box = ImapMailbox(account_at(server, every_seconds=0.1))
        await read(box)
        assert (await waits(box, 5))[0] is True
        await box.close()


@pytest.mark.parametrize("do", [Do.DROP, Do.SAY])
async def test_a_server_whose_idle_fails_is_polled(do: Do) -> None:
    script = Script([Fault(at="IDLE", do=do, answer="BAD no")])
    async with ImapServer(script=script) as server:
        box = ImapMailbox(account_at(server, every_seconds=0.1))
        for number in range(4):
            await read(box)
            assert (await waits(box, 5))[0] is True, number
        server.put(mail(1))
        assert subjects(await read(box)) == ["mail 1"]
        await box.close()


async def test_a_wait_can_be_broken_off_and_the_mailbox_is_read_on() -> None:
    async with ImapServer() as server:
        box = ImapMailbox(account_at(server))
        await read(box)
        waiting = asyncio.create_task(box.wait(60))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, 5)
        server.put(mail(1))
        assert subjects(await read(box)) == ["mail 1"]
        await box.close()
