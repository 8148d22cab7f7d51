"""What came in, as people look at it: lists, figures, corrections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, case, cast, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_R, _LEAD, _TASK = (Row.metadata.tables[name] for name in ("received", "lead", "task"))

LANGUAGES = ("en", "de", "fr", "da", "ru")


async def listed(
    conn: AsyncConnection,
    *,
    state: str | None = None,
    kind: str | None = None,
    intent: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Mails we got without their bytes, the newest first, with the lead's address."""
    query = listed_query(state=state, kind=kind, intent=intent, limit=limit)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


def listed_query(
    *, state: str | None = None, kind: str | None = None, intent: str | None = None, limit: int = 100
) -> Select[Any]:
    """The query of `listed`. Few mails are neither new nor done: an index holds them, and is named by its condition."""
    columns = [column for column in _R.c if column.name != "raw"]
    query = select(*columns, _LEAD.c.email.label("lead_email")).join(
        _LEAD, _LEAD.c.id == _R.c.lead_id, isouter=True
    )
    wanted = {_R.c.state: state, _R.c.kind: kind, _R.c.intent: intent}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if state not in (None, "new", "done"):
        query = query.where(text("received.state NOT IN ('new', 'done')"))
    return query.order_by(_R.c.id.desc()).limit(limit)


async def counts(
    conn: AsyncConnection, start: datetime | None, end: datetime | None
) -> list[tuple[str | None, str | None, str | None, str, int]]:
    """How many mails of each (kind, intent, language, state) came in [start, end)."""
    verdict = cast(_R.c.verdict, Text)
    # The compact JSON that `dump_json` writes; quotes inside a text are escaped there and look different.
    language = case(
        *((verdict.contains(f'"language":"{tag}"', autoescape=True), tag) for tag in LANGUAGES), else_=None
    )
    of_one = select(_R.c.kind, _R.c.intent, language.label("language"), _R.c.state)
    if start is not None:
        of_one = of_one.where(_R.c.received_at >= start)
    if end is not None:
        of_one = of_one.where(_R.c.received_at < end)
    each = of_one.subquery()
    query = select(*each.c, func.count()).group_by(*each.c)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in (await conn.execute(query)).all()]


async def correct(conn: AsyncConnection, key: int, values: Mapping[str, Any]) -> bool:
    """Mark a mail as corrected by a person; False when it was before, or is not read yet."""
    mine = (_R.c.id == key, _R.c.state.not_in(("new", "corrected")))
    changed = update(_R).where(*mine).values(state="corrected", **dict(values))
    return (await conn.execute(changed)).rowcount == 1


async def tasks_about(conn: AsyncConnection, key: int, lead_id: int | None) -> list[int]:
    """The open tasks that ask about this mail."""
    query = select(_TASK.c.id, _TASK.c.once, _TASK.c.data).where(
        _TASK.c.state.in_(("open", "overdue")),
        or_(_TASK.c.once == f"received:{key}", _TASK.c.lead_id == lead_id),
    )
    rows = (await conn.execute(query)).all()
    return [
        row.id for row in rows if row.once == f"received:{key}" or (row.data or {}).get("received") == key
    ]
