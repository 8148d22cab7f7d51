"""Where the date words of a reply stand: what belongs to a date's heart on its left and on its right."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nurture.inbound.intent import moments
from nurture.inbound.intent.datewords import DateWords, Item, date_items
from nurture.inbound.intent.words import Words

_NEAR = 3
_CENTURY = 2000
_YEARS_AHEAD = 5
_SPAN = re.compile(r"\d{1,2}[-/](\d{1,2})")


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
        """Whether two words stand in one sentence; the stop of "sem. 45" ends none."""
        if self.words[one].sentence == self.words[other].sentence:
            return True
        between = self.source[self.words[one].end : self.words[other].start]
        short = self.words[one].end - self.words[one].start <= _NEAR
        return short and other == one + 1 and between == ". " and self.words[other].text[0].isdigit()

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
                if item.value == "following":
                    found.setdefault("next", item.first)
                near = 0
            elif not self._passes(item, edge, bool(found)):
                break
            edge = item.first
        right = self._right(at, "mark", near=0)
        named = ("next", "following", "later", "past", "this")
        if right is not None and self.items[right].value in named and not self._leads(right):
            found.setdefault(self.items[right].value, self.items[right].last)
            if self.items[right].value == "following":
                found.setdefault("next", self.items[right].last)
        return found

    def _leads(self, mark: int) -> bool:
        """Whether a mark belongs to the number or unit behind it ("per month", "par un mail")."""
        past = self.items[mark].value == "past"
        return past and any(self._right(mark, kind, near=0) is not None for kind in ("number", "unit"))

    @staticmethod
    def _passes(item: Item, edge: int, marked: bool) -> bool:
        """Whether a mark may stand before this item, too: "in two weeks", "on Monday 3 March"."""
        if item.kind == "weekday":
            return not marked
        return item.kind in ("part", "number", "unit") and edge - item.last - 1 <= 1

    def _weekday_beside(self, at: int) -> int | None:
        """The weekday that a week is named with: "Monday in week 32", "Tuesday next week"."""
        weekday = self._left(at, "weekday", near=2)
        return weekday if weekday is not None else self._right(at, "weekday", near=1)

    def _mark_after(self, at: int, *names: str) -> int | None:
        """The mark of one of these names that follows item `at` ("the week after that").

        "After that" may stand some words behind ("three months of chaos after that").
        """
        right = self._right(at, "mark", near=_NEAR if "thereafter" in names else 0)
        if right is None or self.items[right].value not in names:
            return None
        first, last = self.items[right].first, self.items[right].last
        if first > self.items[at].last + 1 and self.items[right].value != "thereafter":
            return None
        goes_on = last + 1 < len(self.words) and self.words[last + 1].clause == self.words[last].clause
        return None if self.items[right].value == "after" and goes_on else right

    def _behind_mark(self, at: int) -> int | None:
        """The number in "недели через две", where it follows the unit and a mark."""
        mark = self._right(at, "mark", near=0)
        if mark is None or self.items[mark].value != "in":
            return None
        return self._right(mark, "number", near=0)

    def _begins_span(self, at: int) -> bool:
        """Whether a day is the first of a span ("from 6 to 19 July")."""
        mark = self._right(at, "mark", near=0)
        return mark is not None and self._right(mark, "number", near=1) is not None

    def _is_article(self, number: int, at: int) -> bool:
        """Whether a number is the "a" of "a quiet month"."""
        if self._number_value(number) != 1 or self.items[at].first - self.items[number].last <= 1:
            return False
        return not {"in", "after", "until", "later", "following"} & set(self._marks(at))

    def _last_of_span(self, number: int | None) -> int | None:
        """The last number of a span ("29-31", "30 bis 32") that begins with item `number`."""
        if number is None:
            return None
        span = _SPAN.fullmatch(self.words[self.items[number].first].text)
        if span is not None:
            return int(span[1])
        mark = self._right(number, "mark", near=0)
        last = None if mark is None else self._right(mark, "number", near=0)
        if last is None:
            return None
        self.used.add(last)
        return int(self._number_value(last) or 0)

    def _part(self, at: int) -> str | None:
        other = self._left(at, "part")
        return None if other is None else str(self.items[other].value)

    def _year_near(self, at: int) -> int | None:
        """The year that follows item `at`: in full, in two digits, or "next year"."""
        other = self._right(at, "year", near=1)
        if other is not None:
            self.used.add(other)
            return int(self.items[other].value)
        other = self._right(at, "number", near=1)
        if other is not None and (year := self._short_year(other)) and self._may_follow(at, other):
            self.used.add(other)
            return year
        other = self._right(at, "point", near=1)
        if other is not None and self.items[other].value == "next_year":
            self.used.add(other)
            return self.written.year + 1
        return None

    def _may_follow(self, at: int, number: int) -> bool:
        """Whether a number behind item `at` is its year: "'27", or "April 27" where the day comes first."""
        beside = self.items[number].first == self.items[at].last + 1
        marked = self.source[self.words[self.items[number].first].start - 1] in "'’"
        return marked or (beside and not self.dates.month_first)

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
        behind = self.source[word.end : word.end + 2]
        return written[-1].isalpha() or behind[:1] == "." or (behind[:1] == "-" and behind[1:].isalpha())

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


class CountedDates(DatePlaces):
    """Dates counted from others: "the week after", "two weeks after Easter", "a month before that"."""

    def __init__(self, dates: DateWords, words: Words, written: date | None) -> None:
        super().__init__(dates, words, written)
        self.found: list[Mention] = []

    def _pass_over(self) -> None:
        """Move a date on to its end where "after that" follows ("we decide in May; after that")."""
        for at, item in enumerate(self.items):
            if (item.kind, item.value) != ("mark", "thereafter") or at in self.used:
                continue
            one = self._said_before(item.first)
            later_clause = one and self.words[one.last].clause < self.words[item.first].clause
            begins = not item.first or self._begins_clause(item.first) or self._begins_clause(item.first - 1)
            if one is not None and later_clause and begins and not one.bound:
                day = one.over or one.day + timedelta(days=1)
                self.found[self.found.index(one)] = replace(one, day=day, over=day)

    def _said_before(self, place: int, *, firm: bool = False) -> Mention | None:
        """The date named last before a place. `firm`: no length of time that may be none."""
        said = (one for one in self.found if one.last < place and not (firm and one.loose))
        return max(said, key=lambda one: one.last, default=None)

    def _begins_clause(self, place: int) -> bool:
        return place == 0 or self.words[place - 1].clause != self.words[place].clause

    def _counts_on(self, at: int) -> bool:
        """Whether "after" follows an item ("Tuesday after 5 April"), or a moment that begins with it."""
        if at + 1 >= len(self.items):
            return False
        item = self.items[at + 1]
        named = item.value == "after" if item.kind == "mark" else str(item.value).startswith("after_")
        beside = item.first == self.items[at].last + 1 and self._together(item.first - 1, item.first)
        return beside and named

    def _counted_on(self, at: int) -> tuple[Mention, date] | None:
        """The date that "after" follows an item for, and the first day after it."""
        if not self._counts_on(at):
            return None
        mark = self.items[at + 1]
        for one in self.found:
            if one.first <= mark.first <= one.last:
                return one, one.day
        return None

    def _counted(self, at: int, unit: str, value: float | None, *others: int | None) -> Mention | None:
        """So many units before or after a date named beside them or earlier."""
        counted, mark = self._counted_on(at), None
        if counted is None:
            mark = self._mark_after(at, "thereafter", "beforehand", "after")
            if mark is None and not self._follows(at, unit):
                return None
            start = self._said_before(self.items[at].first)
            if start is None:
                return None
            counted = start, start.over or start.day + timedelta(days=1)
        start, over = counted
        if mark is not None:
            self.used.add(mark)
        if mark is not None and self.items[mark].value == "beforehand":
            meant = moments.add_units(start.day, -(value or 1), unit)
        elif value and (value > 1 or mark is None):
            meant = moments.add_units(over, value, unit)
        else:
            meant = moments.unit_after(start.day, over, unit)
        self.found.remove(start)
        return None if meant is None else self._mention(meant, at, *others, mark)

    def _follows(self, at: int, unit: str) -> bool:
        """Whether a unit is named as the one that follows a date: "the following week", "the next day"."""
        marks = self._marks(at)
        next_day = self.items[at].value == "next_day" or (unit == "day" and "next" in marks)
        return next_day or "following" in marks
