"""The one Jinja environment: what a template may do, how it is compiled, and how long it may run.

Jinja's sandbox keeps a template from reaching Python objects but bounds neither time nor memory, so three more walls
stand here: the tree is checked against an allow-list when it is loaded, loops and operators count and measure what they
make, and the output is cut off by a fault beyond OUTPUT_LIMIT. Templates see plain data only: text, numbers, yes/no,
dates, lists and mappings. User data is never compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, NoReturn, cast

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from nurture.mail import dates
from nurture.mail.filters import (
    FILTERS,
    MAX_LIST,
    TESTS,
    Budget,
    as_digits,
    as_items,
    as_text,
    capped,
    is_missing,
    kind_of,
    spend,
)
from nurture.mail.problems import TemplateFault

OUTPUT_LIMIT: Final = 256 * 1024
"""Most characters one rendering may give."""
RANGE_LIMIT: Final = 1_000
LARGEST: Final = 1e15
_COMPARING: Final = 300
"""What a comparison in a loop weighs: two long lists may stand on its sides."""

FUNCTIONS: Final = frozenset({"range"})
_LOOP_FIELDS: Final = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem"},
)
_DATE_FIELDS: Final = frozenset({"year", "month", "day", "hour", "minute"})
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Missing(StrictUndefined):
    """A name or field nobody filled in. In a condition it counts as no; writing it or reading its fields is a fault."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return is_missing(other)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return not is_missing(other)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(None)

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(())

    def __contains__(self, item: object) -> bool:  # type: ignore[override]
        return False

    def _no(self, other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Voice:
    """In which language dates are written and in which zone they are told."""

    language: str = "en"
    zone: tzinfo = UTC


@pass_context
def _loop(context: Context, items: object, weight: int) -> Iterator[Any]:
    """Counts a loop's rounds; each costs its `weight`. Raises TemplateFault when a rendering has done too much."""
    if is_missing(items):
        return
    for item in as_items(items):
        spend(context, weight, rounds=1)
        yield item


@pass_context
def _concat(context: Context, *parts: object) -> str:
    text = capped("".join([as_text(part) for part in parts]))
    spend(context, len(text))
    return text


def _is_there(value: object) -> bool:
    return not is_missing(value)


def _range(*bounds: object) -> range:
    if not all(isinstance(bound, int) for bound in bounds) or not 1 <= len(bounds) <= 3:
        raise TemplateFault("range takes whole numbers.")
    span = range(*cast(tuple[int, ...], bounds))
    if len(span) > RANGE_LIMIT:
        raise TemplateFault(f"range gives more than {RANGE_LIMIT} numbers.")
    return span


@pass_context
def _printed(context: Context, value: object) -> object:
    """What a `{{ value }}` writes: only plain values, dates in the reader's language, no control characters."""
    if isinstance(value, str):
        return value if value.isprintable() or isinstance(value, Markup) else _CONTROL.sub("", value)
    if is_missing(value):
        name = getattr(value, "_undefined_name", None)
        said = f"“{name}” is missing." if name else "A value that is missing is to be written."
        raise TemplateFault(said, 'Add | default("…").')
    if isinstance(value, bool):
        raise TemplateFault("A yes or no is to be written; use {% if %}.")
    if isinstance(value, int | float | Decimal):
        return as_digits(value)
    if isinstance(value, datetime):
        zone = cast(tzinfo, context.resolve("_zone"))
        moment = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
        return dates.write_datetime(moment, cast(str, context.resolve("_language")))
    if isinstance(value, date):
        return dates.write_date(value, cast(str, context.resolve("_language")))
    raise TemplateFault(f"{kind_of(value).capitalize()} cannot be written as it is.")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja with our allow-lists. Make none: use HTML and TEXT of this module."""

    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html, undefined=Missing, finalize=_printed, keep_trailing_newline=True, cache_size=0
        )
        self.filters = dict(FILTERS)
        self.tests = {name: JINJA_TESTS[name] for name in TESTS}
        self.tests |= {"none": is_missing, "undefined": is_missing, "defined": _is_there}
        self.globals = {"range": _range, "_loop": _loop, "_concat": _concat}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of a mapping, of `loop` or of a date; nothing else has fields."""
        if type(obj) is dict or isinstance(obj, Mapping):
            value = obj.get(attribute)
            return self.undefined(obj=obj, name=attribute) if value is None else value
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()
        if obj is None:
            raise TemplateFault(f"A field “{attribute}” of a missing value is read.")
        fields = _LOOP_FIELDS if isinstance(obj, LoopContext) else _DATE_FIELDS
        if isinstance(obj, LoopContext | date) and attribute in fields:
            return getattr(obj, attribute, None)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A field by name, an item by number, or a part of a text or list."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, str | list | tuple) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except (IndexError, ValueError, TypeError):
                return self.undefined(obj=obj, name=str(argument))
        return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Only our own functions can be called."""
        return any(obj is ours for ours in self.globals.values())

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`+` and `*` with limits; no powers; no `%` on texts, which would format."""
        numbers = (int, float, Decimal)
        if isinstance(left, numbers) and isinstance(right, numbers) and operator != "**":
            result = super().call_binop(context, operator, left, right)
            if abs(result) > LARGEST:
                raise TemplateFault("A number grows too large.")
            return result
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            spend(context, len(left) + len(right))
            return capped(left + right)
        if operator == "+" and isinstance(left, list) and isinstance(right, list):
            if len(left) + len(right) > MAX_LIST:
                raise TemplateFault("A list grows too long.")
            spend(context, len(left) + len(right))
            return left + right
        raise TemplateFault(f"{kind_of(left).capitalize()} {operator} {kind_of(right)} is not possible.")


HTML: Final = Sandbox(html=True)
TEXT: Final = Sandbox(html=False)


class _Counted(NodeTransformer):
    """Puts the counting functions into a checked tree: around what is looped over, in place of `~`."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (the visitor's naming)
        weight = sum(
            _COMPARING if isinstance(part, nodes.Compare) else 1 for part in node.find_all(nodes.Node)
        )
        self.generic_visit(node)
        arguments = [cast(nodes.Expr, node.iter), nodes.Const(weight, lineno=node.lineno)]
        node.iter = _call("_loop", arguments, node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _call("_concat", node.nodes, node.lineno)


def _call(function: str, args: list[nodes.Expr], line: int) -> nodes.Call:
    return nodes.Call(nodes.Name(function, "load", lineno=line), args, [], None, None, lineno=line)


def compile_tree(tree: nodes.Template, sandbox: Sandbox) -> Template:
    """A tree that `allowed.check_tree` found good, ready to run. The tree is used up.

    Raises jinja2.TemplateError for what Jinja itself refuses.
    """
    counted = cast(nodes.Template, _Counted().visit(tree))
    counted.set_environment(sandbox)
    code = sandbox.compile(counted, filename="<template>")
    return Template.from_code(sandbox, code, cast(dict[str, Any], sandbox.globals))


def run(template: Template, values: Mapping[str, Any], voice: Voice, name: str | None = None) -> str:
    """The text a compiled template gives for these values.

    Raises TemplateFault, with the line where it can be told, when a value is missing or unfit, or when the template
    makes too much text or too many rounds. Nothing is changed in `values`.
    """
    context = _context(template, values, voice)
    parts: list[str] = []
    size = 0
    try:
        for part in template.root_render_func(context):
            parts.append(part)
            size += len(part)
            if size > OUTPUT_LIMIT:
                raise TemplateFault("The text grows too long.")
    except Exception as error:
        _fail(error, template, name)
    return "".join(parts)


def value_of(template: Template, values: Mapping[str, Any], voice: Voice, variable: str) -> Any:
    """What a compiled template leaves in one variable (a name it sets at its top level). Raises as `run`."""
    context = _context(template, values, voice)
    try:
        for _ in template.root_render_func(context):
            pass
    except Exception as error:
        _fail(error, template, None)
    return context.vars.get(variable)


def _context(template: Template, values: Mapping[str, Any], voice: Voice) -> Context:
    inner = {**values, "_budget": Budget(), "_language": voice.language, "_zone": voice.zone}
    return template.new_context(inner)


def _fail(error: Exception, template: Template, name: str | None) -> NoReturn:
    line = _line_of(error, template)
    if isinstance(error, TemplateFault):
        raise TemplateFault(error.reason, error.hint, template=name, line=line) from error
    if isinstance(error, TemplateError):
        raise TemplateFault(_plain(error), template=name, line=line) from error
    if isinstance(error, ArithmeticError):
        raise TemplateFault("A sum cannot be worked out.", template=name, line=line) from error
    raise TemplateFault("Values that do not fit together are used.", template=name, line=line) from error


def _plain(error: TemplateError) -> str:
    found = re.search(
        r"has no (?:attribute|element) '?([^']+)'?|^'([^']+)' is undefined", error.message or ""
    )
    missing = next((part for part in found.groups() if part), None) if found else None
    return f"“{missing}” is missing." if missing else "A value is missing or of the wrong kind."


def _line_of(error: BaseException, template: Template) -> int | None:
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__jinja_template__") is template:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line
