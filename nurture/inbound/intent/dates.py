"""Dates named in a reply ("in March", "om 14 dage", "KW 12"), put together from its date words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from nurture.inbound.intent import moments
from nurture.inbound.intent.datechoice import meant
from nurture.inbound.intent.datemonths import DaysOfMonths
from nurture.inbound.intent.datenumbers import KINDS
from nurture.inbound.intent.dateplaces import Mention
from nurture.inbound.intent.datewords import DateWords, Item
from nurture.inbound.intent.feasts import feast_day
from nurture.inbound.intent.moments import (
    MOMENTS,
    PART_DAYS,
    PART_MONTHS,
    SEASON_MONTH,
    SPANS,
    add_months,
    min_day,
)
from nurture.inbound.intent.words import Words

_MOST_YEARS = 6

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

_BESIDE = 2
_HALF = 0.5
_MONTHS, _MOST_WEEKS, _LEAST_ORDINAL_WEEK = 12, 53, 5


def mentions(
    dates: DateWords, words: Words, written: date | None, foreign: Collection[int] = ()
) -> list[Mention]:
    """The dates named in a reply written on `written` that may be meant, in their order.

    Of several, those are left out that only say why it is not sooner. Words at the places `foreign` name none
    ("happy new year"). Without `written` only the days of those that name their year are known.
    """
    found = [
        one
        for one in _Reader(dates, words, written).mentions()
        if not any(one.first <= place <= one.last for place in foreign)
    ]
    return meant(found, dates.roles_in(words), words)


class _Reader(DaysOfMonths):
    def mentions(self) -> list[Mention]:
        if not any(item.kind != "mark" for item in self.items):
            return []
        for kind in KINDS:
            read = getattr(self, f"_{kind}")
            for at, item in enumerate(self.items):
                if self._may_be(kind, item) and at not in self.used:
                    mention = read(at, item)
                    if mention is not None and self._sensible(mention):
                        self.found.append(mention)
        self._pass_over()
        told = [replace(one, known=self.known or self._names_year(one)) for one in self.found]
        return sorted(told, key=lambda one: one.first)

    def _sensible(self, mention: Mention) -> bool:
        if not self.known:
            return True
        return self.written < mention.day <= add_months(self.written, 12 * _MOST_YEARS)

    # One method for each kind of item that can be the heart of a date.

    def _date(self, at: int, item: Item) -> Mention | None:
        year, month, day = item.value
        if not year:
            month, day = self._by_weekday(at, month, day)
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

    def _by_weekday(self, at: int, month: int, day: int) -> tuple[int, int]:
        """(month, day), the other way round where only so it is the weekday named with it ("Mon 7/9")."""
        weekday = self._left(at, "weekday", near=1)
        if weekday is None or day > _MONTHS or "/" not in self.words[self.items[at].first].text:
            return month, day
        named = int(self.items[weekday].value)
        this, other = (moments.next_in_month(self.written, *one) for one in ((month, day), (day, month)))
        swapped = this.isoweekday() != named and other.isoweekday() == named
        return (day, month) if swapped else (month, day)

    def _take_weekday(self, *places: int) -> None:
        """The weekday beside a date says nothing more ("Monday 11 January", "14 August (Friday)")."""
        for at in places:
            behind = self._right(at, "weekday", near=0)
            for other in (self._left(at, "weekday", near=1), behind or self._right(at, "weekday", near=1)):
                if other is not None and not self._counts_on(other):
                    self.used.add(other)

    def _month(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        number = self._right(at, "number", near=1) if self.dates.month_first else None
        if number is None or self._may_follow(at, number):
            number = self._left(at, "number", near=1)
        part_at = self._left(at, "part")
        if number is not None and (
            (part_at is not None and number < part_at) or not self._is_beside(number, at)
        ):
            number = None
        day = self._number_value(number)
        part = None if part_at is None else str(self.items[part_at].value)
        bare = (
            not marks.keys() - {"this"} and part is None and day is None and self._right(at, "year") is None
        )
        if bare and self._is_guarded(item):
            return None
        if number is not None:
            self._take_weekday(number, at)
        year = self._year_near(number if number is not None and number > at else at)
        if "past" in marks:
            self.used.add(at)
            return None
        wanted = int(day) if day and 1 <= day <= 31 else PART_DAYS.get(part or "", 1)
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

    def _is_beside(self, number: int, at: int) -> bool:
        """Whether at most one word stands between a number and a month: "3 of June", but not "a stop until June"."""
        return abs(self.items[at].first - self.items[number].last) <= _BESIDE

    def _take_other_month(self, at: int) -> None:
        """Of two months in a row ("June/July", "juni eller juli") the first is when to come."""
        other = self._right(at, "month", near=1)
        if other is None or self._marks(other):
            return
        between = self.words[self.items[at].last + 1 : self.items[other].first]
        if not any(self.dates.is_role(word.text) for word in between):
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
        weekday = self._weekday_beside(at) if item.value in ("next_week", "week_after_next") else None
        if weekday is not None:
            meant += timedelta(days=int(self.items[weekday].value) - 1)
            return self._mention(meant, at, weekday)
        number = self._left(at, "number")
        ordinal_at = number if number is not None and self._is_ordinal(number) else None
        if item.value == "next_year":
            month = PART_MONTHS.get(part or "", 1)
            meant = meant if month == 1 else meant.replace(month=month, day=1)
        elif item.value == "next_month":
            day = int(self._number_value(ordinal_at) or 0)
            meant = min_day(meant.year, meant.month, day or PART_DAYS.get(part or "", 1))
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

    def _span(self, at: int, item: Item) -> Mention | None:
        """A length of time that has a name: from a date named beside it, or from today."""
        value, unit = SPANS[item.value]
        half = self._mark_after(at, "and_half")
        more = None if half is None else moments.add_units(self.written, value + _HALF, unit)
        if more is not None:
            return self._mention(more, at, half)
        return self._counted(at, unit, value, at) or self._point(at, item)

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
        if number is None and self._is_last_of_year(at):
            value = most
        if value is None or value != int(value) or not 1 <= value <= most:
            return None
        marks = self._marks(at)
        edge = right if right is not None else at
        named = self._right(edge, "point", near=1)
        year = self._year_near(edge)
        if named is not None and self.items[named].value == "end_of_year":
            self.used.add(named)
        begin, last = self._nth(int(value), size, year)
        part = self._part(at) if number is not None else None
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

    def _is_last_of_year(self, at: int) -> bool:
        """Whether "last quarter" goes on with a year: "the last quarter of 2027", "le dernier trimestre de l'année"."""
        part = self._left(at, "part", near=0)
        named = self._right(at, "point", near=1)
        of_year = named is not None and self.items[named].value in ("end_of_year", "next_year")
        return (
            part is not None
            and self.items[part].value == "end"
            and (of_year or self._right(at, "year", near=1) is not None)
        )

    def _unit(self, at: int, item: Item) -> Mention | None:
        marks = self._marks(at)
        if "past" in marks:
            return None
        right = self._right(at, "number", near=0)
        number = self._left(at, "number", near=1)
        if number is not None and item.value == "month" and "this" in marks and self._is_ordinal(number):
            day = int(self._number_value(number) or 1)
            return self._mention(self._next_day(self.written, day), at, number)
        if item.value == "week" and number is not None and (month := self._month_behind(at)):
            return self._week_of_month(at, number, month)
        if item.value == "week" and (week := self._week_number(right, number)):
            return self._in_week(at, week, right if right is not None else number)
        if item.value == "year" and number is not None and "in" not in marks and self._is_ordinal(number):
            year = self._short_year(number, before_unit=True)
            if year:
                return self._mention(date(year, 1, 7), at, number, vague=True)
        if number is not None and self._is_article(number, at):
            return None
        half = self._mark_after(at, "and_half")
        value = self._number_value(number)
        if half is not None:
            value = (1.0 if value is None else value) + _HALF
        counted = self._counted(at, item.value, value, at, number, half)
        if counted is not None:
            return counted
        if value is None:
            number = self._behind_mark(at)
            value = self._number_value(number)
        if value is not None:
            meant = moments.add_units(self.written, value, item.value)
            if meant is None:
                return None
            dated = bool({"in", "later", "after", "until"} & set(marks)) or (number or 0) > at
            return self._mention(meant, at, number, half, loose=not dated)
        return self._bare_unit(at, item, marks)

    def _week_number(self, right: int | None, left: int | None) -> int | None:
        """The number of a calendar week: "KW 12", "42. KW", "на 42-й неделе"."""
        value = self._number_value(right)
        if value is None and left is not None and (self._is_ordinal(left) or self._is_singular(left)):
            value = self._number_value(left)
            value = None if value is None or value < _LEAST_ORDINAL_WEEK else value
        return int(value) if value and value <= _MOST_WEEKS else None

    def _is_singular(self, number: int) -> bool:
        """Whether the week behind a number stands in the singular, as only a week of that number does."""
        place = self.items[number].last + 1
        return place < len(self.words) and self.words[place].text in self.dates.singular

    def _in_week(self, at: int, week: int, number: int | None) -> Mention | None:
        """A calendar week, or a day in it ("Monday in week 32"); of "weeks 29 to 31" what follows is told."""
        monday = moments.in_iso_week(self.written, week)
        if monday is None:
            return None
        begin = monday - timedelta(days=monday.weekday())
        weekday = self._weekday_beside(at)
        if weekday is not None:
            meant = begin + timedelta(days=int(self.items[weekday].value) - 1)
            return self._mention(meant, at, number, weekday)
        last = self._last_of_span(number) or week
        over = begin + timedelta(weeks=max(last - week, 0) + 1)
        return self._mention(over if "after" in self._marks(at) else monday, at, number, over=over)

    def _bare_unit(self, at: int, item: Item, marks: dict[str, int]) -> Mention | None:
        part_at = self._left(at, "part")
        part = None if part_at is None else str(self.items[part_at].value)
        if item.value not in moments.NEXT_UNITS:
            return None
        behind = self._mark_after(at, "after")
        if behind is not None and item.value == "week":
            return self._mention(moments.next_week(self.written), at, behind)
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
        month = 1 if over else PART_MONTHS.get(part or "", 1)
        return self._mention(date(year, month, 7), at, part_at, vague=True, over=date(year + 1, 1, 1))

    def _weekday(self, at: int, item: Item) -> Mention | None:
        nth = self._weekday_of_month(at, item)
        if nth is not None:
            return nth
        if "past" in self._marks(at):
            return None
        between = self._mark_after(at, "on")
        number = self._right(at if between is None else between, "number", near=1)
        if number is not None and (day := self._number_value(number)):
            meant = moments.next_day_on(self.written, int(day), item.value)
            if meant is not None:
                return self._mention(meant, at, number)
        counted = self._counted_on(at)
        if counted is not None:
            self.found.remove(counted[0])
            return self._mention(moments.next_weekday(counted[1] - timedelta(days=1), item.value), at)
        mark = self._mark_after(at, "thereafter", "after")
        start = self._said_before(self.items[at].first)
        if start is not None and (mark is not None or (start.bound and self._is_away(start))):
            if mark is not None:
                self.used.add(mark)
            self.found.remove(start)
            over = start.over or start.day + timedelta(days=1)
            return self._mention(moments.next_weekday(over - timedelta(days=1), item.value), at, mark)
        meant = moments.next_weekday(self.written, item.value)
        mark = self._right(at, "mark", near=0)
        edge = at if mark is None or self.items[mark].value != "in" else mark
        week = self._right(edge, "unit", near=0) or self._right(edge, "point", near=0)
        if week is not None and self.items[week].value in ("week", "one_week"):
            return self._mention(meant + timedelta(days=7), at, week)
        return self._mention(meant, at)
