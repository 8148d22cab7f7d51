from __future__ import annotations

import email
import email.header
import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.mail.headers import (
    BadAddress,
    Head,
    HeaderInjection,
    Mailbox,
    NeedsSmtputf8,
    Unsubscribe,
    feedback_id,
    list_id,
    message_id,
    references_after,
    wire_address,
    write_head,
)
from nurture.mail.words import clean

AT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
LONG_URL = "https://mail.example.com/u/" + "abcdefghij" * 20


def head(**changes: object) -> Head:
    usual: dict[str, object] = {
        "message_id": "<abc@example.com>",
        "at": AT,
        "sender": Mailbox("anna@example.com", "Anna"),
        "to": Mailbox("ada@example.org"),
        "subject": "A report",
    }
    return Head(**{**usual, **changes})  # type: ignore[arg-type]


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw + b"\r\n", policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def lines(raw: bytes) -> list[str]:
    return raw.decode("ascii").removesuffix("\r\n").split("\r\n")


def name_in(raw: bytes, field: str) -> str:
    """The display name in a header. Encoded words by the older decoder: Python 3.11's new one puts spaces between them."""
    message = email.message_from_bytes(raw + b"\r\n")
    shown = "".join(message[field].splitlines())
    if "=?" in shown:
        return str(email.header.make_header(email.header.decode_header(shown.rpartition(" <")[0])))
    return email.utils.parseaddr(shown)[0]


texts = st.text(st.characters(codec="utf-8"), max_size=300)
odd_texts = st.one_of(
    texts,
    st.text(alphabet="aä日😀 \"\\<>@,;:=?_()\t'", max_size=300),
    st.text(alphabet="ab ", max_size=400),
    st.text(alphabet="é", min_size=80, max_size=200),
)


@given(odd_texts)
@example("=?utf-8?q?hidden?=")
@example("word" * 40)
@example("a" * 60 + " " + "ü" * 20)
@example("x " * 60)
def test_every_subject_comes_back_as_it_was(subject: str) -> None:
    raw = write_head(head(subject=subject))
    assert parsed(raw)["subject"] == clean(subject)
    assert all(len(line) <= 78 for line in lines(raw))
    for word in re.findall(r"=\?[^ \r\n]+\?=", raw.decode("ascii")):
        assert len(word) <= 75
        encoding, content = word.split("?")[2:4]
        alone = email.header.decode_header(word)[0][0]
        assert (alone if isinstance(alone, bytes) else content.encode()).decode(
            "utf-8"
        )  # no character is split
        assert encoding in "qb"


@given(odd_texts)
@example('O"Neil, \\ Anna')
@example("Müller")
@example("a" * 200)
def test_every_name_comes_back_as_it_was(name: str) -> None:
    raw = write_head(head(sender=Mailbox("anna@example.com", name), to=Mailbox("ada@example.org", name)))
    message = parsed(raw)
    for field in ("from", "to"):
        (address,) = message[field].addresses
        assert isinstance(address, Address)
        assert name_in(raw, field) == clean(name, 200)
        assert address.addr_spec in ("anna@example.com", "ada@example.org")
    assert all(len(line) <= 78 for line in lines(raw))


BREAKING = [
    "\r\nBcc: x@y.z",
    "\nX: y",
    "\r",
    "\x00",
    "\x85X: y",
    "\u2028X: y",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x1f",
    "\x7f",
]


@pytest.mark.parametrize("evil", BREAKING)
def test_a_subject_or_name_cannot_begin_another_header(evil: str) -> None:
    mailbox = Mailbox("anna@example.com", f"Anna{evil}")
    raw = write_head(head(subject=f"Hello{evil} there", sender=mailbox, to=mailbox, reply_to=mailbox))
    assert parsed(raw).keys() == ["Date", "From", "Reply-To", "To", "Subject", "Message-ID"]


@pytest.mark.parametrize("evil", BREAKING)
@pytest.mark.parametrize(
    "change",
    [
        lambda evil: {"message_id": f"<a{evil}@example.com>"},
        lambda evil: {"references": (f"<a{evil}@example.com>",)},
        lambda evil: {"sender": Mailbox(f"anna{evil}@example.com")},
        lambda evil: {"to": Mailbox(f"ada@example.org{evil}")},
        lambda evil: {"reply_to": Mailbox(f"{evil}ada@example.org")},
        lambda evil: {"unsubscribe": Unsubscribe(f"https://example.com/{evil}")},
        lambda evil: {"unsubscribe": Unsubscribe("https://example.com/", f"u{evil}@example.com")},
        lambda evil: {"list_id": f"<a.{evil}>"},
        lambda evil: {"feedback_id": f"a:b:{evil}"},
        lambda evil: {"extra": (("X-Thing", f"a{evil}b"),)},
        lambda evil: {"extra": ((f"X-Thing{evil}", "a"),)},
    ],
)
def test_an_identifier_with_a_control_character_is_refused(change: object, evil: str) -> None:
    with pytest.raises(HeaderInjection):
        write_head(head(**change(evil)))  # type: ignore[operator]


def test_identifiers_stand_on_one_plain_line_however_long() -> None:
    raw = write_head(
        head(
            message_id=f"<{'m' * 100}@example.com>",
            references=tuple(f"<{n}{'r' * 60}@example.com>" for n in range(10)),
            unsubscribe=Unsubscribe(LONG_URL, "unsubscribe+abcdefghijklmnopqrstuvwxyz234567@example.com"),
            list_id=list_id("News of the year " * 5, "example.com"),
            feedback_id=feedback_id("campaign" * 9, "step" * 9, "account", "nurture"),
            bulk=True,
            automatic=True,
        )
    )
    found = dict(line.split(": ", 1) for line in lines(raw) if not line.startswith(" "))
    assert found["List-Unsubscribe"] == (
        f"<{LONG_URL}>, <mailto:unsubscribe+abcdefghijklmnopqrstuvwxyz234567@example.com>"
    )
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Message-ID"] == f"<{'m' * 100}@example.com>"
    assert found["In-Reply-To"] == f"<9{'r' * 60}@example.com>"
    assert found["References"].startswith("<0r")
    assert found["References"].endswith(found["In-Reply-To"])
    assert found["List-Id"].endswith(".example.com>")
    assert found["Feedback-ID"].endswith(":account:nurture")
    assert found["Precedence"] == "bulk"
    assert found["Auto-Submitted"] == "auto-generated"
    assert b"=?" not in raw
    assert all(len(line) <= 998 for line in lines(raw))


def test_a_value_too_long_for_a_line_is_refused() -> None:
    with pytest.raises(HeaderInjection, match="too long"):
        write_head(head(unsubscribe=Unsubscribe("https://example.com/" + "a" * 1000)))


def test_the_date_is_told_with_its_zone() -> None:
    local = datetime(2026, 3, 3, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert parsed(write_head(head(at=local)))["date"].datetime == AT
    with pytest.raises(ValueError, match="zone"):
        write_head(head(at=AT.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("given_address", "written"),
    [
        ("ada@example.org", "ada@example.org"),
        (" ada@example.org ", "ada@example.org"),
        ("Ada.L+tag@Example.ORG", "Ada.L+tag@Example.ORG"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("o'neil@example.org", "o'neil@example.org"),
        ('"a b"@example.org', '"a b"@example.org'),
        ("a..b@example.org", '"a..b"@example.org'),
        ("a.@example.org", '"a."@example.org'),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_addresses_go_out_as_they_are_but_for_the_domain(given_address: str, written: str) -> None:
    assert wire_address(given_address) == written


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("", BadAddress),
        ("ada", BadAddress),
        ("@example.org", BadAddress),
        ("ada@", BadAddress),
        ("ada@-x", BadAddress),
        ("ada@exa mple.org", BadAddress),
        ("ada@example..org", BadAddress),
        ("ada lovelace@example.org", BadAddress),
        ('a"b@example.org', BadAddress),
        ("x" * 65 + "@example.org", BadAddress),
        ("дада@example.org", NeedsSmtputf8),
        ("ada@example.org\r\nBcc: eve@example.org", HeaderInjection),
        ("ada@\ud800.example", BadAddress),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(address: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        wire_address(address)


@given(st.text(max_size=80))
def test_any_text_may_come_as_an_address(text: str) -> None:
    try:
        written = wire_address(text)
    except (BadAddress, HeaderInjection):
        return
    assert parsed(write_head(head(to=Mailbox(text))))["to"].addresses[0].addr_spec
    assert written.isascii()


def test_references_keep_the_first_and_the_last() -> None:
    before = [f"<{n}@{'x' * 100}.example>" for n in range(30)]
    ids = references_after("<parent@example.com>", before)
    assert ids[0] == before[0]
    assert ids[-2:] == (before[-1], "<parent@example.com>")
    assert len(" ".join(ids)) <= 900


def test_what_is_no_message_id_is_not_referred_to() -> None:
    assert references_after("<a@b>", ["nonsense", "<c@d>", "<a@b>", "<x\r\nBcc: y@z>"]) == ("<c@d>", "<a@b>")


def test_a_message_id_is_stable_and_ours() -> None:
    assert message_id("abc234", "münchen.example") == message_id("abc234", "münchen.example")
    assert message_id("abc234", "münchen.example") == "<abc234@xn--mnchen-3ya.example>"
    with pytest.raises(HeaderInjection):
        message_id("a b", "example.com")


def test_a_feedback_id_has_four_harmless_parts() -> None:
    assert (
        feedback_id("Report: download", "web inar", "Pump&Werk", "us")
        == "Report-download:web-inar:Pump-Werk:us000"
    )
