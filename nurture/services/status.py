"""How the engine stands: what is due, queued, in doubt, paused; when the daemon last gave a sign of life."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries import beats, bells, cases, events, inbox, messages, runs, tasks

ALIVE_WITHIN: Final = timedelta(minutes=5)
"""A daemon rings its bells every minute; one that has not for so long is not running.

A beat further ahead than that was made by a clock that was wrong, and says nothing.
"""


async def status_of(conn: AsyncConnection, now: datetime, *, locked: bool | None = None) -> dict[str, Any]:
    """Everything `nurture status` shows.

    `locked`: whether a daemon holds the database, where that can be known; else its last beat alone tells.
    """
    rings = await beats.all_rings(conn)
    known = [at for name, at in rings.items() if not name.startswith("segment ")]
    last = max((at for at in known if at - now < ALIVE_WITHIN), default=max(known, default=None))
    next_due, next_mail = await cases.next_due(conn), await messages.next_due(conn)
    open_tasks = await tasks.listed(conn, state=None, limit=100_000)
    return {
        "now": now,
        "daemon": {
            "alive": locked is not False and last is not None and abs(now - last) < ALIVE_WITHIN,
            "locked": locked,
            "last_beat": last,
            "beats": dict(sorted(rings.items())),
        },
        "due": {
            "steps": await runs.count_due(conn, now),
            "events": await events.count_unhandled(conn),
            "mails": await inbox.count_waiting(conn),
            "next_at": next_due,
            "next_email_at": next_mail,
        },
        "messages": await messages.counts(conn),
        "runs": await runs.counts(conn),
        "tasks": {state: sum(task["state"] == state for task in open_tasks) for state in ("open", "overdue")},
        "paused": await bells.paused(conn),
    }
