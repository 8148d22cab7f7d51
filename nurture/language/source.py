"""A YAML text as plain data in which every scalar stays text, with the place of every key and value.

What YAML guesses (`NO`, `9:30`, `007`, `yes`) is never guessed here; the schema gives each key its type.
An empty value, and a bare `null` or `~`, is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from nurture.language import slips
from nurture.language.nodes import MAX_DEPTH, MAX_VALUES, Kind, Node, compose
from nurture.language.problems import START, Code, Place, Problems

MAX_BYTES: Final = 1_000_000

Data = str | None | dict[str, "Data"] | list["Data"]
Path = tuple[str | int, ...]

_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


class Mark(NamedTuple):
    """Where a value stands; `end` is the place just behind it.

    `key` is the place of its key in a mapping, None for a list item and for the whole. `flow` says that a
    mapping or list is written with brackets.
    """

    value: Place
    end: Place
    key: Place | None
    kind: Kind
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One file that could be read as YAML. `marks` holds a mark for each path in `data`, `()` is the whole.

    `text` is the file without its byte order mark; places count in it.
    """

    file: str
    text: str
    data: Data
    marks: dict[Path, Mark]
    bom: bool = False

    def mark(self, path: Path) -> Mark | None:
        """The mark of a path, or of the nearest value around it that is in the file."""
        for length in range(len(path), -1, -1):
            found = self.marks.get(path[:length])
            if found is not None:
                return found
        return None

    def value_place(self, path: Path) -> Place:
        """Where the value stands (or the nearest value around it)."""
        mark = self.mark(path)
        return mark.value if mark else START

    def key_place(self, path: Path) -> Place:
        """Where the key stands; for list items and the whole, the value."""
        mark = self.mark(path)
        return (mark.key or mark.value) if mark else START

    def text_place(self, path: Path, offset: int) -> Place:
        """Where the `offset`-th character (from 0) of a scalar stands in the file, whatever its quotes."""
        mark, value = self.marks.get(path), self.get(path)
        if mark is None or not isinstance(value, str):
            return self.value_place(path)
        return _place_inside(self.text, mark, value, offset)

    def get(self, path: Path) -> Data:
        """The value at a path; None when there is none."""
        value = self.data
        for part in path:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and -len(value) <= part < len(value):
                value = value[part]
            else:
                return None
        return value


def read_source(content: bytes | str, file: str, problems: Problems) -> Source | None:
    """Read a file's bytes (or text). None: it cannot be read at all, and `problems` says why.

    A `Source` may come with errors too (a key that stands twice …); its data is then the best guess, so
    that what else is wrong can be found in the same run. Never raises for any content.
    """
    text = _decode(content, problems)
    if text is None:
        return None
    bom = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    if not _visible(text, problems):
        return None
    root = compose(text, problems)
    if root is None:
        return None if problems.errors else Source(file, text, None, {}, bom)
    reader = _Reader(text, problems)
    try:
        data = reader.read(root, (), None)
    except _TooMuch as stop:
        problems.error(*stop.args)
        return None
    return Source(file, text, data, reader.marks, bom)


def with_keys(source: Source, additions: Iterable[tuple[Path, str, str]]) -> str:
    """The file's text with `key: value` put first into each of the named mappings; all else as it was.

    Value is written as given (quote it before, if it needs quotes). Block and flow mappings both work; a path
    that is no mapping in the file is passed over.
    """
    cuts: dict[int, str] = {}
    newline = "\r\n" if "\r\n" in source.text else "\n"
    for path, key, value in additions:
        mark = source.marks.get(path)
        if mark is None or mark.kind != "mapping":
            continue
        if mark.flow:
            comma = ", " if source.get(path) else ""
            cuts[mark.value.offset + 1] = f"{key}: {value}{comma}"
        else:
            cuts[mark.value.offset] = f"{key}: {value}{newline}{' ' * (mark.value.column - 1)}"
    text = source.text
    for offset in sorted(cuts, reverse=True):
        text = text[:offset] + cuts[offset] + text[offset:]
    return ("\ufeff" if source.bom else "") + text


def _decode(content: bytes | str, problems: Problems) -> str | None:
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        problems.error(START, Code.TOO_LARGE, f"The file has {size:,} bytes; nurture reads {MAX_BYTES:,}.")
        return None
    if isinstance(content, str):
        return content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.error(START, Code.ENCODING, "The file is saved as UTF-16.", "save it as UTF-8")
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = _place_at(before, len(before))
        message = f"The byte 0x{content[error.start]:02x} here is not UTF-8."
        problems.error(place, Code.ENCODING, message, "save the file as UTF-8")
        return None


def _visible(text: str, problems: Problems) -> bool:
    found = _INVISIBLE.search(text)
    if found is None:
        return True
    message = f"An invisible character stands here (U+{ord(found.group()):04X})."
    problems.error(_place_at(text, found.start()), Code.CONTROL_CHARACTER, message, "delete it")
    return False


def _place_at(text: str, offset: int) -> Place:
    before = re.split(r"\r\n|\r|\n", text[:offset])
    return Place(len(before), len(before[-1]) + 1, offset)


class _TooMuch(Exception):
    """Aliases blow the file up: carries the arguments of `Problems.error`."""


class _Reader:
    """Turns nodes into data and marks; says what YAML would allow and we do not."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.marks: dict[Path, Mark] = {}
        self.values = 0

    def read(self, node: Node, path: Path, key: Place | None) -> Data:
        self.values += 1
        if self.values > MAX_VALUES:
            raise _TooMuch(
                node.start, Code.TOO_MANY_VALUES, f"The file holds more than {MAX_VALUES:,} values."
            )
        if len(path) > MAX_DEPTH:
            raise _TooMuch(node.start, Code.TOO_DEEP, f"Aliases nest more than {MAX_DEPTH} deep.")
        self.marks[path] = Mark(node.start, node.end, key, node.kind, node.flow)
        if node.kind == "mapping":
            return self.mapping(node, path)
        if node.kind == "list":
            if node.flow:
                self.check_commas([(item, None) for item in node.items])
            return [self.read(item, (*path, index), None) for index, item in enumerate(node.items)]
        if node.kind == "plain" and node.text in ("null", "~"):
            return None
        return node.text

    def mapping(self, node: Node, path: Path) -> Data:
        if self.is_braces(node):
            return None
        if node.flow:
            self.check_commas(node.pairs)
        data: dict[str, Data] = {}
        for key, value in node.pairs:
            name = key.text
            if name is None:
                self.not_text(key)
            elif name == "<<" and key.kind == "plain":
                message = "Merge keys (<<) are not read."
                self.problems.error(key.start, Code.MERGE_KEY, message, "write the keys out")
            elif name in data:
                first = self.marks[(*path, name)].key or key.start
                message = f"{slips.shorten(name)} stands twice here; it stands in line {first.line} already."
                hint = f"delete one of the two, in line {first.line} or line {key.start.line}"
                self.problems.error(key.start, Code.DUPLICATE_KEY, message, hint)
                if data[name] is None:
                    data[name] = self.read(value, (*path, name), key.start)
            else:
                data[name] = self.read(value, (*path, name), key.start)
        return data

    def not_text(self, key: Node) -> None:
        if key.kind == "empty":
            message = "There is no key before this colon."
        else:
            message = "A key is a text, not a list or a mapping."
        self.problems.error(key.start, Code.NOT_TEXT_KEY, message)

    def is_braces(self, node: Node) -> bool:
        """`{{ lead.name }}` without quotes: YAML reads a mapping whose key is a mapping."""
        start = node.start.offset
        if not node.flow or self.text[start : start + 2] != "{{":
            return False
        line = re.split(r"[\r\n]", self.text[start : node.end.offset], maxsplit=1)[0]
        message = "A text that begins with {{ needs quotes."
        self.problems.error(node.start, Code.UNQUOTED, message, f"write {slips.quote(line)}")
        return True

    def check_commas(self, pairs: Sequence[tuple[Node, Node | None]]) -> None:
        """`{if: count("x", 7) > 1}`: a comma between round brackets has cut a text in two."""
        for index, (key, value) in enumerate(pairs[:-1]):
            cut = value if value is not None and value.kind != "empty" else key
            text = cut.text if cut.kind == "plain" else None
            rest = pairs[index + 1][0].text or ""
            if text and text.count("(") > text.count(")") and rest.count(")") > rest.count("("):
                message = (
                    "The comma between ( and ) cuts this text in two: inside { } and [ ] a comma separates."
                )
                hint = "write it as a block, one key a line, or put the text in quotes"
                self.problems.error(cut.start, Code.UNQUOTED, message, hint)


def _place_inside(text: str, mark: Mark, value: str, offset: int) -> Place:
    """Walk text and value side by side; spaces stand for any run of spaces and line breaks."""
    position = mark.value.offset
    if mark.kind == "block":
        position = text.find("\n", position) + 1
    elif mark.kind == "quoted":
        position += 1
    position = _skip(text, position) if mark.kind == "block" else position
    for index, character in enumerate(value[:offset]):
        if character.isspace():
            following = value[index + 1 : index + 2]
            position = _skip(text, position) if following and not following.isspace() else position + 1
        else:
            found = text.find(character, position, mark.end.offset)
            position = position if found < 0 else found + 1
    if mark.kind == "quoted" and offset < len(value):
        found = text.find(value[offset], position, mark.end.offset)
        position = position if found < 0 else found
    position = min(position, mark.end.offset)
    before = text[mark.value.offset : position]
    breaks = re.split(r"\r\n|\r|\n", before)
    if len(breaks) == 1:
        return Place(mark.value.line, mark.value.column + len(before), position)
    return Place(mark.value.line + len(breaks) - 1, len(breaks[-1]) + 1, position)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
