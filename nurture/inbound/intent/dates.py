"""Dates named in a reply ("in March", "om 14 dage", "KW 12"), put together from its date words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from nurture.inbound.intent import moments
from nurture.inbound.intent.datechoice import meant
from nurture.inbound.intent.dateplaces import DatePlaces, Mention
from nurture.inbound.intent.datewords import DateWords, Item
from nurture.inbound.intent.feasts import feast_day
from nurture.inbound.intent.moments import MOMENTS, SEASON_MONTH, add_months, min_day
from nurture.inbound.intent.words import Words

__all__ = ["Mention", "mentions"]

_MOST_YEARS = 6
_KINDS = ("date", "month", "point", "feast", "quarter", "unit", "season", "year", "weekday", "day", "next")
"""What can be the heart of a date, the most telling first: a word once used is not used again."""

_POINT_DAYS = {
    "next_week": 7,
    "week_after_next": 7,
    "next_month": 30,
    "next_quarter": 90,
    "next_year": 350,
    "new_fiscal_year": 350,
    "year_after_next": 350,
    "end_of_year": 21,
    "mid_year": 180,
}
"""How many days some moments last."""

_MOST_WEEKS, _LEAST_ORDINAL_WEEK = 53, 5
_SHORT, _SHORTISH = 3, 5
_AWAY = 7
"""So many days off, the end of an absence is what a weekday named after it is counted from."""


def mentions(dates: DateWords, words: Words, written: date | None) -> list[Mention]:
    """The dates named in a reply written on `written` that may be meant, in their order.

    Of several, those are left out that only say why it is not sooner. Without `written` only the days of those
    that name their year are known.
    """
    return meant(_Reader(dates, words, written).mentions(), dates.roles_in(words), words)


class _Reader(DatePlaces):
    def __init__(self, dates: DateWords, words: Words, written: date | None) -> None:
        super().__init__(dates, words, written)
        self.found: list[Mention] = []

    def mentions(self) -> list[Mention]:
        if not any(item.kind != "mark" for item in self.items):
            return []
        for kind in _KINDS:
            read = getattr(self, f"_{kind}")
            for at, item in enumerate(self.items):
                if self._may_be(kind, item) and at not in self.used:
                    mention = read(at, item)
                    if mention is not None and self._sensible(mention):
                        self.found.append(mention)
        self._pass_over()
        told = [replace(one, known=self.known or self._names_year(one)) for one in self.found]
        return sorted(told, key=lambda one: one.first)

    def _pass_over(self) -> None:
        """Move a date on to its end where "after that" follows ("we decide in May; after that")."""
        for at, item in enumerate(self.items):
            if (item.kind, item.value) != ("mark", "thereafter") or at in self.used:
                continue
            one = self._said_before(item.first)
            later_clause = one and self.words[one.last].clause < self.words[item.first].clause
            if one is not None and later_clause and not one.bound:
                day = one.over or one.day + timedelta(days=1)
                self.found[self.found.index(one)] = replace(one, day=day, over=day)

    def _said_before(self, place: int) -> Mention | None:
        """The date named last before a place."""
        return max((one for one in self.found if one.last < place), key=lambda one: one.last, default=None)

    @staticmethod
    def _may_be(kind: str, item: Item) -> bool:
        if kind == "quarter":
            return item.kind == "unit" and item.value in ("quarter", "half")
        if kind == "next":
            return item.kind == "mark" and item.value == "next"
        return item.kind == ("number" if kind == "day" else kind)

    def _sensible(self, mention: Mention) -> bool:
        if not self.known:
            return True
        return self.written < mention.day <= add_months(self.written, 12 * _MOST_YEARS)

    # One method for each kind of item that can be the heart of a date.

    def _date(self, at: int, item: Item) -> Mention | None:
        year, month, day = item.value
        self._take_weekday(at)
        marks = self._marks(at)
        if "past" in marks:
            return None
        year = year or self._year_near(at)
        try:
            meant = date(year or self.written.year, month, day)
        except ValueError:
            return None
        if not year and meant < self.written:
            meant = min_day(meant.year + 1, month, day)
        return self._mention(meant + timedelta(days=1) if "after" in marks else meant, at)

    def _take_weekday(self, *places: int | None) -> None:
        """The weekday beside a date says nothing more ("Monday 11 January", "14 August (Friday)")."""
        for at in (one for one in places if one is not None):
            for other in (self._left(at, "weekday", near=1), self._right(at, "weekday", near=0)):
                if other is not None:
                    self.used.add(other)

    def _month(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        number = self._right(at, "number", near=1) if self.dates.month_first else None
        if number is None or self._may_follow(number):
            number = self._left(at, "number", near=1)
        part_at = self._left(at, "part")
        if number is not None and part_at is not None and number < part_at:
            number = None
        day = self._number_value(number)
        part = None if part_at is None else str(self.items[part_at].value)
        bare = not marks and part is None and day is None and self._right(at, "year") is None
        if bare and self._is_guarded(item):
            return None
        self._take_weekday(number)
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
        over = meant + timedelta(days=1)
        if not day and part in (None, "end"):
            over = add_months(meant.replace(day=1), 1)
        if "after" in marks or (part == "end" and "until" in marks):
            meant = over
        self._take_other_month(at)
        return self._mention(meant, at, number, part_at, over=over)

    def _take_other_month(self, at: int) -> None:
        """Of two months in a row ("June/July", "juni eller juli") the first is when to come."""
        other = self._right(at, "month", near=1)
        if other is not None and not self._marks(other):
            self.used.add(other)

    def _is_guarded(self, item: Item) -> bool:
        """Whether it is a word like 'may' that is a month only by its capital letter or its company."""
        word = self.words[item.first]
        if word.text not in self.dates.guarded:
            return False
        following = self.words[item.last + 1].text if item.last + 1 < len(self.words) else ""
        if self.source[word.end : word.end + 1] == ".":
            return False
        return not self.source[word.start].isupper() or following in ("i", "we", "you")

    def _point(self, at: int, item: Item) -> Mention | None:
        if "past" in self._marks(at) and item.value not in ("few_days", "few_weeks", "few_months"):
            return None
        part = self._part(at)
        meant = MOMENTS[item.value](self.written)
        number = self._left(at, "number")
        ordinal_at = number if number is not None and self._is_ordinal(number) else None
        if item.value == "next_year":
            meant = {"middle": meant.replace(month=7, day=1), "end": meant.replace(month=12, day=1)}.get(
                part or "", meant
            )
        elif item.value == "next_month":
            day = int(self._number_value(ordinal_at) or 0)
            meant = min_day(meant.year, meant.month, day or {"middle": 15, "end": 25}.get(part or "", 1))
        elif item.value == "next_quarter" and part:
            meant = {
                "middle": add_months(meant, 1) + timedelta(days=14),
                "end": add_months(meant, 2) + timedelta(days=24),
            }.get(part, meant)
        elif item.value in ("end_of_year", "end_of_month") and {"after", "until"} & set(self._marks(at)):
            meant = add_months(meant.replace(day=1), 1)
        elif item.value == "mid_year" and (year := self._year_near(at)):
            meant = date(year, 7, 1)
        days = _POINT_DAYS.get(item.value)
        over = meant + timedelta(days=days) if days else None
        fiscal = item.value == "new_fiscal_year"
        return self._mention(meant, at, ordinal_at, self._left(at, "part"), over=over, vague=fiscal)

    def _feast(self, at: int, item: Item) -> Mention | None:
        """A feast of one day: that day, or the day after it."""
        marks = self._marks(at)
        if "past" in marks:
            return None
        day = feast_day(item.value, self.written)
        return self._mention(day + timedelta(days=1) if "after" in marks else day, at)

    def _quarter(self, at: int, item: Item) -> Mention | None:
        size, most = (3, 4) if item.value == "quarter" else (6, 2)
        right = self._right(at, "number", near=0)
        if (self._number_value(right) or 0) > most:
            right = None
        number = right if right is not None else self._left(at, "number", near=0)
        value = self._number_value(number)
        if value is None or value != int(value) or not 1 <= value <= most:
            return None
        marks = self._marks(at)
        edge = right if right is not None else at
        named = self._right(edge, "point", near=1)
        year = self._year_near(edge)
        if named is not None and self.items[named].value == "end_of_year":
            self.used.add(named)
        month = (int(value) - 1) * size + 1
        begin = date(year or self.written.year, month, 1)
        last = add_months(begin, size)
        if not year and last <= self.written:
            begin, last = add_months(begin, 12), add_months(last, 12)
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
        return self._mention(begin, at, number, self._left(at, "part"), over=last)

    def _unit(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        if "past" in marks:
            return None
        right = self._right(at, "number", near=0)
        number = self._left(at, "number", near=1)
        if item.value == "week" and (week := self._week_number(right, number)):
            monday = moments.in_iso_week(self.written, week)
            over = None if monday is None else monday + timedelta(days=7 - monday.weekday())
            return None if monday is None else self._mention(monday, at, right or number, over=over)
        if item.value == "year" and number is not None and "in" not in marks and self._is_ordinal(number):
            year = self._short_year(number, before_unit=True)
            if year:
                return self._mention(date(year, 1, 7), at, number, vague=True)
        counted = self._counted_from(at, item, number)
        if counted is not None:
            return counted
        if number is None:
            number = self._behind_mark(at)
        if number is not None:
            value = self._number_value(number) or 0.0
            meant = moments.add_units(self.written, value, item.value)
            if meant is None:
                return None
            dated = bool({"in", "later", "after", "until"} & set(marks)) or number > at
            return self._mention(meant, at, number, loose=not dated)
        return self._bare_unit(at, item, marks)

    def _week_number(self, right: int | None, left: int | None) -> int | None:
        """The number of a calendar week: "KW 12", "42. KW", "на 42-й неделе"."""
        value = self._number_value(right)
        if value is None and left is not None and self._is_ordinal(left):
            value = self._number_value(left)
            value = None if value is None or value < _LEAST_ORDINAL_WEEK else value
        return int(value) if value and value <= _MOST_WEEKS else None

    def _counted_from(self, at: int, item: Item, number: int | None) -> Mention | None:
        """A time before or after a date named earlier: "the week after", "a month before that"."""
        mark = self._mark_after(at, "thereafter", "beforehand", "after")
        start = None if mark is None else self._said_before(self.items[at].first)
        if mark is None or start is None:
            return None
        self.used.add(mark)
        value = self._number_value(number)
        over = start.over or start.day + timedelta(days=1)
        if self.items[mark].value == "beforehand":
            meant = moments.add_units(start.day, -(value or 1), item.value)
        elif value and value > 1:
            meant = moments.add_units(over, value, item.value)
        elif item.value == "week":
            meant = over + timedelta(days=-over.weekday() % 7)
        elif item.value == "day":
            meant = over
        else:
            meant = moments.add_units(start.day.replace(day=1), 1, item.value)
        self.found.remove(start)
        return None if meant is None else self._mention(meant, at, number, mark)

    def _behind_mark(self, at: int) -> int | None:
        """The number in "недели через две", where it follows the unit and a mark."""
        mark = self._right(at, "mark", near=0)
        if mark is None or self.items[mark].value != "in":
            return None
        return self._right(mark, "number", near=0)

    def _bare_unit(self, at: int, item: Item, marks: dict[str, int]) -> Mention | None:
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        if item.value not in moments.NEXT_UNITS:
            return None
        begin = moments.NEXT_UNITS[item.value](self.written)
        if "next" in marks:
            return self._mention(moments.into(begin, item.value, part), at, part_at)
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
        over = add_months(date(begin.year, month, 1), 3)
        return self._mention(begin, at, part_at, over=over)

    def _year(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        if "past" in marks:
            return None
        over = "after" in marks or (part == "end" and "until" in marks)
        year = int(item.value) + (1 if over else 0)
        month = 1 if over else {"middle": 7, "end": 12}.get(part or "", 1)
        return self._mention(date(year, month, 7), at, part_at, vague=True, over=date(year + 1, 1, 1))

    def _weekday(self, at: int, item: Item) -> Mention | None:
        if "past" in self._marks(at):
            return None
        between = self._mark_after(at, "on")
        number = self._right(at if between is None else between, "number", near=1)
        if number is not None and (day := self._number_value(number)):
            meant = moments.next_day_on(self.written, int(day), item.value)
            if meant is not None:
                return self._mention(meant, at, number)
        mark = self._mark_after(at, "thereafter", "after")
        start = self._said_before(self.items[at].first)
        if start is not None and (mark is not None or (start.bound and self._is_away(start))):
            if mark is not None:
                self.used.add(mark)
            self.found.remove(start)
            over = start.over or start.day + timedelta(days=1)
            return self._mention(moments.next_weekday(over - timedelta(days=1), item.value), at, mark)
        meant = moments.next_weekday(self.written, item.value)
        week = self._right(at, "unit", near=0)
        if week is not None and self.items[week].value == "week":
            return self._mention(meant + timedelta(days=7), at, week)
        return self._mention(meant, at)

    def _is_away(self, start: Mention) -> bool:
        return start.day - self.written > timedelta(days=_AWAY)

    def _day(self, at: int, item: Item) -> Mention | None:
        """A day of the month alone, as in "after the 15th", "le 15"; or a year in two digits: "early 27"."""
        marks = self._marks(at)
        value = self._number_value(at) or 0.0
        named = self._mark_after(at, "on")
        digits = self.words[item.first].text[0].isdigit()
        if not (digits or named is not None) or value != int(value) or "past" in marks:
            return None
        part_at = self._left(at, "part", near=0)
        if part_at is not None and (year := self._short_year(at)):
            month = {"middle": 7, "end": 12}.get(str(self.items[part_at].value), 1)
            return self._mention(date(year, month, 1), at, part_at)
        if self._begins_span(at):
            return None
        firm = self._is_ordinal(at) or "on" in marks or named is not None
        least = 1 if self._is_ordinal(at) else 3
        if not (firm or {"after", "until"} & set(marks)) or not least <= value <= 31:
            return None
        if named is None and not self._stands_free(item):
            return None
        start = self._said_before(item.first)
        since = self.written
        if (
            start is not None
            and (start.bound or {"after", "until"} & set(marks))
            and start.day > self.written
        ):
            since = max(since, start.day - timedelta(days=_AWAY))
        meant = min_day(since.year, since.month, int(value))
        if meant <= since:
            meant = add_months(meant, 1)
        return self._mention(meant + timedelta(days=1) if "after" in marks else meant, at, loose=not firm)

    def _begins_span(self, at: int) -> bool:
        """Whether a day is the first of a span ("from 6 to 19 July")."""
        mark = self._right(at, "mark", near=0)
        return mark is not None and self._right(mark, "number", near=1) is not None

    def _stands_free(self, item: Item, short: int = _SHORT) -> bool:
        """Whether no noun seems to follow a number in its clause."""
        if item.last + 1 >= len(self.words) or not self._together(item.last, item.last + 1):
            return True
        following = self.words[item.last + 1]
        return (
            following.clause != self.words[item.last].clause
            or len(following.text) <= short
            or self.dates.is_role(following.text)
        )

    def _next(self, at: int, item: Item) -> Mention | None:
        """A "next" alone, after the unit was named: "not this week, the next"."""
        goes_on = any(self._right(at, kind) is not None for kind in _KINDS)
        if goes_on or not self._stands_free(item, _SHORTISH):
            return None
        units = [
            str(one.value)
            for place, one in enumerate(self.items[:at])
            if one.kind == "unit" and one.value in moments.NEXT_UNITS and "this" in self._marks(place)
        ]
        return self._mention(moments.NEXT_UNITS[units[-1]](self.written), at) if units else None
