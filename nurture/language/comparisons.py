"""Comparisons in conditions: what may be compared with what, and what a literal can ever equal."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from nurture.core.expression import BoolOp, Compare, ListNode, Literal, Node, Ordering
from nurture.core.vocabulary import Kind
from nurture.language.problems import Code, did_you_mean
from nurture.language.typed import Typed, article, kind_of, narrow

if TYPE_CHECKING:
    from nurture.language.expression_reader import Reader

NOTHING = frozenset({"None", "none", "null", "NULL", "Null", "nil", "empty", "unknown"})
_COMPARISONS: Final[dict[type[ast.cmpop], Ordering]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def read_comparison(reader: Reader, node: ast.Compare) -> Typed | None:
    """`a == b`, and chains `1 < a < 5`, which are several joined by `and`."""
    sides = [node.left, *node.comparators]
    parts: list[Node] = []
    for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
        part = _pair(reader, left, op, right)
        if part is None:
            return None
        parts.append(part)
    return Typed(parts[0] if len(parts) == 1 else BoolOp("and", tuple(parts)), Kind.BOOLEAN)


def _pair(reader: Reader, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node | None:
    for side, other in ((left, right), (right, left)):
        if _is_nothing(side):
            negated = isinstance(op, ast.NotEq | ast.IsNot)
            hint = f"write {'' if negated else 'not '}known({reader.said(other)})"
            reader.fault(side, Code.CONDITION_TYPE, "A comparison with a missing value is never true.", hint)
            return None
    if type(op) not in _COMPARISONS:
        reader.fault(left, Code.CONDITION_SYNTAX, "`is` does not compare here.", "write == or !=")
        return None
    one, other_typed = reader.read(left), reader.read(right)
    if one is None or other_typed is None:
        return None
    word = _COMPARISONS[type(op)]
    if word in ("in", "not in"):
        return _member(reader, left, right, word, one, other_typed)
    return _ordered(reader, left, right, word, one, other_typed)


def _ordered(
    reader: Reader, left: ast.expr, right: ast.expr, word: Ordering, one: Typed, other: Typed
) -> Node | None:
    one, other = _as_time(reader, left, one, other), _as_time(reader, right, other, one)
    if one.kind is Kind.ANY and other.kind is not Kind.ANY:
        one = narrow(one, other.kind)
    elif other.kind is Kind.ANY and one.kind is not Kind.ANY:
        other = narrow(other, one.kind)
    if one.kind is not other.kind:
        message = (
            f"{reader.said(left)} is {article(one.kind)}, {reader.said(right)} is {article(other.kind)}."
        )
        reader.fault(right, Code.CONDITION_TYPE, message, _kind_hint(reader, right, one, other))
        return None
    if one.kind is Kind.LIST:
        reader.fault(
            left, Code.CONDITION_TYPE, "Lists are not compared.", 'ask for an item: "word" in lead.tags'
        )
        return None
    if word not in ("==", "!=") and one.kind not in (Kind.NUMBER, Kind.TIME, Kind.ANY):
        message = f"{article(one.kind)} is not compared with {word}."
        reader.fault(
            left,
            Code.CONDITION_TYPE,
            message[0].upper() + message[1:],
            "write == or !=, or compare numbers",
        )
        return None
    for side, typed, choices in ((right, other, one.choices), (left, one, other.choices)):
        if not _sensible(reader, side, typed, choices):
            return None
    return Compare(word, one.node, other.node)


def _member(
    reader: Reader, left: ast.expr, right: ast.expr, word: Ordering, one: Typed, other: Typed
) -> Node | None:
    if isinstance(other.node, ListNode):
        items = right.elts if isinstance(right, ast.List | ast.Tuple) else []
        kind = one.kind
        for side, item in zip(items, other.node.items, strict=False):
            item_kind = kind_of(item)
            if kind not in (Kind.ANY, item_kind):
                message = (
                    f"{reader.said(left)} is {article(kind)}, {reader.said(side)} is {article(item_kind)}."
                )
                reader.fault(side, Code.CONDITION_TYPE, message)
                return None
            if not _sensible(reader, side, Typed(item, item_kind), one.choices):
                return None
            one = narrow(one, item_kind) if one.kind is Kind.ANY else one
        return Compare(word, one.node, other.node)
    if isinstance(other.node, Literal):
        reader.fault(
            right, Code.CONDITION_TYPE, f"A list is wanted after {word}.", f"write [{reader.said(right)}]"
        )
        return None
    if other.kind not in (Kind.LIST, Kind.TEXT, Kind.ANY):
        message = f"{reader.said(right)} is {article(other.kind)}; a list or a text is wanted after {word}."
        reader.fault(right, Code.CONDITION_TYPE, message)
        return None
    if one.kind not in (Kind.TEXT, Kind.ANY):
        reader.fault(left, Code.CONDITION_TYPE, f"A text is wanted before {word}, not {article(one.kind)}.")
        return None
    return Compare(word, one.node, other.node)


def _sensible(reader: Reader, side: ast.expr, typed: Typed, choices: tuple[str, ...]) -> bool:
    """Is a literal one that the other side can ever be?"""
    if not isinstance(typed.node, Literal) or not isinstance(typed.node.value, str):
        return True
    value = typed.node.value
    if value == "":
        reader.fault(
            side,
            Code.CONDITION_TYPE,
            "An empty text counts as missing.",
            "write not known(…), or known(…)",
        )
        return False
    if choices and value not in choices:
        near = did_you_mean(value, choices)
        hint = f'did you mean "{near}"?' if near else f"one of {', '.join(choices)}"
        reader.fault(side, Code.CONDITION_NAME, f'It can never be "{value}".', hint)
        return False
    return True


def _as_time(reader: Reader, side: ast.expr, typed: Typed, other: Typed) -> Typed:
    """A text that is compared with a time, read as an ISO 8601 date or time (UTC)."""
    literal = typed.node.value if isinstance(typed.node, Literal) else None
    if other.kind is not Kind.TIME or not isinstance(literal, str):
        return typed
    try:
        when = datetime.fromisoformat(literal)
    except ValueError:
        return typed
    return Typed(Literal(when if when.tzinfo else when.replace(tzinfo=UTC)), Kind.TIME)


def _kind_hint(reader: Reader, right: ast.expr, one: Typed, other: Typed) -> str | None:
    literal = other.node.value if isinstance(other.node, Literal) else None
    if one.kind is Kind.TIME and isinstance(literal, str):
        return (
            f'write ago("{literal}")' if re.match(r"\d+\s*[a-z]", literal) else 'write a date: "2026-12-31"'
        )
    if one.kind is Kind.NUMBER and isinstance(literal, str) and re.fullmatch(r"-?\d+(\.\d+)?", literal):
        return f"write {literal} without quotes"
    if one.kind is Kind.TEXT and isinstance(literal, int | float):
        return f'write "{reader.said(right)}" in quotes'
    return None


def _is_nothing(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and node.value is None) or (
        isinstance(node, ast.Name) and node.id in NOTHING
    )
