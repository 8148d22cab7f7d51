"""What changed between two versions of a campaign, and what that means for the leads in it. Pure comparison.

language.md, Ids, and edits while leads are in flight; semantics.md, Edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from nurture.core.graph import Email, Graph, Node

_CONSENTS: Final = ("not_withdrawn", "given", "confirmed")
"""From the widest to the narrowest."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A resting step that is in both versions and differs.

    `id` is its id in the old version, `to` in the new one. `what` names what differs: `timing`, `verb`, `condition`,
    `window`, `next`, `path`.
    """

    id: str
    to: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Widening:
    """Why somebody may be mailed who was not before; `step` is the email's id, None for all of the campaign."""

    because: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of one campaign.

    `vanished`: resting steps that are gone and that `moved` does not place. `moved`: old id → new id. `added`: new
    resting steps. `changed`: those in both versions that differ. `widens`: why more people may be mailed.
    """

    vanished: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    widens: tuple[Widening, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this changed."""
        return not (self.vanished or self.moved or self.added or self.changed or self.widens)


@dataclass(frozen=True, slots=True)
class Stranded:
    """Leads that would stand nowhere: `leads` of them, at the old version's step `step` in line `line`."""

    step: str
    leads: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """Leads that go on at another step."""

    origin: str
    target: str
    leads: int


def compare(old: Graph, new: Graph) -> Edit:
    """What differs between two versions of a campaign."""
    places = {node.id: place_after(old, new, node.id) for node in old.resting()}
    kept = {step: place for step, place in places.items() if place is not None}
    changes = (
        Changed(step, place, _differences(old.nodes[step], new.nodes[place])) for step, place in kept.items()
    )
    taken = set(kept.values())
    return Edit(
        vanished=tuple(step for step, place in places.items() if place is None),
        moved=tuple((step, place) for step, place in kept.items() if place != step),
        added=tuple(node.id for node in new.resting() if node.id not in taken),
        changed=tuple(change for change in changes if change.what),
        widens=widens(old, new),
    )


def place_after(old: Graph, new: Graph, step: str | None) -> str | None:
    """Where a lead that stands at `step` of the old version stands in the new one; None: nowhere.

    A step that is still there keeps its leads, even when `moved` names it. Else `moved` is followed, through several
    renamings if need be. A step without an id of its own (`#…`) is the same only when it does the same.
    """
    if step is None:
        return None
    if step in new.nodes:
        named = not step.startswith("#")
        return (
            step
            if named or (step in old.nodes and not _differences(old.nodes[step], new.nodes[step]))
            else None
        )
    seen = {step}
    while step in new.moved and new.moved[step] not in seen:
        step = new.moved[step]
        seen.add(step)
        if step in new.nodes:
            return step
    return None


def strands(old: Graph, new: Graph, standing: Mapping[str, int]) -> tuple[Stranded, ...]:
    """The steps in which leads stand (`standing`: step → how many) and that the new version has no place for."""
    return tuple(
        Stranded(step, leads, old.nodes[step].line if step in old.nodes else 0)
        for step, leads in standing.items()
        if leads > 0 and place_after(old, new, step) is None
    )


def moves(old: Graph, new: Graph, standing: Mapping[str, int]) -> tuple[Move, ...]:
    """The leads that go on at a step of another name."""
    found = []
    for step, leads in standing.items():
        place = place_after(old, new, step)
        if leads > 0 and place is not None and place != step:
            found.append(Move(step, place, leads))
    return tuple(found)


def widens(old: Graph, new: Graph) -> tuple[Widening, ...]:
    """Why the new version may mail people the old one would not have mailed; empty when it does not."""
    found = []
    stages = sorted(new.stages - old.stages)
    if stages:
        found.append(Widening(f"it is for the stages {', '.join(stages)} too"))
    if _CONSENTS.index(new.send.consent) < _CONSENTS.index(old.send.consent):
        found.append(Widening(f"consent {new.send.consent} is enough, before it was {old.send.consent}"))
    if new.send.topic is not None and new.send.topic != old.send.topic:
        found.append(Widening(f"it writes to the refused who allowed {new.send.topic}"))
    for node in old.resting():
        place = place_after(old, new, node.id)
        if place is not None:
            found += [Widening(because, place) for because in _step_widens(node, new.nodes[place])]
    return tuple(found)


def _step_widens(one: Node, other: Node) -> Iterator[str]:
    if not isinstance(one.verb, Email) or not isinstance(other.verb, Email):
        return
    if other.verb.service is not None and one.verb.service is None:
        yield "it is service mail now and asks for no consent"
    if other.condition is None and one.condition is not None:
        yield f"it goes to all, before only where {one.condition}"


def _differences(one: Node, other: Node) -> tuple[str, ...]:
    parts = ("timing", "verb", "condition", "window", "next", "path")
    return tuple(part for part in parts if _plain(getattr(one, part)) != _plain(getattr(other, part)))


def _plain(value: Any) -> Any:
    """A value that is equal when it says the same: compiled texts by what is written, the rest by its fields."""
    if callable(value) and hasattr(value, "source"):
        return value.source
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, tuple(
            _plain(getattr(value, field.name)) for field in fields(value) if field.compare
        )
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return value
