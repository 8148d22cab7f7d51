"""What an edit will do before anything happens: where leads go, who would stand nowhere, the emails of the next 30 days.

The leads in flight are played forward on a virtual clock, once as things are and once with the edit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from nurture.core.case import Case, live, replan
from nurture.core.effects import SendEmail
from nurture.core.graph import Graph
from nurture.language.edit import Move, Widening, compare, moves, place_after
from nurture.language.problems import Problem
from nurture.services.apply import Applier
from nurture.services.catalog import Catalog
from nurture.services.load import load_cases
from nurture.services.project import Project
from nurture.services.world import empty_catalog
from nurture.store.engine import Store
from nurture.store.queries import runs, versions

AHEAD: Final = timedelta(days=30)
MOST_LEADS: Final = 20_000
"""So many leads of a campaign are played forward at most; the figures say when there are more."""
_PAGE: Final = 200


@dataclass(slots=True)
class Emails:
    """The emails to leads in flight: how many by template, as things are (`before`) and with the edit (`after`)."""

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    leads: int = 0
    whole: bool = True

    def as_json(self) -> dict[str, Any]:
        """As `nurture plan --json` shows it."""
        return {
            "before": self.before.total(),
            "after": self.after.total(),
            "by_template": {name: self.after[name] for name in sorted(self.after)},
            "leads": self.leads,
            "all_leads_counted": self.whole,
        }


@dataclass(frozen=True, slots=True)
class Edited:
    """One campaign. `change`: new, edited, renamed, removed, broken or unchanged."""

    name: str
    change: str
    moves: tuple[Move, ...] = ()
    refused: tuple[Problem, ...] = ()
    widens: tuple[Widening, ...] = ()
    added: tuple[str, ...] = ()
    emails: Emails = field(default_factory=Emails)

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces.md."""
        return {
            "name": self.name,
            "change": self.change,
            "moves": [{"from": one.origin, "to": one.target, "leads": one.leads} for one in self.moves],
            "refused": [one.as_json() for one in self.refused],
            "widens": [{"because": one.because, "step": one.step} for one in self.widens],
            "added": list(self.added),
            "emails_next_30_days": self.emails.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the project as it is now would do. `key` names the state it was made from."""

    key: str
    campaigns: tuple[Edited, ...]

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Why some edits will not be taken up."""
        return tuple(problem for one in self.campaigns for problem in one.refused)

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return any(one.change not in ("unchanged", "broken") for one in self.campaigns)

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces.md."""
        return {"plan": self.key, "campaigns": [one.as_json() for one in self.campaigns]}


@dataclass(slots=True)
class Planner:
    """Plans for one store. `applier` stands by the applied versions."""

    store: Store
    applier: Applier
    secret: str

    async def plan(self, project: Project, now: datetime, *, emails: bool = True) -> Plan:
        """The plan; without `emails` the leads are not played forward."""
        await self.applier.stand_by(project)
        applied = dict(self.applier.catalog.campaigns)
        found = [await self._one(project, name, applied) for name in sorted({*project.loaded, *applied})]
        found = [one for one in found if not (one.change == "removed" and _was_renamed(one.name, project))]
        if emails:
            new = self._world(project, found)
            found = [replace(one, emails=await self._emails(one, project, new, now)) for one in found]
        return Plan(_key(project, applied), tuple(found))

    async def _one(self, project: Project, name: str, applied: Mapping[str, Graph]) -> Edited:
        graph = project.graphs.get(name)
        if graph is None:
            broken = name in project.loaded
            problems = project.loaded[name].problems if broken else ()
            errors = tuple(one for one in problems if one.severity == "error")
            return Edited(name, "broken" if broken else "removed", refused=errors)
        origin = graph.was if graph.was is not None and graph.was in applied and name not in applied else name
        old = applied.get(origin)
        if old is None:
            return Edited(name, "new")
        if old.version == graph.version:
            return Edited(name, "unchanged" if old.name == name else "renamed")
        async with self.store.read() as conn:
            standing = await versions.standing(conn, [origin])
        edit = compare(old, graph)
        return Edited(
            name=name,
            change="edited" if origin == name else "renamed",
            moves=moves(old, graph, standing),
            refused=tuple(await self.applier.stranded(graph, old, project.texts[name].path)),
            widens=edit.widens,
            added=edit.added,
        )

    def _world(self, project: Project, found: list[Edited]) -> Catalog:
        """The world as it would be: what is taken up in its new version, the rest as it is."""
        world = empty_catalog(project.settings)
        world.versions.update(self.applier.catalog.versions)
        world.campaigns.update(self.applier.catalog.campaigns)
        for one in found:
            if one.change == "removed":
                world.campaigns.pop(one.name, None)
            elif one.change in ("new", "edited", "renamed") and not one.refused:
                world.add(project.graphs[one.name], current=True)
        return world

    async def _emails(self, one: Edited, project: Project, new: Catalog, now: datetime) -> Emails:
        """Play everybody in the campaign forward, page by page."""
        told, after = Emails(), 0
        graph = project.graphs.get(one.name)
        names = {one.name} if graph is None or graph.was is None else {one.name, graph.was}
        async with self.store.read() as conn:
            while page := await runs.open_in(conn, names, after, _PAGE):
                after = page[-1]
                if told.leads >= MOST_LEADS:
                    told.whole = False
                    break
                told.leads += len(page)
                old = self.applier.catalog
                for case in (await load_cases(conn, page, old, self.secret)).values():
                    told.before += _sent(case, old, names, now)
                for case in (await load_cases(conn, page, new, self.secret)).values():
                    if one.change in ("edited", "renamed") and not one.refused and graph is not None:
                        _bring(case, new, graph, names, now)
                    told.after += _sent(case, new, names, now)
        return told


def _was_renamed(name: str, project: Project) -> bool:
    return any(graph.was == name for graph in project.graphs.values())


def _bring(case: Case, world: Catalog, graph: Graph, names: set[str], now: datetime) -> None:
    """Take the case's runs up into the new version."""
    for run in case.open_runs():
        if run.campaign in names and run.version != graph.version:
            step = place_after(world.graph_of(run), graph, run.step)
            if step is not None:
                case.runs[run.run] = replace(run, campaign=graph.name, version=graph.version, step=step)
                replan(case, world, case.runs[run.run], now)


def _sent(case: Case, world: Catalog, names: set[str], now: datetime) -> Counter[str]:
    """The emails of these campaigns the next 30 days bring to a lead, when nothing else happens."""
    begun = len(case.effects)
    live(case, world, now + AHEAD)
    return Counter(
        effect.template
        for effect in case.effects[begun:]
        if isinstance(effect, SendEmail) and effect.campaign in names
    )


def _key(project: Project, applied: Mapping[str, Graph]) -> str:
    """What the plan was made from: the files' versions and the applied ones."""
    parts = [f"{name} {graph.version}" for name, graph in sorted(project.graphs.items())]
    parts += ["--", *(f"{name} {graph.version}" for name, graph in sorted(applied.items()))]
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
