"""A compiled campaign: a frozen, flat graph of steps, pure data.

The engine, the diagram, `plan`, `simulate` and the checks read this and nothing else. Blocks are gone: a step inside
a branch or a round already knows what follows it. A target of None is the end of the campaign (in a reaction: the lead
stays where it stands).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nurture.core.event import nothing

if TYPE_CHECKING:
    from nurture.core.conditions import Condition
    from nurture.core.duration import Duration
    from nurture.core.limit import Limit
    from nurture.core.point import Point
    from nurture.core.recurrence import Every
    from nurture.core.window import Window

Target = str | None
"""The id of a node, or None: the end."""


class Text(Protocol):
    """A text with `{{ }}`, compiled; called with plain data (lead, owner, entry, event, company, campaign, now).

    Returns the text, or, for a single `{{ expression }}`, its typed value. Raises GrammarError when it cannot be made.
    """

    source: str

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The text, or the value, made with these data."""
        ...


@dataclass(frozen=True, slots=True)
class Timing:
    """A step's own time (language.md, Steps). Everything None: as soon as the step is reached."""

    after: Duration | None = None
    after_at: time | None = None
    at: Point | None = None
    within: Duration | None = None
    send_missed: bool = False


@dataclass(frozen=True, slots=True)
class Email:
    """Sends one of `templates`; several rotate."""

    templates: tuple[str, ...]
    rotates: bool = False
    pick: Literal["next", "newest"] = "next"
    when_empty: Literal["pass", "wait"] = "pass"
    latest: Point | None = None
    otherwise: Target = None
    has_otherwise: bool = False
    service: str | None = None
    sender: str | None = None
    thread: Literal["new", "first"] | None = None
    occasion: Text | None = None
    in_doubt: Literal["assume_sent", "hold", "resend"] | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """One event a `wait_for` rests for, and where it leads."""

    event: str
    target: Target
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Rests until one of `events`; `patience` or `until` is how long, `otherwise` what then."""

    events: tuple[Awaited, ...]
    patience: Duration | None = None
    until: Point | None = None
    otherwise: Target = None
    since: Literal["here", "entry", "ever"] = "here"


@dataclass(frozen=True, slots=True)
class Branch:
    """`if` and `choose`: the first case whose condition holds; a condition of None always does."""

    cases: tuple[tuple[Condition | None, Target], ...]
    otherwise: Target


@dataclass(frozen=True, slots=True)
class Split:
    """An experiment: arms (name, weight, target); the share is fixed per person."""

    arms: tuple[tuple[str, int, Target], ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Rounds of `body`, each beginning `every` after the last began; the end of a round is an `Again` node."""

    every: Every
    body: Target
    times: int | None = None
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The end of a round: back to the `Repeat` node of this id, for its next round."""

    repeat: str


@dataclass(frozen=True, slots=True)
class Goto:
    """Goes to another step or path of the campaign."""

    target: Target


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends this campaign for the lead, with a reason."""

    reason: Text


@dataclass(frozen=True, slots=True)
class StopCampaign:
    """Takes the lead out of another campaign."""

    campaign: str


@dataclass(frozen=True, slots=True)
class Start:
    """Puts the lead into another campaign."""

    campaign: str


@dataclass(frozen=True, slots=True)
class ToStage:
    """Moves the lead to a stage; an earlier one than the present changes nothing."""

    stage: str


@dataclass(frozen=True, slots=True)
class AddScore:
    """Gives or takes points."""

    points: int


@dataclass(frozen=True, slots=True)
class SetFields:
    """Sets fields of the lead; each value a compiled text."""

    values: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """Adds (or with `remove` takes away) tags."""

    tags: tuple[str, ...]
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Marks the lead refused, with a reason (a text or typed value)."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Postpone:
    """Marks the lead postponed: by a duration, or to a date or typed value."""

    duration: Duration | None = None
    until: Text | None = None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """Takes a refused or postponed lead back into nurturing."""

    reason: Text


@dataclass(frozen=True, slots=True)
class MakeTask:
    """A task for a colleague; with `results` the lead rests until it is done, or `patience` ends."""

    text: Text
    due: Duration | None = None
    who: str = "owner"
    kind: str = "task"
    results: tuple[tuple[str, Target], ...] = ()
    patience: Duration | None = None
    otherwise: Target = None


@dataclass(frozen=True, slots=True)
class Notify:
    """Tells a person or channel something."""

    who: str
    text: Text


@dataclass(frozen=True, slots=True)
class Webhook:
    """Calls a webhook of the project by name."""

    name: str


Verb = (
    Email | WaitFor | Branch | Split | Repeat | Again | Goto | Stop | StopCampaign | Start | ToStage | AddScore
    | SetFields | Tag | Refuse | Postpone | Reopen | MakeTask | Notify | Webhook
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One step. `id` is the author's, or the step's path in the file (`#steps.3.then.0`) where none is needed.

    `next` is what follows when nothing else is said; `path` the path it belongs to (`steps`, a name under `paths`,
    or `on.EVENT` for a reaction); `rounds` the ids of the repeats around it, outermost first; `line` and `column`
    its place in the file.
    """

    id: str
    verb: Verb
    next: Target = None
    path: str = "steps"
    timing: Timing = Timing()
    condition: Condition | None = None
    window: Window | None = None
    rounds: tuple[str, ...] = ()
    line: int = 0
    column: int = 0

    @property
    def rests(self) -> bool:
        """Whether a lead can stand here for a time: what a renamed id would strand."""
        return not self.id.startswith("#")


@dataclass(frozen=True, slots=True)
class Occasion:
    """`enter.holiday`, `yearly`, `every`, `once`: when a calendar lets people in."""

    holidays: tuple[str, ...] | None = None
    ahead: Duration | None = None
    clock: time | None = None
    yearly: str | None = None
    every: Every | None = None
    once: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    """Who comes in. `once` in `occasion` is a wall-clock time of the company (naive)."""

    on: tuple[str, ...] = ()
    condition: Condition | None = None
    each: Condition | None = None
    again: Literal["never", "always"] | Duration = "never"
    stage: str | None = None
    when: Condition | None = None
    existing: bool = False
    at_most: Limit | None = None
    occasion: Occasion | None = None
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """What holds for every email of the campaign. `topic` names, as consents do, what the emails
    are about (needed to write to the refused); `overall` and `overall_gap` are the project's limits and gap, which
    count the emails of all campaigns.
    """

    sender: str = "company"
    window: Window | None = None
    limits: tuple[Limit, ...] = ()
    gap: Duration | None = None
    consent: Literal["not_withdrawn", "given", "confirmed"] = "not_withdrawn"
    in_doubt: Literal["assume_sent", "hold", "resend"] = "assume_sent"
    thread: Literal["new", "first"] = "new"
    topic: str | None = None
    overall: tuple[Limit, ...] = ()
    overall_gap: Duration | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an event does wherever the lead stands; `once` lets it react only so often."""

    event: str
    first: Target
    once: Duration | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """One version of one campaign. `version` is the hash of its text; `nodes` are in the file's order."""

    name: str
    title: str
    version: str
    nodes: Mapping[str, Node]
    start: Target
    enter: Enter = Enter()
    about: str = ""
    language: str = "en"
    status: Literal["draft", "live", "paused"] = "draft"
    runs: tuple[date | None, date | None] | None = None
    stages: frozenset[str] = frozenset({"new", "nurturing", "mql"})
    goal: Condition | None = None
    group: str | None = None
    priority: int = 0
    send: Send = Send()
    reactions: tuple[Reaction, ...] = ()
    paths: Mapping[str, Target] = field(default_factory=nothing)
    moved: Mapping[str, str] = field(default_factory=nothing)
    was: str | None = None
    tests: tuple[Mapping[str, Any], ...] = ()
    listens: frozenset[str] = frozenset()
    """Event types whose history conditions and waits look back at; `reply` stands for every `reply.*`."""

    def resting(self) -> tuple[Node, ...]:
        """The steps in which a lead can stand, in the file's order."""
        return tuple(node for node in self.nodes.values() if node.rests)
