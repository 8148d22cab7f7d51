"""A story played on a virtual clock, in the engine's own code: a lead's months in a moment.

semantics.md, Stories and simulation: one campaign alone (others only when the story asks), the project's fields, scoring
for the events the story names, no limits over all campaigns, a relay that answers at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from nurture.core.case import Case, live
from nurture.core.effects import OpenTask, SendEmail
from nurture.core.enrolment import Enrolment
from nurture.core.event import ENTER, Event
from nurture.core.graph import Graph
from nurture.core.person import Person
from nurture.core.place import Place
from nurture.core.rules import Rules
from nurture.core.scoring import ScoreState
from nurture.language.stories import Happening, Story
from nurture.services.catalog import Catalog
from nurture.services.project import Project
from nurture.services.timeline import Entry, Note, entries_of, notes_of
from nurture.services.world import catalog_of, empty_fields

HORIZON: Final = timedelta(days=400)
"""How long a story is followed after the last thing it says, as long as anything is due."""

_OF_SNAPSHOT: Final = frozenset({"stage", "temperature", "score", "consent", "tags", "postponed_until"})
"""Fields of a lead the engine keeps beside the others."""

_TEMPERATURE_BY: Final = {
    "score.hot": "hot",
    "score.warm": "warm",
    "score.cooled": "warm",
    "score.cold": "cold",
}
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the lead stands at the end; `state` and `step` are of its last run, None when it never came in."""

    stage: str
    temperature: str
    score: int
    state: str | None
    step: str | None

    def as_json(self) -> dict[str, Any]:
        """The shape `nurture simulate --json` shows (interfaces.md)."""
        names = ("stage", "temperature", "score", "state", "step")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened to the lead. `begin` is the first day (day 1) in the lead's zone; `notes` say why not."""

    campaign: str
    begin: date
    timeline: tuple[Entry, ...]
    notes: tuple[Note, ...]
    final: Ending

    def day_of(self, at: datetime) -> int:
        """The number of the day in the story: `begin` is day 1."""
        return (at.date() - self.begin).days + 1

    def as_json(self) -> dict[str, Any]:
        """The shape `nurture simulate --json` shows (interfaces.md)."""
        return {
            "timeline": [entry.as_json() for entry in self.timeline],
            "final": self.final.as_json(),
            "notes": [note.as_json() for note in self.notes],
        }


def simulate(project: Project, campaign: str, story: Story) -> Simulation:
    """Play a story on a campaign of the project (which must be in `project.graphs`)."""
    return _Stage(project, campaign, story).play()


@dataclass(slots=True)
class _Stage:
    """One story being played."""

    project: Project
    campaign: str
    story: Story
    world: Catalog = field(init=False)
    case: Case = field(init=False)
    number: int = 0
    answered: int = 0
    done: set[int] = field(default_factory=set)
    bounced: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = world_of(self.project, [self.campaign, *self.story.others], self.story)
        self.case = Case(self._person(), story=True)

    # -- the beginning ----------------------------------------------------------------------------------------

    def _person(self) -> Person:
        given = self.story.lead
        fields = {**empty_fields(self.project.settings), **_plain(given)}
        place = self.world.place_of(fields)
        start = _utc(self.story.start, place)
        score = given.get("score")
        return Person(
            seed=str(given.get("email") or self.story.name),
            id=1,
            place=place,
            fields=fields,
            owner=self.world.owner_of(fields.get("owner")),
            company=self.world.company,
            tags=frozenset(given.get("tags") or ()),
            stage=str(given.get("stage") or "new"),
            temperature=str(given.get("temperature") or "cold"),
            consent=str(given.get("consent") or "given"),
            postponed_until=_time_of(given.get("postponed_until"), place),
            score=ScoreState(float(score), start) if score is not None else None,
        )

    # -- playing ----------------------------------------------------------------------------------------------

    def play(self) -> Simulation:
        """The whole story, and as long after it as anything is due."""
        for happening in self.story.story:
            at = _utc(happening.at, self.place)
            if happening.kind in ("set", "task"):
                self._let_live(at if self._waiting(at) else at - _INSTANT)
            else:
                self._let_live(at - _INSTANT)
            self._happen(happening, at)
        self._let_live(self._end())
        return self._told()

    @property
    def place(self) -> Place:
        """Where the lead lives now."""
        return self.case.person.place

    def _waiting(self, at: datetime) -> bool:
        """Whether something of this very minute is not handled yet."""
        return any(event.learned_at == at for event in self.case.queue)

    def _end(self) -> datetime:
        says = [self.story.start, *(entry.at for entry in self.story.story)]
        says += [line.at for line in self.story.expect or ()]
        return _utc(max(says), self.place) + HORIZON

    def _let_live(self, until: datetime) -> None:
        """Live until then; the relay answers each email at once."""
        while True:
            at = self.case.next_at()
            if at is None or at > until:
                return
            live(self.case, self.world, at)
            self._relay_answers(at)

    def _relay_answers(self, at: datetime) -> None:
        for effect in self.case.effects[self.answered :]:
            if isinstance(effect, SendEmail):
                data = {"campaign": effect.campaign, "run": effect.run, "step": effect.step}
                self._learn("email.sent", {**data, "template": effect.template}, max(at, effect.at))
        self.answered = len(self.case.effects)

    def _learn(self, type: str, data: Mapping[str, Any], at: datetime) -> None:
        self.number += 1
        self.case.queue.append(Event(type, at, at, data, self.number))
        self.case.queue.sort(key=lambda event: (event.learned_at, event.id))

    def _happen(self, happening: Happening, at: datetime) -> None:
        match happening.kind:
            case "event":
                self._name_temperature(happening.name)
                self._learn(happening.name, happening.data, at)
            case "enter":
                self._learn(ENTER, {**happening.data, "campaign": self.campaign}, at)
            case "set":
                self._set(happening.data, at)
            case "task":
                self._finish_task(happening.name, at)

    def _name_temperature(self, name: str) -> None:
        """A story that says `score.hot` means a hot lead, where no points say otherwise."""
        if name in _TEMPERATURE_BY and self.case.person.score is None:
            self.case.person.temperature = _TEMPERATURE_BY[name]

    def _set(self, values: Mapping[str, Any], at: datetime) -> None:
        """Somebody changes fields by hand; a stage by hand is handled at once, as an event."""
        person = self.case.person
        if not person.reachable:
            self.bounced.add(str(person.fields.get("email")))
        person.fields = {**person.fields, **_plain(values)}
        if "email" in values:
            person.reachable = bool(values["email"]) and str(values["email"]) not in self.bounced
        person.place = self.world.place_of(person.fields)
        person.owner = self.world.owner_of(person.fields.get("owner"))
        if "tags" in values:
            person.tags = frozenset(values["tags"] or ())
        if "score" in values:
            person.score = ScoreState(float(values["score"] or 0), at)
        for name in ("temperature", "consent"):
            if values.get(name) is not None:
                setattr(person, name, str(values[name]))
        if "postponed_until" in values:
            person.postponed_until = _time_of(values["postponed_until"], person.place)
        if values.get("stage") is not None:
            self._set_stage(str(values["stage"]), at)
        self._learn("lead.updated", {}, at)

    def _set_stage(self, to: str, at: datetime) -> None:
        """As `by_hand.change_stage` does; whoever is refused or postponed by hand may enter another campaign."""
        person = self.case.person
        known = person.fields.get("refusal_reason") if to == person.stage else None
        told: dict[str, dict[str, Any]] = {
            "refused": {"refused_at": at, "refusal_reason": known or "other"},
            "postponed": {"refusal_reason": known or "later"},
        }
        person.fields = {**person.fields, **told.get(to, {})}
        if to == person.stage:
            return
        data = {"from": person.stage, "to": to, "reason": ""}
        self._learn("lead.stage_changed", data, at)
        if to in told:
            self._learn(f"lead.{to}", data, at)

    def _finish_task(self, result: str, at: datetime) -> None:
        """A colleague reports the outcome of the task opened last that can have it."""
        open_tasks = [
            (number, effect)
            for number, effect in enumerate(self.case.effects)
            if isinstance(effect, OpenTask) and number not in self.done
        ]
        fitting = [one for one in open_tasks if result in one[1].results] or open_tasks
        if not fitting:
            text = f"The story finishes a task with {result}, and none is open."
            self.notes.append(Note(self.place.to_local(at), "no_task", "", text))
            return
        number, task = fitting[-1]
        self.done.add(number)
        self.case.open_once.discard(task.once or "")
        data = {"result": result, "task": task.text, "kind": task.kind, "run": task.run, "step": task.step}
        self._learn("task.done", {**data, "releases": task.releases}, at)

    # -- the end ----------------------------------------------------------------------------------------------

    def _told(self) -> Simulation:
        person, local = self.case.person, self.place.to_local
        run = last_run(self.case.runs.values(), self.campaign)
        return Simulation(
            campaign=self.campaign,
            begin=self.story.start.date(),
            timeline=entries_of(self.case.effects, local),
            notes=(*self.notes, *notes_of(self.case.effects, local)),
            final=Ending(
                stage=person.stage,
                temperature=person.temperature,
                score=person.score_now,
                state=run.state if run is not None else None,
                step=run.step if run is not None and run.is_open else None,
            ),
        )


def world_of(project: Project, campaigns: Sequence[str], story: Story) -> Catalog:
    """The world of a story: these campaigns only, no limits over all, points only for what the story names."""
    world = catalog_of(project)
    graphs = project.graphs
    world.campaigns.clear()
    world.versions.clear()
    for name in campaigns:
        if name in graphs:
            world.add(alone(graphs[name]), current=True)
    world.rules = rules_of(world.rules, story)
    return world


def alone(graph: Graph) -> Graph:
    """The campaign without the limits and the gap over all campaigns."""
    return replace(graph, send=replace(graph.send, overall=(), overall_gap=None))


def rules_of(rules: Rules, story: Story) -> Rules:
    """The project's rules as far as they hold in a story."""
    if not story.scoring:
        return replace(rules, event_points=(), profile_points=())
    named = [Event(one.name, _EPOCH, _EPOCH) for one in story.story if one.kind == "event"]
    points = tuple(
        rule for rule in rules.event_points if any(event.stands_for(rule.event) for event in named)
    )
    return replace(rules, event_points=points)


def last_run(runs: Iterable[Enrolment], campaign: str) -> Enrolment | None:
    """The lead's last run through a campaign."""
    mine = [run for run in runs if run.campaign == campaign]
    return max(mine, key=lambda run: (run.is_open, run.entered_at), default=None)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _OF_SNAPSHOT}


def _utc(wall: datetime, place: Place) -> datetime:
    return place.to_utc(wall.date(), wall.time())


def _time_of(value: Any, place: Place) -> datetime | None:
    """A date or time as a story writes it, in the lead's zone; a date is 09:00 on it."""
    if not value:
        return None
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    clock = time(9) if len(str(value)) == 10 else found.time()
    return place.to_utc(found.date(), clock)
