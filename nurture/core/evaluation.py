"""Expression trees as Python closures: made once when a campaign is loaded, then only called.

Three-valued: None is unknown. Nothing here raises on odd data; what cannot be compared is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

from nurture.core.expression import (
    Arith,
    BoolOp,
    Call,
    Compare,
    ListNode,
    Literal,
    Name,
    Neg,
    Node,
    Not,
)
from nurture.core.vocabulary import Kind

Ask = Callable[[Any], Any]
"""Asks a `conditions.Context`."""

_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SUMS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def compile_tree(node: Node) -> Ask:
    """A function that asks a `conditions.Context` for the value of the expression."""
    match node:
        case Literal(value):
            return lambda _: value
        case Name():
            return _name(node)
        case ListNode(items):
            values = [item.value for item in items]
            return lambda _: values
        case Compare("in" | "not in"):
            return _membership(node)
        case Compare():
            return _comparison(node)
        case BoolOp("and", parts):
            return _all([compile_tree(part) for part in parts])
        case BoolOp(_, parts):
            return _any([compile_tree(part) for part in parts])
        case Not(part):
            return _not(compile_tree(part))
        case Neg(part):
            return _combine(operator.sub, lambda _: 0, compile_tree(part))
        case Arith(op, left, right):
            return _combine(_SUMS[op], compile_tree(left), compile_tree(right))
        case Call():
            return _call(node)


def _name(name: Name) -> Ask:
    root, path, make = name.root, name.path, _MAKE[name.kind]
    usual = _USUAL.get(name.kind, ())

    def ask(context: Any) -> Any:
        value = context.value(root, path)
        if value.__class__ in usual and value != "":
            return value
        return None if value is None else make(value)

    return ask


def _comparison(node: Compare) -> Ask:
    compare, left = _ORDER[node.op], compile_tree(node.left)
    if isinstance(node.right, Literal):
        fixed = node.right.value

        def ask_fixed(context: Any) -> bool | None:
            value = left(context)
            if value is None:
                return None
            try:
                return compare(value, fixed)
            except TypeError:
                return None

        return ask_fixed
    return _combine(compare, left, compile_tree(node.right))


def _combine(do: Callable[[Any, Any], Any], left: Ask, right: Ask) -> Ask:
    """Unknown when a side is, when the two do not go together, or when there is no result (1 / 0)."""

    def ask(context: Any) -> Any:
        one, other = left(context), right(context)
        if one is None or other is None:
            return None
        try:
            return do(one, other)
        except (TypeError, ArithmeticError):
            return None

    return ask


def _membership(node: Compare) -> Ask:
    wanted = node.op == "in"
    left = compile_tree(node.left)
    if isinstance(node.right, ListNode):
        among = frozenset(item.value for item in node.right.items)

        def ask(context: Any) -> bool | None:
            value = left(context)
            if value is None:
                return None
            try:
                return (value in among) is wanted
            except TypeError:
                return None

        return ask
    return _combine(lambda one, other: _contains(other, one) is wanted, left, compile_tree(node.right))


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return str(part).casefold() in whole.casefold()
    return part in whole


def _all(parts: list[Ask]) -> Ask:
    def ask(context: Any) -> bool | None:
        answer: bool | None = True
        for part in parts:
            value = part(context)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    return ask


def _any(parts: list[Ask]) -> Ask:
    def ask(context: Any) -> bool | None:
        answer: bool | None = False
        for part in parts:
            value = part(context)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    return ask


def _not(part: Ask) -> Ask:
    def ask(context: Any) -> bool | None:
        value = part(context)
        return None if value is None else not value

    return ask


def _call(call: Call) -> Ask:
    if call.name == "known":
        known = compile_tree(call.args[0])
        return lambda context: known(context) is not None
    if call.name in ("happened", "count"):
        return _events(call)
    values = [part.value for part in call.args if isinstance(part, Literal)]
    return partial(_method, call.name, values[0]) if values else partial(_bare_method, call.name)


def _method(name: str, value: Any, context: Any) -> Any:
    return getattr(context, name)(value)


def _bare_method(name: str, context: Any) -> Any:
    return getattr(context, name)()


def _events(call: Call) -> Ask:
    """`happened` and `count`. An unknown `since` or `where` value makes the answer unknown."""
    assert isinstance(call.args[0], Literal)
    event, counts = call.args[0].value, call.name == "count"
    since = compile_tree(call.since) if call.since is not None else None
    keys = [(key, compile_tree(value)) for key, value in call.where]
    last = call.last

    def ask(context: Any) -> Any:
        begin = since(context) if since is not None else None
        where = {key: value(context) for key, value in keys} or None
        if (since is not None and begin is None) or (where and None in where.values()):
            return None
        if counts:
            return context.count(event, since=begin, last=last, where=where)
        return context.happened(event, since=begin, where=where)

    return ask


# -- values as they come from fields and event data ------------------------------------------------------------


def _text_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value) or None
    if isinstance(value, date):
        return value.isoformat()
    return None


def _number_of(value: Any) -> float | None:
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _boolean_of(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _time_of(value: Any) -> datetime | None:
    """A date is its first instant, a time without zone is UTC, a text is read as ISO 8601."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _list_of(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    return [value] if isinstance(value, str) and value else None


def _as_it_is(value: Any) -> Any:
    return None if value == "" else value


_USUAL: Final[Mapping[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: (bool,),
    Kind.LIST: (list, tuple, set, frozenset),
}
_MAKE: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: _text_of,
    Kind.NUMBER: _number_of,
    Kind.BOOLEAN: _boolean_of,
    Kind.TIME: _time_of,
    Kind.LIST: _list_of,
    Kind.ANY: _as_it_is,
}
