"""A condition as SQL: which leads it may hold for, so that segments never load everybody.

What SQL can say exactly is translated; what it cannot (events of a run, calendars) becomes "perhaps", and the caller asks
the condition itself of those that are left. So the answer is a superset, never too small (language.md, Conditions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, exists, not_, or_, select, true

from nurture.core.expression import BoolOp, Call, Compare, ListNode, Literal, Name, Node, Not
from nurture.store.rows import COLUMNS
from nurture.store.tables import Row

_LEAD, _EVENT, _MESSAGE = (Row.metadata.tables[name] for name in ("lead", "event", "message"))
_PLAIN = frozenset(COLUMNS) | {"stage", "temperature", "consent"}

_OPERATORS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def may_hold(tree: Node) -> ColumnElement[bool]:
    """A WHERE over `lead` that is true for every lead the condition holds for."""
    return _widened(tree) if (found := _exact(tree)) is None else found


def _widened(tree: Node) -> ColumnElement[bool]:
    """For what is not translatable as a whole: the parts of an `and` that are, every part of an `or`."""
    match tree:
        case BoolOp(op="and", parts=parts):
            return and_(true(), *(may_hold(part) for part in parts))
        case BoolOp(op="or", parts=parts):
            return or_(*(may_hold(part) for part in parts))
        case _:
            return true()


def _exact(tree: Node) -> ColumnElement[bool] | None:
    """The same condition in SQL, three-valued as it is; None where SQL cannot say it."""
    match tree:
        case BoolOp(op=op, parts=parts):
            found = [_exact(part) for part in parts]
            sure = [part for part in found if part is not None]
            return (and_ if op == "and" else or_)(*sure) if len(sure) == len(found) else None
        case Not(part=part):
            inner = _exact(part)
            return None if inner is None else not_(inner)
        case Compare():
            return _compare(tree)
        case Call():
            return _call(tree)
        case _:
            return None


def _compare(tree: Compare) -> ColumnElement[bool] | None:
    column = _column(tree.left)
    if column is None:
        return None
    if tree.op in ("in", "not in") and isinstance(tree.right, ListNode):
        values = [item.value for item in tree.right.items]
        within: ColumnElement[bool] = column.in_(values) if tree.op == "in" else column.not_in(values)
        return within
    if tree.op in _OPERATORS and isinstance(tree.right, Literal) and not hasattr(tree.right.value, "days"):
        found: ColumnElement[bool] = _OPERATORS[tree.op](column, tree.right.value)
        return found
    return None


def _column(node: Node) -> Any:
    """The column of `lead.x`; an empty text counts as missing, so such rows are no match either way."""
    if isinstance(node, Name) and node.root == "lead" and node.path in _PLAIN:
        return _LEAD.c[node.path]
    return None


def _call(tree: Call) -> ColumnElement[bool] | None:
    words = [part.value for part in tree.args if isinstance(part, Literal)]
    if tree.name == "known" and isinstance(tree.args[0], Name):
        column = _column(tree.args[0])
        return column.is_not(None) if isinstance(column, Column) else None
    if tree.name == "happened" and not tree.where and tree.since is None and tree.last is None:
        kind = str(words[0])
        wanted = _EVENT.c.type.like("reply.%") if kind == "reply" else _EVENT.c.type == kind
        return exists(select(_EVENT.c.id).where(_EVENT.c.lead_id == _LEAD.c.id, wanted))
    if tree.name == "got":
        mine = (
            _MESSAGE.c.lead_id == _LEAD.c.id,
            _MESSAGE.c.template == words[0],
            _MESSAGE.c.state != "withdrawn",
        )
        return exists(select(_MESSAGE.c.id).where(*mine))
    return None
