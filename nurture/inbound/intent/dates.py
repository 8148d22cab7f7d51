"""Dates named in a reply ("in March", "om 14 dage", "KW 12"), put together from its date words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from nurture.inbound.intent import moments
from nurture.inbound.intent.datewords import DateWords, Item, date_items
from nurture.inbound.intent.moments import MOMENTS, SEASON_MONTH, add_months, min_day
from nurture.inbound.intent.words import Words

_MOST_YEARS = 6
_NEAR = 3
_KINDS = ("date", "month", "point", "feast", "quarter", "unit", "season", "year", "weekday", "day")
"""What can be the heart of a date, the most telling first: a word once used is not used again."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A date meant, and the places of its words.

    `loose`: a length of time that may not be a date at all. `vague`: only a year. `bound`: not before then.
    `known`: whether `day` is the day meant; not so where it is counted from a day that is not known.
    """

    day: date
    first: int
    last: int
    loose: bool = False
    vague: bool = False
    bound: bool = False
    known: bool = True


def mentions(dates: DateWords, words: Words, written: date | None) -> list[Mention]:
    """All dates named in a reply written on `written`, in their order.

    Without `written` only the days of those that name their year are known.
    """
    return _Reader(dates, words, written).mentions()


class _Reader:
    def __init__(self, dates: DateWords, words: Words, written: date | None) -> None:
        self.words = words.items
        self.source = words.source
        self.dates = dates
        self.known = written is not None
        self.written = written or date(2000, 1, 1)
        self.items = date_items(dates, words)
        self.used: set[int] = set()

    def mentions(self) -> list[Mention]:
        if not any(item.kind != "mark" for item in self.items):
            return []
        found: list[Mention] = []
        for kind in _KINDS:
            read = getattr(self, f"_{kind}")
            for at, item in enumerate(self.items):
                if self._may_be(kind, item) and at not in self.used:
                    mention = read(at, item)
                    if mention is not None:
                        found.append(mention)
        told = [
            replace(one, known=self.known or self._names_year(one)) for one in found if self._sensible(one)
        ]
        return sorted(told, key=lambda one: one.first)

    @staticmethod
    def _may_be(kind: str, item: Item) -> bool:
        if kind == "quarter":
            return item.kind == "unit" and item.value in ("quarter", "half")
        return item.kind == ("number" if kind == "day" else kind)

    def _sensible(self, mention: Mention) -> bool:
        if not self.known:
            return True
        return self.written < mention.day <= add_months(self.written, 12 * _MOST_YEARS)

    def _names_year(self, mention: Mention) -> bool:
        return any(
            mention.first <= item.first <= mention.last
            and (item.kind == "year" or (item.kind == "date" and item.value[0]))
            for item in self.items
        )

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
            elif item.kind not in ("part", "number", "unit"):
                break
            edge = item.first
        right = self._right(at, "mark", near=0)
        if right is not None and self.items[right].value in ("next", "later", "past", "this"):
            found.setdefault(self.items[right].value, self.items[right].last)
        return found

    def _part(self, at: int) -> str | None:
        other = self._left(at, "part")
        return None if other is None else str(self.items[other].value)

    def _year_near(self, at: int) -> int | None:
        other = self._right(at, "year", near=1)
        if other is None:
            return None
        self.used.add(other)
        return int(self.items[other].value)

    def _mention(
        self, day: date, at: int, *others: int | None, loose: bool = False, vague: bool = False
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
        return Mention(day, first, last, loose, vague, "until" in marks)

    def _number_value(self, other: int | None) -> float | None:
        return None if other is None else float(self.items[other].value)

    # One method for each kind of item that can be the heart of a date.

    def _date(self, at: int, item: Item) -> Mention | None:
        year, month, day = item.value
        marks = self._marks(at)
        if "past" in marks:
            return None
        try:
            meant = date(year or self.written.year, month, day)
        except ValueError:
            return None
        if not year and meant < self.written:
            meant = min_day(meant.year + 1, month, day)
        return self._mention(meant + timedelta(days=1) if "after" in marks else meant, at)

    def _month(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        number = self._left(at, "number", near=1)
        if number is None:
            number = self._right(at, "number", near=1) if self.dates.month_first else None
        day = self._number_value(number)
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        bare = not marks and part is None and day is None and self._right(at, "year") is None
        if bare and self._is_guarded(item):
            return None
        year = self._year_near(number if number is not None and number > at else at)
        if "past" in marks:
            self.used.add(at)
            return None
        wanted = int(day) if day and 1 <= day <= 31 else {"middle": 15, "end": 25}.get(part or "", 1)
        if year:
            meant = min_day(year, item.value, wanted)
        else:
            meant = moments.next_in_month(self.written, item.value, wanted)
        if wanted == 1 and "next" in marks and meant.month == self.written.month:
            meant = min_day(self.written.year + 1, item.value, 1)
        if part == "end" and ({"until", "after"} & set(marks)):
            meant = add_months(meant.replace(day=1), 1)
        elif "after" in marks:
            meant = meant + timedelta(days=1) if day else add_months(meant.replace(day=1), 1)
        return self._mention(meant, at, number, part_at)

    def _is_guarded(self, item: Item) -> bool:
        """Whether it is a word like 'may' that is a month only by its capital letter or its company."""
        word = self.words[item.first]
        if word.text not in self.dates.guarded:
            return False
        following = self.words[item.last + 1].text if item.last + 1 < len(self.words) else ""
        return not self.source[word.start].isupper() or following in ("i", "we", "you")

    def _point(self, at: int, item: Item) -> Mention | None:
        if "past" in self._marks(at) and item.value not in ("few_days", "few_weeks", "few_months"):
            return None
        part = self._part(at)
        meant = MOMENTS[item.value](self.written)
        if item.value == "next_year":
            meant = {"middle": meant.replace(month=7, day=1), "end": meant.replace(month=12, day=1)}.get(
                part or "", meant
            )
        elif item.value == "next_month":
            meant = meant.replace(day={"middle": 15, "end": 25}.get(part or "", 1))
        elif item.value == "next_quarter" and part:
            meant = {
                "middle": add_months(meant, 1) + timedelta(days=14),
                "end": add_months(meant, 2) + timedelta(days=24),
            }.get(part, meant)
        elif item.value in ("end_of_year", "end_of_month") and {"after", "until"} & set(self._marks(at)):
            meant = add_months(meant.replace(day=1), 1)
        elif item.value == "mid_year" and (year := self._year_near(at)):
            meant = date(year, 7, 1)
        return self._mention(meant, at, self._left(at, "part"))

    def _feast(self, at: int, item: Item) -> Mention | None:
        """Holidays, which are a date only where it says after or until."""
        marks = self._marks(at)
        if not ({"after", "until"} & set(marks) or self._part(at) == "end"):
            return None
        return self._point(at, item)

    def _quarter(self, at: int, item: Item) -> Mention | None:
        right = self._right(at, "number", near=0)
        number = right if right is not None else self._left(at, "number", near=0)
        value = self._number_value(number)
        size, most = (3, 4) if item.value == "quarter" else (6, 2)
        if value is None or value != int(value) or not 1 <= value <= most:
            return None
        marks = self._marks(at)
        edge = right if right is not None else at
        year = self._year_near(edge)
        month = (int(value) - 1) * size + 1
        begin = date(year or self.written.year, month, 1)
        last = add_months(begin, size)
        if not year and last <= self.written:
            begin, last = add_months(begin, 12), add_months(last, 12)
        next_year = self._right(edge, "point", near=1)
        if not year and next_year is not None and self.items[next_year].value == "next_year":
            begin = date(self.written.year + 1, month, 1)
            self.used.add(next_year)
            last = add_months(begin, size)
        part = self._part(at)
        if "past" in marks:
            return None
        if "after" in marks or (part == "end" and "until" in marks):
            begin = last
        elif part == "end":
            begin = last - timedelta(days=7)
        elif part == "middle":
            begin = add_months(begin, size // 2) + timedelta(days=14 if size == 3 else 0)
        if begin <= self.written:
            begin = min(self.written + timedelta(days=14), last - timedelta(days=1))
        return self._mention(begin, at, number, self._left(at, "part"))

    def _unit(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        if "past" in marks:
            return None
        right = self._right(at, "number", near=0)
        if item.value == "week" and right is not None and (week := self._number_value(right)) and week <= 53:
            monday = moments.in_iso_week(self.written, int(week))
            return None if monday is None else self._mention(monday, at, right)
        number = self._left(at, "number", near=1)
        if number is None:
            number = self._behind_mark(at)
        if number is not None:
            value = self._number_value(number) or 0.0
            meant = self._add(value, item.value)
            if meant is None:
                return None
            dated = bool({"in", "later", "after", "until"} & set(marks)) or number > at
            return self._mention(meant, at, number, loose=not dated)
        return self._bare_unit(at, item, marks)

    def _behind_mark(self, at: int) -> int | None:
        """The number in "недели через две", where it follows the unit and a mark."""
        mark = self._right(at, "mark", near=0)
        if mark is None or self.items[mark].value != "in":
            return None
        return self._right(mark, "number", near=0)

    def _bare_unit(self, at: int, item: Item, marks: dict[str, int]) -> Mention | None:
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        begin = {
            "day": self.written + timedelta(days=1),
            "week": moments.next_week(self.written),
            "month": add_months(self.written.replace(day=1), 1),
            "quarter": moments.next_quarter(self.written),
            "half": date(
                self.written.year + (self.written.month > 6), 7 if self.written.month <= 6 else 1, 1
            ),
            "year": date(self.written.year + 1, 1, 7),
        }.get(item.value)
        if begin is None:
            return None
        if "next" in marks:
            return self._mention(_into(begin, item.value, part), at, part_at)
        if part == "end":
            over = bool({"after", "until"} & set(marks))
            running = begin - timedelta(days={"week": 3, "year": 28}.get(item.value, 6))
            return self._mention(begin if over or running <= self.written else running, at, part_at)
        if part == "middle" and item.value == "year":
            return self._mention(MOMENTS["mid_year"](self.written), at, part_at)
        if part == "begin" and "this" not in marks:
            return self._mention(begin, at, part_at)
        if "after" in marks and ("this" in marks or item.value in ("quarter", "year")):
            return self._mention(begin, at)
        return None

    def _add(self, value: float, unit: str) -> date | None:
        months = {"month": 1, "quarter": 3, "quarters": 3, "half": 6, "year": 12}.get(unit)
        if value <= 0 or value > 400:
            return None
        if months:
            whole = int(value * months)
            return add_months(self.written, whole) + timedelta(days=15 if value * months > whole else 0)
        return self.written + timedelta(days=int(value * (7 if unit == "week" else 1)))

    def _season(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        if "past" in marks:
            return None
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        year = self._year_near(at)
        month = SEASON_MONTH[item.value]
        begin = date(year or self.written.year, month, 1)
        if "after" in marks or (part == "end" and "until" in marks):
            begin = add_months(begin, 3)
        elif part == "end":
            begin = add_months(begin, 2) + timedelta(days=24)
        elif part == "middle":
            begin = add_months(begin, 1)
        if not year and begin <= self.written:
            running = add_months(begin, 3) > self.written and "this" in marks
            begin = self.written + timedelta(days=14) if running else add_months(begin, 12)
        return self._mention(begin, at, part_at)

    def _year(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        if "past" in marks:
            return None
        over = "after" in marks or (part == "end" and "until" in marks)
        year = int(item.value) + (1 if over else 0)
        month = 1 if over else {"middle": 7, "end": 12}.get(part or "", 1)
        return self._mention(date(year, month, 7), at, part_at, vague=True)

    def _weekday(self, at: int, item: Item) -> Mention | None:
        return (
            None
            if "past" in self._marks(at)
            else self._mention(moments.next_weekday(self.written, item.value), at)
        )

    def _day(self, at: int, item: Item) -> Mention | None:
        """A day of the month alone, as in "after the 15th"."""
        marks = self._marks(at)
        value = self._number_value(at) or 0.0
        if not ({"after", "until"} & set(marks)) or value != int(value) or not 3 <= value <= 31:
            return None
        if not self.words[item.first].text[0].isdigit():
            return None
        if item.last + 1 < len(self.words) and self._together(item.last, item.last + 1):
            following = self.words[item.last + 1]
            if following.clause == self.words[item.last].clause and len(following.text) > 3:
                return None
        meant = min_day(self.written.year, self.written.month, int(value))
        if meant <= self.written:
            meant = add_months(meant, 1)
        return self._mention(meant + timedelta(days=1) if "after" in marks else meant, at, loose=True)


def _into(begin: date, unit: str, part: str | None) -> date:
    """A point inside the unit that starts at `begin`."""
    if part == "end":
        return {
            "week": begin + timedelta(days=4),
            "month": begin.replace(day=moments.END_DAY),
            "quarter": add_months(begin, 2) + timedelta(days=24),
            "half": add_months(begin, 5) + timedelta(days=24),
            "year": date(begin.year, 12, 1),
        }.get(unit, begin)
    if part == "middle":
        return {
            "week": begin + timedelta(days=2),
            "month": begin.replace(day=moments.MIDDLE_DAY),
            "quarter": add_months(begin, 1) + timedelta(days=14),
            "half": add_months(begin, 3),
            "year": date(begin.year, 7, 1),
        }.get(unit, begin)
    return begin
