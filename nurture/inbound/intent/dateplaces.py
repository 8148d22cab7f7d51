"""Where the date words of a reply stand: what belongs to a date's heart on its left and on its right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nurture.inbound.intent.datewords import DateWords, Item, date_items
from nurture.inbound.intent.words import Words

_NEAR = 3
_CENTURY = 2000
_YEARS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """A date meant, and the places of its words.

    `loose`: a length of time that may not be a date at all. `vague`: only a year. `bound`: not before then.
    `known`: whether `day` is the day meant; not so where it is counted from a day that is not known.
    `over`: the first day after what was named, where that is longer than a day ("in June" is over on 1 July).
    """

    day: date
    first: int
    last: int
    loose: bool = False
    vague: bool = False
    bound: bool = False
    known: bool = True
    over: date | None = None


class DatePlaces:
    """The date words of one reply, and which of them belong together."""

    def __init__(self, dates: DateWords, words: Words, written: date | None) -> None:
        self.words = words.items
        self.source = words.source
        self.dates = dates
        self.known = written is not None
        self.written = written or date(_CENTURY, 1, 1)
        self.items = date_items(dates, words)
        self.used: set[int] = set()

    def _left(self, at: int, kind: str, near: int = _NEAR) -> int | None:
        """The nearest item of that kind before item `at`, in its sentence, with few words between."""
        edge = self.items[at].first
        for other in range(at - 1, -1, -1):
            item = self.items[other]
            if edge - item.last - 1 > near or not self._together(item.last, edge):
                return None
            if item.kind == kind and other not in self.used:
                return other
            if item.kind not in ("mark", "part", "number"):
                return None
            edge = item.first
        return None

    def _right(self, at: int, kind: str, near: int = 1) -> int | None:
        if at + 1 < len(self.items):
            item = self.items[at + 1]
            gap = item.first - self.items[at].last - 1
            if item.kind == kind and gap <= near and self._together(self.items[at].last, item.first):
                return at + 1
        return None

    def _together(self, one: int, other: int) -> bool:
        return self.words[one].sentence == self.words[other].sentence

    def _marks(self, at: int) -> dict[str, int]:
        """The marks (in, after, until …) that belong to item `at`."""
        found: dict[str, int] = {}
        edge, near = self.items[at].first, _NEAR
        for other in range(at - 1, -1, -1):
            item = self.items[other]
            if edge - item.last - 1 > near or self.words[item.last].clause != self.words[edge].clause:
                break
            if item.kind == "mark":
                found.setdefault(item.value, item.first)
                near = 0
            elif not self._passes(item, edge, bool(found)):
                break
            edge = item.first
        right = self._right(at, "mark", near=0)
        if right is not None and self.items[right].value in ("next", "later", "past", "this"):
            found.setdefault(self.items[right].value, self.items[right].last)
        return found

    @staticmethod
    def _passes(item: Item, edge: int, marked: bool) -> bool:
        """Whether a mark may stand before this item, too: "in two weeks", "on Monday 3 March"."""
        if item.kind == "weekday":
            return not marked
        return item.kind in ("part", "number", "unit") and edge - item.last - 1 <= 1

    def _mark_after(self, at: int, *names: str) -> int | None:
        """The mark of one of these names that follows item `at` ("the week after that")."""
        right = self._right(at, "mark", near=0)
        if right is None or self.items[right].value not in names:
            return None
        last = self.items[right].last
        goes_on = last + 1 < len(self.words) and self.words[last + 1].clause == self.words[last].clause
        return None if self.items[right].value == "after" and goes_on else right

    def _part(self, at: int) -> str | None:
        other = self._left(at, "part")
        return None if other is None else str(self.items[other].value)

    def _year_near(self, at: int) -> int | None:
        """The year that follows item `at`: in full, in two digits, or "next year"."""
        other = self._right(at, "year", near=1)
        if other is not None:
            self.used.add(other)
            return int(self.items[other].value)
        other = self._right(at, "number", near=0)
        if other is not None and (year := self._short_year(other)) and self._may_follow(other):
            self.used.add(other)
            return year
        other = self._right(at, "point", near=1)
        if other is not None and self.items[other].value == "next_year":
            self.used.add(other)
            return self.written.year + 1
        return None

    def _may_follow(self, at: int) -> bool:
        """Whether a number behind a month is its year: "April 27" is one where the day comes first."""
        return not self.dates.month_first or self.source[self.words[self.items[at].first].start - 1] in "'’"

    def _short_year(self, at: int, before_unit: bool = False) -> int | None:
        """The year that a number of two digits stands for, where it is one of the next."""
        item = self.items[at]
        value = float(item.value)
        text = self.words[item.first].text
        ahead = value - self.written.year % 100
        if not (text.isdigit() and len(text) == 2 and 0 <= ahead <= _YEARS_AHEAD):
            return None
        if not before_unit and self._unit_follows(at):
            return None
        return _CENTURY + int(value)

    def _unit_follows(self, at: int) -> bool:
        return self._right(at, "unit", near=0) is not None or self._right(at, "month", near=0) is not None

    def _is_ordinal(self, at: int) -> bool:
        """Whether a number in digits is written as an ordinal: "15th", "15-го", "15."."""
        word = self.words[self.items[at].first]
        written = self.source[word.start : word.end]
        if not written[0].isdigit():
            return False
        return written[-1].isalpha() or self.source[word.end : word.end + 1] == "."

    def _number_value(self, other: int | None) -> float | None:
        return None if other is None else float(self.items[other].value)

    def _mention(
        self,
        day: date,
        at: int,
        *others: int | None,
        loose: bool = False,
        vague: bool = False,
        over: date | None = None,
    ) -> Mention:
        places = [self.items[one] for one in (at, *others) if one is not None]
        first, last = min(item.first for item in places), max(item.last for item in places)
        marks = self._marks(at)
        for mark in marks.values():
            first, last = min(first, mark), max(last, mark)
        last = max(
            [last, *(item.last for item in self.items if item.kind == "year" and item.first == last + 1)]
        )
        self.used.update(one for one in (at, *others) if one is not None)
        if "after" in marks:
            over = day
        return Mention(day, first, last, loose, vague, "until" in marks, over=over)

    def _names_year(self, mention: Mention) -> bool:
        return any(
            mention.first <= item.first <= mention.last
            and (item.kind == "year" or (item.kind == "date" and item.value[0]))
            for item in self.items
        )
