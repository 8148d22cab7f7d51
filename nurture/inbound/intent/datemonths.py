"""Days told by their place in a month: "the second week of June", "the last Friday in May"."""

from __future__ import annotations

from datetime import date, timedelta

from nurture.core.movable import nth_weekday
from nurture.inbound.intent import moments
from nurture.inbound.intent.datenumbers import BareNumbers
from nurture.inbound.intent.dateplaces import Mention
from nurture.inbound.intent.datewords import Item
from nurture.inbound.intent.moments import add_months

_MOST = 4
"""A month has so many of each for certain."""


class DaysOfMonths(BareNumbers):
    """Weeks and weekdays counted within a month."""

    def _month_behind(self, at: int) -> int | None:
        """The month that follows an item: "week of June", "Woche im September"."""
        mark = self._right(at, "mark", near=0)
        return self._right(at if mark is None else mark, "month", near=1)

    def _weekday_of_month(self, at: int, item: Item) -> Mention | None:
        """The first Monday of August, the last Friday in May."""
        month = self._month_behind(at)
        number, part = self._left(at, "number", near=0), self._left(at, "part", near=0)
        last = "past" in self._marks(at) or (part is not None and self.items[part].value == "end")
        nth = int(self._number_value(number) or 0)
        if month is None or not (last or 1 <= nth <= _MOST):
            return None
        days = [self._nth_in(year, month, item.value, 0 if last else nth) for year in (0, 1)]
        self._forget(month)
        return self._mention(next(day for day in days if day > self.written), at, number or part, month)

    def _nth_in(self, years: int, month: int, weekday: int, nth: int) -> date:
        """That weekday of a month so many years on; `nth` 0 is the last."""
        begin = date(self.written.year + years, int(self.items[month].value), 1)
        if nth:
            return nth_weekday(begin.year, begin.month, nth, weekday - 1)
        over = add_months(begin, 1)
        return nth_weekday(over.year, over.month, 1, weekday - 1) - timedelta(weeks=1)

    def _forget(self, at: int) -> None:
        """Drop the date that an item was read as by itself."""
        place = self.items[at].first
        self.found = [one for one in self.found if not one.first <= place <= one.last]

    def _week_of_month(self, at: int, number: int, month: int) -> Mention | None:
        """The second week of June: the days from the 8th on."""
        nth = int(self._number_value(number) or 0)
        if not 1 <= nth <= _MOST:
            return None
        day = moments.next_in_month(self.written, self.items[month].value, 7 * nth - 6)
        over = day + timedelta(weeks=1)
        self._forget(month)
        return self._mention(over if "after" in self._marks(at) else day, at, number, month, over=over)
