"""Refusals and postponements: typed reasons and dates out of what a campaign or a reply says (rows R1–R3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from nurture.core.duration import Duration, add, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.place import Place
from nurture.core.vocabulary import RefusalReason

REASONS: Final = tuple(RefusalReason)
"""Why people refuse (interfaces.md, `read` vocabulary)."""

POSTPONE_DEFAULT = Duration(days=90)
"""How long a lead is postponed when no date is known."""

_RESUME_AT = 9 * 60


def reason_of(value: Any) -> tuple[str, str]:
    """The reason, and what was wrong with the value (empty where nothing was)."""
    if value is None or value == "":
        return "other", "no reason is known"
    word = str(value).strip().lower()
    return (word, "") if word in REASONS else ("other", f"`{word}` is not a reason")


def until_of(value: Any, now: datetime, place: Place) -> tuple[datetime, str]:
    """The morning a postponed lead resumes, and what was wrong with the value (empty where nothing was).

    `value` may be a date, an aware datetime, an ISO text or a DURATION; anything else, or a past date, gives 90 days.
    """
    found = _read(value, now, place)
    if found is not None and found > now:
        return found, ""
    default = morning_of(add(POSTPONE_DEFAULT, now, place), place)
    return default, f"`{value}` is not a date ahead" if value not in (None, "") else "no date is known"


def morning_of(at: datetime, place: Place) -> datetime:
    """09:00 on the local day of an instant: when a postponed lead resumes."""
    day, _ = place.wall(at)
    return place.instant(day, _RESUME_AT)


def _read(value: Any, now: datetime, place: Place) -> datetime | None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return place.instant(value.toordinal(), _RESUME_AT)
        return morning_of(value.astimezone(UTC), place)
    if isinstance(value, date):
        return place.instant(value.toordinal(), _RESUME_AT)
    if isinstance(value, Duration):
        return morning_of(add(value, now, place), place)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    try:
        return _read(datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text), now, place)
    except ValueError:
        pass
    try:
        return morning_of(add(parse_duration(text), now, place), place)
    except GrammarError:
        return None


def clock_of(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute
