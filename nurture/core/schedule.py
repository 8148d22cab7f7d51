"""Where a planned time finally falls: window, limit and gap in turn until none moves it (semantics.md, Time)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nurture.core.duration import Duration
from nurture.core.limit import Limit, first_fit, fits
from nurture.core.place import Place
from nurture.core.window import HORIZON, Window

PATIENCE: Final = timedelta(days=14)
"""A limit waits at most this long; then the email is passed."""


@dataclass(frozen=True, slots=True)
class Fit:
    """`at`: the planned time, None when the email is passed. `words`: what moved it or passed it, in order.

    Words: `window` (closed at that time), `holiday` (closed only for a public holiday), `over_limit`.
    """

    at: datetime | None
    words: tuple[str, ...] = ()


def to_minute(t: datetime) -> datetime:
    """The minute `t` lies in: planned times have minute resolution."""
    return t.replace(second=0, microsecond=0) if t.second or t.microsecond else t


def fit(
    t: datetime,
    *,
    window: Window,
    place: Place,
    keep_clock: bool,
    limits: Sequence[Limit] = (),
    gap: Duration | None = None,
    sent: Sequence[datetime] = (),
    waiting_since: datetime | None = None,
) -> Fit:
    """The first time from `t` on inside the window, within the limits and the gap after what was `sent`.

    `keep_clock`: an `at` with a clock time; it moves by whole days keeping that time. `sent` is as for
    `first_fit`. `waiting_since` is the time first planned for, when an earlier fit has already moved it:
    the 14 days count from there. None with `over_limit` when a limit would wait longer; None with `window`
    when the window never opens (at that clock time).
    """
    t = to_minute(t)
    free = not sent or (not limits and gap is None)
    if window.is_open(t, place) and (free or fits(limits, gap, sent, t, place)):
        return Fit(t)
    if keep_clock:
        return _fit_by_days(t, window, limits, gap, sent, place, waiting_since or t)
    return _fit_by_turns(t, window, limits, gap, sent, place, waiting_since)


def _fit_by_turns(
    t: datetime,
    window: Window,
    limits: Sequence[Limit],
    gap: Duration | None,
    sent: Sequence[datetime],
    place: Place,
    waiting_since: datetime | None,
) -> Fit:
    words: dict[str, None] = {}
    latest = waiting_since + PATIENCE if waiting_since else None
    while True:
        opening = window.next_open(t, place)
        if opening is None:
            return Fit(None, (*words, "window"))
        if opening > t:
            words.update(dict.fromkeys(_why_closed(t, opening, window, place)))
        free = _on_the_minute(first_fit(limits, gap, sent, opening, place))
        if free == opening:
            return Fit(opening, tuple(words))
        words["over_limit"] = None
        latest = latest or opening + PATIENCE
        if free > latest:
            return Fit(None, tuple(words))
        t = free


def _fit_by_days(
    t: datetime,
    window: Window,
    limits: Sequence[Limit],
    gap: Duration | None,
    sent: Sequence[datetime],
    place: Place,
    waiting_since: datetime,
) -> Fit:
    """The same clock time on the first later day (or `t`'s own) that fits."""
    words: dict[str, None] = {}
    _, minute = place.wall(t)
    at, latest = window.next_open(t, place, keep_clock=True), None
    for _ in range(HORIZON):
        if at is None:
            return Fit(None, (*words, "window"))
        if at > t:
            words.update(dict.fromkeys(_why_closed(t, at, window, place, minute)))
        latest = latest or max(at, waiting_since) + PATIENCE
        if fits(limits, gap, sent, at, place):
            return Fit(at, tuple(words))
        words["over_limit"] = None
        day = place.wall(at)[0] + 1
        t = place.instant(day, minute)
        if t > latest:
            return Fit(None, tuple(words))
        at = window.next_open_at(day, minute, place)
    return Fit(None, tuple(words))


def _on_the_minute(t: datetime) -> datetime:
    """The first whole minute not before `t`."""
    floor = to_minute(t)
    return floor if floor == t else floor + timedelta(minutes=1)


def _why_closed(
    t: datetime, opening: datetime, window: Window, place: Place, clock: int | None = None
) -> list[str]:
    """Why the window moved `t` to `opening`: its hours, a public holiday, or both."""
    if not window.heeds_holidays:
        return ["window"]
    ordinary = window.without_holidays()
    if clock is None:
        sooner = ordinary.next_open(t, place)
    else:
        sooner = ordinary.next_open_at(place.wall(t)[0], clock, place)
    words = ["window"] if sooner is None or sooner > t else []
    return [*words, "holiday"] if sooner is not None and sooner < opening else words
