"""The small language lexicon phrases are written in, and finding them in a reply in linear time.

    take me off        these words in a row (pauses between them do not matter, ends of sentences do)
    remov*             any word that begins so
    (a|one of)         one of these
    please?            may be missing
    <list>             any entry of the word list of this name
    ...  ..            up to five, up to two words of any kind
    <number>           a number
    ^ at the beginning, $ at the end: where a sentence begins and ends

Several phrases are divided by `;` or by lines. Phrases are merged into one tree; each word of a reply starts one walk down it, and gaps are bounded, so the
time grows with the length of the reply only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nurture.core.errors import GrammarError
from nurture.inbound.intent.words import Word

MOST_VARIANTS = 600
"""A phrase may stand for this many word sequences; more is a mistake or belongs into a word list."""

LONG_GAP, SHORT_GAP, NUMBER, BEGIN, END = "...", "..", "<number>", "^", "$"
_FEW = 2
_GAPS = {LONG_GAP: 5, SHORT_GAP: 2}
_PIECE = re.compile(r"\s*(\(|\)\??|\||<[a-z_]+>\??|[^\s()|<>]+)")

_PLAIN = re.compile(r"[^()|<>?]*")
"""A phrase that stands for one word sequence only."""

T = TypeVar("T")
Atoms = tuple[str, ...]


def listed(value: object, where: str) -> list[str]:
    """The single phrases of a text or a list of texts, divided by `;` or line ends.

    Raises GrammarError, naming `where`, when it is neither.
    """
    texts = value if isinstance(value, list) else [value]
    phrases: list[str] = []
    for text in texts:
        if not isinstance(text, str):
            raise GrammarError(
                f"{where}: expected phrases, found '{text}'", 'write a text: "take me off; remove me"'
            )
        phrases += [one.strip() for part in text.splitlines() for one in part.split(";") if one.strip()]
    return phrases


Split = Callable[[str], list[str]]
Register = Callable[[tuple[Atoms, ...]], str]


def variants(phrase: str, split: Split, register: Register | None = None) -> list[Atoms]:
    """All word sequences `phrase` stands for. `split` folds one written word.

    `register` takes a bracket's choices as a word list of its own and gives its name, so that brackets need not
    be multiplied out. Raises GrammarError when brackets do not match or the phrase stands for too many sequences.
    """
    if _PLAIN.fullmatch(phrase):
        atoms = _without_outer_gaps(tuple(atom for one in phrase.split() for atom in _atoms(one, split)))
        return [atoms] if atoms else []
    pieces = _PIECE.findall(phrase)
    found, used = _alternatives(pieces, 0, split, phrase, register)
    if used != len(pieces):
        raise GrammarError(f"a ')' too many in the phrase '{phrase}'")
    if len(found) > MOST_VARIANTS:
        raise GrammarError(
            f"the phrase '{phrase}' stands for {len(found)} variants", "use a word list: <name>"
        )
    return [atoms for atoms in dict.fromkeys(map(_without_outer_gaps, found)) if atoms]


def _without_outer_gaps(atoms: Atoms) -> Atoms:
    begin, end = 0, len(atoms)
    while begin < end and atoms[begin] in _GAPS:
        begin += 1
    while end > begin and atoms[end - 1] in _GAPS:
        end -= 1
    return atoms[begin:end]


def _alternatives(
    pieces: Sequence[str], at: int, split: Split, phrase: str, register: Register | None
) -> tuple[list[Atoms], int]:
    done: list[Atoms] = []
    current: list[Atoms] = [()]
    while at < len(pieces) and not pieces[at].startswith(")"):
        piece = pieces[at]
        if piece == "|":
            done, current, at = done + current, [()], at + 1
            continue
        if piece == "(":
            choices, at = _alternatives(pieces, at + 1, split, phrase, None)
            if at >= len(pieces):
                raise GrammarError(f"a ')' is missing in the phrase '{phrase}'")
            optional = pieces[at] == ")?"
            if register is not None and len(choices) > _FEW and all(map(_is_plain, choices)):
                choices = [(register(tuple(choices)),)]
        else:
            optional = piece.endswith("?") and len(piece) > 1
            choices = [_atoms(piece.removesuffix("?") if optional else piece, split)]
        if optional:
            choices = [*choices, ()]
        current = [left + right for left in current for right in choices]
        if len(current) > 4 * MOST_VARIANTS:
            raise GrammarError(f"the phrase '{phrase}' stands for too many variants")
        at += 1
    return done + current, at


def _is_plain(atoms: Atoms) -> bool:
    return bool(atoms) and all(atom not in _GAPS and atom[0] not in "<^$" for atom in atoms)


def _atoms(piece: str, split: Callable[[str], list[str]]) -> Atoms:
    if piece.startswith("<") or piece in _GAPS or piece in (NUMBER, BEGIN, END):
        return (piece,)
    return tuple(split(piece)) if piece[0].isalnum() else (piece,)


class _Node(Generic[T]):
    """A quarter of a million of them are loaded: what most of them lack, they share."""

    __slots__ = ("ends", "gap", "last", "led", "lists", "number", "prefixes", "reach", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node[T]] = _NOTHING
        self.prefixes: dict[int, dict[str, _Node[T]]] = _NOTHING
        self.lists: dict[str, _Node[T]] = _NOTHING
        self.led: dict[frozenset[str], list[_Node[T]]] = _NOTHING
        self.number: _Node[T] | None = None
        self.gap: _Node[T] | None = None
        self.reach = 0
        self.ends: tuple[T, ...] = ()
        self.last: tuple[T, ...] = ()

    def by_word(self, word: str) -> _Node[T]:
        """The node that a word leads to."""
        if self.words is _NOTHING:
            self.words = {}
        return _child(self.words, word)

    def by_list(self, name: str) -> _Node[T]:
        """The node that a word list leads to."""
        if self.lists is _NOTHING:
            self.lists = {}
        return _child(self.lists, name)

    def by_prefix(self, stem: str) -> _Node[T]:
        """The node that words beginning with `stem` lead to."""
        if self.prefixes is _NOTHING:
            self.prefixes = {}
        return _child(self.prefixes.setdefault(len(stem), {}), stem)

    def by_lists(self, names: frozenset[str]) -> list[_Node[T]]:
        """The nodes that any of these word lists leads to."""
        if self.led is _NOTHING:
            self.led = {}
        led = self.led.get(names)
        if led is None:
            led = self.led[names] = [self.lists[name] for name in sorted(self.lists.keys() & names)]
        return led


_NOTHING: dict[Any, Any] = {}
"""Shared by all nodes; never written to."""


def _child(nodes: dict[str, _Node[T]], name: str) -> _Node[T]:
    node = nodes.get(name)
    if node is None:
        node = nodes[name] = _Node()
    return node


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase found: what it stands for, and the places of its own words (those in gaps not counted)."""

    value: T
    places: tuple[int, ...]

    @property
    def first(self) -> int:
        """The place of its first word."""
        return self.places[0]

    @property
    def last(self) -> int:
        """The place of its last word."""
        return self.places[-1]


Lists = Sequence[Sequence[tuple[int, frozenset[str]]]]
"""For every place in a reply: where a word list that matches there may end, and the lists that do."""


class PhraseTree(Generic[T]):
    """Phrases, each with a value, to be found all at once."""

    def __init__(self) -> None:
        self.root: _Node[T] = _Node()
        self._begin: _Node[T] = _Node()
        self.literals: set[str] = set()
        self.stems: set[str] = set()

    def add(self, atoms: Atoms, value: T) -> None:
        """Add one word sequence."""
        node = self.root
        must_end = atoms[-1] == END
        if atoms[0] == BEGIN:
            node = self._begin
        for atom in atoms:
            if atom not in (BEGIN, END):
                node = self._step(node, atom)
        if must_end and value not in node.last:
            node.last = (*node.last, value)
        elif not must_end and value not in node.ends:
            node.ends = (*node.ends, value)

    def _step(self, node: _Node[T], atom: str) -> _Node[T]:
        if atom.isalnum():
            self.literals.add(atom)
            return node.by_word(atom)
        if atom in _GAPS:
            if node.gap is None:
                node.gap = _Node()
                node.gap.reach = _GAPS[atom]
            node.gap.reach = max(node.gap.reach, _GAPS[atom])
            return node.gap
        if atom == NUMBER:
            node.number = node.number or _Node()
            return node.number
        if atom.startswith("<"):
            return node.by_list(atom[1:-1])
        if atom.endswith("*"):
            self.stems.add(atom[:-1])
            return node.by_prefix(atom[:-1])
        self.literals.add(atom)
        return node.by_word(atom)

    def find(self, items: Sequence[Word], lists: Lists) -> list[Found[T]]:
        """All phrases in `items`, overlapping ones included, in the order of their first words."""
        found: list[Found[T]] = []
        for place, item in enumerate(items):
            if place == 0 or items[place - 1].sentence != item.sentence:
                _walk(self._begin, items, lists, place, found)
            _walk(self.root, items, lists, place, found)
        return found


def _walk(root: _Node[T], items: Sequence[Word], lists: Lists, start: int, found: list[Found[T]]) -> None:
    """Add to `found` all phrases below `root` that begin at word `start`."""
    stack: list[tuple[_Node[T], int, tuple[int, ...]]] = []
    _step(root, items, lists, start, (), stack)
    if not stack:
        return
    sentence = items[start].sentence
    seen: set[tuple[int, int]] = set()
    while stack:
        node, place, places = stack.pop()
        if (id(node), place) in seen:
            continue
        seen.add((id(node), place))
        inside = place < len(items) and items[place].sentence == sentence
        for value in node.ends:
            found.append(Found(value, places))
        if node.last and not inside:
            found += [Found(value, places) for value in node.last]
        if not inside:
            continue
        _step(node, items, lists, place, places, stack)
        if node.gap is not None:
            for skip in range(node.gap.reach + 1):
                if place + skip < len(items) and items[place + skip].sentence == sentence:
                    stack.append((node.gap, place + skip, places))


def _step(
    node: _Node[T],
    items: Sequence[Word],
    lists: Lists,
    place: int,
    places: tuple[int, ...],
    stack: list[tuple[_Node[T], int, tuple[int, ...]]],
) -> None:
    """Put on `stack` where the word at `place`, or the word list that begins there, leads to."""
    text = items[place].text
    word = node.words.get(text)
    if word is not None:
        stack.append((word, place + 1, (*places, place)))
    for length, stems in node.prefixes.items():
        stem = stems.get(text[:length])
        if stem is not None:
            stack.append((stem, place + 1, (*places, place)))
    if node.number is not None and text[0].isdigit():
        stack.append((node.number, place + 1, (*places, place)))
    if node.lists:
        for end, names in lists[place]:
            led = node.by_lists(names)
            if led:
                covered = (*places, *range(place, end))
                stack += [(one, end, covered) for one in led]


class ListTree:
    """Word lists, each by its name, to be found all at once. Their entries have no gaps."""

    def __init__(self) -> None:
        self._tree: PhraseTree[str] = PhraseTree()
        self._names: dict[int, frozenset[str]] = {}

    @property
    def literals(self) -> set[str]:
        """All words in the lists."""
        return self._tree.literals

    @property
    def stems(self) -> set[str]:
        """All beginnings of words in the lists."""
        return self._tree.stems

    def add(self, atoms: Atoms, name: str) -> None:
        """Add one entry to the list `name`. Raises GrammarError for an entry with a gap."""
        if any(atom in _GAPS for atom in atoms):
            raise GrammarError(f"an entry of the word list '{name}' has a gap: '{' '.join(atoms)}'")
        self._tree.add(atoms, name)

    def places(self, items: Sequence[Word]) -> Lists:
        """For every place: where lists that match there end, and which they are."""
        found: list[list[tuple[int, frozenset[str]]]] = [[] for _ in items]
        nothing: Lists = [()] * len(items)
        for start, item in enumerate(items):
            stack: list[tuple[_Node[str], int, tuple[int, ...]]] = []
            _step(self._tree.root, items, nothing, start, (), stack)
            while stack:
                node, place, places = stack.pop()
                if node.ends:
                    found[start].append((place, self._frozen(node)))
                if place < len(items) and items[place].sentence == item.sentence:
                    _step(node, items, nothing, place, places, stack)
        return found

    def _frozen(self, node: _Node[str]) -> frozenset[str]:
        names = self._names.get(id(node))
        if names is None or len(names) != len(node.ends):
            names = self._names[id(node)] = frozenset(node.ends)
        return names
