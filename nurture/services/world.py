"""The world a project's leads live in: its campaigns, rules, places, colleagues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nurture.config import Settings
from nurture.core.countries import language_of as language_of_country
from nurture.core.place import place_of
from nurture.language.config_sales import Colleague
from nurture.services.catalog import Catalog
from nurture.services.project import Project, company_values

OwnerOf = Callable[[str | None], Mapping[str, Any]]


def catalog_of(project: Project) -> Catalog:
    """The world of this project, with its campaigns as they stand in the files."""
    catalog = empty_catalog(project.settings)
    for graph in project.graphs.values():
        catalog.add(graph, current=True)
    return catalog


def empty_catalog(settings: Settings) -> Catalog:
    """The world of these settings, without campaigns."""
    company = settings.company
    book = settings.holiday_book()
    zone = settings.zone
    return Catalog(
        rules=settings.rules(),
        company_place=place_of(company.timezone, company.country, zone, book),
        place_of=lambda fields: place_of(fields.get("timezone"), fields.get("country"), zone, book),
        owner_of=owner_of(settings),
        company=company_values(settings),
    )


def empty_fields(settings: Settings) -> dict[str, Any]:
    """Every field a lead can have, without a value: so that texts may ask for each."""
    return dict.fromkeys(settings.vocabulary().fields)


def language_of(settings: Settings, fields: Mapping[str, Any]) -> str:
    """A lead's language: its own, else its country's main one, else the company's (semantics.md, Time)."""
    own = fields.get("language")
    if own:
        return str(own)
    country = fields.get("country")
    of_country = language_of_country(str(country)) if country else None
    return of_country or settings.company.languages[0]


def owner_of(settings: Settings, language: str | None = None) -> OwnerOf:
    """How colleagues look in texts, by address; the company where nobody is responsible."""
    company = settings.company
    nobody = {
        "name": company.name,
        "first_name": None,
        "email": company.sender.address,
        "phone": company.phone,
        "title": None,
    }
    team = {one.email.lower(): colleague_values(one, language) for one in settings.team}
    return lambda key: team.get((key or "").lower(), nobody)


def colleague_values(colleague: Colleague, language: str | None = None) -> dict[str, Any]:
    """One colleague as `owner` in texts."""
    return {
        "name": colleague.name,
        "first_name": colleague.name.split()[0] if colleague.name.split() else None,
        "email": colleague.email,
        "phone": colleague.phone,
        "title": colleague.title.in_language(language) if colleague.title is not None else None,
    }
