"""The bytes of one message on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_envelope import commands, stuffed, wire
from nurture.adapters.smtp_link import Relay
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.mail.replies import Outcome
from nurture.ports import NotSent

ALL = {"pipelining": "", "8bitmime": "", "smtputf8": "", "size": "1000000"}
PLAIN = b"Subject: x\r\n\r\nHello\r\n"
ACCENTED_BODY = "Subject: x\r\n\r\nGrüße\r\n".encode()
ACCENTED_HEADER = "Subject: Grüße\r\n\r\nHello\r\n".encode()


@pytest.mark.parametrize(
    ("sender", "person", "raw", "mail", "rcpt"),
    [
        ("us@a.example", "ada@b.example", PLAIN, "<us@a.example> SIZE=21", "<ada@b.example>"),
        ("", "ada@b.example", PLAIN, "<> SIZE=21", "<ada@b.example>"),
        (
            "us@a.example",
            "ada@b.example",
            ACCENTED_BODY,
            "<us@a.example> SIZE=23 BODY=8BITMIME",
            "<ada@b.example>",
        ),
        (
            "us@a.example",
            "ada@b.example",
            ACCENTED_HEADER,
            "<us@a.example> SIZE=27 BODY=8BITMIME SMTPUTF8",
            "<ada@b.example>",
        ),
        (
            "us@a.example",
            "jürgen@b.example",
            PLAIN,
            "<us@a.example> SIZE=21 BODY=8BITMIME SMTPUTF8",
            "<jürgen@b.example>",
        ),
        (
            "us@a.example",
            "ada@straße.example",
            PLAIN,
            "<us@a.example> SIZE=21",
            "<ada@xn--strae-oqa.example>",
        ),
        ("us@a.example", "Ada.B+tag@B.example", PLAIN, "<us@a.example> SIZE=21", "<Ada.B+tag@B.example>"),
    ],
)
def test_the_envelope(sender: str, person: str, raw: bytes, mail: str, rcpt: str) -> None:
    lines = [line.decode() for _, line in commands(sender, person, wire(raw), ALL)]
    assert lines == [f"MAIL FROM:{mail}\r\n", f"RCPT TO:{rcpt}\r\n", "DATA\r\n"]


def test_without_extensions_nothing_is_added() -> None:
    lines = commands("us@a.example", "ada@b.example", PLAIN, {})
    assert lines[0][1] == b"MAIL FROM:<us@a.example>\r\n"


@pytest.mark.parametrize("limit", ["", "0", "what"])
def test_a_size_that_is_no_limit(limit: str) -> None:
    assert commands("us@a.example", "ada@b.example", PLAIN * 1000, {"size": limit})


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@b.example",
        "ada@",
        "ada@b.example>\r\nDATA",
        "ada@b.example\r\nRCPT TO:<eve@example.org>",
        "ada@b.example> NOTIFY=NEVER",
        "a\0da@b.example",
        "ada b@b.example",
        "ada\u0085@b.example",
        "ada@b\u3002\u3002example",
        "ada@-ü.example",
    ],
)
def test_what_is_no_address_never_gets_onto_the_wire(address: str) -> None:
    with pytest.raises(NotSent) as failure:
        commands("us@a.example", address, PLAIN, ALL)
    assert failure.value.meaning.outcome is Outcome.NEVER
    assert failure.value.meaning.word == "bad_address"


LINES = st.lists(
    st.sampled_from([b".", b"..", b"a", b"\r", b"\n", b"\r\n", b"\r\n.\r\n", b"\xff", b""]), max_size=12
)


@given(pieces=LINES)
def test_no_bare_line_end_and_no_early_end_leaves_us(pieces: list[bytes]) -> None:
    body = wire(b"".join(pieces))
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    assert body.endswith(b"\r\n")
    sent = b"\r\n" + stuffed(body)
    assert b"\r\n.\r\n" not in sent
    assert sent.replace(b"\r\n..", b"\r\n.") == b"\r\n" + body


async def test_what_comes_out_at_the_other_end_is_what_went_in() -> None:
    mails = [b"", b".", b"a", b"..\n.\n", b"a\r\n.\r\n.b\r\n", b"x" * 3000, b"\xff\x00\r\n" * 50_000]
    async with SmtpServer() as server, SmtpMailer(Relay(host="127.0.0.1", port=server.port)) as mailer:
        for raw in mails:
            async with mailer.connection() as connection:
                offer = await connection.offer("us@example.org", "ada@example.org", raw)
                assert (await offer.finish()).code == 250
    assert [one.raw for one in server.accepted] == [wire(raw) for raw in mails]
