"""Random stories of a campaign: a lead, and what happens to it, for tests that play each story in two ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from nurture.core.graph import Graph, MakeTask, WaitFor
from nurture.core.vocabulary import Kind, Vocabulary
from nurture.language.stories import Happening, Story
from nurture.services.project import Project

ENDS = ("unsubscribed", "email.complained", "consent.withdrawn")
NEW_YEAR = datetime.fromisoformat("2026-01-01 10:00")

TEXTS = {
    "reason": ["budget", "timing", "need", "competitor", "other", "come_back", "nonsense", ""],
    "webinar": ["Sizing pumps", "Saving energy"],
    "report": ["Pumps", "Energy in pumping stations"],
    "path": ["/prices", "/", "/preise"],
    "survey": ["farewell", "feedback"],
    "topic": ["", "later", "greetings", "energy"],
    "by": ["date", "reply", "hand"],
    "holiday": ["christmas", "new year"],
}  # fmt: skip
PLACES = [
    {"country": "GB"},
    {"country": "DE"},
    {"country": "US", "timezone": "America/New_York"},
    {"country": "IN"},
    {},
]
FIELDS = {
    "company_size": st.sampled_from([None, 5, 80]),
    "interest": st.sampled_from([None, "pumps"]),
    "position": st.sampled_from([None, "management", "study"]),
    "pumps": st.sampled_from([None, 3, 12]),
    "tags": st.sampled_from([[], ["enough"], ["seen", "old"]]),
    "stage": st.sampled_from(["nurturing", "mql", "sql", "customer", "junk", "refused", "refused"]),
}
SOONER_OR_LATER = st.one_of(
    st.just(0), st.integers(1, 300), st.integers(300, 5000), st.integers(1, 70).map(lambda days: days * 1440)
)


USUAL = [
    "page.viewed", "email.clicked", "reply.later", "reply.question", "reply.refused", "reply.interested", "auto_reply",
    "reply.unclear", "unsubscribed", "consent.given", "deal.won", "form.submitted", "lead.rejected",
]  # fmt: skip


@st.composite
def stories(draw: st.DrawFn, project: Project, campaign: str) -> Story:
    """A lead, and what happens to it from the entering on."""
    graph, words = project.graphs[campaign], project.settings.vocabulary()
    at = start = NEW_YEAR + timedelta(minutes=draw(st.integers(0, 365 * 1440)))
    found: list[Happening] = []
    if graph.send.topic is not None and draw(st.booleans()):
        found.append(Happening(at, "event", "consent.given", {"topic": graph.send.topic}))
    found.append(draw(entering(graph, words, at)))
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=7)):
        at += timedelta(minutes=draw(SOONER_OR_LATER))
        if at.hour in (1, 2, 3):  # clock times that a change of clocks skips or repeats
            at += timedelta(hours=4)
        one = draw(HAPPENS[kind](graph, words, at))
        if one.name in ENDS:  # recording it suppresses, whatever of the same minute is not handled yet
            one = replace(one, at=(at := at + timedelta(minutes=1)))
        found.append(one)
    others = tuple(
        name for name in draw(st.sampled_from([(), ("farewell",), ("rounds",)])) if name != campaign
    )
    return Story(
        "random", start, draw(people(graph)), tuple(found), None, others, scoring=draw(st.booleans())
    )


@st.composite
def people(draw: st.DrawFn, graph: Graph) -> dict[str, Any]:
    """A lead the campaign is for, mostly; the address decides the arm of an experiment."""
    return {
        "email": f"{draw(st.sampled_from('abcdefgh'))}@example.org",
        "name": "Ada",
        "owner": "anna.becker@pumpwerk.example",
        "stage": draw(st.sampled_from([*sorted(graph.stages) * 3, "customer", "refused"])),
        "consent": draw(st.sampled_from(["given", "given", "unknown", "confirmed", "withdrawn"])),
        **draw(st.sampled_from(PLACES)),
        **draw(st.sampled_from([{}, {"score": 60}, {"company_size": 80, "position": "management"}])),
    }


@st.composite
def entering(draw: st.DrawFn, graph: Graph, words: Vocabulary, at: datetime) -> Happening:
    """The event the campaign is entered on, with all its data; else somebody puts the lead in."""
    name = draw(st.sampled_from([*graph.enter.on, "enter"][: max(1, len(graph.enter.on))]))
    if name == "enter":
        return Happening(at, "enter", data={"holiday": "christmas"} if graph.enter.occasion else {})
    return Happening(at, "event", name, draw(data_of(name, words, at, whole=True)))


@st.composite
def again(draw: st.DrawFn, graph: Graph, words: Vocabulary, at: datetime) -> Happening:
    """Somebody puts the lead in by hand, with what an entering event would have said."""
    name = draw(st.sampled_from([*graph.enter.on, "page.viewed"][: max(1, len(graph.enter.on))]))
    return Happening(at, "enter", data=draw(data_of(name, words, at, whole=True)))


@st.composite
def heard(draw: st.DrawFn, graph: Graph, words: Vocabulary, at: datetime) -> Happening:
    """An event that means something to the campaign, mostly."""
    names = {*graph.enter.on, *graph.listens, *(one.event for one in graph.reactions)}
    for node in graph.nodes.values():
        if isinstance(node.verb, WaitFor):
            names |= {one.event for one in node.verb.events}
    own = sorted({event for name in names for event in words.stands_for(name)} - {"email.sent"})
    name = draw(st.sampled_from([*own * 3, *USUAL]))
    return Happening(at, "event", name, draw(data_of(name, words, at, whole=name in graph.enter.on)))


@st.composite
def changed(draw: st.DrawFn, graph: Graph, words: Vocabulary, at: datetime) -> Happening:
    """Somebody changes a field by hand."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    return Happening(at, "set", data={name: draw(FIELDS[name])})


@st.composite
def reported(draw: st.DrawFn, graph: Graph, words: Vocabulary, at: datetime) -> Happening:
    """A colleague reports how a task ended."""
    verbs = [node.verb for node in graph.nodes.values() if isinstance(node.verb, MakeTask)]
    return Happening(
        at, "task", draw(st.sampled_from(["done", *(name for verb in verbs for name, _ in verb.results)]))
    )


HAPPENS = {"event": heard, "set": changed, "task": reported, "enter": again}
KINDS = ["event"] * 6 + ["set", "task", "task", "enter"]


@st.composite
def data_of(draw: st.DrawFn, name: str, words: Vocabulary, at: datetime, *, whole: bool) -> dict[str, Any]:
    """Data of an event, each key of its kind; `whole`: no key is missing, for texts that need them."""
    kinds = {key: kind for key, kind in words.data_of(name).items() if key not in ("at", "type", "campaign")}
    return {key: draw(value_of(key, kind, at)) for key, kind in kinds.items() if whole or draw(st.booleans())}


def value_of(name: str, kind: Kind, at: datetime) -> st.SearchStrategy[Any]:
    """A value an event may carry."""
    if kind is Kind.NUMBER:
        return st.integers(0, 60)
    if kind is Kind.BOOLEAN:
        return st.booleans()
    if kind is Kind.TIME:
        form = "%Y-%m-%dT%H:%M:00+00:00" if name in ("starts_at", "wished_at") else "%Y-%m-%d"
        return st.integers(-3, 40).map(
            lambda days: (at.replace(hour=15) + timedelta(days=days)).strftime(form)
        )
    return st.sampled_from(TEXTS.get(name, ["some text"]))
