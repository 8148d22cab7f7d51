"""Conditions as authors write them → checked expression trees.

`ast.parse` reads the text, a white list takes over: names, fields, events, arguments and kinds of values are
checked here, once, so that nothing can fail or be called at run time but what is declared.
"""

from __future__ import annotations

import ast
import re

from nurture.core.conditions import Condition
from nurture.core.vocabulary import Kind, Vocabulary
from nurture.language.expression_reader import ANY_SCOPE, Reader, Scope, hide_keywords
from nurture.language.expression_slips import MAX_NODES, Fault, explain_syntax, faults_before
from nurture.language.problems import Code, Problems
from nurture.language.source import Path, Source

__all__ = ["Fault", "Scope", "condition_at", "read_expression"]


def read_expression(
    text: str, vocabulary: Vocabulary, scope: Scope = ANY_SCOPE, wants: Kind = Kind.BOOLEAN
) -> tuple[Condition | None, tuple[Fault, ...]]:
    """Read a condition (`wants` BOOLEAN) or another expression (ANY: any single value).

    Either a Condition and no faults, or None and at least one. Never raises for any text.
    """
    line = re.sub(r"[\r\n\t]", " ", text)
    faults = list(faults_before(line))
    if not faults:
        tree, faults = _parse(line)
        if tree is not None:
            reader = Reader(line, vocabulary, scope)
            typed = reader.whole(tree.body, wants)
            faults = reader.faults
            if typed is not None and not faults:
                return Condition(text.strip(), typed.node), ()
    return None, tuple(sorted(set(faults)))


def condition_at(
    source: Source,
    path: Path,
    vocabulary: Vocabulary,
    problems: Problems,
    scope: Scope = ANY_SCOPE,
    wants: Kind = Kind.BOOLEAN,
) -> Condition | None:
    """The condition that stands at `path` of a file; what is wrong with it goes to `problems`, with its column."""
    text = source.get(path)
    if not isinstance(text, str):
        message = "A condition is wanted here."
        problems.error(
            source.value_place(path), Code.CONDITION_SYNTAX, message, 'write one: lead.country == "DE"'
        )
        return None
    condition, faults = read_expression(text, vocabulary, scope, wants)
    for fault in faults:
        problems.error(source.text_place(path, fault.offset), fault.code, fault.message, fault.hint)
    return condition


def _parse(line: str) -> tuple[ast.Expression | None, list[Fault]]:
    start = len(line) - len(line.lstrip())
    hidden = hide_keywords(line)
    try:
        tree = ast.parse(hidden[start:].rstrip(), mode="eval")
    except SyntaxError as error:
        return None, [explain_syntax(line, start + error.offset - 1 if error.offset else None)]
    except (ValueError, MemoryError, RecursionError):
        return None, [Fault(0, Code.CONDITION_TOO_LONG, "The condition is nested too deeply.")]
    if sum(isinstance(node, ast.expr) for node in ast.walk(tree)) > MAX_NODES:
        message = f"The condition has more than {MAX_NODES} parts."
        return None, [Fault(0, Code.CONDITION_TOO_LONG, message, "split it into several steps")]
    return tree, []
