"""Typed reasons and dates out of what people and campaigns say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nurture.core.duration import parse_duration
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import place_of
from nurture.core.refusal import REASONS, morning_of, reason_of, until_of

NOW = datetime(2026, 1, 12, 15, 30, tzinfo=UTC)
TOKYO = place_of("Asia/Tokyo", "JP", ZoneInfo("Europe/London"), HolidayBook())
IN_NINETY_DAYS = datetime(2026, 4, 13, 0, 0, tzinfo=UTC)  # 13 January there: nine o'clock in Tokyo


@pytest.mark.parametrize("reason", REASONS)
def test_known_reasons(reason: str) -> None:
    assert reason_of(f" {reason.upper()} ") == (reason, "")


@pytest.mark.parametrize("value", [None, "", "weather", 7])
def test_what_is_no_reason_is_other(value: Any) -> None:
    reason, doubt = reason_of(value)
    assert reason == "other"
    assert doubt


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 5, 4),
        "2026-05-04",
        " 2026-05-04 ",
        "2026-05-04T18:00:00",
        "2026-05-04T18:00:00+09:00",
        datetime(2026, 5, 4, 3, 0, tzinfo=UTC),
        datetime(2026, 5, 4, 23, 0),  # noqa: DTZ001 - a time without zone is on their clock
    ],
)
def test_a_date_is_nine_in_the_morning_where_they_are(value: Any) -> None:
    assert until_of(value, NOW, TOKYO) == (datetime(2026, 5, 4, 0, 0, tzinfo=UTC), "")


@pytest.mark.parametrize("value", ["2 weeks", parse_duration("14 days")])
def test_a_duration_counts_from_now(value: Any) -> None:
    assert until_of(value, NOW, TOKYO) == (datetime(2026, 1, 27, 0, 0, tzinfo=UTC), "")


@pytest.mark.parametrize(
    "value", [None, "", "soon", "2025-12-01", date(2020, 1, 1), 5, ["2026-05-04"], "2026-13-45"]
)
def test_anything_else_is_ninety_days_and_said(value: Any) -> None:
    until, doubt = until_of(value, NOW, TOKYO)
    assert until == IN_NINETY_DAYS
    assert doubt


def test_the_morning_of_a_local_day() -> None:
    assert morning_of(NOW, TOKYO) == datetime(2026, 1, 13, 0, 0, tzinfo=UTC)
    assert morning_of(NOW - timedelta(hours=1), TOKYO) == datetime(2026, 1, 12, 0, 0, tzinfo=UTC)
