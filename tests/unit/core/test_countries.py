from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from nurture.core.countries import COUNTRIES, language_of, name_of, normalise_country, zone_of
from nurture.core.place import zone_named


def test_every_country_has_a_real_zone_and_a_language() -> None:
    assert len(COUNTRIES) == 249
    assert [code for code, row in COUNTRIES.items() if zone_named(row.zone) is None] == []
    assert {row.zone for row in COUNTRIES.values()} <= available_timezones()
    assert all(code.isupper() and len(code) == 2 for code in COUNTRIES)
    assert all(row.language.split("-")[0].islower() and row.name for row in COUNTRIES.values())


@pytest.mark.parametrize(
    ("code", "zone", "language", "name"),
    [
        ("DE", "Europe/Berlin", "de", "Germany"),
        ("DK", "Europe/Copenhagen", "da", "Denmark"),
        ("RU", "Europe/Moscow", "ru", "Russia"),
        ("US", "America/New_York", "en", "United States"),
        ("BR", "America/Sao_Paulo", "pt-BR", "Brazil"),
        ("XX", None, None, None),
        ("de", None, None, None),
    ],
)
def test_rows(code: str, zone: str | None, language: str | None, name: str | None) -> None:
    assert (zone_of(code), language_of(code), name_of(code)) == (zone, language, name)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"), ("de", "DE"), (" Germany ", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("Tyskland", "DE"),
        ("Германия", "DE"), ("ГЕРМАНИЯ", "DE"), ("UK", "GB"), ("U.K.", "GB"), ("England", "GB"), ("Großbritannien", "GB"),
        ("Royaume-Uni", "GB"), ("usa", "US"), ("U.S.A.", "US"), ("États-Unis", "US"), ("etats unis", "US"), ("США", "US"),
        ("Österreich", "AT"), ("Osterreich", "AT"), ("Schweiz", "CH"), ("Suisse", "CH"), ("Danmark", "DK"), ("Россия", "RU"),
        ("Russland", "RU"), ("Tchéquie", "CZ"), ("the Netherlands", "NL"), ("Côte d'Ivoire", None), ("Ivory Coast", "CI"),
        ("Norge", "NO"), ("NO", "NO"), ("Atlantis", None), ("", None), ("XX", None), ("Україна", "UA"), ("Korea, Republic of", "KR"),
    ],
)  # fmt: skip
def test_what_people_type(text: str, code: str | None) -> None:
    assert normalise_country(text) == code


def test_every_english_name_is_understood() -> None:
    assert {code: normalise_country(row.name) for code, row in COUNTRIES.items()} == {
        code: code for code in COUNTRIES
    }
