"""Which names a template uses, and whether there is anything of that name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from nurture.mail.filters import FILTERS
from nurture.mail.problems import TemplateCode, TemplateProblem, column_of, did_you_mean

Known = Mapping[str, Any]
"""What templates see: name → its fields (a mapping of the same kind), None (any fields), or a word for its type."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a name is used: `("lead", "name")` for `lead.name`. Line and column count from 1 in the file."""

    path: tuple[str, ...]
    line: int
    column: int

    @property
    def dotted(self) -> str:
        """`lead.name`."""
        return ".".join(self.path)


def uses_in(tree: nodes.Template, source: str, first_line: int = 1) -> tuple[Use, ...]:
    """Every use of a name the template does not make itself, in order of place."""
    lines = source.split("\n")
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"} | {"loop"}
    found = {
        (line, path): Use(path, line + first_line - 1, column_of(lines, line, ".".join(path)))
        for path, line in _paths(tree)
        if path[0] not in own
    }
    return tuple(sorted(found.values(), key=lambda use: (use.line, use.column, use.path)))


def _paths(node: nodes.Node) -> Iterator[tuple[tuple[str, ...], int]]:
    path = _path(node)
    if path is not None:
        yield path, node.lineno
        return
    for child in node.iter_child_nodes():
        if not (isinstance(node, nodes.Call) and child is node.node):
            yield from _paths(child)


def _path(node: nodes.Node) -> tuple[str, ...] | None:
    if isinstance(node, nodes.Name) and node.ctx == "load":
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return (*before, node.attr) if before else None
    if (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        before = _path(node.node)
        return (*before, node.arg.value) if before else None
    return None


def check_uses(uses: Iterable[Use], known: Known) -> list[TemplateProblem]:
    """What is used and not known, with the nearest known name."""
    return [problem for use in uses if (problem := _check(use, known)) is not None]


def _check(use: Use, known: Known) -> TemplateProblem | None:
    place: Any = known
    for index, word in enumerate(use.path):
        if place is None:
            return None
        if not isinstance(place, Mapping):
            if place in ("date", "datetime", "time", "any"):
                return None
            owner = ".".join(use.path[:index])
            message = f"“{owner}” has no field “{word}”."
            return TemplateProblem(use.line, use.column, TemplateCode.UNKNOWN_FIELD, message)
        if word not in place:
            return _unknown(use, index, word, place)
        place = place[word]
    return None


def _unknown(use: Use, index: int, word: str, place: Mapping[str, Any]) -> TemplateProblem:
    hint = did_you_mean(word, place)
    if index:
        owner = ".".join(use.path[:index])
        code, message = TemplateCode.UNKNOWN_FIELD, f"“{owner}” has no field “{word}”."
    else:
        code, message = TemplateCode.UNKNOWN_NAME, f"There is no “{word}” in templates."
        if hint is None and word in FILTERS:
            hint = f"{word} is a filter: write it after a value, as in {{{{ now | {word} }}}}."
        hint = hint or f"Templates see {', '.join(sorted(place))}."
    return TemplateProblem(use.line, use.column, code, message, hint)
