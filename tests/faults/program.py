"""nurture as a process of its own: begun, watched through what it says, ended, killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


async def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.02)


def surroundings(relay_port: int | None = None, **more: str) -> dict[str, str]:
    """The environment of a daemon that mails to a relay on this machine."""
    relay = {
        "NURTURE_SMTP__HOST": "127.0.0.1",
        "NURTURE_SMTP__PORT": str(relay_port or 9),
        "NURTURE_SMTP__SECURITY": "none",
        "NURTURE_SMTP__CONNECTIONS": "4",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NURTURE_")}
    return {**kept, **relay, "PYTHONPATH": str(ROOT), **more}


@dataclass
class Program:
    """One process; `log` is what it has said, `code` its exit code once its end was seen."""

    pid: int
    log: Path
    _poll: Callable[[], int | None]
    code: int | None = None

    def said(self) -> str:
        """All it has said, on both outputs."""
        return self.log.read_text() if self.log.exists() else ""

    async def says(self, text: str, seconds: float = 30) -> str:
        """Wait until it has said this, and answer all it has said."""
        until = time.monotonic() + seconds
        while text not in (said := self.said()):
            assert time.monotonic() < until, f"it never said {text!r}, but: {said}"
            await asyncio.sleep(0.02)
        return said

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that has ended already gets none."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def ends(self, seconds: float = 30) -> int:
        """Wait for its end; answers the exit code, or minus the signal that killed it."""
        await until(self.ended, seconds)
        assert self.code is not None
        return self.code

    def ended(self) -> bool:
        """Whether it has ended."""
        if self.code is None:
            self.code = self._poll()
        return self.code is not None

    async def killed(self) -> None:
        """Kill it as a power cut would."""
        self.send(signal.SIGKILL)
        await self.ends()


@dataclass
class Nursery:
    """Forks programs quickly (see `nursery.py`)."""

    _process: subprocess.Popen[str]
    _born: list[Program] = field(default_factory=list)

    def begin(
        self, folder: Path, *words: str, environ: Mapping[str, str], grace: float | None = None
    ) -> Program:
        """`nurture --project FOLDER WORDS`; `grace` instead of the daemon's thirty seconds."""
        log = folder.parent / f"{folder.name}.{len(self._born)}.log"
        wish: dict[str, Any] = {"words": ["--project", str(folder), *words], "log": str(log)}
        wish["environ"] = {name: value for name, value in environ.items() if name.startswith("NURTURE_")}
        if grace is not None:
            wish["grace"] = grace
        pid: int = self._ask(wish)
        program = Program(pid, log, lambda: self._ask({"ended": pid}))
        self._born.append(program)
        return program

    def start(self, folder: Path, *words: str, environ: Mapping[str, str]) -> Program:
        """`python -m nurture --project FOLDER WORDS`, as a person starts it: no fork."""
        log = folder.parent / f"{folder.name}.{len(self._born)}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "nurture", "--project", str(folder), *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(environ),
            )
        self._born.append(program := Program(process.pid, log, process.poll))
        return program

    def _ask(self, wish: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def clear(self) -> None:
        """Kill what a test has left."""
        for program in self._born:
            while not program.ended():
                program.send(signal.SIGKILL)
                time.sleep(0.01)
        self._born.clear()


@contextmanager
def open_nursery() -> Iterator[Nursery]:
    """A nursery for many programs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=surroundings(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == "ready"
        yield Nursery(process)
        process.stdin.close()
