"""Limits on how often a person is mailed: `2 per week`, and the gap between two mails (semantics.md, Time).

A limit counts over the last hour, 24 hours, 7 × 24 hours or 30 × 24 hours, half-open (t − span, t]: a mail
sent exactly a week ago no longer counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nurture.core.clocktime import nearest, words_of
from nurture.core.duration import Duration, add
from nurture.core.errors import GrammarError
from nurture.core.place import Place

SPANS: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(hours=24),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
"""How far back each unit of a limit looks."""

_EXAMPLE: Final = "write `2 per week`; units are hour, day, week and month"
_NUMBERS: Final = {"once": 1, "twice": 2, "one": 1, "two": 2, "three": 3}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` mails in any `span`."""

    count: int
    span: timedelta
    text: str

    def __str__(self) -> str:
        return self.text


def parse_limit(text: str | Sequence[str]) -> tuple[Limit, ...]:
    """Read `2 per week`, or a list of limits which all hold. Raises GrammarError."""
    return tuple(_parse_one(one) for one in ([text] if isinstance(text, str) else text))


def first_fit(
    limits: Sequence[Limit], gap: Duration | None, sent: Sequence[datetime], t: datetime, place: Place
) -> datetime:
    """The first instant from `t` on at which one more mail keeps every limit and the gap.

    `sent` holds the planned times of what counts, in ascending order; later ones than `t` are heeded too.
    Always finite: when all that was sent is long ago, everything fits.
    """
    if not sent or fits(limits, gap, sent, t, place):
        return t
    steps = {at + limit.span for limit in limits for at in sent}
    if gap is not None:
        steps.update(add(gap, at, place) for at in sent)
    return next(at for at in sorted(steps) if at > t and fits(limits, gap, sent, at, place))


def fits(
    limits: Sequence[Limit], gap: Duration | None, sent: Sequence[datetime], t: datetime, place: Place
) -> bool:
    """Whether one more mail at `t` keeps every limit and the gap."""
    if not sent or t >= sent[-1]:
        size = len(sent)
        for limit in limits:
            if limit.count <= size and t - sent[size - limit.count] < limit.span:
                return False
        return gap is None or not sent or add(gap, sent[-1], place) <= t
    return _fits_among(limits, gap, sent, t, place)


def _fits_among(
    limits: Sequence[Limit], gap: Duration | None, sent: Sequence[datetime], t: datetime, place: Place
) -> bool:
    """The same when something is planned after `t`: any count + 1 neighbours must span the limit."""
    index = bisect_left(sent, t)
    times = [*sent[:index], t, *sent[index:]]
    for limit in limits:
        for first in range(max(0, index - limit.count), min(index, len(times) - 1 - limit.count) + 1):
            if times[first + limit.count] - times[first] < limit.span:
                return False
    if gap is None:
        return True
    before = index == 0 or add(gap, sent[index - 1], place) <= t
    return before and add(gap, t, place) <= sent[index]


def _parse_one(text: str) -> Limit:
    words = words_of(text.replace("/", " per "))
    if len(words) != 3 or words[1] != "per":
        if len(words) == 3 and words[1] in ("a", "each", "every", "in") and words[2] in SPANS:
            number = _NUMBERS.get(words[0], words[0])
            raise GrammarError(f"`{text.strip()}` is not a limit", f"write `{number} per {words[2]}`")
        raise GrammarError(f"`{text.strip()}` is not a limit", _EXAMPLE)
    number, _, unit = words
    if number in _NUMBERS:
        raise GrammarError(f"`{text.strip()}` is not a limit", f"write `{_NUMBERS[number]} per {unit}`")
    if not (number.isascii() and number.isdigit()):
        raise GrammarError(f"`{number}` is not a number of emails", _EXAMPLE)
    if unit not in SPANS:
        hint = f"write `{number} per {unit[:-1]}`" if unit[:-1] in SPANS else nearest(unit, tuple(SPANS))
        raise GrammarError(f"a limit cannot count per `{unit}`", hint or _EXAMPLE)
    count = int(number) if len(number) < 10 else 10**9
    if count < 1:
        raise GrammarError(f"`{text.strip()}` would never let an email out", "the least is 1")
    return Limit(count, SPANS[unit], f"{count} per {unit}")
