"""One daemon per SQLite file: an flock beside it, which the system frees when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from nurture.core.errors import StoreBusy


class DaemonLock:
    """Held while the `with` lasts. Raises StoreBusy, naming the other process, when another daemon holds it."""

    def __init__(self, database: Path) -> None:
        # By whatever link it was reached, one file has one lock.
        database = database.resolve()
        self.path = database.with_name(database.name + ".lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            self._file = None
            who = f" (process {other})" if other else ""
            raise StoreBusy(
                f"another daemon is running on this database{who}. One at a time on SQLite; for several use PostgreSQL"
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
