"""Clock times and weekdays as an author writes them: `09:30`, `tuesday`, `tue`.

Minutes since midnight (0 … 1439) stand for a clock time throughout the core: they compare, add and hash
fast, and planned times have no seconds (semantics.md, Time).
"""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import Final

from nurture.core.errors import GrammarError

DAY_MINUTES: Final = 1440
"""Minutes of a day on a clock."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Monday is 0, as in `datetime.date.weekday`."""

_BY_NAME: Final = {name: i for i, name in enumerate(WEEKDAYS)} | {
    name[:3]: i for i, name in enumerate(WEEKDAYS)
}


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without the runs of blanks between them."""
    return text.lower().split()


def parse_clock(text: str, *, midnight: bool = False) -> int:
    """`9:30` or `09:30` → minutes since midnight; `24:00` only where `midnight` allows it as an end.

    Raises GrammarError.
    """
    if not text.strip():
        raise GrammarError("a clock time is missing", "write it as `09:30`")
    hours, colon, minutes = text.strip().partition(":")
    if not colon or not _is_number(hours, 2) or not _is_number(minutes, 2) or len(minutes) != 2:
        raise GrammarError(f"`{text.strip()}` is not a clock time", _clock_hint(text))
    at = int(hours) * 60 + int(minutes)
    if int(minutes) < 60 and (at < DAY_MINUTES or (midnight and at == DAY_MINUTES)):
        return at
    if at == DAY_MINUTES:
        raise GrammarError("`24:00` is the end of a day, not a time on it", "write `00:00` and the next day")
    raise GrammarError(
        f"there is no `{text.strip()}` on a clock", "hours go from 00 to 23, minutes from 00 to 59"
    )


def clock_text(minutes: int) -> str:
    """Minutes since midnight → `09:30`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def to_minute(t: datetime) -> datetime:
    """The minute `t` lies in: planned times have minute resolution."""
    return t.replace(second=0, microsecond=0) if t.second or t.microsecond else t


def weekday_of(word: str) -> int | None:
    """`tuesday` or `tue` in lower case → 1; None for anything else."""
    return _BY_NAME.get(word)


def parse_weekday(word: str) -> int:
    """`tuesday` or `tue` → 1. Raises GrammarError with the nearest name as a hint."""
    found = _BY_NAME.get(word.lower())
    if found is None:
        raise GrammarError(f"`{word}` is not a day of the week", nearest(word, WEEKDAYS))
    return found


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """A hint that names the known word `word` looks like, if one does."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


def _is_number(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest


def _clock_hint(text: str) -> str:
    """What a clock time written another way would be here: `9.30`, `9am`, `9 pm`, `0930`, `9`."""
    lowered = text.strip().lower().replace(" ", "")
    bare = lowered.removesuffix("h").removesuffix("uhr").removesuffix("am").removesuffix("pm")
    digits = bare.replace(".", ":").replace("h", ":")
    hours, _, minutes = digits.partition(":")
    if not minutes and _is_number(hours, 4) and len(hours) >= 3:
        hours, minutes = hours[:-2], hours[-2:]
    if not _is_number(hours, 2) or (minutes and not _is_number(minutes, 2)):
        return "write it as `09:30`"
    hour = int(hours) + (12 if lowered.endswith("pm") and int(hours) < 12 else 0)
    minute = int(minutes or 0)
    return f"write `{hour:02d}:{minute:02d}`" if hour < 24 and minute < 60 else "write it as `09:30`"
