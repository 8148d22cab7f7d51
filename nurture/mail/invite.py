"""A calendar invitation to send along (RFC 5545, RFC 5546 §3.2.2): METHOD:REQUEST, a UID that stays, local times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from nurture.mail.filters import as_moment, is_missing
from nurture.mail.headers import Mailbox, wire_address
from nurture.mail.problems import TemplateFault
from nurture.mail.texts import zone_named
from nurture.mail.words import clean

if TYPE_CHECKING:
    from icalendar import vCalAddress

_DURATION: Final = re.compile(r"(\d{1,4})\s*(m|min|minutes?|h|hours?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What is invited to. `starts` and `ends` have a zone; shown in the calendar in that zone."""

    title: str
    starts: datetime
    ends: datetime
    location: str = ""
    description: str = ""
    url: str = ""


def read_invitation(values: Mapping[str, Any], zone: str | None = None) -> Invitation:
    """The invitation a template's front matter means, from `Rendered.invite`; times are told in `zone` (IANA name).

    Without an end it lasts an hour. Raises TemplateFault for a time that is missing, cannot be read, or ends too early.
    """
    told_in = zone_named(zone)
    starts = _moment(values.get("starts"), told_in)
    if not is_missing(values.get("ends")):
        ends = _moment(values.get("ends"), told_in)
    else:
        ends = starts + _duration(values.get("duration"))
    if ends <= starts:
        raise TemplateFault("The invitation ends before it starts.")
    words = {key: _words(values.get(key)) for key in ("title", "location", "description", "url")}
    if not words["title"]:
        raise TemplateFault("The invitation has no title.")
    return Invitation(starts=starts, ends=ends, **words)


def write_invitation(
    invitation: Invitation,
    *,
    uid: str,
    organizer: Mailbox,
    attendee: Mailbox,
    now: datetime,
    sequence: int = 0,
) -> bytes:
    """The iCalendar file, CRLF line ends. `uid` stays the same for ever; `sequence` grows with each change.

    `organizer` must be an address whose replies we read.
    """
    # Imported here: it takes longer to import than the rest of nurture.mail, and few mails invite.
    from icalendar import Calendar, Event, vText

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", sequence)
    event.add("dtstart", invitation.starts)
    event.add("dtend", invitation.ends)
    event.add("summary", vText(clean(invitation.title)))
    if invitation.location:
        event.add("location", vText(clean(invitation.location)))
    if invitation.description:
        event.add("description", vText(_lines(invitation.description)))
    if invitation.url:
        event.add("url", clean(invitation.url, 2000))
    event.add("organizer", _address(organizer), encode=False)
    guest = _address(attendee)
    guest.params.update({"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "ROLE": "REQ-PARTICIPANT"})
    event.add("attendee", guest, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//nurture//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    year = invitation.starts.year
    calendar.add_missing_timezones(first_date=date(year, 1, 1), last_date=date(year + 1, 1, 1))
    return bytes(calendar.to_ical())


def _moment(value: object, zone: tzinfo) -> datetime:
    if is_missing(value) or value == "":
        raise TemplateFault("The invitation has no time.")
    return as_moment(value, zone).replace(second=0, microsecond=0)


def _duration(value: object) -> timedelta:
    if is_missing(value) or value == "":
        return timedelta(hours=1)
    found = _DURATION.fullmatch(str(value).strip())
    if found is None or int(found[1]) == 0:
        raise TemplateFault(f"“{value}” is not how long an invitation lasts.", "45 minutes")
    number = int(found[1])
    return timedelta(minutes=number) if found[2].lower().startswith("m") else timedelta(hours=number)


def _words(value: object) -> str:
    return "" if is_missing(value) else str(value).strip()


def _lines(text: str) -> str:
    return "\n".join(clean(line, 2000) for line in text.splitlines())


def _address(mailbox: Mailbox) -> vCalAddress:
    from icalendar import vCalAddress, vText

    address = vCalAddress(f"mailto:{wire_address(mailbox.address)}")
    name = clean(mailbox.name, 120).replace('"', "'").replace("\\", "")
    if name:
        address.params["CN"] = vText(name)
    return address
