"""The desk letters are written at: templates, layout, who we are, and how a lead's row is seen by a letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.config import Settings
from nurture.mail.headers import Mailbox
from nurture.mail.layout import Layout
from nurture.mail.template import TemplateSet
from nurture.services.catalog import Catalog
from nurture.services.letters import Addressee, House
from nurture.services.project import LAYOUT, Project, company_values
from nurture.services.world import empty_fields, language_of, owner_of
from nurture.store.rows import fields_of


@dataclass(slots=True)
class WritingDesk:
    """Implements `services.deliver.Desk` for a project; `lay_out` takes up new templates while letters are written."""

    catalog: Catalog
    settings: Settings
    templates: TemplateSet
    layout: Layout
    house: House

    def lay_out(self, project: Project) -> None:
        """Use the templates of a newly read project; of a file that is broken now, the last good text stays."""
        found = {(one.name, one.locale) for one in project.templates}
        facts = project.known.templates or {}
        kept = [
            one
            for one in self.templates
            if (one.name, one.locale) not in found
            and one.name in facts
            and (one.locale or "") in facts[one.name].locales
        ]
        self.templates = TemplateSet([*project.templates, *kept])
        if not any(problem.file == LAYOUT and problem.severity == "error" for problem in project.problems):
            self.layout = project.layout

    def addressee(self, lead: Mapping[str, Any]) -> Addressee:
        """A lead's row as a letter sees it."""
        fields = fields_of(lead)
        language = language_of(self.settings, fields)
        seen = {
            **empty_fields(self.settings),
            **fields,
            "stage": lead["stage"],
            "temperature": lead["temperature"],
            "score": lead["score"],
            "consent": lead["consent"],
            "tags": list(lead["tags"] or ()),
            "postponed_until": lead["postponed_until"],
        }
        return Addressee(
            lead_id=lead["id"],
            fields=seen,
            owner=owner_of(self.settings, language)(lead["owner"]),
            zone=self.catalog.place_of(fields).zone.key,
            language=language,
            seed=lead["seed"],
        )

    def language_of(self, campaign: str) -> str:
        """The campaign's default language, else the company's."""
        graph = self.catalog.campaigns.get(campaign)
        return graph.language if graph is not None else self.settings.company.languages[0]

    def reopens(self, message: Mapping[str, Any], lead: Mapping[str, Any], now: datetime) -> datetime | None:
        """When the window that closed on a message opens again where the lead is; None when it never closes."""
        graph = self.catalog.versions.get((message["campaign"], message["version"]))
        if graph is None:
            return None
        node = graph.nodes.get(message["step"])
        window = (node.window if node is not None else None) or graph.send.window
        return None if window is None else window.next_open(now, self.catalog.place_of(fields_of(lead)))


def house_of(settings: Settings, secret: str, read_file: Callable[[str], bytes | None]) -> House:
    """Who we are in every letter."""
    company = settings.company
    sender = Mailbox(company.sender.address, company.sender.name or company.name)
    return House(
        sender=sender,
        reply_to=company.reply_to or sender.address,
        postal_address=company.postal_address or "",
        url=(settings.web.public_url or settings.web.url or "").rstrip("/"),
        secret=bytes.fromhex(secret),
        values=company_values(settings),
        surveys=tuple(settings.surveys),
        forms=tuple(settings.forms),
        track_clicks=settings.tracking.clicks,
        language=company.languages[0],
        read_file=read_file,
    )
