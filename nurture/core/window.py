"""Windows in which mail may go out: `mon-fri 08:00-18:00`, in the lead's own zone (semantics.md, Time).

Grammar: `any`, or DAYS HH:MM-HH:MM with DAYS `mon-fri`, `sat`, `mon,wed,fri` or `every day`; a list of
several is open whenever one of them is. A window is [start, end). Public holidays close windows whose
days are named; `every day` and `any` stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nurture.core.clocktime import (
    DAY_MINUTES,
    WEEKDAYS,
    clock_text,
    nearest,
    parse_clock,
    weekday_of,
    words_of,
)
from nurture.core.errors import GrammarError
from nurture.core.place import Place

HORIZON: Final = 400
"""Days ahead in which an opening is looked for: more than a year, so that only a window shut for good has none."""

DEFAULT_OPENING: Final = 9 * 60
"""Under `any` a day opens at 09:00 (semantics.md, Time)."""

Hours = tuple[tuple[int, int], ...]
"""Open times of a day as [start, end) minutes since midnight, in order, without overlaps."""

_EXAMPLE: Final = "write `mon-fri 08:00-18:00`, `every day 09:00-20:00` or `any`"


@dataclass(frozen=True, slots=True)
class Window:
    """When mail may go out. `text` is the author's form; `is_any` is the window that never closes."""

    text: str
    is_any: bool
    by_weekday: tuple[Hours, ...]
    on_holidays: Hours
    heeds_holidays: bool

    def __str__(self) -> str:
        return self.text

    def hours(self, day: int, place: Place) -> Hours:
        """When it is open on a local day (ordinal)."""
        if self.heeds_holidays and place.is_holiday_on(day):
            return self.on_holidays
        return self.by_weekday[(day + 6) % 7]

    def is_open(self, utc: datetime, place: Place) -> bool:
        """Whether it is open at this instant."""
        if self.is_any:
            return True
        day, minute = place.wall(utc)
        return _within(self.hours(day, place), minute)

    def is_open_on(self, day: int, minute: int, place: Place) -> bool:
        """Whether it is open at a minute of a local day (ordinal)."""
        return self.is_any or _within(self.hours(day, place), minute)

    def next_open(self, utc: datetime, place: Place, keep_clock: bool = False) -> datetime | None:
        """`utc` when open, else the next opening; with `keep_clock` the next day open at the same clock time.

        None when it never opens (at that clock time), looked for over HORIZON days.
        """
        if self.is_any:
            return utc
        day, minute = place.wall(utc)
        if _within(self.hours(day, place), minute):
            return utc
        if keep_clock:
            return self.next_open_at(day + 1, minute, place)
        for later in range(day, day + HORIZON):
            opening = self._first_opening(later, utc, place)
            if opening is not None:
                return opening
        return None

    def next_open_at(self, day: int, minute: int, place: Place) -> datetime | None:
        """The first local day from `day` (ordinal) on that is open at this clock time, as an instant."""
        for later in range(day, day + HORIZON) if self.can_open_at(minute) else ():
            if self.is_open_on(later, minute, place):
                at = place.instant(later, minute)
                if not place.clocks_change(later) or self.is_open(at, place):
                    return at
        return None

    def opening_on(self, day: int, place: Place) -> datetime | None:
        """The first opening on a local day (ordinal); 09:00 under `any`; None when closed all day."""
        if self.is_any:
            return place.instant(day, DEFAULT_OPENING)
        return self._first_opening(day, place.instant(day, 0), place)

    def closes(self, utc: datetime, place: Place) -> datetime | None:
        """When the opening that `utc` lies in ends, across midnight where it goes on; `utc` when closed.

        None when it does not end within HORIZON days.
        """
        if self.is_any:
            return None
        day, minute = place.wall(utc)
        for later in range(day, day + HORIZON):
            end = next((end for start, end in self.hours(later, place) if start <= minute < end), minute)
            if end < DAY_MINUTES:
                return max(utc, place.instant(later, end))
            minute = 0
        return None

    def can_open_at(self, clock: int) -> bool:
        """Whether it is open at this clock time (minutes since midnight) on any day of the week."""
        return self.is_any or any(_within(hours, clock) for hours in self.by_weekday)

    def without_holidays(self) -> Window:
        """The same window with public holidays as ordinary days: what it would be but for them."""
        return Window(self.text, self.is_any, self.by_weekday, self.on_holidays, heeds_holidays=False)

    def _first_opening(self, day: int, earliest: datetime, place: Place) -> datetime | None:
        """The first open instant on a local day not before `earliest`, which is an instant when closed."""
        hours = self.hours(day, place)
        if not hours:
            return None
        if place.clocks_change(day):
            return self._opening_amid_change(day, hours, earliest, place)
        for start, _ in hours:
            at = place.instant(day, start)
            if at >= earliest:
                return at
        return None

    def _opening_amid_change(
        self, day: int, hours: Hours, earliest: datetime, place: Place
    ) -> datetime | None:
        """The same on a day when clocks change: it opens at a start, at its second occurrence, or at the change."""
        candidates = [at for start, _ in hours for at in place.instants(day, start)]
        candidates += [earliest, *place.changes(day)]
        fitting = [
            at for at in candidates if at >= earliest and place.wall(at)[0] == day and self.is_open(at, place)
        ]
        return min(fitting, default=None)


ANY: Final = Window("any", True, (((0, 1440),),) * 7, ((0, 1440),), heeds_holidays=False)
"""The window that is always open."""


def parse_window(text: str | Sequence[str]) -> Window:
    """Read a window or a list of them. Raises GrammarError."""
    texts = [text] if isinstance(text, str) else list(text)
    if not texts:
        raise GrammarError("the list of windows is empty", _EXAMPLE)
    parts = [_parse_one(one) for one in texts]
    if any(part is None for part in parts):
        return ANY
    spans = [part for part in parts if part is not None]
    return Window(
        text=", ".join(" ".join(one.split()) for one in texts),
        is_any=False,
        by_weekday=tuple(_merged(s[1:] for s in spans if s[0] is None or day in s[0]) for day in range(7)),
        on_holidays=_merged(s[1:] for s in spans if s[0] is None),
        heeds_holidays=any(s[0] is not None for s in spans),
    )


def _within(hours: Hours, minute: int) -> bool:
    for start, end in hours:  # noqa: SIM110 - `any` with a generator takes three times as long
        if start <= minute < end:
            return True
    return False


def _merged(spans: Iterable[tuple[int, int]]) -> Hours:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _parse_one(text: str) -> tuple[frozenset[int] | None, int, int] | None:
    """(days, start, end), days None for every day; None altogether for `any`."""
    words = words_of("-".join(part.strip() for part in text.replace("–", "-").split("-")))
    if words == ["any"]:
        return None
    if not words:
        raise GrammarError("a window is missing", _EXAMPLE)
    hours, days = words[-1], words[:-1]
    every_day = words[:2] == ["every", "day"]
    if not any(c.isdigit() for c in hours):
        if not every_day:
            _days(words, text)
        raise GrammarError(f"`{text.strip()}` has no hours", f"write `{text.strip()} 08:00-18:00`")
    if not days:
        raise GrammarError(f"`{text.strip()}` names no days", f"write `mon-fri {text.strip()}`")
    start, end = _hours(hours, text)
    if every_day and len(days) > 2:
        raise GrammarError(f"`{text.strip()}` is not a window", _EXAMPLE)
    return (None if every_day else _days(days, text)), start, end


def _hours(word: str, text: str) -> tuple[int, int]:
    first, dash, last = word.partition("-")
    if not dash:
        raise GrammarError(f"`{text.strip()}` has no end", f"write `{word}-18:00`")
    start, end = parse_clock(first), parse_clock(last, midnight=True)
    if start == end:
        raise GrammarError(f"the window `{word}` is never open", "its end must be later than its start")
    if start > end:
        early, late = clock_text(end), clock_text(start)
        raise GrammarError(
            f"the window `{word}` ends before it starts",
            f"for one over midnight write two: `{late}-24:00` and `00:00-{early}`",
        )
    return start, end


def _days(words: list[str], text: str) -> frozenset[int]:
    """`mon-fri`, `sat`, `mon,wed,fri`, `mon, wed`, and these mixed."""
    found: set[int] = set()
    for part in "".join(words).split(","):
        first, dash, last = part.partition("-")
        begin, end = _day(first, text), _day(last if dash else first, text)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(found)


def _day(word: str, text: str) -> int:
    day = weekday_of(word)
    if day is not None:
        return day
    hints = {
        "daily": "write `every day`", "everyday": "write `every day`", "always": "write `any`",
        "weekdays": "write `mon-fri`", "workdays": "write `mon-fri`", "weekend": "write `sat,sun`",
    }  # fmt: skip
    hint = hints.get(word) or nearest(word, (*WEEKDAYS, *(name[:3] for name in WEEKDAYS))) or _EXAMPLE
    raise GrammarError(f"`{text.strip()}` is not a window: `{word}` is not a day", hint)
