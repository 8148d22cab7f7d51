from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from nurture.mail.dates import (
    LANGUAGES,
    TONGUES,
    base_language,
    write_date,
    write_datetime,
    write_money,
    write_number,
)

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("language", "long", "full", "short", "both"),
    [
        ("en", "1 March 2026", "Sunday, 1 March 2026", "1 Mar 2026", "1 March 2026, 09:05"),
        ("de", "1. März 2026", "Sonntag, 1. März 2026", "01.03.2026", "1. März 2026, 09:05 Uhr"),
        ("fr", "1er mars 2026", "dimanche 1er mars 2026", "01/03/2026", "1er mars 2026 à 09:05"),
        ("da", "1. marts 2026", "søndag den 1. marts 2026", "01.03.2026", "1. marts 2026 kl. 09.05"),
        ("ru", "1 марта 2026 г.", "воскресенье, 1 марта 2026 г.", "01.03.2026", "1 марта 2026 г., 09:05"),
    ],
)
def test_dates(language: str, long: str, full: str, short: str, both: str) -> None:
    written = (
        write_date(DAY, language),
        write_date(DAY, language, "full"),
        write_date(DAY, language, "short"),
        write_datetime(datetime(2026, 3, 1, 9, 5), language),  # noqa: DTZ001 (the zone is the caller's)
    )
    assert tuple(text.replace("\xa0", " ") for text in written) == (long, full, short, both)


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("en", "1200", "DKK", "kr. 1,200"),
        ("de", "1234.5", "EUR", "1.234,50 €"),
        ("fr", "1200", "eur", "1 200 €"),
        ("da", "1200", "DKK", "1.200 kr."),
        ("ru", "-1200.25", "RUB", "-1 200,25 ₽"),
        ("en", "5", "SEK", "SEK 5"),
    ],
)
def test_amounts(language: str, amount: str, currency: str, written: str) -> None:
    made = write_money(Decimal(amount), currency, language)
    assert made.replace("\xa0", " ").replace("\u202f", " ") == written


def test_numbers() -> None:
    assert write_number(Decimal("1234567.891"), "de", 1) == "1.234.567,9"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de-AT", "de"), ("DE_at", "de"), ("en", "en"), ("pt-BR", "en"), (None, "en"), ("", "en")],
)
def test_other_languages_are_written_as_english(tag: str | None, language: str) -> None:
    assert base_language(tag) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_whole(language: str) -> None:
    tongue = TONGUES[language]
    assert len(set(tongue.months)) == len(set(tongue.short_months)) == 12
    assert len(set(tongue.weekdays)) == 7
