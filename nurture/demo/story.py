"""The cast of the demo: who they are, and what each of them does and when, read from `cast/*.yaml`.

A person is a mapping with the fields of a lead, and:

- `program`: how their mails look (`gmail`, `outlook`, `apple`, `html`, `windows-1251`), `signature` what stands below
- `on_the_phone`: what comes of it when a colleague's task is to call them
- `really`: their address, where the one they typed is a slip
- `does`: a list; each entry says `when`, one verb of `Verb` with its value, and what else that verb needs

`when` is `day 3 14:05` (day 1 is the story's first; the person's own clock) or `TRIGGER + DURATION`, a trigger being an
email they got (its template's name) or a stage they came to (`stage mql`). A `writes` says what the person means, so
that the demo can tell whether they were understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from nurture.core.countries import language_of
from nurture.core.duration import Duration, add, parse_duration
from nurture.core.errors import NurtureError
from nurture.core.place import Place
from nurture.core.words import Word

FIRST_DAY: Final = date(2026, 11, 2)
"""A Monday; a hundred and twenty days later it is the first of March, with Christmas and New Year in between."""

WEBINAR: Final = "What a pump really costs in ten years"
_WEBINAR_DAYS: Final = (
    date(2026, 11, 6),
    date(2026, 11, 12),
    date(2026, 11, 19),
    date(2026, 12, 3),
    date(2027, 1, 14),
    date(2027, 2, 16),
    date(2027, 4, 13),
)
_BERLIN: Final = ZoneInfo("Europe/Berlin")
_FIELDS: Final = (
    *("name", "email", "company", "country", "language", "timezone", "position", "company_size"),
    *("application", "pumps", "phone"),
)
_FULL_LINE: Final = 74
"""A line of the files that is longer goes on in the next one."""
_DAY = re.compile(r"day (\d+) (\d\d):(\d\d)")


class Verb(Word):
    """What people of the cast do."""

    DOWNLOADS = "downloads", "Fills in the form for a report."
    REGISTERS = (
        "registers",
        "Registers for the webinar of that day; `stays` so many minutes, 0 for not coming.",
    )
    RECOMMENDED = "recommended_by", "Fills in the form for people a customer sent."
    ASKS_FOR_A_CALL = "asks_for_a_call", "Leaves a telephone number to be called on."
    CLICKS = "clicks", "Follows a link of the email it comes after, counted from 1."
    LOOKS_AT = "looks_at", "Opens a page of our website."
    WRITES = "writes", "Answers the email it comes after; the value is what they mean."
    IS_AWAY_UNTIL = "is_away_until", "Their mail program answers by itself that they are away."
    ANSWERS = "answers", "Fills in a questionnaire an email links to."
    UNSUBSCRIBES = "unsubscribes", "Presses the unsubscribe button of their mail program."
    COMPLAINS = "complains", "Presses the spam button; their mailbox provider tells us."
    COMES_BACK = "comes_back", "The server that took the mail finds no such mailbox and returns it."
    PASSES_ON_TO = "passes_on_to", "Forwards the email to a colleague and lets us know."
    SALES = "sales", "Not they but our colleague: the talk made them `qualified`, the deal was `won`."


@dataclass(frozen=True, slots=True)
class Meant:
    """What the writer of a reply means: the words of interfaces.md."""

    intent: str
    reason: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is done: at a clock time of a day, or so long after a trigger."""

    day: int = 0
    clock: int = 0
    trigger: str | None = None
    delay: Duration = field(default_factory=Duration)


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing a person does. `details` are what is filled in, `text` what is written."""

    when: Moment
    verb: Verb
    value: str
    text: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def meant(self) -> Meant | None:
        """What a reply means; None for everything that is no reply of a person."""
        if self.verb is not Verb.WRITES:
            return None
        until = self.details.get("until")
        return Meant(self.value, self.details.get("reason"), date.fromisoformat(until) if until else None)


@dataclass(frozen=True, slots=True)
class Actor:
    """One of the cast. `fields` are the lead's; `language` is what they write in."""

    name: str
    email: str
    country: str
    language: str
    program: str
    signature: str
    on_the_phone: str | None
    really: str | None
    fields: Mapping[str, str]
    does: tuple[Doing, ...]

    @property
    def first_name(self) -> str:
        """What a form calls the first name."""
        return self.name.split()[0]

    @property
    def last_name(self) -> str:
        """What a form calls the last name."""
        return self.name.split()[-1]


def load_cast() -> tuple[Actor, ...]:
    """Everybody, by language and in the order of the files."""
    folder = Path(__file__).with_name("cast")
    people: list[Actor] = []
    for path in sorted(folder.glob("*.yaml")):
        # The base loader leaves every scalar the text it is.
        entries = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        people += [_actor(entry) for entry in entries]
    return tuple(people)


def first_deeds(actor: Actor, place: Place, first_day: date = FIRST_DAY) -> list[tuple[datetime, Doing]]:
    """What the person does of their own accord, with the instants (UTC)."""
    found = []
    for doing in actor.does:
        if doing.when.trigger is None:
            day = first_day + timedelta(days=doing.when.day - 1)
            found.append((place.instant(day.toordinal(), doing.when.clock), doing))
    return found


def reactions_to(actor: Actor, trigger: str, at: datetime, place: Place) -> list[tuple[datetime, Doing]]:
    """What the person does on an email they got (its template's name) or a stage they came to (`stage mql`)."""
    return [
        (add(doing.when.delay, at, place), doing) for doing in actor.does if doing.when.trigger == trigger
    ]


def webinars() -> tuple[datetime, ...]:
    """When the webinars of the demo's project begin, in the company's zone."""
    return tuple(datetime(day.year, day.month, day.day, 10, tzinfo=_BERLIN) for day in _WEBINAR_DAYS)


def webinar_on(day: str) -> datetime:
    """The webinar of that day. Raises NurtureError where there is none."""
    for starts in webinars():
        if starts.date() == date.fromisoformat(day):
            return starts
    raise NurtureError(f"there is no webinar on {day}")


# -- reading ------------------------------------------------------------------------------------------------------


def _actor(entry: Mapping[str, Any]) -> Actor:
    fields = {name: str(entry[name]) for name in _FIELDS if name in entry}
    country = fields["country"]
    return Actor(
        name=fields["name"],
        email=fields["email"],
        country=country,
        language=fields.get("language") or _written_in(country),
        program=str(entry["program"]),
        signature=str(entry.get("signature") or "").rstrip(),
        on_the_phone=entry.get("on_the_phone"),
        really=entry.get("really"),
        fields=fields,
        does=tuple(_doing(one) for one in entry["does"]),
    )


def _written_in(country: str) -> str:
    """People of countries whose language the project has no texts in write English."""
    found = language_of(country) or "en"
    return found if found in ("de", "fr", "da", "ru") else "en"


def _doing(entry: Mapping[str, Any]) -> Doing:
    verb = _only(verb for verb in Verb if verb.value in entry)
    filled = entry.get("with") or {}
    extra = {name: entry[name] for name in ("reason", "until", "stays") if name in entry}
    return Doing(
        when=_moment(str(entry["when"])),
        verb=verb,
        value=str(entry[verb.value]),
        text=_unwrapped(str(entry.get("text") or "")),
        details={str(name): str(value) for name, value in {**filled, **extra}.items()},
    )


def _unwrapped(text: str) -> str:
    """Paragraphs as people type them: the lines of the file are wrapped for its readers."""
    whole = ""
    for line in text.splitlines():
        last = whole.rpartition("\n")[2]
        full = len(line) > 0 and last != "" and len(last) > _FULL_LINE
        whole += f" {line}" if full else f"\n{line}"
    return whole.strip("\n") + "\n" if whole.strip() else ""


def _moment(text: str) -> Moment:
    found = _DAY.fullmatch(text)
    if found is not None:
        day, hour, minute = (int(part) for part in found.groups())
        return Moment(day=day, clock=hour * 60 + minute)
    trigger, _, delay = text.partition(" + ")
    return Moment(trigger=trigger, delay=parse_duration(delay))


def _only(verbs: Iterable[Verb]) -> Verb:
    (verb,) = verbs
    return verb
