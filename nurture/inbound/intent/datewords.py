"""The date words of a language, and finding them in a reply: numbers, months, marks like 'after', written dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nurture.core.errors import GrammarError
from nurture.inbound.intent.feasts import is_rule
from nurture.inbound.intent.moments import MOMENTS, SEASON_MONTH
from nurture.inbound.intent.phrases import Atoms, Lists, PhraseTree, listed, variants
from nurture.inbound.intent.words import Spelling, Word, Words

MARKS = (
    *("in", "on", "next", "following", "this", "after", "until"),
    *("later", "past", "thereafter", "beforehand", "and_half"),
)
PARTS = ("begin", "middle", "second", "end")
ROLES = ("call", "hurdle", "then", "no")
"""What words say about the dates beside them: asked to come back, why not sooner, "then", not."""
UNITS = ("day", "week", "month", "quarter", "half", "year", "quarters")

_QUARTERS, _CENTURY = 4, 2000

_ISO = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})")
_FULL = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_SHORT = re.compile(r"(\d{1,2})[./](\d{1,2})")
_MONTH = re.compile(r"(0?[1-9]|1[0-2])[./-](20\d\d)")
_RANGE = re.compile(r"(\d{1,2})[-/](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Item:
    """One date word in a reply: its kind (number, month, unit …), value and place."""

    kind: str
    value: Any
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Role:
    """Words that say what a date is named for (one of `ROLES`), and their place."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DateWords:
    """The date words of a language, compiled."""

    tree: PhraseTree[tuple[str, Any]]
    month_first: bool
    guarded: frozenset[str]
    singular: frozenset[str]
    ordinals: frozenset[str]
    roles: PhraseTree[str]

    @property
    def literals(self) -> set[str]:
        """All words that are known as date words."""
        return self.tree.literals

    def is_role(self, word: str) -> bool:
        """Whether a word says what a date beside it is named for."""
        return word in self.roles.literals or word.startswith(tuple(self.roles.stems))

    def roles_in(self, words: Words) -> list[Role]:
        """The words of a reply that say what dates are named for; "not sooner" is no "not"."""
        nothing: Lists = [()] * len(words.items)
        found = sorted(self.roles.find(words.items, nothing), key=lambda one: -len(one.places))
        roles: list[Role] = []
        for one in found:
            if not any(longer.first <= one.first and one.last <= longer.last for longer in roles):
                roles.append(Role(one.value, one.first, one.last))
        return sorted(roles, key=lambda role: role.first)

    @classmethod
    def compile(cls, data: Mapping[str, Any], spelling: Spelling) -> DateWords:
        """Compile the `dates` section of a lexicon. Raises GrammarError for a name it doesn't know."""
        tree: PhraseTree[tuple[str, Any]] = PhraseTree()
        known = {
            "months": tuple(str(month) for month in range(1, 13)),
            "weekdays": tuple(str(day) for day in range(1, 8)),
            "units": UNITS,
            "seasons": tuple(SEASON_MONTH),
            "parts": PARTS,
            "marks": MARKS,
            "points": tuple(MOMENTS),
        }
        for section, names in known.items():
            for name, entries in (data.get(section) or {}).items():
                if name not in names:
                    raise GrammarError(
                        f"dates: {section}: there is no '{name}'", f"one of {', '.join(names)}"
                    )
                value: Any = int(name) if section in ("months", "weekdays") else name
                for atoms in _entries(entries, f"dates: {section}: {name}", spelling):
                    tree.add(atoms, (section.removesuffix("s"), value))
        for atoms in _entries(data.get("none") or [], "dates: none", spelling):
            tree.add(atoms, ("none", None))
        for rule, entries in (data.get("feasts") or {}).items():
            if not is_rule(rule):
                raise GrammarError(f"dates: feasts: '{rule}' is no rule", "such as 06-24 or easter+39")
            for atoms in _entries(entries, f"dates: feasts: {rule}", spelling):
                tree.add(atoms, ("feast", rule))
        for number, entries in (data.get("numbers") or {}).items():
            for atoms in _entries(entries, f"dates: numbers: {number}", spelling):
                tree.add(atoms, ("number", float(number)))
        roles: PhraseTree[str] = PhraseTree()
        for name, entries in (data.get("roles") or {}).items():
            if name not in ROLES:
                raise GrammarError(f"dates: roles: there is no '{name}'", f"one of {', '.join(ROLES)}")
            for atoms in _entries(entries, f"dates: roles: {name}", spelling):
                roles.add(atoms, name)
        guarded, singular, ordinals = (
            frozenset(
                part
                for word in listed(data.get(name) or [], f"dates: {name}")
                for part in spelling.split(word)
            )
            for name in ("guarded", "singular", "ordinals")
        )
        return cls(tree, data.get("order") == "month_first", guarded, singular, ordinals, roles)


def _entries(entries: Any, where: str, spelling: Spelling) -> Iterator[Atoms]:
    for entry in listed(entries, where):
        yield from variants(entry, spelling.split)


def date_items(dates: DateWords, words: Words) -> list[Item]:
    """All date words, the longest where they overlap, numbers and written dates among them."""
    items: list[Item] = []
    nothing: Lists = [()] * len(words.items)
    found = sorted(dates.tree.find(words.items, nothing), key=lambda one: (-len(one.places), one.first))
    taken: set[int] = set()
    for one in found:
        if not taken.intersection(one.places):
            taken.update(one.places)
            items.append(Item(*one.value, one.first, one.last))
    for place, word in enumerate(words.items):
        if place not in taken and word.text[0].isdigit():
            item = _written_number(word, place, dates.month_first)
            if item is not None:
                items.append(item)
    told = sorted((item for item in items if item.kind != "none"), key=lambda item: item.first)
    return list(_with_years(told))


def _with_years(items: list[Item]) -> Iterator[Item]:
    """The items, with the "2/27" of "Q2/27" as a number and a year."""
    for before, item in zip([None, *items], items, strict=False):
        quarter = before is not None and before.kind == "unit" and before.value in ("quarter", "half")
        if quarter and before and before.last + 1 == item.first and item.kind == "date":
            year, month, day = item.value
            if not year and min(month, day) <= _QUARTERS and max(month, day) > _QUARTERS:
                yield Item("number", float(min(month, day)), item.first, item.last)
                yield Item("year", float(_CENTURY + max(month, day)), item.first, item.last)
                continue
        yield item


def _written_number(word: Word, place: int, month_first: bool) -> Item | None:
    text = word.text
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return Item("date", (year, month, day), place, place)
    if match := _FULL.fullmatch(text):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return Item(
            "date",
            (year, *_day_month(int(match[1]), int(match[2]), month_first and "/" in text)),
            place,
            place,
        )
    if (match := _SHORT.fullmatch(text)) and int(match[2]) <= (31 if "/" in text else 12):
        month, day = _day_month(int(match[1]), int(match[2]), month_first and "/" in text)
        if 1 <= month <= 12 and 1 <= day <= 31:
            return Item("date", (0, month, day), place, place)
    if match := _MONTH.fullmatch(text):
        return Item("date", (int(match[2]), int(match[1]), 1), place, place)
    if match := _RANGE.fullmatch(text):
        return Item("number", float(match[1]), place, place)
    if text.isdecimal() and len(text) <= 4:
        kind = "year" if len(text) == 4 and text.startswith("20") else "number"
        return Item(kind, float(text), place, place)
    return None


def _day_month(first: int, second: int, month_first: bool) -> tuple[int, int]:
    """(month, day) of two written numbers; what can't be a month is the day."""
    if first > 12 or (second <= 12 and not month_first):
        return second, first
    return first, second
