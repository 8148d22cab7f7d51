"""Tasks of colleagues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.errors import IllegalTransition
from nurture.core.lifecycle import TASK, move
from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_TASK, _LEAD = (Row.metadata.tables[name] for name in ("task", "lead"))


async def open_once(
    conn: AsyncConnection, lead_id: int | None, text: str, once: str, now: datetime, kind: str = "system"
) -> None:
    """Open a task unless an open one with this key is there already for the lead, or for nobody in particular.

    A lead's task is its owner's.
    """
    values: dict[str, Any] = {"lead_id": lead_id, "text": text, "once": once, "kind": kind, "created_at": now}
    if lead_id is not None:
        values["colleague"] = select(_LEAD.c.owner).where(_LEAD.c.id == lead_id).scalar_subquery()
    else:
        # A unique index takes rows without a lead for different ones.
        same = (_TASK.c.lead_id.is_(None), _TASK.c.once == once, _TASK.c.state == "open")
        if await conn.scalar(select(_TASK.c.id).where(*same).limit(1)) is not None:
            return
    await conn.execute(insert_new(conn, _TASK).values(**values))


async def open_task(conn: AsyncConnection, values: Mapping[str, Any]) -> int:
    """Open a task; `values` are its columns."""
    return int(await conn.scalar(insert(_TASK).values(**dict(values)).returning(_TASK.c.id)) or 0)


async def get(conn: AsyncConnection, task_id: int) -> dict[str, Any] | None:
    """A task's row."""
    row = (await conn.execute(select(_TASK).where(_TASK.c.id == task_id))).mappings().first()
    return dict(row) if row is not None else None


async def finish(
    conn: AsyncConnection, task: Mapping[str, Any], result: str | None, note: str | None, now: datetime
) -> None:
    """A task done, with its result. Raises IllegalTransition when it is not open, or not as it was seen any more."""
    state = move(TASK, task["state"], "finish")
    values = {"state": state, "result": result, "note": note, "done_at": now}
    as_seen = (_TASK.c.id == task["id"], _TASK.c.state == task["state"])
    if (await conn.execute(update(_TASK).where(*as_seen).values(**values))).rowcount == 0:
        raise IllegalTransition("somebody else was quicker with this task: look at it again")


async def listed(
    conn: AsyncConnection, *, lead_id: int | None = None, state: str | None = "open", limit: int = 200
) -> list[dict[str, Any]]:
    """Tasks with the lead's name and address, the most urgent first."""
    query = (
        select(_TASK, _LEAD.c.email.label("lead_email"), _LEAD.c.name.label("lead_name"))
        .join(_LEAD, _LEAD.c.id == _TASK.c.lead_id, isouter=True)
        .order_by(_TASK.c.due_at.is_(None), _TASK.c.due_at, _TASK.c.id)
        .limit(limit)
    )
    if lead_id is not None:
        query = query.where(_TASK.c.lead_id == lead_id)
    if state is not None:
        query = query.where(_TASK.c.state == state)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def give(conn: AsyncConnection, lead_id: int, owner: str) -> None:
    """The lead's responsible colleague, named only now, gets the owner's tasks that were opened before."""
    waiting = (_TASK.c.lead_id == lead_id, _TASK.c.who == "owner", _TASK.c.colleague.is_(None))
    await conn.execute(update(_TASK).where(*waiting, _TASK.c.state == "open").values(colleague=owner))


async def overdue(conn: AsyncConnection, now: datetime, limit: int = 200) -> list[dict[str, Any]]:
    """Open tasks past their time."""
    query = (
        select(_TASK)
        .where(_TASK.c.state == "open", _TASK.c.due_at <= now)
        .order_by(_TASK.c.due_at)
        .limit(limit)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def mark_overdue(conn: AsyncConnection, task_ids: list[int]) -> None:
    """Mark open tasks overdue."""
    mine = (_TASK.c.id.in_(task_ids), _TASK.c.state == "open")
    await conn.execute(update(_TASK).where(*mine).values(state="overdue"))


async def escalate(conn: AsyncConnection, since: datetime, until: datetime, to: str) -> None:
    """Tasks left lying that were due after `since` and until `until` become this colleague's."""
    undone = _TASK.c.state.in_(("open", "overdue"))
    mine = (undone, _TASK.c.due_at > since, _TASK.c.due_at <= until)
    await conn.execute(update(_TASK).where(*mine).values(colleague=to))
