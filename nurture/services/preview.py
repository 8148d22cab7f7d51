"""Emails as they will look: subject, headers, text and HTML, for a lead or somebody made up; or sent to oneself.

The personal links of a preview (unsubscribe, questionnaires) are signed with a key of no project: they do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as policy
from typing import Any, Final

from nurture.core.errors import NurtureError, OutsideError, UsageError
from nurture.core.graph import Email
from nurture.core.vocabulary import Kind
from nurture.language.problems import did_you_mean
from nurture.mail.problems import TemplateFault
from nurture.ports import InDoubt, Mailer, NotSent
from nurture.services.desk import WritingDesk, house_of
from nurture.services.letters import Addressee, House, Letter, Order, write_letter
from nurture.services.project import Project
from nurture.services.world import catalog_of, empty_fields, owner_of

NO_SECRET: Final = "00" * 32
_SOMEBODY: Final[Mapping[str, Any]] = {
    "email": "ada@example.org",
    "name": "Ada Lovelace",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "Analytical Engines",
    "stage": "nurturing",
    "temperature": "warm",
    "score": 34,
    "consent": "given",
    "tags": [],
}
_SAMPLES: Final[Mapping[Kind, Any]] = {
    Kind.TEXT: "…",
    Kind.NUMBER: 7,
    Kind.BOOLEAN: True,
    Kind.LIST: [],
    Kind.ANY: "…",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """One email as it will look; where it cannot be made, `fault` says why and the rest is empty."""

    template: str
    locale: str | None
    step: str
    subject: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    fault: str | None = None
    letter: Letter | None = None

    @property
    def file(self) -> str:
        """A good name for its HTML file."""
        parts = (self.template.replace("/", "-"), self.locale, "html")
        return ".".join(part for part in parts if part)

    def as_json(self) -> dict[str, Any]:
        """As `nurture preview --json` shows it."""
        names = ("template", "locale", "step", "subject", "text", "html", "fault")
        return {
            **{name: getattr(self, name) for name in names},
            "headers": [list(pair) for pair in self.headers],
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """One email to be made: in which campaign and step, and in which locale (None: the plain file)."""

    template: str
    locale: str | None
    campaign: str | None
    step: str


def wanted_of(project: Project, name: str, locale: str | None = None) -> list[Wanted]:
    """The emails of a campaign, in the file's order, or one template; in every locale there is, or in one.

    Raises UsageError for a name that is neither.
    """
    graph = project.graphs.get(name)
    if graph is not None:
        named = [
            (template, node.id)
            for node in graph.nodes.values()
            if isinstance(node.verb, Email)
            for template in node.verb.templates
        ]
        return [
            Wanted(template, one, name, step)
            for template, step in dict(named).items()
            for one in _locales(project, template, locale)
        ]
    if name not in project.templates.names():
        known = (*project.loaded, *project.templates.names())
        near = did_you_mean(name, known)
        raise UsageError(
            f"There is no campaign and no template {name}." + (f" Did you mean {near}?" if near else "")
        )
    campaign, step = _user_of(project, name)
    return [Wanted(name, one, campaign, step) for one in _locales(project, name, locale)]


def _locales(project: Project, template: str, locale: str | None) -> tuple[str | None, ...]:
    if locale is None:
        return project.templates.locales(template) or (None,)
    picked = project.templates.pick(template, locale)
    return (picked.locale if picked is not None else None,)


def _user_of(project: Project, template: str) -> tuple[str | None, str]:
    """A campaign and step that sends the template."""
    for graph in project.graphs.values():
        for node in graph.nodes.values():
            if isinstance(node.verb, Email) and template in node.verb.templates:
                return graph.name, node.id
    return None, template


@dataclass(slots=True)
class Previewer:
    """Makes previews of one project at one time. `lead` and `entry` are somebody real's; without them, made up."""

    project: Project
    now: datetime
    read_file: Callable[[str], bytes | None]
    lead: Addressee | None = None
    entry: Mapping[str, Any] | None = None

    def make(self, wanted: Wanted, recipient: str | None = None) -> Preview:
        """One email; `recipient` is where it goes instead of to the lead. Never raises for a template's fault."""
        try:
            letter = self._letter(wanted, recipient)
        except (TemplateFault, NurtureError, ValueError) as fault:
            return Preview(wanted.template, wanted.locale, wanted.step, fault=str(fault))
        parsed = message_from_bytes(letter.raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n", policy=policy)
        return Preview(
            template=wanted.template,
            locale=wanted.locale,
            step=wanted.step,
            subject=letter.subject,
            headers=tuple((name, str(value)) for name, value in parsed.items()),
            text=letter.text,
            html=letter.html,
            letter=letter,
        )

    def _letter(self, wanted: Wanted, recipient: str | None) -> Letter:
        graph = self.project.graphs.get(wanted.campaign or "")
        default = graph.language if graph is not None else self.project.settings.company.languages[0]
        entry = self.entry if self.entry is not None else self._entry(wanted.campaign)
        node = graph.nodes[wanted.step] if graph is not None else None
        email = node.verb if node is not None and isinstance(node.verb, Email) else None
        order = Order(
            id=0,
            campaign=wanted.campaign or "preview",
            step=wanted.step,
            template=wanted.template,
            run="",
            service=email is not None and email.service is not None,
            sender=(email.sender if email is not None else None)
            or (graph.send.sender if graph else "company"),
            values={"entry": entry, "event": entry},
            now=self.now,
            language=wanted.locale or default,
        )
        addressee = self._addressee(wanted.locale or default)
        if recipient is not None:
            addressee = replace(addressee, fields={**addressee.fields, "email": recipient})
        return write_letter(order, addressee, self._house(), self.project.templates, self.project.layout)

    def _house(self) -> House:
        """Us, with links as their authors wrote them."""
        return replace(house_of(self.project.settings, NO_SECRET, self.read_file), track_clicks=False)

    def _addressee(self, language: str) -> Addressee:
        settings = self.project.settings
        if self.lead is not None:
            return replace(self.lead, language=language)
        world = catalog_of(self.project)
        team = settings.team
        fields = {**empty_fields(settings), **_SOMEBODY, "language": language}
        owner = owner_of(settings, language)(team[0].email if team else None)
        return Addressee(
            lead_id=0, fields=fields, owner=owner, zone=world.place_of(fields).zone.key, language=language
        )

    def _entry(self, campaign: str | None) -> dict[str, Any]:
        """What the entering event may have held: what the campaign's tests tell, the rest made up."""
        graph = self.project.graphs.get(campaign or "")
        if graph is None:
            return {}
        kinds = self.project.settings.vocabulary().data_of(*graph.enter.on) if graph.enter.on else {}
        soon = (self.now + timedelta(days=7)).replace(hour=9, minute=0, second=0, microsecond=0)
        made = {
            name: soon.isoformat() if kind is Kind.TIME else _SAMPLES[kind] for name, kind in kinds.items()
        }
        told = next(_told(self.project, graph.name, graph.enter.on), {})
        holiday = {"holiday": "new year", "date": soon.date().isoformat(), "country": "DE"}
        return {
            **({} if graph.enter.on else holiday),
            **made,
            **told,
            "at": self.now,
            "type": (*graph.enter.on, "")[0],
        }


def _told(project: Project, campaign: str, events: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """The data of entering events in the campaign's tests; dates of a test are long ago and left out."""
    for story in project.stories.get(campaign, ()):
        for one in story.story:
            if one.kind == "enter" or one.name in events:
                yield {name: value for name, value in one.data.items() if not name.endswith("_at")}


def addressee_of(project: Project, lead: Mapping[str, Any]) -> Addressee:
    """A lead's row as a letter sees it."""
    house = house_of(project.settings, NO_SECRET, lambda _name: None)
    desk = WritingDesk(catalog_of(project), project.settings, project.templates, project.layout, house)
    return desk.addressee(lead)


async def send_test(mailer: Mailer, preview: Preview) -> str:
    """Send a preview, marked as a test in subject and headers; answers what the relay said.

    Raises OutsideError when it was not sent, or nobody knows.
    """
    letter = preview.letter
    assert letter is not None
    raw = b"X-Nurture-Test: yes\r\n" + letter.raw.replace(b"Subject: ", b"Subject: [Test]\r\n ", 1)
    try:
        async with mailer.connection() as connection:
            offer = await connection.offer(letter.envelope_from, letter.recipient, raw)
            answer = await offer.finish()
    except (NotSent, InDoubt) as failure:
        raise OutsideError(f"{preview.template} was not sent: {failure}") from None
    if not 200 <= answer.code < 300:
        raise OutsideError(f"{preview.template} was not sent: the relay said {answer}")
    return str(answer)
