"""Which of several dates in a reply is the one to come back on, and which only say why it is not sooner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from nurture.inbound.intent.dateplaces import Mention
from nurture.inbound.intent.datewords import Role
from nurture.inbound.intent.words import Words

_CLEAR = 1.0
"""By so many points a date must be behind the best one to be left out."""

_REACH, _FEW, _SMALL = 2, 3, 4
_PAUSE, _STOP = 5, 1000
_LONG = timedelta(days=60)
_STOPPED = re.compile(r"\.\s")
"""The stop of "until the 12. Ring me" may be taken for that of an ordinal number."""


def meant(found: Sequence[Mention], roles: Sequence[Role], words: Words) -> list[Mention]:
    """Those of the dates `found` in a reply that may be the one meant, in their order.

    The one beside a word of asking ("ring me") wins over one beside a reason ("our contract runs to May"); a
    "then" refers to the date said before; what is denied ("not in June") is not meant, and a season gives way to
    a day in it.
    """
    dates = [one for one in found if not _gives_way(one, found) and not _begins_span(one, found)]
    if len(dates) < _REACH:
        return dates
    place = _Places(words, roles, dates)
    points = [place.points(order, one) for order, one in enumerate(dates)]
    return [one for one, value in zip(dates, points, strict=True) if value > max(points) - _CLEAR]


def _gives_way(one: Mention, found: Sequence[Mention]) -> bool:
    """Whether another date is a day, month or season within this season, half or year; or says when a year begins."""
    if one.vague and any(_begins_month(other) for other in found):
        return True
    if one.over is None or one.over - one.day < _LONG:
        return False
    return any(
        one.day <= other.day < one.over
        and other is not one
        and (other.over is None or other.over - other.day < (one.over - one.day) / 2)
        for other in found
    )


def _begins_month(one: Mention) -> bool:
    """Whether it is the first of a month, named as a day."""
    return one.day.day == 1 and one.over is not None and one.over - one.day == timedelta(days=1)


def _begins_span(one: Mention, found: Sequence[Mention]) -> bool:
    """Whether another date right behind it ends what begins with this one ("from May until the end of July")."""
    return any(
        (other.bound or other.over == other.day)
        and 0 < other.first - one.last <= _REACH
        and one.day < other.day
        for other in found
    )


@dataclass(frozen=True, slots=True)
class _Places:
    words: Words
    roles: Sequence[Role]
    dates: Sequence[Mention]

    def points(self, order: int, one: Mention) -> float:
        """How much speaks for a date being the one to come back on."""
        clause = self._said(one, by_clause=True)
        sentence = self._said(one, by_clause=False)
        denied = self._is_denied(one)
        value = 0.3 * order - 1.5 * one.vague - one.loose - 4.0 * denied
        if "call" in clause and "no" not in clause:
            value += 4.0
        elif "call" in sentence:
            value += 1.0
        if "hurdle" in clause or ("no" in clause and not one.bound):
            value -= 2.0
        elif "hurdle" in sentence and "call" not in clause:
            value -= 0.5
        alone = self._stands_alone(one)
        value += 2.0 * alone + 3.0 * (alone and self._is_last(one))
        return value + 3.0 * self._is_taken_up(order, one)

    def _stands_alone(self, one: Mention) -> bool:
        """Whether a sentence names little but this date ("June?", "So let's say May."), or ends a reply with it."""
        items = self.words.items
        around = [
            place
            for place, item in enumerate(items)
            if item.sentence == items[one.first].sentence and not one.first <= place <= one.last
        ]
        roles = [role for role in self.roles if items[role.first].sentence == items[one.first].sentence]
        if any(role.name in ("hurdle", "no") for role in roles):
            return self._closes(one)
        asked = {place for role in roles for place in range(role.first, role.last + 1)}
        small = all(place in asked or len(items[place].text) <= _SMALL for place in around)
        return (small and len(around) <= _FEW) or self._closes(one)

    def _is_last(self, one: Mention) -> bool:
        """Whether a reply says nothing after the sentence of the last of its dates."""
        items = self.words.items
        return one is self.dates[-1] and items[one.last].sentence == items[-1].sentence

    def _closes(self, one: Mention) -> bool:
        """Whether the last clause of a reply is this date and nothing else."""
        begins = (
            one.first == 0 or self.words.items[one.first - 1].clause != self.words.items[one.first].clause
        )
        return begins and one.last == len(self.words.items) - 1

    def _said(self, one: Mention, by_clause: bool) -> set[str]:
        """What is said in the clauses, or the sentence, that a date stands in."""
        items = self.words.items
        first, last = items[one.first], items[one.last]
        return {
            role.name
            for role in self.roles
            if items[role.first].sentence == first.sentence
            and (not by_clause or first.clause <= items[role.first].clause <= last.clause)
            and self._nearest(role) is one
        }

    def _nearest(self, role: Role) -> Mention:
        """The date that the fewest words part from a word in its sentence; pauses count as words, too."""
        items = self.words.items

        def distance(one: Mention) -> int:
            gap = max(one.first - role.last, role.first - one.last, 0)
            pauses = abs(items[one.first].clause - items[role.first].clause)
            between = (items[min(one.last, role.last)].end, items[max(one.first, role.first)].start)
            pauses += _STOPPED.search(self.words.source, *between) is not None
            return gap + _PAUSE * pauses + _STOP * (items[one.first].sentence != items[role.first].sentence)

        return min(self.dates, key=distance)

    def _is_denied(self, one: Mention) -> bool:
        """Whether a "not" stands right before a date that is no "not before", or ends its clause ("June no")."""
        if one.bound:
            return False
        items = self.words.items
        return any(
            role.name == "no"
            and items[role.last].clause == items[one.first].clause
            and (0 < one.first - role.last <= _REACH or (role.first == one.last + 1 and self._ends(role)))
            for role in self.roles
        )

    def _ends(self, role: Role) -> bool:
        """Whether a clause ends with these words."""
        items = self.words.items
        return role.last + 1 == len(items) or items[role.last + 1].clause != items[role.last].clause

    def _is_taken_up(self, order: int, one: Mention) -> bool:
        """Whether a later clause without a date of its own asks to be approached "then"."""
        items = self.words.items
        until = self.dates[order + 1].first if order + 1 < len(self.dates) else len(items)
        after = [
            role
            for role in self.roles
            if one.last < role.first < until and items[role.first].clause != items[one.last].clause
        ]
        busy = {items[role.first].clause for role in self.roles if role.name == "hurdle"}
        own = {items[other.first].sentence for other in self.dates[order + 1 :]}
        return any(
            role.name == "then"
            and items[role.first].sentence not in own
            and items[role.first].clause not in busy
            for role in after
        )
