"""Python's syntax tree → our expression tree, by a white list: what is not named here is refused."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass, field
from typing import Final
from typing import Literal as Choice

from nurture.core.expression import Arith, BoolOp, ListNode, Literal, Name, Neg, Node, Not
from nurture.core.vocabulary import CAMPAIGN, OWNER, Kind, Kinds, Vocabulary
from nurture.language import calls, comparisons
from nurture.language.comparisons import NOTHING
from nurture.language.expression_slips import Fault
from nurture.language.problems import Code, did_you_mean
from nurture.language.typed import Typed, article, narrow

ROOTS: Final = ("lead", "owner", "entry", "event", "campaign", "now")
_TRUTH = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}
_SUMS: Final[dict[type[ast.operator], Choice["+", "-", "*", "/"]]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip
# `event.from` and `count(…, from="a")`: keywords of Python are names here. A letter of full width in the first
# place hides them from the tokenizer, which then normalises it away (PEP 3131) and keeps all columns.
_HIDDEN = re.compile(
    rf"\"[^\"]*\"|'[^']*'|(?<=\.)(?:{'|'.join(keyword.kwlist)})\b|(?<=[(,\s])(?:from|in|is|as|if)(?=\s*=(?!=))"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What `entry` and `event` hold where a condition stands. None: whatever any event may hold."""

    entry: Kinds | None = None
    event: Kinds | None = None


ANY_SCOPE: Final = Scope()
"""Whatever any event may hold."""


def hide_keywords(line: str) -> str:
    """The text with Python's keywords hidden where they are names; as many characters as before."""
    return _HIDDEN.sub(lambda found: found[0] if found[0][0] in "\"'" else _widen(found[0]), line)


def _widen(word: str) -> str:
    return chr(ord(word[0]) + 0xFEE0) + word[1:]


@dataclass(slots=True)
class Reader:
    """Turns Python's syntax tree into ours. A part that is wrong is None, and `faults` says why."""

    line: str
    vocabulary: Vocabulary
    scope: Scope
    faults: list[Fault] = field(default_factory=list)

    def offset(self, node: ast.AST) -> int:
        """Where a node begins in the text, in characters (Python counts bytes)."""
        start = len(self.line) - len(self.line.lstrip())
        column = getattr(node, "col_offset", 0)
        read = _HIDDEN.sub(lambda found: found[0] if found[0][0] in "\"'" else _widen(found[0]), self.line)[
            start:
        ]
        return start + len(read.encode()[:column].decode(errors="ignore"))

    def said(self, node: ast.AST) -> str:
        """The node as the author wrote it."""
        end = getattr(node, "end_col_offset", None)
        begin = self.offset(node)
        if end is None:
            return ""
        shadow = ast.Constant(value=None, col_offset=end)
        return self.line[begin : self.offset(shadow)]

    def fault(self, node: ast.AST | int, code: Code, message: str, hint: str | None = None) -> None:
        """Note a fault at a node, or at an offset."""
        at = node if isinstance(node, int) else self.offset(node)
        self.faults.append(Fault(at, code, message, hint))

    def whole(self, node: ast.expr, wants: Kind) -> Typed | None:
        """The whole expression, of the kind that is wanted."""
        if wants is Kind.BOOLEAN:
            return self.boolean(node)
        typed = self.read(node)
        if typed is not None and wants is not Kind.ANY and typed.kind not in (wants, Kind.ANY):
            self.fault(
                node, Code.CONDITION_TYPE, f"{article(wants)} is wanted here, not {article(typed.kind)}."
            )
        return typed

    def read(self, node: ast.expr) -> Typed | None:
        """One part, whatever its kind."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self.boolean(value, node) for value in values]
                nodes = tuple(part.node for part in parts if part is not None)
                return Typed(BoolOp("and" if isinstance(op, ast.And) else "or", nodes), Kind.BOOLEAN)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                part = self.boolean(operand)
                return Typed(Not(part.node), Kind.BOOLEAN) if part else None
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                part = self.number(operand)
                return Typed(_negative(part.node), Kind.NUMBER) if part else None
            case ast.Compare():
                return comparisons.read_comparison(self, node)
            case ast.BinOp(op=op) if type(op) in _SUMS:
                return self.arithmetic(node, _SUMS[type(op)])
            case ast.Constant():
                return self.constant(node)
            case ast.Name() | ast.Attribute():
                return self.name(node)
            case ast.Call():
                return calls.read_call(self, node)
            case ast.List() | ast.Tuple():
                return self.list_of(node)
        self.refuse(node)
        return None

    def boolean(self, node: ast.expr, within: ast.BoolOp | None = None) -> Typed | None:
        """A part that must be true or false: only those stand alone."""
        typed = self.read(node)
        if typed is None or typed.kind is Kind.BOOLEAN:
            return typed
        said = self.said(node)
        if isinstance(typed.node, Literal) and within is not None:
            before = within.values[0]
            if isinstance(before, ast.Compare) and isinstance(before.ops[0], ast.Eq | ast.NotEq):
                word = "in" if isinstance(before.ops[0], ast.Eq) else "not in"
                listed = f"{self.said(before.left)} {word} [{self.said(before.comparators[0])}, {said}]"
                self.fault(
                    node,
                    Code.CONDITION_TYPE,
                    f"{said} stands alone; it is compared with nothing.",
                    f"write {listed}",
                )
                return None
        hint = {
            Kind.NUMBER: f"compare it: {said} >= 1",
            Kind.LIST: f'ask for an item: "word" in {said}',
        }.get(
            typed.kind,
            f"write known({said}), or compare it" if isinstance(typed.node, Name) else "compare it",
        )
        self.fault(node, Code.CONDITION_TYPE, f"{said} is {article(typed.kind)}, not true or false.", hint)
        return None

    def number(self, node: ast.expr) -> Typed | None:
        """A part that must be a number."""
        typed = self.read(node)
        if typed is None:
            return None
        if typed.kind is Kind.ANY:
            return narrow(typed, Kind.NUMBER)
        if typed.kind is not Kind.NUMBER:
            message = f"{self.said(node)} is {article(typed.kind)}, and no number to reckon with."
            self.fault(node, Code.CONDITION_TYPE, message)
            return None
        return typed

    def arithmetic(self, node: ast.BinOp, op: Choice["+", "-", "*", "/"]) -> Typed | None:
        """`+ - * /` of numbers. Times are reckoned by `ago`."""
        count = len(self.faults)
        kinds = [typed.kind for side in (node.left, node.right) if (typed := self.read(side)) is not None]
        del self.faults[count:]
        if Kind.TIME in kinds:
            hint = 'the time three days ago is ago("3 days"): lead.created_at < ago("3 days")'
            self.fault(node, Code.CONDITION_TYPE, f"Times are not reckoned with {op}.", hint)
            return None
        left, right = self.number(node.left), self.number(node.right)
        return Typed(Arith(op, left.node, right.node), Kind.NUMBER) if left and right else None

    def constant(self, node: ast.Constant) -> Typed | None:
        """A text, number, true or false as it stands."""
        value = node.value
        if isinstance(value, bool):
            return Typed(Literal(value), Kind.BOOLEAN)
        if isinstance(value, int | float) and abs(value) < 1e15:
            return Typed(Literal(value), Kind.NUMBER)
        if isinstance(value, str):
            return Typed(Literal(value), Kind.TEXT)
        self.refuse(node)
        return None

    def list_of(self, node: ast.List | ast.Tuple) -> Typed | None:
        """A list of literals."""
        items: list[Literal] = []
        for element in node.elts:
            typed = self.read(element)
            if typed is None:
                return None
            if not isinstance(typed.node, Literal):
                message = "A list holds texts or numbers as they are."
                hint = 'put texts in quotes: ["DE", "AT"]'
                self.fault(element, Code.CONDITION_TYPE, message, hint)
                return None
            items.append(typed.node)
        if not items:
            self.fault(node, Code.CONDITION_TYPE, "The list is empty.")
            return None
        return Typed(ListNode(tuple(items)), Kind.LIST)

    def name(self, node: ast.Name | ast.Attribute) -> Typed | None:
        """`lead.country`, `now`, `true`; a lead's field may stand without `lead.`."""
        parts = _dotted(node)
        if parts is None:
            self.refuse(node)
            return None
        root, *path = parts
        if not path:
            return self.bare_name(node, root)
        if root not in ROOTS:
            near = did_you_mean(root, ROOTS)
            hint = (
                f"did you mean {near}.{'.'.join(path)}?"
                if near
                else self.quotes_hint(node, f"known: {', '.join(ROOTS)}")
            )
            self.fault(node, Code.CONDITION_NAME, f"There is no {root} here.", hint)
            return None
        if root == "now":
            self.fault(node, Code.CONDITION_NAME, "now is a time and has no parts.")
            return None
        return self.part_of(node, root, path)

    def bare_name(self, node: ast.expr, word: str) -> Typed | None:
        """A word alone: `now`, `true`, a field of the lead without `lead.`."""
        if word in _TRUTH:
            return Typed(Literal(_TRUTH[word]), Kind.BOOLEAN)
        if word == "now":
            return Typed(Name("now", "", Kind.TIME), Kind.TIME)
        if word in self.vocabulary.fields:
            return self.part_of(node, "lead", [word])
        if word in ROOTS:
            self.fault(node, Code.CONDITION_NAME, f"{word} has parts; name one.", f"write {word}.name")
        elif word in NOTHING:
            self.fault(
                node,
                Code.CONDITION_NAME,
                f"{word} is no value.",
                "write known(lead.phone) to ask for a value",
            )
        elif word in calls.FUNCTIONS:
            self.fault(node, Code.CONDITION_CALL, f"{word} is a function.", f'write {word}("…")')
        else:
            near = did_you_mean(word, [*self.vocabulary.fields, *calls.FUNCTIONS])
            hint = f"did you mean {near}?" if near in calls.FUNCTIONS else f"did you mean lead.{near}?"
            known = hint if near else f'a text stands in quotes: "{word}"'
            self.fault(node, Code.CONDITION_NAME, f"{word} is not known.", known)
        return None

    def part_of(self, node: ast.expr, root: str, path: list[str]) -> Typed | None:
        """`lead.country`: checked against what the root has."""
        kinds = self.kinds_of(root)
        first, deeper = path[0], path[1:]
        at = self.offset(node) + (len(root) + 1 if isinstance(node, ast.Attribute) else 0)
        if not kinds:
            self.fault(node, Code.CONDITION_NAME, f"There is no {root} here.")
            return None
        if first not in kinds:
            near = did_you_mean(first, kinds)
            elsewhere = next((name for name in ROOTS[:-1] if first in self.kinds_of(name)), None)
            if near:
                hint = f"did you mean {root}.{near}?"
            elif elsewhere and elsewhere != root:
                hint = f"did you mean {elsewhere}.{first}?"
            else:
                hint = f"{root} has {', '.join(sorted(kinds)[:40])}"
            code = Code.UNKNOWN_FIELD if root == "lead" else Code.CONDITION_NAME
            self.fault(at, code, f"{root} has no {first} here.", hint)
            return None
        kind = kinds[first]
        if deeper and kind is not Kind.ANY:
            self.fault(
                at + len(first) + 1,
                Code.CONDITION_NAME,
                f"{root}.{first} is {article(kind)} and has no parts.",
            )
            return None
        choices = self.vocabulary.fields[first].choices if root == "lead" else ()
        return Typed(Name(root, ".".join(path), Kind.ANY if deeper else kind), kind, choices)  # type: ignore[arg-type]

    def kinds_of(self, root: str) -> Kinds:
        """What a root has, with the kinds of values."""
        if root == "lead":
            return {name: known.kind for name, known in self.vocabulary.fields.items()}
        if root in ("owner", "campaign"):
            return OWNER if root == "owner" else CAMPAIGN
        given = self.scope.entry if root == "entry" else self.scope.event
        return self.vocabulary.data_of() if given is None else given

    def quotes_hint(self, node: ast.expr, otherwise: str) -> str:
        """An event needs quotes where it is named."""
        said = self.said(node)
        return f'an event is named in quotes: "{said}"' if self.vocabulary.knows_event(said) else otherwise

    def refuse(self, node: ast.expr) -> None:
        """Python has it, conditions do not."""
        message, hint = "This cannot stand in a condition.", None
        match node:
            case ast.Subscript():
                hint = "write the name after a point: event.answers.size"
            case ast.Set() | ast.Dict():
                hint = 'write a list with [ ]: ["DE", "AT"]'
            case ast.BinOp():
                message = "Only + - * / reckon here."
            case ast.IfExp():
                hint = "write then: and else: as keys of their own"
            case ast.Constant(value=None):
                hint = "write known(lead.phone) to ask for a value"
            case ast.Constant():
                message = "This number or text cannot stand in a condition."
        self.fault(node, Code.CONDITION_SYNTAX, message, hint)


def _dotted(node: ast.expr) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [*reversed([*parts, node.id])] if isinstance(node, ast.Name) else None


def _negative(node: Node) -> Node:
    if isinstance(node, Literal) and isinstance(node.value, int | float):
        return Literal(-node.value)
    return Neg(node)
