"""The campaigns as a person looks at them: what runs, and how many leads stand where."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.graph import Email, Graph, Node
from nurture.core.vocabulary import EnrolmentState
from nurture.services.project import Project
from nurture.services.stories import known_campaign
from nurture.store.queries import bells, runs, versions

_STATES: Final = tuple(state.value for state in EnrolmentState)


async def overview(conn: AsyncConnection, project: Project) -> list[dict[str, Any]]:
    """Every campaign there is a file or anybody in, with how many runs are in each state."""
    counts, current, paused = await runs.counts(conn), await versions.current(conn), await bells.paused(conn)
    return [
        {
            "name": name,
            "title": graph.title if (graph := project.graphs.get(name)) is not None else "",
            "status": _status(name, project, paused),
            "version": current[name]["hash"][:12] if name in current else None,
            "edited": name in project.graphs
            and name in current
            and current[name]["hash"] != project.graphs[name].version,
            **{state: counts.get(name, {}).get(state, 0) for state in _STATES},
        }
        for name in sorted({*project.loaded, *counts, *current})
    ]


def _status(name: str, project: Project, paused: dict[str, str]) -> str:
    if name in paused or "everything" in paused:
        return "paused"
    if name in project.graphs:
        return project.graphs[name].status
    return "has errors" if name in project.loaded else "deleted"


async def detail(conn: AsyncConnection, project: Project, name: str) -> dict[str, Any]:
    """One campaign's steps in the file's order, with the leads that stand at each. Raises UsageError."""
    known_campaign(project, name)
    graph = project.graphs[name]
    standing = await versions.standing(conn, [name])
    return {
        "name": name,
        "title": graph.title,
        "about": graph.about,
        "status": _status(name, project, await bells.paused(conn)),
        "version": graph.version[:12],
        "enters_on": list(graph.enter.on),
        "stages": sorted(graph.stages),
        "steps": [_step(node, standing) for node in graph.nodes.values()],
        "elsewhere": _elsewhere(graph, standing),
    }


def _step(node: Node, standing: dict[str, int]) -> dict[str, Any]:
    templates = list(node.verb.templates) if isinstance(node.verb, Email) else []
    return {
        "path": node.path,
        "id": node.id,
        "verb": type(node.verb).__name__,
        "templates": templates,
        "leads": standing.get(node.id, 0),
        "line": node.line,
    }


def _elsewhere(graph: Graph, standing: dict[str, int]) -> dict[str, int]:
    """Leads at steps only an older version has."""
    return {step: leads for step, leads in standing.items() if step not in graph.nodes}
