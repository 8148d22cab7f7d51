"""The functions of conditions: what each is called with, checked against the project's vocabulary."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from typing import Literal as Choice

from nurture.core.duration import Duration, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.expression import Call, Literal, Name, Node
from nurture.core.vocabulary import Kind
from nurture.language.problems import Code, did_you_mean
from nurture.language.typed import Typed, article

if TYPE_CHECKING:
    from nurture.language.expression_reader import Reader

Argument = Choice[
    "name", "event", "template", "tag", "campaign", "language", "topic", "duration", "score topic"
]


class Function(NamedTuple):
    """What a function is called with, what it gives, and a sentence for the docs."""

    argument: Argument
    gives: Kind
    sentence: str
    optional: bool = False
    named: tuple[str, ...] = ()


FUNCTIONS: Final[dict[str, Function]] = {
    "known": Function("name", Kind.BOOLEAN, "Has the name a value?"),
    "happened": Function("event", Kind.BOOLEAN, "Did the event happen?", named=("since",)),
    "count": Function("event", Kind.NUMBER, "How often did the event happen?", named=("since", "last")),
    "got": Function("template", Kind.BOOLEAN, "Had they this email, ever?"),
    "opened": Function(
        "template", Kind.BOOLEAN, "Did they open this email (any, without a name)?", optional=True
    ),
    "clicked": Function("template", Kind.BOOLEAN, "Did they click in this email (any)?", optional=True),
    "replied": Function("template", Kind.BOOLEAN, "Did they answer this email (any)?", optional=True),
    "tagged": Function("tag", Kind.BOOLEAN, "Do they carry the tag?"),
    "in_campaign": Function("campaign", Kind.BOOLEAN, "Are they in the campaign now?"),
    "speaks": Function("language", Kind.BOOLEAN, "Is it their language? de covers de-AT."),
    "consent": Function("topic", Kind.BOOLEAN, "Did they allow mail about the topic?"),
    "ago": Function("duration", Kind.TIME, "The time that long before now."),
    "score_of": Function("score topic", Kind.NUMBER, "The points given for a topic."),
}
_EXAMPLES: Final[dict[Argument, str]] = {
    "name": "lead.phone", "event": '"webinar.attended"', "template": '"webinar_invite"', "tag": '"vip"',
    "campaign": '"report-download"', "language": '"de"', "topic": '"greetings"', "duration": '"3 days"',
    "score topic": '"pumps"',
}  # fmt: skip


def read_call(reader: Reader, node: ast.Call) -> Typed | None:
    """A call of a declared function with the right arguments; None with faults otherwise."""
    if not isinstance(node.func, ast.Name):
        _refuse_method(reader, node)
        return None
    name = node.func.id
    function = FUNCTIONS.get(name)
    if function is None:
        near = did_you_mean(name, FUNCTIONS)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(FUNCTIONS)}"
        reader.fault(node, Code.CONDITION_CALL, f"There is no function {name}.", hint)
        return None
    example = f"{name}({_EXAMPLES[function.argument]})"
    if len(node.args) > 1 or (not node.args and not function.optional):
        wanted = "one value" if not function.optional else "at most one value"
        where: ast.AST = node.args[1] if len(node.args) > 1 else node
        reader.fault(where, Code.CONDITION_CALL, f"{name} takes {wanted}.", f"write {example}")
        return None
    if node.args and isinstance(node.args[0], ast.Starred):
        reader.refuse(node)
        return None
    argument = _argument(reader, name, function, node.args[0]) if node.args else None
    count = len(reader.faults)
    named = _Named.read(reader, node, function, argument)
    if (node.args and argument is None) or len(reader.faults) > count:
        return None
    args = (argument,) if argument is not None else ()
    return Typed(Call(name, args, named.since, named.last, named.where), function.gives)


def _refuse_method(reader: Reader, node: ast.Call) -> None:
    said = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    hint = f"write {said}({_EXAMPLES[FUNCTIONS[said].argument]})" if said in FUNCTIONS else None
    reader.fault(node, Code.CONDITION_CALL, "Only the functions themselves can be called.", hint)


def _argument(reader: Reader, name: str, function: Function, node: ast.expr) -> Node | None:
    if function.argument == "name":
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            hint = f"write {name}({node.value if '.' in node.value else 'lead.' + node.value})"
            reader.fault(node, Code.CONDITION_CALL, f"{name} takes a name without quotes.", hint)
            return None
        typed = reader.read(node)
        if typed is not None and not isinstance(typed.node, Name):
            reader.fault(node, Code.CONDITION_CALL, f"{name} takes a name.", "write known(lead.phone)")
            return None
        return typed.node if typed else None
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        said = reader.said(node)
        bare = isinstance(node, ast.Name | ast.Attribute)
        hint = f'write {name}("{said}")' if bare else f"write {name}({_EXAMPLES[function.argument]})"
        reader.fault(node, Code.CONDITION_CALL, f"{name} takes a text in quotes.", hint)
        return None
    if function.argument == "duration":
        span = _duration(reader, node, node.value)
        return Literal(span) if span is not None else None
    return Literal(node.value) if _is_known(reader, function.argument, node, node.value) else None


def _is_known(reader: Reader, argument: Argument, node: ast.expr, value: str) -> bool:
    vocabulary = reader.vocabulary
    if argument == "language":
        if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*", value):
            return True
        reader.fault(node, Code.CONDITION_CALL, f'"{value}" is no language.', 'write its code: "de", "en-GB"')
        return False
    if argument == "tag" and not value.strip():
        reader.fault(node, Code.CONDITION_CALL, "The tag is empty.")
        return False
    known = {
        "event": (vocabulary.event_names, Code.UNKNOWN_EVENT),
        "template": (vocabulary.templates, Code.UNKNOWN_TEMPLATE),
        "campaign": (vocabulary.campaigns, Code.UNKNOWN_CAMPAIGN),
        "topic": (vocabulary.topics, Code.UNKNOWN_NAME),
        "score topic": (vocabulary.score_topics, Code.UNKNOWN_NAME),
    }
    names, code = known.get(argument, (None, Code.UNKNOWN_NAME))
    if names is None or value in names:
        return True
    near = did_you_mean(value, names)
    hint = f'did you mean "{near}"?' if near else "own events are declared under events: in config.yaml"
    if near is None and argument != "event":
        hint = f"there are {', '.join(sorted(names)[:20])}" if names else f"there is no {argument} yet"
    reader.fault(node, code, f'There is no {argument} "{value}".', hint)
    return False


def _duration(reader: Reader, node: ast.expr, text: str) -> Duration | None:
    try:
        return parse_duration(text)
    except GrammarError as error:
        reader.fault(node, Code.GRAMMAR, f"{str(error)[:1].upper()}{str(error)[1:]}.", error.hint)
        return None


class _Named(NamedTuple):
    """The named arguments: `since=`, `last=`, and data of the event (`report="Pumps"`)."""

    since: Node | None = None
    last: Duration | None = None
    where: tuple[tuple[str, Node], ...] = ()

    @classmethod
    def read(cls, reader: Reader, node: ast.Call, function: Function, event: Node | None) -> _Named:
        since: Node | None = None
        last: Duration | None = None
        where: list[tuple[str, Node]] = []
        for given in node.keywords:
            if given.arg is None:
                reader.refuse(node)
            elif function.argument != "event":
                reader.fault(given, Code.CONDITION_CALL, "This function takes no named values.")
            elif given.arg == "since" and "since" in function.named:
                since = _since(reader, given.value)
            elif given.arg == "last" and "last" in function.named:
                last = _last(reader, given.value)
            elif isinstance(event, Literal) and given.arg == "where":
                where += _where_condition(reader, given.value, str(event.value))
            elif isinstance(event, Literal) and (pair := _where(reader, given, function, str(event.value))):
                where.append(pair)
        return cls(since, last, tuple(where))


def _since(reader: Reader, node: ast.expr) -> Node | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        hint = f'write since=ago("{node.value}"), or since=entry.at'
        reader.fault(node, Code.CONDITION_TYPE, "since takes a time.", hint)
        return None
    typed = reader.read(node)
    if typed is not None and typed.kind is not Kind.TIME:
        hint = 'write since=entry.at, or since=ago("3 days")'
        reader.fault(node, Code.CONDITION_TYPE, "since takes a time.", hint)
        return None
    return typed.node if typed else None


def _last(reader: Reader, node: ast.expr) -> Duration | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _duration(reader, node, node.value)
    reader.fault(node, Code.CONDITION_TYPE, "last takes a duration in quotes.", 'write last="30 days"')
    return None


def _where(reader: Reader, given: ast.keyword, function: Function, event: str) -> tuple[str, Node] | None:
    """A data key of the event and what it must equal."""
    kinds = reader.vocabulary.data_of(event)
    key = given.arg or ""
    if key not in kinds:
        known = [*function.named, *sorted(kinds)]
        near = did_you_mean(key, known)
        hint = f"did you mean {near}=?" if near else f"there are {', '.join(known)}"
        reader.fault(given, Code.CONDITION_CALL, f"{event} has no {key}.", hint)
        return None
    return _datum(reader, given.value, event, key, kinds[key])


def _where_condition(reader: Reader, node: ast.expr, event: str) -> list[tuple[str, Node]]:
    """`where=event.report == "Pumps" and …`: the same data, as a condition."""
    kinds = reader.vocabulary.data_of(event)
    pairs: list[tuple[str, Node]] = []
    for part in node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) else [node]:
        match part:
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id="event"), attr=key), ops=[ast.Eq()], comparators=[value]
            ) if key in kinds:
                if pair := _datum(reader, value, event, key, kinds[key]):
                    pairs.append(pair)
            case _:
                example = next((key for key in kinds if key not in ("at", "type")), "type")
                message = f"Here the data of {event} can only be compared with ==."
                reader.fault(part, Code.CONDITION_CALL, message, f'write {example}="…"')
    return pairs


def _datum(reader: Reader, node: ast.expr, event: str, key: str, kind: Kind) -> tuple[str, Node] | None:
    typed = reader.read(node)
    if typed is None:
        return None
    if kind not in (Kind.ANY, typed.kind) and typed.kind is not Kind.ANY:
        message = f"{key} of {event} is {article(kind)}, not {article(typed.kind)}."
        reader.fault(node, Code.CONDITION_TYPE, message)
        return None
    return key, typed.node
