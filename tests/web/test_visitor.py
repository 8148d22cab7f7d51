"""Who visits and what they typed: addresses, machines, sources, limits, and each kind of answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from nurture.core.holiday_book import HolidayBook
from nurture.core.place import Place
from nurture.web.inputs import Ask, Wrong, as_kind, read_answer
from nurture.web.limits import Bursts, Counter
from nurture.web.visit import address_of, host_of, network_of
from tests.web.books import NOW

BERLIN = Place(ZoneInfo("Europe/Berlin"), "DE", HolidayBook())
CHOICES = (("a", "A"), ("b", "B"))


def request_from(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    client = (peer, 1) if peer else None
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", ("203.0.113.9",), (), "192.0.2.1"),
        ("192.0.2.1", ("203.0.113.9",), ("192.0.2.1",), "203.0.113.9"),
        ("192.0.2.1", ("6.6.6.6, 203.0.113.9",), ("192.0.2.0/24",), "203.0.113.9"),
        ("192.0.2.1", ("203.0.113.9, 192.0.2.2",), ("192.0.2.0/24",), "203.0.113.9"),
        ("192.0.2.1", ("6.6.6.6", "203.0.113.9"), ("192.0.2.1",), "203.0.113.9"),
        ("192.0.2.1", ("nonsense",), ("192.0.2.1",), "192.0.2.1"),
        ("192.0.2.1", (), ("192.0.2.1",), "192.0.2.1"),
        ("::1", ("2001:db8::5",), ("::1",), "2001:db8::5"),
        (None, ("203.0.113.9",), ("192.0.2.1",), None),
    ],
)
def test_an_address_is_believed_only_from_a_named_proxy(
    peer: str | None, forwarded: tuple[str, ...], trusted: tuple[str, ...], address: str | None
) -> None:
    assert address_of(request_from(peer, *forwarded), trusted) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("testclient", None),
        (None, None),
    ],
)
def test_who_is_counted_together(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Google.de/search?q=1", "google.de"),
        ("blog.example", "blog.example"),
        ("https://[broken", ""),
        ("", ""),
        ("javascript:alert(1)", "javascript"),
    ],
)
def test_the_host_of_the_page_before(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_counter_forgets() -> None:
    counter, hour = Counter(), timedelta(hours=1)
    assert [counter.take("a", 2, hour, NOW) for _ in range(3)] == [True, True, False]
    assert counter.take("b", 2, hour, NOW)
    assert counter.take("a", 2, hour, NOW + hour)
    assert not Counter().take("a", 0, hour, NOW)


def test_a_counter_stays_small() -> None:
    counter = Counter(most_keys=2)
    for key in ("a", "b", "c"):
        counter.take(key, 1, timedelta(hours=1), NOW)
    assert counter.take("a", 1, timedelta(hours=1), NOW), "the one not seen longest was forgotten"
    assert not counter.take("c", 1, timedelta(hours=1), NOW)


def test_a_burst_of_links() -> None:
    bursts = Bursts(most_keys=2)
    assert [bursts.too_fast(1, link, NOW) for link in ("a", "b", "b", "c", "d")] == [False] * 4 + [True]
    assert not bursts.too_fast(1, "e", NOW + timedelta(seconds=3))
    assert not bursts.too_fast(2, "a", NOW)
    assert not bursts.too_fast(3, "a", NOW)


@pytest.mark.parametrize(
    ("ask", "typed", "value"),
    [
        (Ask("interest", "text", "X"), "  two   words\t", "two words"),
        (Ask("interest", "text", "X"), "   ", None),
        (Ask("interest", "long", "X"), "one \r\n\r\ntwo\x00 ", "one\n\ntwo"),
        (Ask("email", "email", "X"), " Ada@Example.org ", "Ada@example.org"),
        (Ask("email", "email", "X"), "mailto:ada@example.org", "ada@example.org"),
        (Ask("phone", "phone", "X"), "+49  30 12345", "+49 30 12345"),
        (Ask("n", "number", "X"), "1 250,5", 1250.5),
        (Ask("n", "number", "X"), "-3", -3),
        (Ask("n", "number", "X", least=1, most=5), "5", 5),
        (Ask("c", "choice", "X", choices=CHOICES), "b", "b"),
        (Ask("t", "checkbox", "X"), "on", True),
        (Ask("t", "checkbox", "X"), "", False),
        (Ask("d", "date", "X"), "2026-03-01", date(2026, 3, 1)),
        (Ask("d", "date", "X", future=True), "2026-03-03", date(2026, 3, 3)),
        (Ask("w", "time", "X"), "2026-07-01T10:00", datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),
        (Ask("w", "time", "X"), "2026-07-01T10:00+05:00", datetime(2026, 7, 1, 5, 0, tzinfo=UTC)),
        (Ask("country", "text", "X"), "Россия", "RU"),
        (Ask("country", "text", "X"), "dk", "DK"),
        (Ask("website", "text", "X"), "https://lund.example/a", "https://lund.example/a"),
        (Ask("name", "text", "X"), "Dr. Ada von und zu Lund-O'Neill", "Dr. Ada von und zu Lund-O'Neill"),
    ],
)
def test_what_was_typed_becomes(ask: Ask, typed: str, value: Any) -> None:
    assert read_answer(ask, typed, BERLIN, NOW) == value


@pytest.mark.parametrize(
    ("ask", "typed", "key"),
    [
        (Ask("x", "text", "X", required=True), " \u200b ", "missing"),
        (Ask("x", "text", "X"), "x" * 201, "too_long"),
        (Ask("x", "long", "X"), "x" * 5001, "too_long"),
        (Ask("t", "checkbox", "X", required=True), "off", "tick"),
        (Ask("n", "number", "X"), "1,2,3", "bad_number"),
        (Ask("n", "number", "X"), "1e9", "bad_number"),
        (Ask("n", "number", "X", least=1), "0", "out_of_range"),
        (Ask("n", "number", "X", most=5), "5.5", "out_of_range"),
        (Ask("c", "choice", "X", choices=CHOICES), "A", "bad_choice"),
        (Ask("d", "date", "X"), "2026-02-30", "bad_date"),
        (Ask("d", "date", "X", future=True), "2026-03-02", "past_date"),
        (Ask("w", "time", "X"), "10:00", "bad_time"),
        (Ask("name", "text", "X"), "see www.casino.example", "bad_name"),
        (Ask("email", "email", "X"), "ada@example.org, bo@example.org", "bad_email"),
        (Ask("email", "email", "X"), "ada\n@example.org", "bad_email"),
    ],
)
def test_what_cannot_be_taken(ask: Ask, typed: str, key: str) -> None:
    with pytest.raises(Wrong) as wrong:
        read_answer(ask, typed, BERLIN, NOW)
    assert wrong.value.key == key


@given(
    st.sampled_from(["text", "email", "phone", "number", "choice", "checkbox", "date", "time", "long"]),
    st.text(max_size=300),
)
def test_anything_typed_is_a_value_or_a_sentence(kind: Any, typed: str) -> None:
    try:
        value = read_answer(Ask("x", kind, "X", choices=CHOICES), typed, BERLIN, NOW)
    except Wrong:
        return
    if isinstance(value, str):
        assert value.encode("utf-8")
        assert "\x00" not in value


@pytest.mark.parametrize(
    ("value", "kind", "made"),
    [
        ("12", "number", 12),
        ("twelve", "number", "twelve"),
        ("2026-07-01T10:00", "time", datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),
        ("soon", "time", "soon"),
        ("yes", "boolean", True),
        ("off", "boolean", False),
        ("maybe", "boolean", "maybe"),
        ("a, b", "list", ["a", "b"]),
        ("12", "text", "12"),
        (3.5, "text", 3.5),
    ],
)
def test_a_constant_becomes_what_is_declared(value: Any, kind: str, made: Any) -> None:
    assert as_kind(value, kind, BERLIN) == made
