"""A part of an expression together with the kind of its value."""

from __future__ import annotations

from typing import NamedTuple

from nurture.core.expression import Literal, Name, Node
from nurture.core.vocabulary import Kind


class Typed(NamedTuple):
    """A part of an expression and the kind of its value."""

    node: Node
    kind: Kind
    choices: tuple[str, ...] = ()


def narrow(typed: Typed, kind: Kind) -> Typed:
    """A value of any kind that is compared with a number is taken as a number."""
    node = typed.node
    return Typed(Name(node.root, node.path, kind) if isinstance(node, Name) else node, kind, typed.choices)


def kind_of(item: Literal) -> Kind:
    """The kind of a literal that stands in a list."""
    if isinstance(item.value, bool):
        return Kind.BOOLEAN
    return Kind.TEXT if isinstance(item.value, str) else Kind.NUMBER


def article(kind: Kind) -> str:
    """A kind for a message: `a number`, `true or false`."""
    return {
        Kind.BOOLEAN: "true or false",
        Kind.ANY: "a value",
    }.get(kind, f"a {kind.value}")
