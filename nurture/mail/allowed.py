"""Checks a template's tree against what templates may do, before anything of it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from nurture.mail.filters import FILTERS, TESTS
from nurture.mail.problems import TemplateCode, TemplateProblem, column_of, did_you_mean
from nurture.mail.sandbox import FUNCTIONS, TEXT

MAX_NESTED_LOOPS: Final = 2
MAX_NODES: Final = 20_000
MAX_DEPTH: Final = 60

_GOOD: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test),
    *(nodes.Call, nodes.Keyword, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.CondExpr, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
    *(nodes.Neg, nodes.Pos, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
)
_TAGS: Final = {
    "Macro": "macro",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "With": "with",
    "AssignBlock": "set … endset",
    "Include": "include",
    "Import": "import",
    "FromImport": "from",
    "Extends": "extends",
    "Block": "block",
    "NSRef": "namespace",
    "ScopedEvalContextModifier": "autoescape",
}


def parse(source: str, first_line: int = 1) -> nodes.Template | list[TemplateProblem]:
    """The tree of a Jinja source, checked, or all that is wrong with it. Lines are counted from `first_line`."""
    lines = source.split("\n")
    try:
        tree = TEXT.parse(source)
    except TemplateSyntaxError as error:
        place = error.lineno or 1
        column = max(1, min((lines[place - 1].find("{") + 1) if place <= len(lines) else 1, 10_000))
        return [TemplateProblem(place + first_line - 1, column, TemplateCode.SYNTAX, _said(error))]
    except RecursionError:
        message = "The marks are nested too deeply."
        return [TemplateProblem(first_line, 1, TemplateCode.SYNTAX, message)]
    found = list(_Check(lines).tree(tree))
    if not found:
        return tree
    return [
        TemplateProblem(
            problem.line + first_line - 1, problem.column, problem.code, problem.message, problem.hint
        )
        for problem in sorted(found, key=lambda problem: (problem.line, problem.column, problem.message))
    ]


def _said(error: TemplateSyntaxError) -> str:
    message = error.message or ""
    if "unknown tag" in message:
        tag = message.split("'")[1] if "'" in message else ""
        opened = tag.startswith("end") or tag in ("else", "elif")
        return f"{{% {tag} %}} has no beginning." if opened else f"{{% {tag} %}} is not a tag of templates."
    if "end of template" in message or "Unexpected end" in message:
        return (
            "A {{ }} or {% %} that was opened is never closed, or an {% endif %} or {% endfor %} is missing."
        )
    return f"This cannot be read: {message[:1].lower()}{message[1:].rstrip('.')}."


class _Check:
    """One walk over one tree."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._count = 0

    def tree(self, node: nodes.Node, loops: int = 0, depth: int = 0) -> Iterator[TemplateProblem]:
        """All problems of a node and what is under it; `loops` are open around it."""
        self._count += 1
        if self._count == MAX_NODES or depth == MAX_DEPTH:
            yield self._problem(node, TemplateCode.TOO_LARGE, "The template does too much.", "{")
        if self._count >= MAX_NODES or depth >= MAX_DEPTH:
            return
        if not isinstance(node, _GOOD):
            yield self._refused(node)
            return
        yield from self._node(node, loops)
        inside = loops + isinstance(node, nodes.For)
        for child in node.iter_child_nodes():
            yield from self.tree(child, inside, depth + 1)

    def _node(self, node: nodes.Node, loops: int) -> Iterator[TemplateProblem]:
        if isinstance(node, nodes.For):
            yield from self._loop(node, loops)
        elif isinstance(node, nodes.Filter):
            yield from self._known(node, node.name, FILTERS, TemplateCode.UNKNOWN_FILTER, "filter")
        elif isinstance(node, nodes.Test):
            yield from self._known(node, node.name, TESTS, TemplateCode.UNKNOWN_TEST, "test")
        elif isinstance(node, nodes.Call):
            yield from self._call(node)
        elif isinstance(node, nodes.Assign):
            yield from self._assign(node)
        if isinstance(node, nodes.Call | nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
            yield self._problem(node, TemplateCode.NOT_ALLOWED, "* and ** cannot be used in templates.", "*")
        name = getattr(node, "attr", None) if isinstance(node, nodes.Getattr) else getattr(node, "name", None)
        if isinstance(node, nodes.Name | nodes.Getattr) and str(name).startswith("_"):
            message = f"“{name}” cannot be used: names do not begin with an underscore."
            yield self._problem(node, TemplateCode.NOT_ALLOWED, message, str(name))

    def _loop(self, node: nodes.For, loops: int) -> Iterator[TemplateProblem]:
        if loops >= MAX_NESTED_LOOPS:
            message = f"More than {MAX_NESTED_LOOPS} loops stand inside each other."
            yield self._problem(node, TemplateCode.NOT_ALLOWED, message, "for")
        if node.recursive:
            yield self._problem(node, TemplateCode.NOT_ALLOWED, "A loop cannot be recursive.", "recursive")

    def _known(
        self, node: nodes.Node, name: str, known: object, code: TemplateCode, what: str
    ) -> Iterator[TemplateProblem]:
        names = list(known) if isinstance(known, dict | tuple) else []
        if name not in names:
            hint = did_you_mean(name, names) or _INSTEAD.get(name)
            yield self._problem(node, code, f"There is no {what} “{name}”.", name, hint)

    def _call(self, node: nodes.Call) -> Iterator[TemplateProblem]:
        called = node.node
        if isinstance(called, nodes.Name):
            if called.name not in FUNCTIONS:
                message = f"There is no function “{called.name}”."
                hint = did_you_mean(called.name, FUNCTIONS)
                if called.name in FILTERS:
                    hint = f"Write it after the value: … | {called.name}"
                yield self._problem(node, TemplateCode.UNKNOWN_FUNCTION, message, called.name, hint)
            return
        name = called.attr if isinstance(called, nodes.Getattr) else "("
        hint = f"Write | {name} after the value." if name in FILTERS else None
        yield self._problem(node, TemplateCode.UNKNOWN_FUNCTION, f"“{name}” cannot be called.", name, hint)

    def _assign(self, node: nodes.Assign) -> Iterator[TemplateProblem]:
        # Lists of lists that double with each {% set %} take no room but for ever to compare.
        literals = (nodes.List, nodes.Dict, nodes.Tuple)
        for part in (node.node, *node.node.find_all(literals)):
            if isinstance(part, literals) and part.find(nodes.Name):
                message = "A list made in {% set %} can hold only fixed values."
                yield self._problem(node, TemplateCode.NOT_ALLOWED, message, "set")
                return

    def _refused(self, node: nodes.Node) -> TemplateProblem:
        kind = type(node).__name__
        if isinstance(node, nodes.Pow):
            return self._problem(node, TemplateCode.NOT_ALLOWED, "** cannot be used in templates.", "**")
        tag = _TAGS.get(kind, kind.lower())
        return self._problem(
            node, TemplateCode.NOT_ALLOWED, f"{{% {tag} %}} cannot be used in templates.", tag
        )

    def _problem(
        self, node: nodes.Node, code: TemplateCode, message: str, word: str, hint: str | None = None
    ) -> TemplateProblem:
        line = getattr(node, "lineno", None) or 1
        return TemplateProblem(line, column_of(self._lines, line, word), code, message, hint)


_INSTEAD: Final = {
    "safe": "HTML from data is never trusted.",
    "escape": "Values are escaped by themselves.",
    "e": "Values are escaped by themselves.",
    "format": "Use date, time, number or money.",
    "strftime": "Use date, time or datetime.",
    "currency": "Use money.",
}
