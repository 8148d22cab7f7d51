from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from nurture.mail.headers import Mailbox
from nurture.mail.invite import Invitation, read_invitation, write_invitation
from nurture.mail.problems import TemplateFault
from nurture.mail.words import clean

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
ANNA = Mailbox("anna@example.com", 'Anna "A" Müller; Sales, North')


def written(invitation: Invitation, **changes: Any) -> Calendar:
    usual: dict[str, Any] = {
        "uid": "7@example.com",
        "organizer": ANNA,
        "attendee": Mailbox("ada@example.org"),
        "now": NOW,
    }
    raw = write_invitation(invitation, **{**usual, **changes})
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    calendar = Calendar.from_ical(raw)
    assert isinstance(calendar, Calendar)
    return calendar


def test_an_invitation_says_when_in_local_time() -> None:
    made = read_invitation(
        {"title": "Talk; a, b", "starts": "2026-07-01T10:00:00Z", "duration": "45 minutes"}, "Europe/Berlin"
    )
    assert made.ends - made.starts == timedelta(minutes=45)
    calendar = written(made)
    assert calendar["method"] == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == "Talk; a, b"
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert event.decoded("dtstart") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert event["uid"] == "7@example.com"
    assert event["organizer"] == "mailto:anna@example.com"
    assert len(calendar.walk("VTIMEZONE")) == 1


@pytest.mark.parametrize(
    ("values", "minutes"),
    [
        ({"starts": "2026-07-01T10:00:00Z"}, 60),
        ({"starts": "2026-07-01T10:00:00Z", "duration": "2 hours"}, 120),
        ({"starts": "2026-07-01T10:00:00Z", "duration": "90m"}, 90),
        ({"starts": datetime(2026, 7, 1, 10, tzinfo=UTC), "ends": "2026-07-01T10:30:00Z"}, 30),
    ],
)
def test_how_long_it_lasts(values: dict[str, Any], minutes: int) -> None:
    made = read_invitation({"title": "x", **values})
    assert made.ends - made.starts == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "values",
    [
        {"title": "x"},
        {"title": "x", "starts": None},
        {"title": "x", "starts": "soon"},
        {"title": "", "starts": "2026-07-01T10:00:00Z"},
        {"title": "x", "starts": "2026-07-01T10:00:00Z", "duration": "a while"},
        {"title": "x", "starts": "2026-07-01T10:00:00Z", "ends": "2026-07-01T09:00:00Z"},
    ],
)
def test_an_invitation_that_makes_no_sense_is_a_fault(values: dict[str, Any]) -> None:
    with pytest.raises(TemplateFault):
        read_invitation(values)


@given(st.text(max_size=120))
def test_no_words_break_out_of_their_line(text: str) -> None:
    start = datetime(2026, 7, 1, 10, tzinfo=UTC)
    made = Invitation(
        title="x" + text, starts=start, ends=start + timedelta(hours=1), location=text, description=text
    )
    calendar = written(
        made, attendee=Mailbox("ada@example.org", text), organizer=Mailbox("anna@example.com", text)
    )
    (event,) = calendar.walk("VEVENT")
    assert set(event) <= {
        *("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION"),
        *("ORGANIZER", "ATTENDEE"),
    }
    assert event["summary"] == clean("x" + text)
