"""The child that reads mail: it answers in order, and its death costs one mail only."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture.adapters.sandbox import Failure, FailureReason, Sandbox
from nurture.inbound.classify import classify
from nurture.inbound.verdict import Verdict
from nurture.ports import Incoming

MAIL = b"From: otto@kunde.example\nTo: anna@berg.example\nSubject: Re: Talk\nDate: Mon, 3 Aug 2026 10:00:00 +0200\n\nYes, please call me. %d\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


def test_it_reads_as_classify_does_and_in_order(sandbox: Sandbox) -> None:
    raws = [MAIL % number for number in range(300)]
    assert sandbox.read([Incoming(raw) for raw in raws]) == [classify(raw) for raw in raws]
    assert sandbox.read([]) == []


def test_the_time_of_arrival_is_passed_on(sandbox: Sandbox) -> None:
    when = datetime(2026, 8, 3, 9, tzinfo=UTC)
    answer = sandbox.read([Incoming(b"Please come back to me in two weeks.", when)])[0]
    assert isinstance(answer, Verdict)
    assert answer.date == when


def test_the_mail_of_ours_and_the_language_are_passed_on(sandbox: Sandbox) -> None:
    ours = (
        b"From: us@us.example\nSubject: Hello\nMessage-ID: <a@us.example>\n\nMay we go on writing to you?\n"
    )
    bare, beside = sandbox.read([Incoming(b"no"), Incoming(b"no", ours=ours, language="en")])
    assert isinstance(bare, Verdict)
    assert isinstance(beside, Verdict)
    assert (bare.intent, beside.intent) == ("refused", "unsubscribe")
    assert beside.asked == "May we go on writing to you?"


def test_large_mail_is_cut_and_its_size_kept(sandbox: Sandbox) -> None:
    raw = MAIL % 1 + b"x" * 5_000_000
    answer = sandbox.read([Incoming(raw)])[0]
    assert isinstance(answer, Verdict)
    assert (answer.size, "message_cut" in answer.defects) == (len(raw), True)


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose child hangs, eats memory, raises or dies when a mail asks for it."""
    script = tmp_path / "fragile.py"
    script.write_text(
        "import os, sys, time\n"
        "from nurture.adapters import reading_child\n"
        "real = reading_child.classify\n"
        "def fragile(raw, **options):\n"
        "    if b'HANG' in raw: time.sleep(60)\n"
        "    if b'SPIN' in raw:\n"
        "        while True: pass\n"
        "    if b'EAT' in raw: return bytearray(2 << 30)\n"
        "    if b'DIE' in raw: os._exit(3)\n"
        "    if b'RAISE' in raw: raise RuntimeError('ours')\n"
        "    return real(raw, **options)\n"
        "reading_child.classify = fragile\n"
        "reading_child.serve(sys.stdin.buffer, sys.stdout.buffer, 512 << 20, 0.5)\n"
    )
    with Sandbox(seconds_per_mail=0.5, command=[sys.executable, str(script)]) as box:
        yield box


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (b"HANG", FailureReason.TIME),
        (b"SPIN", FailureReason.TIME),
        (b"EAT", FailureReason.MEMORY),
        (b"DIE", FailureReason.DIED),
        (b"RAISE", FailureReason.CRASH),
    ],
)
def test_one_bad_mail_costs_itself_only(fragile: Sandbox, word: bytes, reason: FailureReason) -> None:
    raws = [MAIL % 1, word, MAIL % 2, word, MAIL % 3]
    answers = fragile.read([Incoming(raw) for raw in raws])
    assert [isinstance(answer, Failure) for answer in answers] == [False, True, False, True, False]
    assert isinstance(answers[1], Failure)
    assert answers[1].reason is reason


def test_a_child_killed_from_outside_is_replaced(sandbox: Sandbox) -> None:
    sandbox.read([Incoming(MAIL % 1)])
    assert sandbox._child is not None
    os.kill(sandbox._child.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert all(
        isinstance(answer, Verdict) for answer in sandbox.read([Incoming(MAIL % 2), Incoming(MAIL % 3)])
    )


def test_a_child_that_does_not_start_is_an_error() -> None:
    with (
        Sandbox(command=[sys.executable, "-c", "pass"]) as box,
        pytest.raises(OSError, match="does not start"),
    ):
        box.read([Incoming(MAIL % 1)])


def test_close_ends_the_child() -> None:
    box = Sandbox()
    box.read([Incoming(MAIL % 1)])
    assert box._child is not None
    pid = box._child.pid
    box.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
