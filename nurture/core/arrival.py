"""When a lead that has arrived at a step goes on: the step's own time, then window, limit and gap (semantics.md, Time)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from nurture.core.duration import Delay, add, delay_end
from nurture.core.enrolment import Enrolment
from nurture.core.facts import Facts
from nurture.core.graph import Email, Graph, Node, Repeat
from nurture.core.person import Person
from nurture.core.place import Place
from nurture.core.point import Point, Resolved, resolve
from nurture.core.recurrence import next_after
from nurture.core.schedule import fit
from nurture.core.window import Window, parse_window

ANY = parse_window("any")

SERVICE_AGE = timedelta(days=7)
"""A service mail answers an own event at most this old."""


class Planned(NamedTuple):
    """When a step's time comes: `at` (UTC, never before arrival), or None with the `word` why it is passed.

    `keeps_clock`: it was given a clock time, which a closed window keeps on the next open day. `over`: when the delay
    of a step that is passed is over.
    """

    at: datetime | None
    word: str = ""
    keeps_clock: bool = False
    over: datetime | None = None


def own_time(node: Node, graph: Graph, enrolment: Enrolment, person: Person, arrived: datetime) -> Planned:
    """The step's own time, before windows and limits."""
    timing = node.timing
    if timing.after is None and timing.at is None:
        return Planned(arrived)
    start, keeps = arrived, timing.after_at is not None
    if timing.after is not None:
        clock = None if timing.after_at is None else timing.after_at.hour * 60 + timing.after_at.minute
        start = delay_end(Delay(timing.after, clock), arrived, person.place)
    if timing.at is None:
        return Planned(start, keeps_clock=keeps)
    found = _resolve(timing.at, node, graph, enrolment, person, start, arrived)
    if found.unknown:
        return Planned(None, f"{found.unknown} is not known", over=start)
    if found.passed:
        return Planned(start) if timing.send_missed else Planned(None, f"{timing.at} has passed", over=start)
    assert found.at is not None
    return Planned(max(found.at, arrived), keeps_clock=found.has_clock)


def point_time(
    point: Point, node: Node, graph: Graph, enrolment: Enrolment, person: Person, after: datetime
) -> datetime | None:
    """When a POINT (`until`, `latest`) is; None where it has passed or is not known."""
    found = _resolve(point, node, graph, enrolment, person, after, after)
    return None if found.passed or found.unknown else found.at


def email_time(
    planned: Planned, node: Node, graph: Graph, enrolment: Enrolment, person: Person, start: datetime
) -> Planned:
    """When an email may go from `start` on: its window, the campaign's limits and gap, the project's, in turn.

    A limit that would make it wait more than 14 days from the step's own time (or the end of an absence or a pause)
    passes it with the word `over_limit`.
    """
    email = node.verb
    assert isinstance(email, Email)
    first = max(planned.at or start, enrolment.not_before or planned.at or start)
    service = answers_a_request(email, enrolment, start)
    if person.absent_until is not None and not service:
        start, first = max(start, person.absent_until), max(first, person.absent_until)
    window = node.window or (None if service else graph.send.window) or ANY
    if planned.keeps_clock and planned.at is not None and start > planned.at:
        if first > planned.at or not window.is_open(start, person.place):
            start = _at_its_clock(planned.at, start, person.place)
    if service:
        if node.window is None:
            return Planned(start, keeps_clock=planned.keeps_clock)
        found = fit(start, window=window, place=person.place, keep_clock=planned.keeps_clock)
    else:
        send = graph.send
        found = fit(
            start,
            window=window,
            limits=send.limits,
            gap=send.gap,
            sent=_counted(person, (graph.name, graph.was)) if send.limits or send.gap else (),
            overall=send.overall,
            overall_gap=send.overall_gap,
            overall_sent=_counted(person, None) if send.overall or send.overall_gap else (),
            place=person.place,
            keep_clock=planned.keeps_clock,
            waiting_since=first,
        )
    return Planned(found.at, " ".join(found.words), planned.keeps_clock)


def _counted(person: Person, campaigns: tuple[str | None, ...] | None) -> list[datetime]:
    """When this person had mail that limits count, of these campaigns (None: of all), in ascending order."""
    return sorted(
        mail.planned_at
        for mail in person.mails
        if not mail.service and (campaigns is None or mail.campaign in campaigns)
    )


def window_time(planned: Planned, node: Node, person: Person, start: datetime) -> datetime:
    """When a step that is no email may happen from `start` on: within its own window, where it has one."""
    if node.window is None:
        return start
    found = fit(start, window=node.window, place=person.place, keep_clock=planned.keeps_clock)
    return found.at or start


def latest_time(
    email: Email, node: Node, graph: Graph, enrolment: Enrolment, person: Person, arrived: datetime
) -> datetime | None:
    """The last time the email may be handed over (the arrival, where that has passed); None where it always may."""
    if email.latest is None:
        return None
    return point_time(email.latest, node, graph, enrolment, person, arrived) or arrived


def answers_a_request(email: Email, enrolment: Enrolment, at: datetime) -> bool:
    """Whether it is service mail at that time: what the person asked for, by an event at most seven days old."""
    if email.service is None:
        return False
    asked = max(enrolment.last_event.get("at") or enrolment.entered_at, enrolment.entered_at)
    return at - asked <= SERVICE_AGE


def _at_its_clock(at: datetime, start: datetime, place: Place) -> datetime:
    """The first time from `start` on with the clock time of `at`: it moves by whole days."""
    minute, day = place.wall(at)[1], place.wall(start)[0]
    moved = place.instant(day, minute)
    return moved if moved >= start else place.instant(day + 1, minute)


def closing_time(node: Node, graph: Graph, person: Person, at: datetime, *, service: bool) -> datetime | None:
    """When the opening `at` lies in ends; None where it never does."""
    window = node.window or (None if service else graph.send.window)
    if window is None or window.is_any:
        return None
    day, minute = person.place.wall(at)
    for opens, closes in window.hours(day, person.place):
        if opens <= minute < closes:
            return person.place.instant(day, closes)
    return None


def is_late(node: Node, person: Person, arrived: datetime, now: datetime) -> bool:
    """Whether `within` was missed."""
    within = node.timing.within
    return within is not None and now > add(within, arrived, person.place) + timedelta(seconds=59)


def _resolve(
    point: Point,
    node: Node,
    graph: Graph,
    enrolment: Enrolment,
    person: Person,
    after: datetime,
    now: datetime,
) -> Resolved:
    facts = Facts(person, now, enrolment, graph)

    def value(path: str) -> object:
        root, _, rest = path.partition(".")
        return facts.value(root, rest)

    window: Window = node.window or graph.send.window or ANY
    return resolve(
        point,
        entered_at=enrolment.entered_at,
        after=after,
        now=now,
        place=person.place,
        window=window if isinstance(node.verb, Email) else ANY,
        value=value,
        inclusive=after > now,
    )


def next_round(repeat: Repeat, began: datetime, place: Place) -> datetime:
    """When the round after the one begun at `began` may begin."""
    return next_after(repeat.every, began, place)
