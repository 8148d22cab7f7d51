"""Our own people in the story: they deal with the tasks the engine opens for them, in their office hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from nurture.core.duration import Duration, add
from nurture.demo.stage import Stage
from nurture.demo.story import Actor
from nurture.services.record import record
from nurture.store.queries import leads, tasks

_SOON: Final = Duration(business_hours=2)
_CALLED: Final = ("interested", "later", "declined", "not_reached")


def deals_with(
    stage: Stage, task: Mapping[str, Any], now: datetime
) -> tuple[datetime, Callable[[], Awaitable[None]]]:
    """When a colleague deals with a task, and the work of it."""
    actor = stage.who(task["email"])

    async def work() -> None:
        if task["once"] != "no_address":
            await _finish(stage, task)
        elif actor is not None and actor.really is not None:
            await _correct(stage, actor, actor.really)
            await _finish(stage, task)

    return add(_SOON, now, stage.app.catalog.company_place), work


async def _finish(stage: Stage, task: Mapping[str, Any]) -> None:
    """The task done, with the result the person called would give; a run it held goes on."""
    now, result = stage.clock.now(), _result(stage, task)
    async with stage.app.store.write() as conn:
        row = await tasks.get(conn, task["id"])
        if row is None or row["state"] not in ("open", "overdue"):
            return
        await tasks.finish(conn, row, result, None, now)
        if row["lead_id"] is None:
            return
        done = {
            "task": row["id"],
            "kind": row["kind"],
            "result": result,
            "run": row["run"] or None,
            "step": row["step"],
            "releases": row["releases"],
            "campaign": (row["data"] or {}).get("campaign"),
        }
        await record(
            conn,
            row["lead_id"],
            "task.done",
            {name: value for name, value in done.items() if value is not None},
            now=now,
            secret=stage.app.secret,
            key=f"task.done:{row['id']}",
        )


async def _correct(stage: Stage, actor: Actor, address: str) -> None:
    """The slip in an address is put right; without a right one the task stays open."""
    async with stage.app.store.write() as conn:
        lead_id = await leads.find_by_email(conn, actor.email)
        if lead_id is not None:
            await leads.set_fields(conn, lead_id, {"email": address})
            await leads.add_addresses(conn, lead_id, {"email": address}, stage.clock.now())


def _result(stage: Stage, task: Mapping[str, Any]) -> str:
    """What came of it: what the person says on the phone where the task has such a result."""
    actor = stage.who(task["email"])
    possible = [str(result) for result in task["results"] or ()]
    if actor is not None and actor.on_the_phone in possible:
        return str(actor.on_the_phone)
    return next((one for one in reversed(_CALLED) if one in possible), possible[0] if possible else "done")
