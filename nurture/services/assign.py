"""Every lead has one responsible person: by rule, region, language, skill, experience or load (row S1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.config import Settings
from nurture.core.facts import Facts
from nurture.core.person import Person
from nurture.language.config_sales import Colleague


@dataclass(frozen=True, slots=True)
class Assigner:
    """Chooses by the project's settings. Pure: the present load is an argument."""

    settings: Settings

    def choose(self, person: Person, loads: Mapping[str, int], now: datetime) -> str | None:
        """The address of who should be responsible; None where there is no team.

        `loads` are the open leads of each colleague. Who is away today, on their own calendar, gets nobody, nor who has
        as many as they can, as long as there is somebody else. The first rule that holds decides, then `otherwise`;
        among several who fit, the one with the fewest open leads in proportion to what they can have.
        """
        team = [one for one in self.settings.team if not self._away(one, now)] or list(self.settings.team)
        here = [one for one in team if _free(one, loads)] or team
        if not here:
            return None
        facts = Facts(person, now)
        for rule, condition in zip(
            self.settings.assignment.rules, self.settings.assignment_conditions, strict=True
        ):
            if condition.holds(facts):
                fitting = [one for word in rule.to for one in _fitting(word, here, person)]
                if fitting:
                    return _least_busy(fitting, loads).email
        otherwise = self.settings.assignment.otherwise
        if otherwise == "rotate":
            return here[person.id % len(here)].email  # Ids are given in turn, and so are colleagues.
        fitting = _fitting(otherwise, here, person) if "@" in otherwise else here
        return _least_busy(fitting or here, loads).email

    def _away(self, one: Colleague, now: datetime) -> bool:
        zone = ZoneInfo(one.timezone) if one.timezone is not None else self.settings.zone
        return any(away.first <= now.astimezone(zone).date() <= away.last for away in one.away)


def _fitting(word: str, team: Sequence[Colleague], person: Person) -> list[Colleague]:
    """The colleagues a word of `to:` means for this lead."""
    if "@" in word:
        return [one for one in team if one.email.lower() == word.lower()]
    if word == "experienced":
        most = max(one.experience for one in team)
        return [one for one in team if one.experience == most]
    if word == "region":
        return [one for one in team if person.fields.get("country") in one.regions]
    if word == "language":
        spoken = str(person.fields.get("language") or "").split("-")[0].lower()
        return [one for one in team if spoken in {tag.split("-")[0].lower() for tag in one.languages}]
    if word.startswith("skill:"):
        return [one for one in team if word.removeprefix("skill:") in one.skills]
    return list(team)


def _free(one: Colleague, loads: Mapping[str, int]) -> bool:
    return one.capacity is None or loads.get(one.email, 0) < one.capacity


def _least_busy(team: Sequence[Colleague], loads: Mapping[str, int]) -> Colleague:
    return min(team, key=lambda one: (loads.get(one.email, 0) / (one.capacity or 100), team.index(one)))
