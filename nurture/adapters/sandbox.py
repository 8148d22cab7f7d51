"""Incoming mail is read in a child process that may be killed: limits of time and memory, and none of our secrets.

A mail that overruns a limit, or kills the child, costs that mail a `Failure` and the child a restart; the others
in the batch are read all the same. The child itself is `reading_child.py`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from nurture.inbound.intent.language import LANGUAGES
from nurture.inbound.mime import MAX_BYTES
from nurture.inbound.verdict import Verdict
from nurture.ports import Incoming

MEMORY_BYTES = 512 * 1024 * 1024
SECONDS_PER_MAIL = 2.0
SECONDS_TO_START = 30.0
ROUNDS = 4
"""On a busy machine a child may take so many times `SECONDS_PER_MAIL`, as long as it got less processor time."""
MAILS_PER_CHILD = 20_000
MAX_ANSWER = 8 * 1024 * 1024
"""A verdict holds the text twice at most; anything longer is no answer of ours."""

LENGTHS = struct.Struct(">II")
LENGTH = struct.Struct(">I")
READY, LOADING = b"ready", b"loading"


class FailureReason(StrEnum):
    """Why a mail could not be read."""

    TIME = "time"
    """It took longer than allowed; the child was killed."""
    MEMORY = "memory"
    """It needed more memory than allowed."""
    CRASH = "crash"
    """The reading raised an error that it should not raise: a fault of ours."""
    DIED = "died"
    """The child ended while it read this mail."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail that could not be read, and why; the raw bytes are kept for a person by the caller."""

    reason: FailureReason
    detail: str = ""


class Sandbox:
    """Reads mails in a child process. One call at a time; calls from several threads wait for each other.

    `words` are a project's own, by language, each a YAML text as for `load_lexicon`; `reword` changes them. Use as a context manager, or call `close`. The child is started by the first `read` and kept.
    """

    def __init__(
        self,
        *,
        seconds_per_mail: float = SECONDS_PER_MAIL,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        self._words = dict(words or {})
        self._seconds = seconds_per_mail
        self._command = list(
            command
            or (
                sys.executable,
                "-m",
                "nurture.adapters.reading_child",
                str(memory_bytes),
                str(seconds_per_mail),
            )
        )
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the child, if there is one."""
        with self._lock:
            self._kill()

    def reword(self, words: Mapping[str, str]) -> None:
        """Read with these words from the next mail on; the child is started anew when they are others."""
        with self._lock:
            if dict(words) != self._words:
                self._words = dict(words)
                self._kill()

    def read(self, mails: Sequence[Incoming]) -> list[Verdict | Failure]:
        """What each mail is, in their order. Never raises for a mail's sake.

        Raises OSError if no child can be started.
        """
        with self._lock:
            answers: list[Verdict | Failure] = []
            starts = 0
            while len(answers) < len(mails):
                before = len(answers)
                self._serve(mails[before:], answers)
                starts = 0 if len(answers) > before + 1 else starts + 1
                if starts > 1000:
                    raise OSError("the mail reader cannot be kept running")
            return answers

    def _serve(self, mails: Sequence[Incoming], answers: list[Verdict | Failure]) -> None:
        """Have as many mails read as one child lives for; each gets an answer, the one that killed it too."""
        if self._child is None or self._served >= MAILS_PER_CHILD or self._child.poll() is not None:
            self._start()
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        writer = threading.Thread(target=_write_all, args=(child.stdin, mails), daemon=True)
        writer.start()
        for mail in mails:
            frame = self._next_answer(child.stdout, child.pid)
            if isinstance(frame, FailureReason):
                detail = "" if frame is FailureReason.TIME else f"the reader ended with {child.poll()}"
                answers.append(Failure(frame, detail))
                self._kill()
                break
            answers.append(_answer(frame, len(mail.raw)))
            self._served += 1
        writer.join(timeout=5)

    def _next_answer(self, pipe: IO[bytes], pid: int) -> bytes | FailureReason:
        """The child's answer to a mail. Loading the words of a language is its own time, not the mail's."""
        for _ in LANGUAGES:
            frame = _read_frame(pipe, self._seconds, pid)
            if frame != LOADING:
                return frame
            if _read_frame(pipe, SECONDS_TO_START) != READY:
                return FailureReason.DIED
        return _read_frame(pipe, self._seconds, pid)

    def _start(self) -> None:
        self._kill()
        environment = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        own = [json.dumps(self._words)] if self._words else []
        self._child = subprocess.Popen(
            [*self._command, *own],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            close_fds=True,
        )
        self._served = 0
        assert self._child.stdout is not None
        if _read_frame(self._child.stdout, SECONDS_TO_START) != READY:
            self._kill()
            raise OSError("the mail reader does not start")

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _write_all(pipe: IO[bytes], mails: Sequence[Incoming]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for mail in mails:
            raw, ours = mail.raw[: MAX_BYTES + 1], mail.ours[:MAX_BYTES]
            known = {
                "received_at": mail.received_at.isoformat() if mail.received_at else None,
                "language": mail.language,
                "ours": len(ours),
            }
            meta = json.dumps(known).encode()
            pipe.write(LENGTHS.pack(len(meta), len(raw)) + meta + raw + ours)
        pipe.flush()


def _read_frame(pipe: IO[bytes], seconds: float, pid: int | None = None) -> bytes | FailureReason:
    """The child's next answer, or why there is none. With its `pid`, a child that got no processor may take longer."""
    size = _read_exactly(pipe, LENGTH.size, seconds, pid)
    if isinstance(size, FailureReason):
        return size
    length = int(LENGTH.unpack(size)[0])
    return _read_exactly(pipe, length, seconds, pid) if length <= MAX_ANSWER else FailureReason.CRASH


def _read_exactly(pipe: IO[bytes], size: int, seconds: float, pid: int | None) -> bytes | FailureReason:
    found = b""
    spent, rounds = (_processor_seconds(pid) if pid else 0.0), 0
    while len(found) < size:
        ready, _, _ = select.select([pipe], [], [], seconds)
        if not ready:
            rounds += 1
            if rounds >= ROUNDS or _processor_seconds(pid) - spent >= seconds * 0.75:
                return FailureReason.TIME
            continue
        piece = os.read(pipe.fileno(), min(size - len(found), 1 << 20))
        if not piece:
            return FailureReason.DIED
        found += piece
    return found


def _processor_seconds(pid: int | None) -> float:
    """Processor time a process has used; endless for one that cannot be looked at, so that it is not waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return math.inf


def _answer(frame: bytes, size: int) -> Verdict | Failure:
    try:
        plain: dict[str, Any] = json.loads(frame)
        if "failure" in plain:
            return Failure(FailureReason(plain["failure"]), str(plain.get("detail", "")))
        verdict = Verdict.from_dict(plain)
        return verdict if verdict.size == size else replace(verdict, size=size)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Failure(FailureReason.CRASH, f"unreadable answer: {type(error).__name__}")
