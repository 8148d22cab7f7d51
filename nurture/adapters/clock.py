"""The clocks. This is the only file of nurture that reads the time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved: simulation, demo and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = _utc(start)

    def now(self) -> datetime:
        """The instant it was last moved to, in UTC."""
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Move to `instant` (timezone-aware). Moving to the same instant is nothing; moving back is a ValueError."""
        instant = _utc(instant)
        if instant < self._now:
            raise ValueError(f"the clock stands at {self._now} and can't go back to {instant}")
        self._now = instant


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(UTC)
