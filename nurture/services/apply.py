"""Take up edits of campaigns: the last good version runs on until a valid one that strands nobody is there.

semantics.md, Edits; language.md, Ids, and edits while leads are in flight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from nurture.config import Settings
from nurture.core.address import keyed_hash
from nurture.core.case import Case, replan
from nurture.core.graph import Graph
from nurture.language.edit import Stranded, place_after, strands
from nurture.language.problems import Code, Problem
from nurture.services.catalog import Catalog
from nurture.services.load import load_cases
from nurture.services.project import Project
from nurture.store.engine import Store
from nurture.store.queries import cases, versions
from nurture.store.queries.outcomes import before_of, save_cases

log = structlog.get_logger(__name__)

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the project's campaigns: taken up, refused (with why), kept on an older version, retired."""

    taken_up: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    kept: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    moved: int = 0


@dataclass(slots=True)
class Applier:
    """Applies projects to one store and the catalog its daemon runs on. `settings` are those of the last time."""

    store: Store
    catalog: Catalog
    secret: str
    settings: Settings | None = None

    async def apply(self, project: Project, now: datetime) -> Applied:
        """Take up every valid edit that strands nobody; the catalog is then what the files and the store say together."""
        async with self.store.read() as conn:
            before = await versions.current(conn)
            used = await versions.in_use(conn)
        for row in used:
            self._learn(project, row["campaign"], row, current=False)
        taken, kept, refused, moved = [], [], list[Problem](), 0
        for name, loaded in project.loaded.items():
            graph = loaded.graph
            origin = graph.was if graph is not None and graph.was in before and name not in before else name
            old = self._learn(project, origin, before[origin], current=False) if origin in before else None
            if graph is None:
                if old is not None:
                    self.catalog.add(old, current=True)
                    kept.append(name)
                continue
            problems = await self.stranded(graph, old, project.texts[name].path)
            if problems:
                refused += problems
                if old is not None:
                    self.catalog.add(old, current=True)
                continue
            self.catalog.add(graph, current=True)
            if old is None or old.version != graph.version or old.name != graph.name:
                await self._take_up(graph, project.texts[name].text, now)
                taken.append(name)
            moved += await self._bring_all(graph, now)
        retired = await self._retire(project, before, now)
        self._settled(project)
        for name in taken:
            log.info("apply.taken_up", campaign=name)
        for name in retired:
            log.info("apply.retired", campaign=name)
        for problem in refused:
            log.warning("apply.refused", file=problem.file, line=problem.line, message=problem.message)
        return Applied(tuple(taken), tuple(refused), tuple(kept), tuple(retired), moved)

    async def approve(self, project: Project, now: datetime) -> Applied:
        """Make every valid edit that strands nobody the current version; the daemon brings the leads to it.

        What `nurture apply` does: the leads are the running daemon's, and this is another process.
        """
        await self.stand_by(project)
        taken, refused = [], list[Problem]()
        before = dict(self.catalog.campaigns)
        for name, graph in project.graphs.items():
            origin = graph.was if graph.was in before and name not in before else name
            old = before.get(origin)
            if old is not None and old.version == graph.version and old.name == name:
                continue
            problems = await self.stranded(graph, old, project.texts[name].path)
            refused += problems
            if not problems:
                self.catalog.add(graph, current=True)
                await self._take_up(graph, project.texts[name].text, now)
                taken.append(name)
        retired = await self._retire(project, before, now)
        return Applied(tuple(taken), tuple(refused), (), tuple(retired))

    async def stand_by(self, project: Project, now: datetime | None = None) -> Applied:
        """Run what was applied before, whatever the files say: `campaigns.apply: manual`, and looking at an edit.

        The settings hold all the same. With `now`, leads on an older version are brought to the current one.
        """
        async with self.store.read() as conn:
            current = await versions.current(conn)
            used = await versions.in_use(conn)
        for row in used:
            self._learn(project, row["campaign"], row, current=False)
        for name in self.catalog.campaigns.keys() - current.keys():
            self.catalog.campaigns.pop(name)
        moved = 0
        for name, row in current.items():
            graph = self._learn(project, name, row, current=True)
            if graph is not None and now is not None:
                moved += await self._bring_all(graph, now)
        self._settled(project)
        return Applied(kept=tuple(sorted(current)), moved=moved)

    def _learn(self, project: Project, name: str, row: Mapping[str, Any], *, current: bool) -> Graph | None:
        """The graph of a stored text; it was valid once, and new checks do not make it stop."""
        known = self.catalog.versions.get((name, row["hash"]))
        if known is None or self._settings_differ(project):
            loaded = project.compile(row["text"], f"campaigns/{name}.yaml")
            if loaded.graph is not None:
                known = replace(loaded.graph, version=row["hash"])
            elif known is None:
                said = [str(one) for one in loaded.problems[:3]]
                log.error("apply.old_version", campaign=name, problems=said)
                return None
        self.catalog.add(known, current=current)
        return known

    def _settings_differ(self, project: Project) -> bool:
        """Whether the versions known were compiled with other settings than the project has now."""
        return project.config_ok and self.settings is not None and self.settings != project.settings

    def _settled(self, project: Project) -> None:
        if project.config_ok:
            self.settings = project.settings

    async def stranded(self, new: Graph, old: Graph | None, file: str) -> list[Problem]:
        """The steps that are gone while leads stand in them."""
        if old is None or old.version == new.version:
            return []
        async with self.store.read() as conn:
            standing = await versions.standing(conn, _names(new))
        return [_problem(one, file) for one in strands(old, new, standing)]

    async def _take_up(self, graph: Graph, text: str, now: datetime) -> None:
        """Make the version the one new runs begin on."""
        async with self.store.write() as conn:
            if graph.was is not None:
                await versions.retire(conn, graph.was)
            await versions.make_current(conn, graph.name, graph.version, text, now)

    async def _bring_all(self, graph: Graph, now: datetime) -> int:
        """Bring everybody inside to this version, in batches; what a crash left behind is brought as well."""
        moved = 0
        while count := await self._replan(graph, now):
            moved += count
        return moved

    async def _replan(self, graph: Graph, now: datetime) -> int:
        """One batch of runs that are on another version; those that stand nowhere in this one stay where they are."""
        async with self.store.write() as conn:
            behind = await versions.behind(conn, _names(graph), graph.version, _BATCH)
            locked = await cases.lock_leads(conn, list(behind))
            loaded = await load_cases(conn, locked, self.catalog, self.secret)
            before = before_of(loaded)
            moved = sum(self._bring(case, graph, now) for case in loaded.values())
            await save_cases(conn, loaded, before, now, partial(keyed_hash, secret=self.secret))
        return moved

    def _bring(self, case: Case, graph: Graph, now: datetime) -> int:
        moved = 0
        for run in case.open_runs():
            if run.campaign not in _names(graph) or run.version == graph.version:
                continue
            place = place_after(self.catalog.graph_of(run), graph, run.step)
            if place is not None:
                case.runs[run.run] = replace(run, campaign=graph.name, version=graph.version, step=place)
                replan(case, self.catalog, case.runs[run.run], now)
                moved += 1
        return moved

    async def _retire(self, project: Project, before: Mapping[str, Any], now: datetime) -> list[str]:
        """A deleted file: nobody enters, those inside finish on the last version."""
        gone = [name for name in before if name not in project.loaded]
        renamed = {graph.was for graph in project.graphs.values()}
        for name in gone:
            self.catalog.campaigns.pop(name, None)
            if name not in renamed:
                async with self.store.write() as conn:
                    await versions.retire(conn, name)
        return [name for name in gone if name not in renamed]


def _names(graph: Graph) -> set[str]:
    """The campaign's name, and its former one."""
    return {graph.name} if graph.was is None else {graph.name, graph.was}


def _problem(stranded: Stranded, file: str) -> Problem:
    """A step that is gone while leads stand in it, as the author should hear it."""
    people = "1 lead stands" if stranded.leads == 1 else f"{stranded.leads} leads stand"
    message = f"{people} in the step {stranded.step}, which is gone. The last version runs on."
    hint = f"say where they go: moved: {{ {stranded.step}: NEW-ID }}"
    return Problem(file, stranded.line or 1, 1, Code.MISSING_STEP, "error", message, hint)
