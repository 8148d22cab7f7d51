"""A campaign in a few lines, a person, a world of them: what the tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.case import Case, live
from nurture.core.effects import Effect, SendEmail, Traced
from nurture.core.enrolment import Enrolment
from nurture.core.event import ENTER, Event
from nurture.core.graph import Graph
from nurture.core.holiday_book import HolidayBook
from nurture.core.person import Person
from nurture.core.place import place_of
from nurture.core.rules import Rules
from nurture.core.vocabulary import BUILTIN
from nurture.language.known import Known, TemplateFacts
from nurture.language.load import load_campaign
from nurture.mail.texts import compile_text

MONDAY = datetime(2026, 1, 12, 10, 0, tzinfo=UTC)
LONDON = place_of(None, "GB", ZoneInfo("Europe/London"), HolidayBook())
KNOWN = Known(
    templates=dict.fromkeys(("welcome", "offer", "news", "goodbye"), TemplateFacts()),
    campaigns=frozenset({"test", "other", "farewell"}),
    webhooks=frozenset({"crm"}),
    topics=frozenset({"greetings"}),
)
HEAD = "title: Test\nstatus: live\nenter: { on: report.downloaded }\n"


def campaign(text: str, name: str = "test", known: Known = KNOWN) -> Graph:
    """A campaign's graph; what every one must have is added where it is missing."""
    missing = "".join(
        f"{line}\n" for line in HEAD.splitlines() if f"\n{line.split(':')[0]}:" not in f"\n{text}"
    )
    loaded = load_campaign(missing + text, f"campaigns/{name}.yaml", BUILTIN, compile_text, known)
    assert loaded.graph is not None, [str(problem) for problem in loaded.problems]
    return loaded.graph


def person(**values: Any) -> Person:
    """Ada, who gave her consent."""
    fields = {"email": "ada@example.org", "name": "Ada", "country": "GB", **values.pop("fields", {})}
    return Person(**{"seed": "ada", "place": LONDON, "consent": "given", "fields": fields, **values})


def run_of(graph: Graph, step: str | None = None, **values: Any) -> Enrolment:
    """A run standing before a step since Monday, due then."""
    given: dict[str, Any] = {
        "run": f"{graph.name}/1",
        "campaign": graph.name,
        "version": graph.version,
        "entered_at": MONDAY,
        "step": step or graph.start,
        "arrived_at": MONDAY,
        "due_at": MONDAY,
        **values,
    }
    return Enrolment(**given)


def event(type: str, at: datetime = MONDAY, /, **data: Any) -> Event:
    return Event(type, at, at, data)


def later(days: float = 0, **more: float) -> datetime:
    return MONDAY + timedelta(days=days, **more)


@dataclass
class Small:
    """A world of a few campaigns and one lead's case in it."""

    graphs: list[Graph]
    rules: Rules = field(default_factory=Rules)
    case: Case = field(default_factory=lambda: Case(person()))
    versions: dict[str, Graph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.company_place = LONDON
        self.campaigns = {graph.name: graph for graph in self.graphs}
        self.versions = {graph.version: graph for graph in self.graphs}

    def graph_of(self, enrolment: Enrolment) -> Graph:
        return self.versions[enrolment.version]

    def take(self, graph: Graph) -> Graph:
        """Make it the campaign's present version."""
        self.versions[graph.version] = self.campaigns[graph.name] = graph
        return graph

    def happen(self, type: str, at: datetime = MONDAY, **data: Any) -> Small:
        self.case.queue.append(Event(type, at, at, data, len(self.case.queue) + 1))
        return self.live(at)

    def enter(self, name: str = "test", at: datetime = MONDAY) -> Small:
        return self.happen(ENTER, at, campaign=name)

    def live(self, until: datetime) -> Small:
        live(self.case, self, until)
        return self

    @property
    def run(self) -> Enrolment:
        """The only run."""
        (only,) = self.case.runs.values()
        return only


def mails(effects: Iterable[Effect]) -> list[tuple[str, datetime]]:
    """The emails among effects, and when."""
    return [(effect.template, effect.at) for effect in effects if isinstance(effect, SendEmail)]


def words(effects: Iterable[Effect]) -> list[str]:
    """The words of the trace."""
    return [str(effect.word) for effect in effects if isinstance(effect, Traced)]


def edited(graph: Graph, **changes: Any) -> Graph:
    """Another version of a campaign."""
    return replace(graph, version=graph.version + "'", **changes)
