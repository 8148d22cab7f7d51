"""Dates that are hardly more than a number: "after the 15th", "not this week, the next", "the second then"."""

from __future__ import annotations

from datetime import date, timedelta

from nurture.inbound.intent import moments
from nurture.inbound.intent.dateplaces import CountedDates, Mention
from nurture.inbound.intent.datewords import Item
from nurture.inbound.intent.moments import PART_MONTHS, SPANS, add_months, min_day

KINDS = (
    *("date", "month", "point", "feast", "quarter", "unit", "season", "year", "weekday", "day"),
    *("span", "next", "other"),
)
"""What can be the heart of a date, the most telling first: a word once used is not used again."""

_SHORT, _SHORTISH = 3, 5
_SOON = 92
"""So many days off, a date may be what a day of a month is counted from."""
_YEAR = 12
_AWAY = 7
"""So many days off, the end of an absence is what a weekday named after it is counted from."""


class BareNumbers(CountedDates):
    """Numbers that stand alone, read by what was named before them."""

    @staticmethod
    def _may_be(kind: str, item: Item) -> bool:
        if kind == "quarter":
            return item.kind == "unit" and item.value in ("quarter", "half")
        if kind == "next":
            return item.kind == "mark" and item.value in ("next", "following")
        if kind in ("point", "span"):
            return item.kind == "point" and (kind == "span") == (item.value in SPANS)
        return item.kind == ("number" if kind in ("day", "other") else kind)

    def _day(self, at: int, item: Item) -> Mention | None:
        """A day of the month alone, as in "after the 15th", "le 15"; or a year in two digits: "early 27"."""
        marks = self._marks(at)
        value = self._number_value(at) or 0.0
        named = self._mark_after(at, "on")
        digits = self.words[item.first].text[0].isdigit()
        spelt = self.words[item.last].text in self.dates.ordinals
        if not (digits or spelt or named is not None) or value != int(value) or "past" in marks:
            return None
        part_at = self._left(at, "part", near=0)
        if part_at is not None and (year := self._short_year(at)):
            month = PART_MONTHS.get(str(self.items[part_at].value), 1)
            return self._mention(date(year, month, 1), at, part_at)
        if self._begins_span(at):
            return None
        firm = spelt or self._is_ordinal(at) or "on" in marks or named is not None
        least = 1 if self._is_ordinal(at) else 3
        if not (firm or {"after", "until"} & set(marks)) or not least <= value <= 31:
            return None
        opens = spelt and (
            item.first == 0 or self.words[item.first - 1].sentence != self.words[item.first].sentence
        )
        if named is None and not opens and not self._stands_free(item):
            return None
        meant = self._in_month(int(value), self._said_before(item.first, firm=True), set(marks))
        return self._mention(meant + timedelta(days=1) if "after" in marks else meant, at, loose=not firm)

    def _in_month(self, number: int, said: Mention | None, marks: set[str]) -> date:
        """The next day of that number: in the month of the date said before, where it goes on from that."""
        if said is not None and said.day > self.written:
            numbered = self._names_day(said)
            if number >= said.day.day if numbered else self._names_month(said):
                return min_day(said.day.year, said.day.month, number)
            near = said.day - self.written <= timedelta(days=_SOON)
            if said.bound or (near and {"after", "until"} & marks):
                return self._next_day(max(self.written, said.day - timedelta(days=_AWAY)), number)
        return self._next_day(self.written, number)

    @staticmethod
    def _next_day(since: date, number: int) -> date:
        meant = min_day(since.year, since.month, number)
        return meant if meant > since else add_months(meant, 1)

    def _names_day(self, said: Mention) -> bool:
        """Whether a date is a day that has a number."""
        return any(
            item.kind in ("number", "date") and said.first <= item.first <= said.last for item in self.items
        )

    def _names_month(self, said: Mention) -> bool:
        """Whether a date is a month or a part of one."""
        return any(item.kind == "month" and said.first <= item.first <= said.last for item in self.items)

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
        goes_on = any(self._right(at, kind) is not None for kind in KINDS)
        taken = any(one.first <= item.first <= one.last for one in self.found)
        if goes_on or taken or not self._stands_free(item, _SHORTISH):
            return None
        units = [
            str(one.value)
            for place, one in enumerate(self.items[:at])
            if one.kind == "unit" and one.value in moments.NEXT_UNITS and "this" in self._marks(place)
        ]
        return self._mention(moments.NEXT_UNITS[units[-1]](self.written), at) if units else None

    def _other(self, at: int, item: Item) -> Mention | None:
        """A number alone, after its unit was named: "not the first half, the second", "a week? in two"."""
        value = float(item.value)
        if value not in (2, 3, 4) or not self._stands_free(item):
            return None
        units = [str(one.value) for one in self.items[:at] if one.kind == "unit"]
        if "in" in self._marks(at) and units and not self.words[item.first].text[0].isdigit():
            meant = moments.add_units(self.written, value, units[-1])
            return None if meant is None else self._mention(meant, at)
        for place in range(at - 1, -1, -1):
            unit = self.items[place]
            if self._may_be("quarter", unit) and any(
                self.items[beside].kind == "number" and self.items[beside].value == value - 1
                for beside in (place - 1, place + 1)
                if 0 <= beside < at
            ):
                size = 3 if unit.value == "quarter" else 6
                if value * size > _YEAR:
                    return None
                begin, last = self._nth(int(value), size, None)
                return self._mention(begin, at, over=last) if begin > self.written else None
        return None

    def _nth(self, value: int, size: int, year: int | None) -> tuple[date, date]:
        """The beginning of that quarter or half of a year, and of the one after it."""
        begin = date(year or self.written.year, (value - 1) * size + 1, 1)
        if not year and add_months(begin, size) <= self.written:
            begin = add_months(begin, 12)
        return begin, add_months(begin, size)

    def _is_away(self, start: Mention) -> bool:
        return start.day - self.written > timedelta(days=_AWAY)
