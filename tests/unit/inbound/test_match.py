"""What a mail can be matched by, strongest first."""

from __future__ import annotations

from nurture.inbound.classify import classify
from nurture.inbound.match import clues, verified_token
from nurture.inbound.message import read_message
from nurture.inbound.verdict import Clue, ClueKind

RAW = (
    b"Delivered-To: reply+abc.def@berg.example\nFrom: Otto <Otto@kunde.example>\nReply-To: office@kunde.example\nTo: anna@berg.example\n"
    b"In-Reply-To: <2@berg.example>\nReferences: <1@berg.example> <2@berg.example>\nDate: x\n\nYes\n"
)


def test_clues_of_a_reply_in_order() -> None:
    assert clues(read_message(RAW)) == (
        Clue(ClueKind.TOKEN, "abc.def", "recipient"),
        Clue(ClueKind.MESSAGE_ID, "<2@berg.example>", "in-reply-to"),
        Clue(ClueKind.MESSAGE_ID, "<2@berg.example>", "references"),
        Clue(ClueKind.MESSAGE_ID, "<1@berg.example>", "references"),
        Clue(ClueKind.SENDER, "otto@kunde.example", "from"),
        Clue(ClueKind.SENDER, "office@kunde.example", "reply-to"),
    )


def test_only_a_verified_token_counts() -> None:
    found = clues(read_message(RAW))
    assert verified_token(found, {"abc.def": 17}.get) == 17
    assert verified_token(found, {"forged": 17}.get) is None


def test_a_bounce_is_about_its_recipient_not_its_sender() -> None:
    verdict = classify(
        b"From: MAILER-DAEMON@mx.example\nTo: reply+abc.def@berg.example\nSubject: Undelivered Mail Returned to Sender\n"
        b"X-Failed-Recipients: otto@kunde.example\n\nUser unknown\n"
    )
    assert [clue.value for clue in verdict.clues] == ["abc.def", "otto@kunde.example"]
