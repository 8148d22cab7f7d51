"""Where a planned time finally falls: window, limit and gap in turn until none moves it (semantics.md, Time)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from nurture.core.clocktime import to_minute
from nurture.core.duration import Duration
from nurture.core.limit import Limit, first_fit, fits
from nurture.core.place import Place
from nurture.core.window import Window

PATIENCE: Final = timedelta(days=14)
"""A limit waits at most this long; then the email is passed."""


class Fit(NamedTuple):
    """`at`: the planned time, None when the email is passed. `words`: what moved it or passed it, in order.

    Words: `window` (closed at that time), `holiday` (closed only for a public holiday), `over_limit`.
    """

    at: datetime | None
    words: tuple[str, ...] = ()


def fit(
    t: datetime,
    *,
    window: Window,
    place: Place,
    keep_clock: bool,
    limits: Sequence[Limit] = (),
    gap: Duration | None = None,
    sent: Sequence[datetime] = (),
    overall: Sequence[Limit] = (),
    overall_gap: Duration | None = None,
    overall_sent: Sequence[datetime] = (),
    waiting_since: datetime | None = None,
) -> Fit:
    """The first time from `t` on inside the window, within the limits and the gap after what was `sent`.

    `keep_clock`: an `at` with a clock time; it moves by whole days keeping that time. `sent` is as for
    `first_fit`; `overall` and `overall_gap` count `overall_sent`, the mails of all campaigns. `waiting_since` is the
    time first planned for, when an earlier fit has already moved it: the 14 days count from there. None with
    `over_limit` when a limit would wait longer; None with `window` when the window never opens (at that
    clock time).
    """
    t = to_minute(t)
    budgets = []
    if sent and (limits or gap):
        budgets.append(_Budget(limits, gap, sent))
    if overall_sent and (overall or overall_gap):
        budgets.append(_Budget(overall, overall_gap, overall_sent))
    if window.is_open(t, place) and (not budgets or _allow(budgets, t, place)):
        return Fit(t)
    if keep_clock:
        return _fit_by_days(t, window, budgets, place, waiting_since)
    return _fit_by_turns(t, window, budgets, place, waiting_since)


class _Budget(NamedTuple):
    """Limits, and the mails they count."""

    limits: Sequence[Limit]
    gap: Duration | None
    sent: Sequence[datetime]


def _allow(budgets: Sequence[_Budget], t: datetime, place: Place) -> bool:
    return all(fits(budget.limits, budget.gap, budget.sent, t, place) for budget in budgets)


def _first_allowed(budgets: Sequence[_Budget], t: datetime, place: Place) -> datetime:
    """The first whole minute from `t` on that every budget allows."""
    while not _allow(budgets, t, place):
        for budget in budgets:
            t = _on_the_minute(first_fit(budget.limits, budget.gap, budget.sent, t, place))
    return t


def _fit_by_turns(
    t: datetime, window: Window, budgets: Sequence[_Budget], place: Place, waiting_since: datetime | None
) -> Fit:
    """The window's next opening, then the first instant the limits allow, until both agree."""
    words: dict[str, None] = {}
    latest = waiting_since + PATIENCE if waiting_since else None
    while True:
        opening = window.next_open(t, place)
        if opening is None:
            return Fit(None, (*words, "window"))
        if opening > t:
            words.update(dict.fromkeys(_why_closed(t, opening, window, place)))
        t = _first_allowed(budgets, opening, place)
        if t == opening:
            return Fit(opening, tuple(words))
        words["over_limit"] = None
        latest = latest or opening + PATIENCE
        if t > latest:
            return Fit(None, tuple(words))


def _fit_by_days(
    t: datetime, window: Window, budgets: Sequence[_Budget], place: Place, waiting_since: datetime | None
) -> Fit:
    """The same clock time on the first day, `t`'s own or later, that the window and the limits allow."""
    words: dict[str, None] = {}
    _, minute = place.wall(t)
    at = window.next_open(t, place, keep_clock=True)
    latest = waiting_since + PATIENCE if waiting_since else None
    while at is not None:
        if at > t:
            words.update(dict.fromkeys(_why_closed(t, at, window, place, minute)))
        if _allow(budgets, at, place):
            return Fit(at, tuple(words))
        words["over_limit"] = None
        latest = latest or at + PATIENCE
        free = _first_allowed(budgets, at, place)
        day = place.wall(free)[0]
        t = place.instant(day, minute)
        if t < free:
            t = place.instant(day := day + 1, minute)
        if t > latest:
            return Fit(None, tuple(words))
        at = window.next_open_at(day, minute, place)
    return Fit(None, (*words, "window"))


def _on_the_minute(t: datetime) -> datetime:
    """The first whole minute not before `t`."""
    floor = to_minute(t)
    return floor if floor == t else floor + timedelta(minutes=1)


def _why_closed(
    t: datetime, opening: datetime, window: Window, place: Place, clock: int | None = None
) -> list[str]:
    """Why the window moved `t` to `opening`: its hours, a public holiday, or both."""
    days = range(place.wall(t)[0], place.wall(opening)[0] + 1)
    if not window.heeds_holidays or not any(place.is_holiday_on(day) for day in days):
        return ["window"]
    ordinary = window.without_holidays()
    if clock is None:
        sooner = ordinary.next_open(t, place)
    else:
        sooner = ordinary.next_open_at(place.wall(t)[0], clock, place)
    words = ["window"] if sooner is None or sooner > t else []
    return [*words, "holiday"] if sooner is not None and sooner < opening else words
