"""Rounds do not bring more emails than the limits let out: what waits longer than 14 days is passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from nurture.core.duration import Duration
from nurture.core.graph import Email, Graph, Node, Repeat
from nurture.core.recurrence import Every, Interval, MonthDay, MonthlyWeekday, Weekly
from nurture.language.bench import Bench
from nurture.language.campaign_codes import NEVER_FITS
from nurture.language.problems import Place

LONGEST_WAIT: Final = timedelta(days=14)
FOR_EVER: Final = 1000
"""Rounds of a `repeat` without `times`."""


def check(bench: Bench, graph: Graph) -> None:
    """`repeat: {every: 1 week}` under `limit: 1 per month`: soon each email waits too long, and is passed."""
    bodies = defaultdict[str, list[Node]](list)
    for node in graph.nodes.values():
        bodies[node.rounds[-1] if node.rounds else ""].append(node)
    for node in graph.nodes.values():
        if not isinstance(node.verb, Repeat):
            continue
        emails, rounds = _emails(bodies[node.id], node.verb)
        every = _length(node.verb.every)
        if not emails or every is None:
            continue
        for words, spacing in _spacings(graph):
            if (spacing * emails - every) * (rounds - 1) > LONGEST_WAIT:
                message = (
                    f"The rounds bring more emails than {words} lets out: the later ones are never sent."
                )
                hint = "make the rounds rarer, or the limit wider"
                bench.problems.error(Place(node.line, node.column), NEVER_FITS, message, hint)
                break


def _emails(body: list[Node], repeat: Repeat) -> tuple[int, int]:
    """How many emails a round surely brings, and how many such rounds there are at most."""
    rounds = repeat.times or FOR_EVER
    emails = 0
    for inner in body:
        email = inner.verb
        if not isinstance(email, Email) or email.service is not None or inner.condition is not None:
            continue
        emails += 1
        if email.rotates and email.occasion is None:
            rounds = min(rounds, len(email.templates))
    return emails, rounds


def _spacings(graph: Graph) -> Iterator[tuple[str, timedelta]]:
    """The time each limit wants between two emails in the long run."""
    for limit in (*graph.send.limits, *graph.send.overall):
        yield f"`{limit}`", limit.span / limit.count
    for gap in (graph.send.gap, graph.send.overall_gap):
        if gap is not None and (least := _least(gap)):
            yield f"`gap: {gap}`", least


def _length(every: Every) -> timedelta | None:
    """The longest time between two rounds, roughly."""
    match every:
        case Interval(duration=duration):
            days = 366 * duration.years + 31 * duration.months + 7 * duration.weeks + duration.days
            days += 2 * duration.business_days
            return timedelta(
                days=days, hours=duration.hours + 3 * duration.business_hours, minutes=duration.minutes
            )
        case Weekly():
            return timedelta(days=7)
        case MonthlyWeekday() | MonthDay():
            return timedelta(days=31)
        case _:
            return None


def _least(duration: Duration) -> timedelta:
    """The shortest a duration can be."""
    days = (
        365 * duration.years
        + 28 * duration.months
        + 7 * duration.weeks
        + duration.days
        + duration.business_days
    )
    return timedelta(days=days, hours=duration.hours + duration.business_hours, minutes=duration.minutes)
