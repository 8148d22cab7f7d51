"""How often one visitor may send something: counted in memory, forgotten when the time is over."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many forms: from one network address in ten minutes, for one email or phone in an hour, and faster
    than a person types from one network address in an hour.
    """

    per_network: int = 40
    per_person: int = 10
    in_haste: int = 5


class Counter:
    """Counts what happened lately, by key. Knows at most `most_keys` keys; the ones not seen longest go first."""

    def __init__(self, most_keys: int = 20_000) -> None:
        self._most_keys = most_keys
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, key: str, most: int, span: timedelta, now: datetime) -> bool:
        """Count one more, unless there were `most` within `span` already; answers whether it was counted."""
        times = self._seen.setdefault(key, deque(maxlen=max(most, 1)))
        self._seen.move_to_end(key)
        while len(self._seen) > self._most_keys:
            self._seen.popitem(last=False)
        while times and times[0] <= now - span:
            times.popleft()
        if len(times) >= most:
            return False
        times.append(now)
        return True


class Bursts:
    """Tells machines from people by their pace: nobody follows many links of one mail within two seconds."""

    PACE = timedelta(seconds=2)
    MOST = 3

    def __init__(self, most_keys: int = 20_000) -> None:
        self._most_keys = most_keys
        self._seen: OrderedDict[int, dict[str, datetime]] = OrderedDict()

    def too_fast(self, message: int, link: str, now: datetime) -> bool:
        """Whether this link makes it more than a person follows."""
        links = self._seen.setdefault(message, {})
        self._seen.move_to_end(message)
        while len(self._seen) > self._most_keys:
            self._seen.popitem(last=False)
        for old in [name for name, at in links.items() if at <= now - self.PACE]:
            del links[old]
        links[link] = now
        return len(links) > self.MOST
