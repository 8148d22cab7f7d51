"""One daemon per SQLite file: an flock beside it, which the system frees when the process dies, however it dies.

And one file per daemon: when another file is put in its place, or it is deleted, the daemon ends instead of writing into a
file that nobody will find again.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from nurture.core.errors import OutsideError, StoreBusy

_LOOK_EVERY = 1.0
_TRIES, _BETWEEN = 5, 0.02
"""Seconds between tries: `held` takes the lock for a moment, which must not look like another daemon."""


def held(database: Path) -> bool:
    """Whether a daemon runs on this SQLite file."""
    try:
        file = os.open(_beside(database), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _taken(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


class DaemonLock:
    """Held while the `with` lasts. Raises StoreBusy, naming the other process, when another daemon holds it."""

    def __init__(self, database: Path) -> None:
        self.database = database.resolve()
        self.path = _beside(database)
        self._file: int | None = None
        self._opened: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _taken(self._file, fcntl.LOCK_EX, _TRIES):
            other = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            self._file = None
            who = f" (process {other})" if other else ""
            raise StoreBusy(
                f"another daemon is running on this database{who}. One at a time on SQLite; for several use PostgreSQL"
            )
        self._opened = _identity(self.database)
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def watch(self, stop: asyncio.Event) -> None:
        """Look until `stop` whether the file is still the one that was locked. Raises OutsideError when it is not."""
        while not stop.is_set():
            if _identity(self.database) != self._opened:
                raise OutsideError(
                    f"the database {self.database} was deleted or replaced while the daemon ran on it. "
                    "See that what is there now is the right one, and start again"
                )
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_EVERY)


def _beside(database: Path) -> Path:
    """By whatever link it was reached, one file has one lock."""
    real = database.resolve()
    return real.with_name(real.name + ".lock")


def _taken(file: int, kind: int, tries: int = 1) -> bool:
    """Whether the lock was to be had."""
    for attempt in range(tries):
        if attempt:
            time.sleep(_BETWEEN)
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except OSError:
            continue
        return True
    return False


def _identity(database: Path) -> tuple[int, int] | None:
    """Which file it is; None where there is none."""
    try:
        found = database.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
