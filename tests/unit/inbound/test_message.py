"""Bytes to a `Received`: the ordinary, the odd and the hostile."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.inbound.classify import classify
from nurture.inbound.message import read_message
from nurture.inbound.verdict import Kind, Verdict

BASE = b"From: Otto <otto@kunde.example>\nTo: anna@berg.example\nSubject: Hello\nDate: Mon, 3 Aug 2026 10:00:00 +0200\n"


def test_a_plain_mail() -> None:
    mail = read_message(
        BASE
        + b"Message-ID: <1@kunde.example>\nIn-Reply-To: <0@berg.example>\nReferences: <a@x> <0@berg.example>\n\nHi Anna\n"
    )
    assert (mail.from_, mail.from_name, mail.to, mail.subject) == (
        "otto@kunde.example",
        "Otto",
        ("anna@berg.example",),
        "Hello",
    )
    assert (mail.message_id, mail.in_reply_to, mail.references) == (
        "<1@kunde.example>",
        ("<0@berg.example>",),
        ("<a@x>", "<0@berg.example>"),
    )
    assert (mail.date, mail.text.strip(), mail.defects) == (
        datetime(2026, 8, 3, 8, tzinfo=UTC),
        "Hi Anna",
        (),
    )


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_line_ends(end: bytes) -> None:
    mail = read_message((BASE + b"\nHi\nAnna").replace(b"\n", end))
    assert (mail.subject, mail.text) == ("Hello", "Hi\nAnna")


@pytest.mark.parametrize(
    "text",
    [
        "Yes, please call me.",
        "On Thursday:\nall fine.",
        "Hi: I read it.\n\nOtto",
        "From: Anna\nSent: Monday\nTo: Otto\nSubject: Talk\n\nHello",
        "",
    ],
)
def test_a_file_without_headers_is_a_text(text: str) -> None:
    mail = read_message(text.encode())
    assert (mail.text, mail.headers, mail.defects) == (text, (), ("no_headers",))


SUBJECTS = {
    b"=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Berlin": "Grüße aus Berlin",
    b"=?UTF-8?B?0J/RgNC40LLQtdGC?= =?UTF-8?B?LCDQvNC40YA=?=": "Привет, мир",
    b"=?utf-8?B?4pw=?= =?utf-8?B?kw==?=": "✓",
    b"=?iso-8859-1?Q?caf=E9?=": "café",
    b"=?koi8-r?B?8NLJ18XU?=": "Привет",
    b"=?windows-1252*de?Q?gr=FC=DF?=": "grüß",
    b"=?x-unknown?Q?a_b?=": "a b",
    b"Gr\xc3\xbc\xc3\x9fe": "Grüße",
    b"Gr\xfc\xdfe": "Grüße",
    b"a\n folded\n subject": "a folded subject",
    b"=?utf-8?q?broken": "=?utf-8?q?broken",
}


@pytest.mark.parametrize(("raw", "wanted"), SUBJECTS.items())
def test_subjects(raw: bytes, wanted: str) -> None:
    assert read_message(b"From: a@x.example\nTo: b@x.example\nSubject: " + raw + b"\n\nx").subject == wanted


FROMS = {
    b"otto@kunde.example": ("otto@kunde.example", ""),
    b'"Kunde, Otto" <otto@Kunde.Example>': ("otto@kunde.example", "Kunde, Otto"),
    b'"anna@berg.example" <otto@kunde.example>': ("otto@kunde.example", "anna@berg.example"),
    b"otto@kunde.example (Otto Kunde)": ("otto@kunde.example", "Otto Kunde"),
    b"<otto@kunde.example>": ("otto@kunde.example", ""),
    b"Otto": (None, ""),
    b"<>": (None, ""),
    b"[@]": (None, ""),
    b"((((((": (None, ""),
}


@pytest.mark.parametrize(("raw", "wanted"), FROMS.items())
def test_senders(raw: bytes, wanted: tuple[str | None, str]) -> None:
    mail = read_message(b"From: " + raw + b"\nSubject: x\nDate: x\n\nx")
    assert (mail.from_, mail.from_name) == wanted


def test_the_envelope_s_recipients_come_first() -> None:
    raw = b"Delivered-To: inbox@berg.example\nX-Original-To: reply+TOK@berg.example\nTo: Anna <anna@berg.example>, c@x.example\nCc: d@x.example\nDate: x\n\nx"
    assert read_message(raw).to == (
        "inbox@berg.example",
        "reply+TOK@berg.example",
        "anna@berg.example",
        "c@x.example",
        "d@x.example",
    )


BODIES = {
    "qp": (b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\ngr=C3=BC=\n=C3=9Fe", "grüße"),
    "base64": (b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nZ3LDvMOf\nZQ", "grüße"),
    "bad base64": (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!aGk*==", "hi"),
    "latin": (b"Content-Type: text/plain; charset=iso-8859-1\n\ngr\xfc\xdfe", "grüße"),
    "unknown charset": (b"Content-Type: text/plain; charset=foo-8\n\ngr\xfc\xdfe", "grüße"),
    "no text codec": (b"Content-Type: text/plain; charset=rot13\n\ngr\xfc\xdfe", "grüße"),
    "undeclared cp1251": (b"Content-Type: text/plain\n\n" + "Привет, спасибо за письмо".encode("cp1251"), "Привет, спасибо за письмо"),
    "undeclared koi8": (b"Content-Type: text/plain\n\n" + "Привет, спасибо за письмо".encode("koi8-r"), "Привет, спасибо за письмо"),
    "japanese": (b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + "こんにちは".encode("iso-2022-jp"), "こんにちは"),
    "html only": (b"Content-Type: text/html; charset=utf-8\n\n<p>gr&uuml;&szlig;e</p>", "grüße"),
    "no type": (b"\nhi", "hi"),
    "odd type": (b"Content-Type: garbage\n\nhi", "hi"),
    "empty multipart": (b"Content-Type: multipart/mixed\n\nhi", "hi"),
    "alternative": (b'Content-Type: multipart/alternative; boundary="=_b"\n\n--=_b\nContent-Type: text/plain\n\nplain\n--=_b\nContent-Type: text/html\n\n<b>html</b>\n--=_b--', "plain"),
    "alternative without plain": (b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<b>html</b>\n--b--", "html"),
    "wrong boundary": (b"Content-Type: multipart/mixed; boundary=x\n\n--y\nContent-Type: text/plain\n\nhi\n--y--", "hi"),
    "no last boundary": (b"Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: text/plain\n\nhi\n", "hi"),
    "two texts": (b"Content-Type: multipart/mixed; boundary=y\n\n--y\n\nhi\n--y\n\nfooter\n--y--", "hi\nfooter"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "wanted"), BODIES.values(), ids=BODIES.keys())
def test_bodies(raw: bytes, wanted: str) -> None:
    assert read_message(BASE + raw).text.strip() == wanted


def test_attachments_are_named_and_sized_only() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=y\n\n--y\n\nhi\n--y\nContent-Type: application/pdf; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf\n"
        b"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nQUJD\n--y\nContent-Type: text/plain\n"
        b'Content-Disposition: attachment; filename="notes.txt"\n\nsecret\n--y--'
    )
    mail = read_message(BASE + raw)
    assert [(one.name, one.type) for one in mail.attachments] == [
        ("Grüße.pdf", "application/pdf"),
        ("notes.txt", "text/plain"),
    ]
    assert mail.text.strip() == "hi"


def test_marks_of_ours_cannot_be_sent_by_others() -> None:
    text = "Yes.\n\ue000\nStill mine.".encode()
    assert (
        classify(BASE + b"Content-Type: text/plain; charset=utf-8\n\n" + text).text == "Yes.\n\nStill mine."
    )


def nested(depth: int) -> bytes:
    return (
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
        + b"hi"
    )


HOSTILE = {
    "encoded words": b"From: a@x.example\nSubject: " + b"=?utf-8?q?a?= " * 60_000 + b"\n\nhi",
    "references": BASE + b"References: " + b"<a@b> " * 200_000 + b"\n\nhi",
    "comments": b"From: " + b"(" * 100_000 + b"\n\nhi",
    "deep": BASE + nested(2_000),
    "enclosed": BASE + b"Content-Type: message/rfc822\n\n" * 3_000 + b"hi",
    "wide": BASE + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 100_000,
    "punycode": BASE + b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 500_000,
    "divs": BASE + b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
    "attributes": BASE + b"Content-Type: text/html\n\n<a " + b"a=b " * 100_000 + b">",
    "comments in html": BASE + b"Content-Type: text/html\n\n" + b"<!--" * 60_000,
    "newlines": BASE + b"\n" + b"\n" * 2_000_000,
    "on on on": BASE + b"\nOn " + b"a " * 100_000,
    "dashes": BASE + b"\n" + b"-- \n" * 50_000,
    "quotes": BASE + b"\n" + b"> a\nb\n" * 100_000,
    "headers": b"".join(b"X-%d: a\n" % at for at in range(200_000)) + b"\nhi",
    "addresses": b"From: a@b.example\nTo: " + b"a@b.example, " * 50_000 + b"\nSubject: hi\n\nhi",
    "report": BASE.replace(b"otto@", b"mailer-daemon@") + b"\n" + b"user message address " * 30_000,
    "statuses": BASE + b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.c\nAction: failed\n\n" * 20_000,
    "zeros": BASE + b"\n" + b"\0" * 1_000_000,
    "every byte": bytes(range(256)) * 4_000,
    "nothing": b"",
    "dates": BASE + b"\n" + b"out of office until 12.12.2026 " * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_read_in_bounded_time(raw: bytes) -> None:
    start = time.process_time()
    verdict = classify(raw)
    assert isinstance(verdict, Verdict)
    assert time.process_time() - start < 2


def test_limits_are_named() -> None:
    assert "too_deep" in read_message(HOSTILE["deep"]).defects
    assert "too_many_parts" in read_message(HOSTILE["wide"]).defects
    assert "message_cut" in read_message(HOSTILE["headers"]).defects


@given(st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_classified(raw: bytes) -> None:
    assert classify(raw).kind in Kind
    assert classify(BASE + raw).kind in Kind


@given(st.sampled_from(sorted(HOSTILE)), st.integers(0, 3000))
@settings(max_examples=40, deadline=None)
def test_cut_off_mail_is_classified(name: str, length: int) -> None:
    assert classify(HOSTILE[name][:length]).kind in Kind


def test_a_verdict_survives_json() -> None:
    verdict = classify(BASE + b"\nYes, please call me in September.")
    assert Verdict.from_dict(verdict.as_dict()) == verdict
