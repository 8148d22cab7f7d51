"""Mail wakes the daemon: a mailbox that tells of news, a server that mail is handed to."""

from __future__ import annotations

import asyncio
import smtplib
from pathlib import Path

from sqlalchemy import select

from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.daemon import runner
from nurture.daemon.health import Health
from nurture.daemon.loops import Loop, run
from nurture.daemon.works import works_of
from nurture.demo.servers.imap_server import ImapServer
from nurture.store.tables import Row
from nurture.wiring import open_app
from tests.unit.daemon.test_daemon import now
from tests.unit.services.small_project import CONFIG, write

RECEIVED = Row.metadata.tables["received"]
MAIL = (
    b"From: zoe@nowhere.example\r\nMessage-ID: <1@x.example>\r\nSubject: Pumps\r\n\r\nHow much is a pump?\r\n"
)


async def until_handled(app: object, seconds: float = 10.0) -> list[tuple[str, str, str]]:
    for _ in range(int(seconds / 0.05)):
        async with app.store.read() as conn:  # type: ignore[attr-defined]
            query = select(RECEIVED.c.mailbox, RECEIVED.c.state, RECEIVED.c.kind)
            rows = [tuple(row) for row in await conn.execute(query)]
        if rows and all(state == "done" for _, state, _ in rows):
            return rows
        await asyncio.sleep(0.05)
    raise AssertionError("the mail was not dealt with in time")


async def test_news_cut_a_rest_short_but_not_the_pause_after_a_failure() -> None:
    stop, rounds, waits = asyncio.Event(), 0, 0

    async def work() -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise RuntimeError("once")
        return 0

    async def news(seconds: float) -> bool:
        nonlocal waits
        assert seconds == 60
        waits += 1
        return True

    going = asyncio.create_task(run(Loop("inbox", work, 60, news=news), stop, Health(), now))
    await asyncio.sleep(0.3)
    assert (rounds, waits) == (3, 2)
    stop.set()
    await asyncio.wait_for(going, 5)


async def test_a_mail_is_read_as_soon_as_the_server_tells(tmp_path: Path) -> None:
    async with ImapServer(users={"us": "pw"}) as server:
        account = ImapAccount(
            host="127.0.0.1", port=server.port, security="none", username="us", password="pw"
        )
        app = await open_app(write(tmp_path), {}, mailboxes={"box": ImapMailbox(account)})
        stop = asyncio.Event()
        going = asyncio.create_task(runner.run(works_of(app), web=False, stop=stop))
        await asyncio.sleep(1)
        server.put(MAIL)
        [(_, _, kind)] = await until_handled(app)
        assert kind == "reply"
        stop.set()
        await asyncio.wait_for(going, 20)


async def test_a_mail_server_hands_mail_to_the_daemon(tmp_path: Path) -> None:
    config = CONFIG + "inbox:\n  - { kind: lmtp, port: 18024 }\n"
    app = await open_app(write(tmp_path, {"config.yaml": config}), {})
    assert app.mailboxes == {}
    stop = asyncio.Event()
    works = works_of(app)
    going = asyncio.create_task(runner.run(works, web=False, stop=stop))

    def send() -> None:
        with smtplib.LMTP("127.0.0.1", 18024) as client:
            client.sendmail("zoe@nowhere.example", ["hello@us.example"], MAIL)

    await asyncio.sleep(1)
    for _ in range(2):  # what comes twice is one mail
        await asyncio.to_thread(send)
    [(mailbox, _, kind)] = await until_handled(app)
    assert (mailbox, kind) == ("lmtp", "reply")
    stop.set()
    await asyncio.wait_for(going, 20)
