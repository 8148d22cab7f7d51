"""The clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from nurture.adapters.clock import SystemClock, VirtualClock

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_system_clock_is_in_utc_and_goes_on() -> None:
    one, other = SystemClock().now(), SystemClock().now()
    assert one.tzinfo is UTC
    assert one <= other


def test_a_virtual_clock_stands_until_it_is_moved() -> None:
    clock = VirtualClock(MONDAY)
    assert clock.now() == clock.now() == MONDAY
    clock.advance_to(MONDAY + timedelta(days=180))
    clock.advance_to(MONDAY + timedelta(days=180))
    assert clock.now() == MONDAY + timedelta(days=180)


def test_it_speaks_utc_whatever_it_is_given() -> None:
    berlin = timezone(timedelta(hours=1))
    clock = VirtualClock(datetime(2026, 3, 2, 10, tzinfo=berlin))
    assert (clock.now(), clock.now().tzinfo) == (MONDAY, UTC)


@pytest.mark.parametrize("instant", [MONDAY - timedelta(microseconds=1), datetime(2027, 1, 1)])  # noqa: DTZ001
def test_it_goes_neither_back_nor_to_a_time_without_zone(instant: datetime) -> None:
    with pytest.raises(ValueError, match=r"go back|no time zone"):
        VirtualClock(MONDAY).advance_to(instant)
