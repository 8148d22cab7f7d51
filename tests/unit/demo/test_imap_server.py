"""The demo's IMAP server, spoken to by the standard library's client, by IMAPClient and by hand."""

from __future__ import annotations

import asyncio
import imaplib
from collections.abc import Callable
from typing import Any

import pytest
from imapclient import IMAPClient

from nurture.demo.servers.imap_server import ImapServer

MAIL = b"From: Ada <ada@example.org>\r\nSubject: Hello\r\n\r\nGood morning.\r\n"


async def with_client(server: ImapServer, work: Callable[[Any], Any]) -> Any:
    """Do something with a logged-in IMAPClient in a thread."""

    def run() -> Any:
        with IMAPClient("127.0.0.1", port=server.port, ssl=False) as client:
            client.login("demo", "demo")
            return work(client)

    return await asyncio.to_thread(run)


async def test_another_programs_client_puts_a_mail_there_and_reads_it() -> None:
    def put_and_read(port: int) -> Any:
        client = imaplib.IMAP4("127.0.0.1", port)
        client.login("demo", "demo")
        assert client.append("INBOX", "(\\Flagged)", None, MAIL)[0] == "OK"
        client.select("INBOX")
        found = client.uid("SEARCH", "UNSEEN")[1]
        _, whole = client.uid("FETCH", "1", "(BODY[])")
        _, after = client.uid("FETCH", "1", "(FLAGS)")
        client.logout()
        return found, whole[0][1], after[0]

    async with ImapServer() as server:
        found, whole, after = await asyncio.to_thread(put_and_read, server.port)
        assert (found, whole) == ([b"1"], MAIL)
        assert b"\\Flagged \\Seen" in after
        assert server.folder().mails[0].flags == {"\\Flagged", "\\Seen"}


@pytest.mark.parametrize(
    ("item", "key", "value"),
    [
        ("BODY.PEEK[]", b"BODY[]", MAIL),
        ("BODY.PEEK[HEADER]", b"BODY[HEADER]", MAIL[:47]),
        ("BODY.PEEK[TEXT]", b"BODY[TEXT]", b"Good morning.\r\n"),
        ("BODY.PEEK[]<6.3>", b"BODY[]<6>", b"Ada"),
        ("BODY.PEEK[HEADER.FIELDS (SUBJECT)]", b"BODY[HEADER.FIELDS (SUBJECT)]", b"Subject: Hello\r\n\r\n"),
        ("RFC822.SIZE", b"RFC822.SIZE", len(MAIL)),
        ("FLAGS", b"FLAGS", ()),
    ],
)
async def test_what_can_be_fetched_without_touching_the_mail(item: str, key: bytes, value: object) -> None:
    async with ImapServer() as server:
        server.put(MAIL)

        def fetch(client: Any) -> Any:
            client.select_folder("INBOX")
            return client.fetch([1], [item])[1][key]

        assert await with_client(server, fetch) == value
        assert server.folder().mails[0].flags == set()


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (["ALL"], [1, 2, 4]),
        (["UID", "2:*"], [2, 4]),
        (["UID", "9:*"], [4]),
        (["SEEN"], [2]),
        (["UNSEEN", "SUBJECT", "three"], []),
        (["SUBJECT", "FOUR"], [4]),
        (["OR", "SEEN", "SUBJECT", "one"], [1, 2]),
        (["NOT", "SEEN"], [1, 4]),
        (["TEXT", "body 4"], [4]),
        (["HEADER", "Subject", "o"], [1, 2, 4]),
        (["KEYWORD", "$X"], [1]),
    ],
)
async def test_search(criteria: list[str], found: list[int]) -> None:
    async with ImapServer() as server:
        for number, word in enumerate(["one", "two", "three", "four"], start=1):
            server.put(f"Subject: {word} o\r\n\r\nbody {number}\r\n".encode())
        server.folder().remove([server.folder().mails[2]])
        server.folder().mails[0].flags.add("$X")
        server.folder().mails[1].flags.add("\\Seen")

        def search(client: Any) -> Any:
            client.select_folder("INBOX", readonly=True)
            return client.search(criteria)

        assert await with_client(server, search) == found


async def test_folders_copies_and_moves() -> None:
    async with ImapServer() as server:
        server.put(MAIL)
        server.put(MAIL)

        def arrange(client: Any) -> Any:
            client.create_folder("Done")
            client.select_folder("INBOX")
            client.copy([1], "Done")
            client.move([2], "Done")
            return sorted(name for _, _, name in client.list_folders()), client.search()

        assert await with_client(server, arrange) == (["Done", "INBOX"], [1])
        assert [mail.uid for mail in server.folder("Done").mails] == [1, 2]


async def test_who_idles_is_told_of_new_mail() -> None:
    async with ImapServer() as server:
        loop = asyncio.get_running_loop()

        def wait(client: Any) -> Any:
            client.select_folder("INBOX")
            client.idle()
            loop.call_soon_threadsafe(server.put, MAIL)
            told = client.idle_check(timeout=5)
            client.idle_done()
            return told

        assert await with_client(server, wait) == [(1, b"EXISTS")]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"a SELECT INBOX\r\n", b"a BAD"),
        (b"a LOGIN demo wrong\r\n", b"a NO [AUTHENTICATIONFAILED]"),
        (b'a LOGIN "demo" {4+}\r\ndemo\r\n', b"a OK"),
        (b"a AUTHENTICATE PLAIN AGRlbW8AZGVtbw==\r\n", b"a OK"),
        (b"a FROB\r\n", b"a BAD"),
        (b"a LOGIN (demo\r\n", b"* BAD"),
        (b"a LOGIN\r\n", b"a BAD"),
        (b"\r\n", b"* BAD"),
        (b'a LOGIN "demo\r\n', b"* BAD"),
        (b"a STARTTLS\r\n", b"a BAD"),
    ],
)
async def test_what_it_answers_by_hand(command: bytes, answer: bytes) -> None:
    async with ImapServer() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reader.readline()
        writer.write(command)
        assert (await reader.readline()).startswith(answer)
        writer.close()
        await writer.wait_closed()


async def test_new_numbers_after_a_rebuild() -> None:
    async with ImapServer() as server:
        for _ in range(3):
            server.put(MAIL)
        server.folder().remove([server.folder().mails[0]])
        server.change_uidvalidity(7)

        def look(client: Any) -> Any:
            told = client.select_folder("INBOX")
            return told[b"UIDVALIDITY"], told[b"UIDNEXT"], client.search()

        assert await with_client(server, look) == (7, 3, [1, 2])
