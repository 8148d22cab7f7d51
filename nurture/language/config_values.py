"""The single values of config.yaml: addresses, zones, countries, texts in several languages, names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import PlainValidator

from nurture.core.countries import COUNTRIES, normalise_country
from nurture.core.duration import Duration, parse_duration
from nurture.core.errors import GrammarError
from nurture.core.limit import Limit, parse_limit
from nurture.core.place import zone_named
from nurture.core.window import Window, parse_window
from nurture.language.scalars import Marks, Misfit, Text, described, one_or_list, parsed

_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+$")
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")
_DOMAIN = re.compile(r"(?!-)[\w-]+(\.[\w-]+)+$")
_EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
_NAME = re.compile(r"[^\W\d]\w*$")
_SLUG = re.compile(r"[^\W_][\w-]*$")
_DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})$")
_SCALAR: dict[str, Any] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class LangText:
    """A text in several languages (BCP 47 tags in small letters), or in one that is not named (`""`)."""

    texts: Mapping[str, str]

    def in_language(self, *tags: str | None) -> str:
        """The text in the first of these languages there is (`de-AT`, then `de`); else the first text."""
        for tag in tags:
            wanted = (tag or "").lower().replace("_", "-")
            for candidate in (wanted, wanted.split("-")[0]):
                if candidate in self.texts:
                    return self.texts[candidate]
        return next(iter(self.texts.values()), "")

    def __str__(self) -> str:
        return self.in_language()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`Name <address>`; the name may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Day:
    """A day of one year, or of every year (`year` None)."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first day to the last, both included."""

    first: date
    last: date


def read_address(text: str) -> str:
    """An email address, plainly written. Raises GrammarError."""
    address = text.strip()
    if not _ADDRESS.match(address):
        raise GrammarError(f"{described(text)} is not an email address", "write name@company.example")
    return address


def read_mailbox(text: str) -> Mailbox:
    """`Name <address>` or an address alone. Raises GrammarError."""
    if found := _MAILBOX.match(text.strip()):
        return Mailbox(found["name"].strip().strip('"').strip(), read_address(found["address"]))
    if "@" in text and " " in text.strip():
        raise GrammarError(f"{described(text)} is not a sender", "write Name <name@company.example>")
    return Mailbox("", read_address(text))


def read_zone(text: str) -> str:
    """An IANA time zone. Raises GrammarError."""
    if zone_named(text.strip()) is None:
        raise GrammarError(f"{described(text)} is not a time zone", "write one like Europe/Berlin or UTC")
    return text.strip()


def read_country(text: str) -> str:
    """An ISO 3166 code of two letters. Raises GrammarError."""
    code = text.strip().upper()
    if code in COUNTRIES:
        return code
    meant = normalise_country(text)
    raise GrammarError(
        f"{described(text)} is not a country code", f"write {meant or 'two letters: DE, FR, GB'}"
    )


def read_language(text: str) -> str:
    """A BCP 47 tag, in small letters. Raises GrammarError."""
    if not _LANGUAGE.match(text.strip()):
        raise GrammarError(f"{described(text)} is not a language", "write its code: de, en-GB")
    return text.strip().lower().replace("_", "-")


def read_url(text: str) -> str:
    """An address on the web, without a slash at the end. Raises GrammarError."""
    url = text.strip()
    if not re.match(r"https?://[^\s/]+", url) or " " in url:
        raise GrammarError(f"{described(text)} is not a web address", "write https://www.company.example")
    return url.rstrip("/")


def read_domain(text: str) -> str:
    """A mail domain, in small letters. Raises GrammarError."""
    if not _DOMAIN.match(text.strip()):
        hint = f"write {text.split('@')[-1]}" if "@" in text else "write company.example"
        raise GrammarError(f"{described(text)} is not a domain", hint)
    return text.strip().lower()


def read_database_url(text: str) -> str:
    """A SQLite file or a PostgreSQL database. Raises GrammarError."""
    if re.match(r"sqlite:///.+|postgres(ql)?(\+\w+)?://.+", text):
        return text
    hint = "write sqlite:///nurture.db or postgresql://user:password@host/database"
    raise GrammarError("This is not a database nurture knows", hint)


def read_event_name(text: str) -> str:
    """A dot name in small letters; whether it exists is checked elsewhere. Raises GrammarError."""
    if not _EVENT.match(text):
        raise GrammarError(
            f"{described(text)} is not an event's name", "write small letters and dots: demo.booked"
        )
    return text


def read_field_name(text: str) -> str:
    """A name conditions and templates can use. Raises GrammarError."""
    if not _NAME.match(text):
        plain = re.sub(r"\W+", "_", text.strip()).strip("_") or "my_field"
        raise GrammarError(f"{described(text)} is not a name: letters, digits and _ only", f"write {plain}")
    return text


def read_slug(text: str) -> str:
    """A name that stands in web addresses. Raises GrammarError."""
    if not _SLUG.match(text):
        raise GrammarError(f"{described(text)} is not a name: letters, digits, - and _ only")
    return text


def read_day(text: str) -> Day:
    """`2026-12-24` or `12-24`. Raises GrammarError."""
    found = _DAY.match(text.strip())
    if found:
        year, month, day = (int(part) if part else None for part in found.groups())
        assert month is not None
        assert day is not None
        try:
            date(year or 2024, month, day)
        except ValueError:
            raise GrammarError(f"there is no {text.strip()}", "months have two digits, then days") from None
        return Day(month, day, year)
    raise GrammarError(f"{described(text)} is not a day", "write 2026-12-24, or 12-24 for every year")


def read_absence(text: str) -> Absence:
    """`2026-12-24 .. 2027-01-02` or one date. Raises GrammarError."""
    try:
        days = [date.fromisoformat(part.strip()) for part in text.split("..")]
    except ValueError:
        days = []
    if not 1 <= len(days) <= 2 or days[0] > days[-1]:
        raise GrammarError(f"{described(text)} is not a time away", "write 2026-12-24 .. 2027-01-02")
    return Absence(days[0], days[-1])


def read_one_limit(text: str) -> Limit:
    """`2 per week`. Raises GrammarError."""
    return parse_limit(text)[0]


def read_keeping(text: str) -> Duration | None:
    """A duration, or `never` (None). Raises GrammarError."""
    return None if text.strip() == "never" else parse_duration(text)


def _lang_text(value: Any) -> LangText:
    if isinstance(value, LangText):
        return value
    if isinstance(value, str):
        return LangText({"": value})
    if isinstance(value, dict) and value:
        for language, text in value.items():
            if not _LANGUAGE.match(language):
                hint = "write its code: de, en-GB"
                message = f"{described(language)} is not a language."
                raise Misfit(message, hint, at=(language,), on_key=True)
            if not isinstance(text, str):
                raise Misfit(f"A text is wanted here, not {described(text)}.", at=(language,))
        return LangText({language.lower().replace("_", "-"): text for language, text in value.items()})
    message = f"A text, or a text for each language, is wanted here, not {described(value)}."
    raise Misfit(message, "write en: … and de: … below the key")


def _several(value: Any) -> list[str]:
    """One text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    for index, one in enumerate(values):
        if not isinstance(one, str):
            at = (index,) if isinstance(value, list) else ()
            raise Misfit(f"A text is wanted here, not {described(one)}.", at=at)
    return values


def _window(value: Any) -> Window:
    return value if isinstance(value, Window) else parse_window(_several(value))


def _limits(value: Any) -> tuple[Limit, ...]:
    return value if isinstance(value, tuple) else parse_limit(_several(value))


_LIST_OR_ONE: dict[str, Any] = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_PER_LANGUAGE: dict[str, Any] = {"type": "object", "additionalProperties": _SCALAR}

Words = Annotated[LangText, Marks(PlainValidator(_lang_text), {"anyOf": [_SCALAR, _PER_LANGUAGE]})]
Address = Annotated[str, parsed(read_address, "an email address", _SCALAR)]
Sender = Annotated[Mailbox, parsed(read_mailbox, "a sender", _SCALAR)]
Zone = Annotated[str, parsed(read_zone, "a time zone", _SCALAR)]
CountryCode = Annotated[str, parsed(read_country, "a country", _SCALAR)]
LanguageTag = Annotated[str, parsed(read_language, "a language", _SCALAR)]
Url = Annotated[str, parsed(read_url, "a web address", _SCALAR)]
Domain = Annotated[str, parsed(read_domain, "a domain", _SCALAR)]
DatabaseUrl = Annotated[str, parsed(read_database_url, "a database", _SCALAR)]
EventName = Annotated[str, parsed(read_event_name, "an event", _SCALAR)]
FieldName = Annotated[str, parsed(read_field_name, "a name", _SCALAR)]
Slug = Annotated[str, parsed(read_slug, "a name", _SCALAR)]
Span = Annotated[Duration, parsed(parse_duration, "a duration", _SCALAR)]
Keeping = Annotated[Duration | None, parsed(read_keeping, "a duration or never", _SCALAR)]
OneLimit = Annotated[Limit, parsed(read_one_limit, "a limit", _SCALAR)]
Limits = Annotated[tuple[Limit, ...], Marks(PlainValidator(_limits), _LIST_OR_ONE)]
Hours = Annotated[Window, Marks(PlainValidator(_window), _LIST_OR_ONE)]
DayOfYear = Annotated[Day, parsed(read_day, "a day", _SCALAR)]
TimeAway = Annotated[Absence, parsed(read_absence, "a time away", _SCALAR)]
Texts = Annotated[tuple[Text, ...], one_or_list()]
Addresses = Annotated[tuple[Address, ...], one_or_list()]
Languages = Annotated[tuple[LanguageTag, ...], one_or_list()]
Countries = Annotated[tuple[CountryCode, ...], one_or_list()]
EventNames = Annotated[tuple[EventName, ...], one_or_list()]
