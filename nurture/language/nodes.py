"""YAML text → a tree of nodes with places, straight from libyaml's event parser.

`yaml.compose` is never called: it recurses in C and a 60 KB file of `- - - -` kills the process. The event
parser is iterative; depth, number of values and aliases are bounded while reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

import yaml

from nurture.language import slips
from nurture.language.problems import START, Code, Place, Problems

MAX_DEPTH: Final = 60
MAX_VALUES: Final = 200_000
MAX_ALIASES: Final = 20

Kind = Literal["plain", "quoted", "block", "empty", "mapping", "list"]

_CORE_TAGS = frozenset({"!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))})
_CUT = re.compile(r"[ \t]+#\w[^\r\n]*")


@dataclass(slots=True)
class Node:
    """A value of the file: a scalar (`text`), a list (`items`) or a mapping (`pairs` of key and value)."""

    kind: Kind
    start: Place
    end: Place
    flow: bool = False
    text: str | None = None
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


def compose(text: str, problems: Problems) -> Node | None:
    """The tree of a text; None when it is empty or cannot be read, which `problems` then says."""
    return _Composer(text, problems).compose()


class _Composer:
    """Holds the open collections while the events pass by."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[Node | None] = []  # of each open mapping: the key whose value comes next
        self.names: list[str | None] = []  # of each open collection: its anchor
        self.anchors: dict[str, Node] = {}
        self.last: Node | None = None
        self.values = 0
        self.aliases = 0

    def compose(self) -> Node | None:
        try:
            for event in yaml.parse(self.text, yaml.CSafeLoader):
                if not self.take(event):
                    return None
        except yaml.MarkedYAMLError as error:
            slip = slips.explain(error, self.text, self.last.start if self.last else None)
            self.problems.error(slip.place, slip.code, slip.message, slip.hint)
            return None
        except yaml.YAMLError:
            self.problems.error(START, Code.SYNTAX, "The file cannot be read as YAML.")
            return None
        return self.root

    def take(self, event: yaml.Event) -> bool:
        """Take one event in; False when reading must stop here."""
        if isinstance(event, yaml.ScalarEvent):
            self.check_tag(event)
            return self.add(self.scalar(event), event.anchor)
        if isinstance(event, yaml.CollectionStartEvent):
            self.check_tag(event)
            kind: Kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "list"
            node = Node(kind, place(event.start_mark), place(event.end_mark), bool(event.flow_style))
            return self.add(node, None) and self.enter(node, event.anchor)
        if isinstance(event, yaml.CollectionEndEvent):
            self.leave(event)
        elif isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            where = place(event.start_mark)
            message = "A second YAML document begins here; a file holds one."
            self.problems.error(
                where, Code.SEVERAL_DOCUMENTS, message, "delete the line --- or make two files"
            )
            return False
        return True

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        start, end = place(event.start_mark), place(event.end_mark)
        if event.style in ("'", '"'):
            return Node("quoted", start, end, text=event.value)
        if event.style in ("|", ">"):
            return Node("block", start, end, text=event.value)
        self.warn_of_cut(event.value, start, end)
        if event.value == "":
            return Node("empty", start, end)
        return Node("plain", start, end, text=event.value)

    def warn_of_cut(self, value: str, start: Place, end: Place) -> None:
        cut = _CUT.match(self.text, end.offset)
        if cut is None:
            return
        lost = cut.group().strip()
        if value:
            message = f"The text ends before {slips.shorten(lost)}: a # after a space begins a comment."
        else:
            message = f"There is no value here: {slips.shorten(lost)} is a comment."
        hint = f"put it in quotes: {slips.quote(f'{value} {lost}'.strip())}"
        self.problems.warning(
            start, Code.CUT_BY_COMMENT, message, f"{hint}; a remark is written with a space: # …"
        )

    def add(self, node: Node, anchor: str | None) -> bool:
        """Put a value where it belongs: into the open collection, as its key, or as the whole."""
        self.values += 1
        if self.values > MAX_VALUES:
            message = f"The file holds more than {MAX_VALUES:,} values."
            self.problems.error(node.start, Code.TOO_MANY_VALUES, message)
            return False
        if anchor is not None:
            self.anchors[anchor] = node
        self.last = node
        if not self.open:
            self.root = node
        elif self.open[-1].kind == "list":
            self.open[-1].items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = node
        else:
            self.open[-1].pairs.append((key, node))
            self.keys[-1] = None
        return True

    def enter(self, node: Node, anchor: str | None) -> bool:
        if len(self.open) >= MAX_DEPTH:
            message = f"Lists and mappings are nested more than {MAX_DEPTH} deep."
            self.problems.error(node.start, Code.TOO_DEEP, message)
            return False
        self.open.append(node)
        self.keys.append(None)
        self.names.append(anchor)
        return True

    def leave(self, event: yaml.CollectionEndEvent) -> None:
        node = self.open.pop()
        self.keys.pop()
        node.end = place(event.end_mark)
        if (anchor := self.names.pop()) is not None:
            self.anchors[anchor] = node  # only now: an alias inside its own anchor stays unknown

    def alias(self, event: yaml.AliasEvent) -> bool:
        where = place(event.start_mark)
        name = event.anchor or ""
        known = self.anchors.get(name)
        if known is None:
            message = f"*{name} refers to nothing: a text that begins with * needs quotes."
            self.problems.error(where, Code.UNQUOTED, message, f"write {slips.quote('*' + name)}")
            known = Node("empty", where, place(event.end_mark))
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            message = f"The file uses more than {MAX_ALIASES} aliases (*name)."
            self.problems.error(where, Code.ALIAS, message, "write the values out")
            return False
        return self.add(known, None)

    def check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is None or event.tag in _CORE_TAGS:
            return
        where = place(event.start_mark)
        slip = slips.explain_tag(self.text, where)
        self.problems.error(slip.place, slip.code, slip.message, slip.hint)


def place(mark: yaml.Mark | yaml._yaml.Mark | None) -> Place:
    """libyaml counts lines and columns from 0; people and editors from 1."""
    if mark is None:
        return START
    return Place(mark.line + 1, mark.column + 1, mark.index)
