"""Dates, times and amounts in words: small tables for English, German, French, Danish and Russian.

Only what an email needs; any other language is written as English. No system locale is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

Style = Literal["short", "long", "full"]
STYLES: Final = ("short", "long", "full")


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language writes dates and numbers. The patterns are `str.format` patterns of our own."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    weekdays: tuple[str, ...]
    long: str
    full: str
    short: str
    clock: str
    both: str
    group: str
    point: str
    amount: str


_EN = Tongue(
    months=(
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    short_months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    long="{day} {month} {year}",
    full="{weekday}, {day} {month} {year}",
    short="{day} {short} {year}",
    clock="{hour:02}:{minute:02}",
    both="{date}, {time}",
    group=",",
    point=".",
    amount="{symbol}{number}",
)
_DE = Tongue(
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
        *("August", "September", "Oktober", "November", "Dezember"),
    ),
    short_months=(
        *("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni"),
        *("Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    ),
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    long="{day}. {month} {year}",
    full="{weekday}, {day}. {month} {year}",
    short="{day:02}.{number:02}.{year}",
    clock="{hour:02}:{minute:02}",
    both="{date}, {time} Uhr",
    group=".",
    point=",",
    amount="{number}\N{NO-BREAK SPACE}{symbol}",
)
_FR = Tongue(
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
        *("août", "septembre", "octobre", "novembre", "décembre"),
    ),
    short_months=(
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    long="{first} {month} {year}",
    full="{weekday} {first} {month} {year}",
    short="{day:02}/{number:02}/{year}",
    clock="{hour:02}:{minute:02}",
    both="{date} à {time}",
    group="\N{NARROW NO-BREAK SPACE}",
    point=",",
    amount="{number}\N{NO-BREAK SPACE}{symbol}",
)
_DA = Tongue(
    months=(
        *("januar", "februar", "marts", "april", "maj", "juni", "juli"),
        *("august", "september", "oktober", "november", "december"),
    ),
    short_months=(
        *("jan.", "feb.", "mar.", "apr.", "maj", "jun."),
        *("jul.", "aug.", "sep.", "okt.", "nov.", "dec."),
    ),
    weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    long="{day}. {month} {year}",
    full="{weekday} den {day}. {month} {year}",
    short="{day:02}.{number:02}.{year}",
    clock="{hour:02}.{minute:02}",
    both="{date} kl. {time}",
    group=".",
    point=",",
    amount="{number}\N{NO-BREAK SPACE}{symbol}",
)
_RU = Tongue(
    months=(
        *("января", "февраля", "марта", "апреля", "мая", "июня", "июля"),
        *("августа", "сентября", "октября", "ноября", "декабря"),
    ),
    short_months=(
        *("янв.", "февр.", "марта", "апр.", "мая", "июня"),
        *("июля", "авг.", "сент.", "окт.", "нояб.", "дек."),
    ),
    weekdays=("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    long="{day} {month} {year}\N{NO-BREAK SPACE}г.",
    full="{weekday}, {day} {month} {year}\N{NO-BREAK SPACE}г.",
    short="{day:02}.{number:02}.{year}",
    clock="{hour:02}:{minute:02}",
    both="{date}, {time}",
    group="\N{NO-BREAK SPACE}",
    point=",",
    amount="{number}\N{NO-BREAK SPACE}{symbol}",
)
TONGUES: Final = {"en": _EN, "de": _DE, "fr": _FR, "da": _DA, "ru": _RU}
LANGUAGES: Final = tuple(TONGUES)
_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "DKK": "kr.", "RUB": "₽", "CHF": "CHF"}


def base_language(tag: str | None) -> str:
    """The language of a BCP 47 tag if we write it (`de-AT` → `de`), else `en`."""
    base = (tag or "").replace("_", "-").partition("-")[0].lower()
    return base if base in TONGUES else "en"


def write_date(day: date, language: str, style: Style = "long") -> str:
    """A day: `3. März 2026` (long), `Dienstag, 3. März 2026` (full), `03.03.2026` (short)."""
    tongue = TONGUES[base_language(language)]
    pattern = {"long": tongue.long, "full": tongue.full, "short": tongue.short}[style]
    return pattern.format(
        day=day.day,
        first="1er" if day.day == 1 else day.day,
        number=day.month,
        month=tongue.months[day.month - 1],
        short=tongue.short_months[day.month - 1],
        year=day.year,
        weekday=tongue.weekdays[day.weekday()],
    )


def write_time(moment: datetime, language: str) -> str:
    """The clock time of a moment as it stands, `09:30`."""
    return TONGUES[base_language(language)].clock.format(hour=moment.hour, minute=moment.minute)


def write_datetime(moment: datetime, language: str, style: Style = "long") -> str:
    """Day and clock time of a moment as it stands, `3. März 2026, 09:30 Uhr`."""
    tongue = TONGUES[base_language(language)]
    return tongue.both.format(date=write_date(moment, language, style), time=write_time(moment, language))


def write_number(amount: Decimal, language: str, places: int | None = None) -> str:
    """A number with the language's separators. Without `places`: none for a whole number, else two."""
    tongue = TONGUES[base_language(language)]
    if places is None:
        places = 0 if amount == amount.to_integral_value() else 2
    plain = f"{amount:,.{places}f}"
    return plain.translate({ord(","): tongue.group, ord("."): tongue.point})


def write_money(amount: Decimal, currency: str, language: str) -> str:
    """An amount with its currency: `€1,200`, `1.200 €`. `currency` is an ISO 4217 code."""
    code = currency.upper()
    symbol = _SYMBOLS.get(code, code)
    number = write_number(abs(amount), language)
    tongue = TONGUES[base_language(language)]
    if tongue is _EN and len(symbol) > 1:
        written = f"{symbol}\N{NO-BREAK SPACE}{number}"
    else:
        written = tongue.amount.format(number=number, symbol=symbol)
    return f"-{written}" if amount < 0 else written
