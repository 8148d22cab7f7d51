"""The frozen tree of an expression, and what it looks at. Pure data: conditions, SQL and checks read it.

`nurture.language.expressions` makes trees from text and has checked them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from typing import Literal as Choice

from nurture.core.duration import Duration
from nurture.core.vocabulary import Kind

Root = Choice["lead", "owner", "entry", "event", "campaign", "now"]
Ordering = Choice["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, boolean, time (aware, UTC) or Duration that stands in the condition."""

    value: str | int | float | bool | datetime | Duration


@dataclass(frozen=True, slots=True)
class Name:
    """`lead.country`; `now` has an empty path. An empty text counts as missing."""

    root: Root
    path: str
    kind: Kind = Kind.ANY

    def __str__(self) -> str:
        return f"{self.root}.{self.path}" if self.path else self.root


@dataclass(frozen=True, slots=True)
class ListNode:
    """`["DE", "AT"]`: literals only."""

    items: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison. `in` a ListNode or a list: one of them; `in` a text: part of it, whatever the case."""

    op: Ordering
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class BoolOp:
    """All (`and`) or any (`or`) of two or more."""

    op: Choice["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True becomes False, False True, unknown stays unknown."""

    part: Node


@dataclass(frozen=True, slots=True)
class Neg:
    """A number with its sign turned."""

    part: Node


@dataclass(frozen=True, slots=True)
class Arith:
    """Numbers combined. Dividing by zero is unknown."""

    op: Choice["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function called. `args` are in the function's order; `since`, `last`, `where` only for events.

    `known` has one Name as its argument. `where` is pairs of a data key and what it must equal.
    """

    name: str
    args: tuple[Node, ...] = ()
    since: Node | None = None
    last: Duration | None = None
    where: tuple[tuple[str, Node], ...] = ()


Node = Literal | Name | ListNode | Compare | BoolOp | Not | Neg | Arith | Call

Reach = Duration | Choice["entry", "ever"]
"""How far back events are counted: a duration, since entry, or ever."""

ANY_TEMPLATE: Final = "*"
"""In `Needs.templates`: a function was called without a template."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a condition looks at, so that a snapshot can hold exactly that.

    `fields` are lead fields; `events` the events counted, each with its longest reach; `templates` those whose
    mails are asked for; `functions` the names of all functions called.
    """

    fields: frozenset[str] = frozenset()
    events: Mapping[str, Reach] = field(default_factory=dict)
    templates: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def parts_of(node: Node) -> tuple[Node, ...]:
    """What a node is directly made of."""
    match node:
        case Compare() | Arith():
            return (node.left, node.right)
        case BoolOp():
            return node.parts
        case Not() | Neg():
            return (node.part,)
        case ListNode():
            return node.items
        case Call():
            since = (node.since,) if node.since is not None else ()
            return (*node.args, *since, *(value for _, value in node.where))
        case _:
            return ()


# -- what it needs ---------------------------------------------------------------------------------------------


def needs_of(tree: Node) -> Needs:
    """What a snapshot must hold for the tree to be asked."""
    fields, templates, functions, roots = set(), set(), set(), set()
    events: dict[str, Reach] = {}
    for node in walk(tree):
        if isinstance(node, Name):
            roots.add(node.root)
            if node.root == "lead":
                fields.add(node.path)
        elif isinstance(node, Call):
            functions.add(node.name)
            words = [
                part.value for part in node.args if isinstance(part, Literal) and isinstance(part.value, str)
            ]
            if node.name in ("happened", "count"):
                events[words[0]] = _longer(events.get(words[0]), _reach(node))
            elif node.name in ("got", "opened", "clicked", "replied"):
                templates.add(words[0] if words else ANY_TEMPLATE)
            elif node.name == "speaks":
                fields.add("language")
            elif node.name == "tagged":
                fields.add("tags")
    return Needs(frozenset(fields), events, frozenset(templates), frozenset(functions), frozenset(roots))


def _reach(call: Call) -> Reach:
    if call.last is not None:
        return call.last
    if isinstance(call.since, Call) and call.since.name == "ago" and isinstance(call.since.args[0], Literal):
        span = call.since.args[0].value
        if isinstance(span, Duration):
            return span
    return "entry" if call.since == Name("entry", "at", Kind.TIME) else "ever"


def _longer(one: Reach | None, other: Reach) -> Reach:
    if one is None or one == other:
        return other
    if isinstance(one, Duration) and isinstance(other, Duration):
        return max(one, other, key=_roughly)
    return "ever"


def _roughly(span: Duration) -> float:
    """Days at the longest, to compare durations of different units."""
    days = span.years * 366 + span.months * 31 + span.weeks * 7 + span.days + span.business_days * 3
    return days + span.hours / 24 + span.business_hours / 2 + span.minutes / 1440
