"""flufl.bounce as the last to be asked: it may find an address, and may never fail."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.inbound.message import read_message
from nurture.inbound.odd_forms import odd_failures


def test_what_names_no_address_names_nobody() -> None:
    assert odd_failures(read_message(b"From: a@x.example\nDate: x\n\nHello")) == ((), ())


@pytest.mark.parametrize("sender", [b"", b"From: \n", b"From: <>\n", b"From: MAILER-DAEMON\n"])
def test_a_missing_sender_does_not_make_it_stumble(sender: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        odd_failures(read_message(sender + b"Return-Path: <>\nDate: x\n\nnothing@all.example\n"))
    assert caplog.records == []


@given(st.text(alphabet="<>@.: \nabc-550", max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_is_looked_at(text: str) -> None:
    temporary, permanent = odd_failures(
        read_message(b"From: MAILER-DAEMON@x.example\nDate: x\n\n" + text.encode())
    )
    assert all("@" in address for address in (*temporary, *permanent))
