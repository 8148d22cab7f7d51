"""Each loop's last beat and last trouble: what `nurture status` and `/readyz` show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Beat:
    """One loop: when it last went round, how often, what went wrong last (None: nothing since it last worked)."""

    at: datetime | None = None
    rounds: int = 0
    trouble: str | None = None
    failures: int = 0


@dataclass(slots=True)
class Health:
    """All loops of a daemon."""

    beats: dict[str, Beat] = field(default_factory=dict)

    def beat(self, loop: str, at: datetime) -> None:
        """A round that worked."""
        beat = self.beats.setdefault(loop, Beat())
        beat.at, beat.rounds, beat.trouble, beat.failures = at, beat.rounds + 1, None, 0

    def trouble(self, loop: str, error: Exception) -> int:
        """A round that failed; answers how many failed in a row."""
        beat = self.beats.setdefault(loop, Beat())
        beat.trouble, beat.failures = f"{type(error).__name__}: {error}"[:500], beat.failures + 1
        return beat.failures
