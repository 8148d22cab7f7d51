from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.mail.compose import Attachment, compose
from nurture.mail.headers import Head, HeaderInjection, Mailbox

HEAD = Head(
    message_id="<abc@example.com>",
    at=datetime(2026, 3, 3, tzinfo=UTC),
    sender=Mailbox("anna@example.com", "Anna Müller"),
    to=Mailbox("ada@example.org", "Ada"),
    subject="Größe",
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=600)
files = st.builds(
    Attachment,
    name=st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1, max_size=60).map(
        lambda name: "f" + name + "f"
    ),
    content=st.binary(max_size=300),
)


def parsed(raw: bytes) -> EmailMessage:
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert not part.defects
    return message


def content(part: object) -> str:
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")


@given(texts, texts)
@example("From me\nFrom you\n.\n..\n --=_x", "=_a" + "é" * 100)
@example("a" * 5000, "日本" * 2000)
@example("trailing space \n\ttab\t\n\n\n", "")
@example("\x0b\x0c\x1c\x85\u2028", "\x00")
def test_both_parts_come_back_as_they_were(text: str, html: str) -> None:
    message = parsed(compose(HEAD, text, html))
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = message.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert content(plain) == text
    assert content(rich) == html


@given(texts, st.lists(files, max_size=3))
def test_attachments_come_back_as_they_were(text: str, attached: list[Attachment]) -> None:
    message = parsed(compose(HEAD, text, "<p>x</p>", attachments=tuple(attached)))
    found = [part for part in message.walk() if part.get_content_disposition() == "attachment"]
    assert [part.get_payload(decode=True) for part in found] == [file.content for file in attached]
    assert [part.get_filename() for part in found] == [" ".join(file.name.split()) for file in attached]


def test_text_alone_is_one_part() -> None:
    message = parsed(compose(HEAD, "Hello\n"))
    assert message.get_content_type() == "text/plain"
    assert content(message) == "Hello\n"


def test_an_invitation_is_the_last_alternative_and_a_file() -> None:
    calendar = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    message = parsed(compose(HEAD, "Hello", "<p>Hello</p>", calendar=calendar))
    alternative, file = message.iter_parts()
    kinds = [part.get_content_type() for part in alternative.iter_parts()]  # type: ignore[attr-defined]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    last = list(alternative.iter_parts())[-1]  # type: ignore[attr-defined]
    assert last.get_param("method") == "REQUEST"
    assert last.get_param("charset").lower() == "utf-8"
    assert file.get_filename() == "invite.ics"
    assert file.get_payload(decode=True) == calendar


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ('a"; filename="evil.exe', "a_; filename=_evil.exe"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil: 1.pdf"),
        ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
        ("", "file"),
    ],
)
def test_file_names_cannot_do_harm(name: str, written: str) -> None:
    message = parsed(compose(HEAD, "x", attachments=(Attachment(name, b"1"),)))
    assert "X-Evil" not in message
    assert next(iter(message.iter_attachments())).get_filename() == written


def test_a_media_type_cannot_begin_another_header() -> None:
    with pytest.raises(HeaderInjection):
        compose(HEAD, "x", attachments=(Attachment("a", b"1", "text/plain\r\nX: y"),))


def test_the_same_input_gives_the_same_bytes() -> None:
    assert compose(HEAD, "a", "b") == compose(HEAD, "a", "b")


def test_a_line_that_begins_with_from_is_not_left_to_mailbox_files() -> None:
    assert b"\r\nFrom " not in compose(HEAD, "x\nFrom me", "From you").partition(b"MIME-Version")[2]


def test_lone_surrogates_do_not_stop_a_mail() -> None:
    assert "x" in content(parsed(compose(HEAD, "x\ud800")))
