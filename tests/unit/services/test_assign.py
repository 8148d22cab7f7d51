"""Who becomes responsible for a lead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nurture.config import load_config
from nurture.core.person import Person
from nurture.services.assign import Assigner
from tests.unit.core.small import LONDON

TEAM = """\
company: { timezone: Europe/Berlin }
team:
  - { email: ada@us.example, name: Ada, languages: [en], experience: 9, capacity: 100 }
  - { email: bo@us.example, name: Bo, languages: [da], regions: [DK], capacity: 10 }
  - { email: cy@us.example, name: Cy, languages: [en], skills: [pumps] }
"""
NOON = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)


def chosen(
    config: str, at: datetime = NOON, loads: dict[str, int] | None = None, number: int = 1, **fields: Any
) -> str | None:
    settings, problems = load_config(config, "config.yaml", {})
    assert settings is not None, problems
    person = Person(seed="x", place=LONDON, id=number, fields=fields)
    found = Assigner(settings).choose(person, loads or {}, at)
    return found.split("@")[0] if found else None


@pytest.mark.parametrize(
    ("rules", "fields", "who"),
    [
        ("[{ if: lead.country == 'DK', to: region }]", {"country": "DK"}, "bo"),
        ("[{ if: lead.country == 'DK', to: region }]", {"country": "SE"}, "ada"),
        ("[{ if: known(lead.language), to: language }]", {"language": "da-DK"}, "bo"),
        ("[{ if: known(lead.country), to: experienced }]", {"country": "DK"}, "ada"),
        ("[{ if: known(lead.country), to: 'skill:pumps' }]", {"country": "DK"}, "cy"),
        ("[{ if: known(lead.country), to: [bo@us.example, cy@us.example] }]", {"country": "DK"}, "bo"),
    ],
)
def test_the_first_rule_that_holds(rules: str, fields: dict[str, Any], who: str) -> None:
    assert chosen(f"{TEAM}assignment: {{ rules: {rules} }}\n", **fields) == who


def test_fewest_in_proportion_to_what_they_can_have() -> None:
    assert chosen(TEAM, loads={"ada@us.example": 20, "bo@us.example": 1, "cy@us.example": 30}) == "bo"
    assert chosen(TEAM, loads={"ada@us.example": 20, "bo@us.example": 10, "cy@us.example": 30}) == "ada"


def test_in_turn() -> None:
    config = TEAM + "assignment: { otherwise: rotate }\n"
    found = [chosen(config, number=number, loads={"ada@us.example": 50}) for number in range(6)]
    assert found == ["ada", "bo", "cy"] * 2


AWAY = TEAM.replace("languages: [da],", "languages: [da], away: [2026-12-24 .. 2027-01-02, 2027-03-01],")


@pytest.mark.parametrize(
    ("at", "who"),
    [
        (datetime(2026, 12, 23, 22, 59, tzinfo=UTC), "bo"),
        (datetime(2026, 12, 23, 23, 0, tzinfo=UTC), "ada"),  # it is the 24th where they are
        (datetime(2027, 1, 2, 12, 0, tzinfo=UTC), "ada"),
        (datetime(2027, 1, 3, 12, 0, tzinfo=UTC), "bo"),
        (datetime(2027, 3, 1, 12, 0, tzinfo=UTC), "ada"),
    ],
)
def test_who_is_away_gets_nobody(at: datetime, who: str) -> None:
    rules = "assignment: { rules: [{ if: lead.country == 'DK', to: region }] }\n"
    assert chosen(AWAY + rules, at, country="DK") == who


def test_a_zone_of_their_own() -> None:
    away = (
        AWAY.replace("name: Bo,", "name: Bo, timezone: Asia/Tokyo,")
        + "assignment: { otherwise: bo@us.example }\n"
    )
    assert chosen(away, datetime(2026, 12, 23, 15, 0, tzinfo=UTC)) == "ada"
    assert chosen(away, datetime(2026, 12, 23, 14, 59, tzinfo=UTC)) == "bo"


def test_when_all_are_away_somebody_is_responsible_still() -> None:
    everybody = TEAM.replace("name:", "away: 2026-12-24, name:")
    assert chosen(everybody) == "ada"
    assert chosen("") is None
