"""What `decide` is asked and what it answers: the occasions, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nurture.core.effects import Effect
from nurture.core.enrolment import Enrolment
from nurture.core.event import Event


@dataclass(frozen=True, slots=True)
class Due:
    """The enrolment's time has come."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of this lead: reactions, then `wait_for`."""

    event: Event


@dataclass(frozen=True, slots=True)
class Replanned:
    """The campaign's text (or zone data) changed: times are computed anew from when the lead arrived."""


@dataclass(frozen=True, slots=True)
class Released:
    """What held the enrolment is over: its task is done, the pause ended."""


Occasion = Due | Happened | Replanned | Released


class Decision(NamedTuple):
    """The enrolment as it is now, what is to be done, and whether the event was taken.

    `took` says that a reaction or a `wait_for` took the event, so that no default is needed for it.
    """

    enrolment: Enrolment
    effects: tuple[Effect, ...] = ()
    took: bool = False
