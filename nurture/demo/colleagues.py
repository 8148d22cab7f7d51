"""Our own people in the story: they deal with the tasks the engine opens for them, in their office hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from nurture.core.duration import Duration, add
from nurture.demo.stage import Stage
from nurture.demo.story import Actor
from nurture.services.by_hand import Hand, finish_task, lead_called, set_fields
from nurture.store.queries import tasks

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
            await _correct(stage, actor, actor.really, task)
            await _finish(stage, task)

    return add(_SOON, now, stage.app.catalog.company_place), work


async def _finish(stage: Stage, task: Mapping[str, Any]) -> None:
    """The task done, with the result the person called would give; a run it held goes on."""
    async with stage.app.store.write() as conn:
        row = await tasks.get(conn, task["id"])
        if row is not None and row["state"] in ("open", "overdue"):
            await finish_task(conn, task["id"], _result(stage, task), None, _hand(stage, row))


async def _correct(stage: Stage, actor: Actor, address: str, task: Mapping[str, Any]) -> None:
    """The slip in an address is put right; without a right one the task stays open."""
    async with stage.app.store.write() as conn:
        lead = await lead_called(conn, actor.email)
        await set_fields(conn, lead, {"email": address}, _hand(stage, task))


def _hand(stage: Stage, task: Mapping[str, Any]) -> Hand:
    return Hand(str(task["colleague"] or "sales"), stage.clock.now(), stage.app.secret)


def _result(stage: Stage, task: Mapping[str, Any]) -> str:
    """What came of it: what the person says on the phone where the task has such a result."""
    actor = stage.who(task["email"])
    possible = [str(result) for result in task["results"] or ()]
    if actor is not None and actor.on_the_phone in possible:
        return str(actor.on_the_phone)
    return next((one for one in reversed(_CALLED) if one in possible), possible[0] if possible else "done")
