from __future__ import annotations

import pytest

from nurture.core.clocktime import clock_text, nearest, parse_clock, parse_weekday
from nurture.core.errors import GrammarError


@pytest.mark.parametrize(
    ("text", "minutes"), [("09:30", 570), ("9:30", 570), ("00:00", 0), ("23:59", 1439), (" 8:05 ", 485)]
)
def test_clock_times(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("9.30", "write `09:30`"),
        ("9am", "write `09:00`"),
        ("9 pm", "write `21:00`"),
        ("12pm", "write `12:00`"),
        ("0930", "write `09:30`"),
        ("9h15", "write `09:15`"),
        ("10 Uhr", "write `10:00`"),
        ("noon", "write it as `09:30`"),
        ("9:3", "write `09:03`"),
        ("", "write it as `09:30`"),
        ("٠٩:٣٠", "write it as `09:30`"),
        ("25:00", "hours go from 00 to 23, minutes from 00 to 59"),
        ("09:60", "hours go from 00 to 23, minutes from 00 to 59"),
        ("24:00", "write `00:00` and the next day"),
    ],
)
def test_what_is_no_clock_time_says_what_would_be(text: str, hint: str) -> None:
    with pytest.raises(GrammarError) as error:
        parse_clock(text)
    assert error.value.hint == hint


def test_midnight_is_an_end_only_where_it_may_be() -> None:
    assert parse_clock("24:00", midnight=True) == 1440
    with pytest.raises(GrammarError):
        parse_clock("24:01", midnight=True)


@pytest.mark.parametrize("minutes", [0, 1, 59, 60, 570, 1439])
def test_a_clock_time_is_written_as_it_is_read(minutes: int) -> None:
    assert parse_clock(clock_text(minutes)) == minutes


@pytest.mark.parametrize(("word", "day"), [("monday", 0), ("Mon", 0), ("sun", 6), ("THURSDAY", 3)])
def test_weekdays(word: str, day: int) -> None:
    assert parse_weekday(word) == day


def test_a_weekday_misspelt() -> None:
    with pytest.raises(GrammarError, match="not a day of the week") as error:
        parse_weekday("wendesday")
    assert error.value.hint == "did you mean `wednesday`?"
    assert nearest("zzz", ("monday",)) is None
