"""The small journal beside the database: what was about to be handed over, fsynced before the marker.

When an old backup of the database is put back, the journal knows what has gone out since (architecture.md, Sending 7).
One line a hand-over: time, send key, attempt.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from nurture.ports import HandOver

_KEEP = timedelta(days=400)


class FileJournal:
    """A journal in a file, appended to by one daemon. See `nurture.ports.Journal`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def note(self, hand_overs: Sequence[HandOver]) -> None:
        """Append and fsync. Raises OSError when that fails; then nothing may be sent."""
        lines = "".join(f"{one.at.isoformat()}\t{one.attempt}\t{one.send_key}\n" for one in hand_overs)
        await asyncio.to_thread(self._append, lines.encode())

    def _append(self, lines: bytes) -> None:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            end = os.fstat(file).st_size
            if end and os.pread(file, 1, end - 1) != b"\n":
                lines = b"\n" + lines  # a line torn by a crash must not swallow the next one
            try:
                _write_all(file, lines)
                os.fsync(file)
            except OSError:
                os.ftruncate(file, end)
                raise
        finally:
            os.close(file)

    def read(self, now: datetime) -> list[HandOver]:
        """What was noted in the last 400 days, the oldest first; a torn last line is left out."""
        if not self.path.exists():
            return []
        found = [_parse(line) for line in self.path.read_text(errors="replace").split("\n")[:-1]]
        return [one for one in found if one is not None and now - one.at < _KEEP]


def _write_all(file: int, octets: bytes) -> None:
    """A disk that is full takes a part before it says so."""
    while octets:
        octets = octets[os.write(file, octets) :]


def _parse(line: str) -> HandOver | None:
    parts = line.split("\t", 2)
    try:
        return HandOver(send_key=parts[2], attempt=int(parts[1]), at=datetime.fromisoformat(parts[0]))
    except (IndexError, ValueError):
        return None
