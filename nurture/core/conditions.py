"""Conditions: an expression tree with its text, compiled once, three-valued as in SQL.

`None` is *unknown*: a missing value makes a comparison unknown, `not` keeps it, `and`/`or` follow SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from nurture.core.duration import Duration
from nurture.core.evaluation import Ask, compile_tree
from nurture.core.expression import Call, Name, Needs, Node, needs_of, walk


class Functions(Protocol):
    """The functions a condition may call. Times are aware, UTC. None means unknown."""

    def happened(
        self, event: str, since: datetime | None = None, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Did the event (`reply` = any reply) happen, not before `since`, with these data?"""
        ...

    def count(
        self,
        event: str,
        since: datetime | None = None,
        last: Duration | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> int:
        """How often it happened; `last` counts back from now."""
        ...

    def got(self, template: str) -> bool:
        """Had this person the email, ever, in any campaign?"""
        ...

    def opened(self, template: str | None = None) -> bool:
        """Was the email opened? Without a template: any."""
        ...

    def clicked(self, template: str | None = None) -> bool:
        """Was a link in the email clicked? Without a template: any."""
        ...

    def replied(self, template: str | None = None) -> bool:
        """Was the email answered? Without a template: any."""
        ...

    def tagged(self, tag: str) -> bool:
        """Does the lead carry the tag?"""
        ...

    def in_campaign(self, name: str) -> bool:
        """Is the lead in the campaign now?"""
        ...

    def speaks(self, language: str) -> bool | None:
        """Is this the lead's language? `de` covers `de-AT`."""
        ...

    def consent(self, topic: str) -> bool:
        """Did they allow mail about the topic?"""
        ...

    def ago(self, duration: Duration) -> datetime:
        """The time that long before now, by the lead's calendar."""
        ...

    def score_of(self, topic: str) -> float:
        """The points given for a topic."""
        ...


class Context(Functions, Protocol):
    """What a condition is asked about: one person, perhaps in a run, at one time."""

    def value(self, root: str, path: str) -> Any:
        """The value of `root.path` (`path` is empty for `now`, dotted below); None when it is missing."""
        ...


@dataclass(frozen=True, eq=False)
class Condition:
    """An expression ready to be asked. Two are equal when their trees are."""

    text: str
    tree: Node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(self.tree)

    @cached_property
    def value(self) -> Ask:
        """`condition.value(context)`: the value; for a condition True, False or None (unknown)."""
        return compile_tree(self.tree)

    def __call__(self, context: Context) -> Any:
        """The same as `value`: a condition is a function of what it is asked about."""
        return self.value(context)

    @cached_property
    def needs(self) -> Needs:
        """What a snapshot must hold for it."""
        return needs_of(self.tree)

    def holds(self, context: Context) -> bool:
        """Is it true? Unknown counts as no."""
        return self.value(context) is True

    def missing(self, context: Context) -> tuple[str, ...]:
        """The names in it that have no value here: why it may be unknown. Those only asked by `known` not."""
        return tuple(str(name) for name, ask in self._asks if ask(context) is None)

    def values(self, context: Context) -> dict[str, Any]:
        """The names in it with their values here, for the trace."""
        return {str(name): ask(context) for name, ask in self._asks}

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names whose values it compares, each once, in order."""
        asked = [node.args[0] for node in walk(self.tree) if isinstance(node, Call) and node.name == "known"]
        names = [
            node for node in walk(self.tree) if isinstance(node, Name) and not any(node is a for a in asked)
        ]
        return tuple(dict.fromkeys(names))

    @cached_property
    def _asks(self) -> tuple[tuple[Name, Ask], ...]:
        return tuple((name, compile_tree(name)) for name in self.names)

    def __reduce__(self) -> tuple[type[Condition], tuple[str, Node]]:
        return Condition, (self.text, self.tree)

    def __str__(self) -> str:
        return self.text
