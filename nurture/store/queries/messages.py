"""The outbox: claiming, marking, settling. Every statement is conditional on the state it expects.

The marker (`mark`) is the one statement the promise "at most once" rests on: see architecture.md, Sending at most once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.queries.outcomes import insert_new
from nurture.store.tables import Row

_M, _LEAD = Row.metadata.tables["message"], Row.metadata.tables["lead"]
_SUPPRESSION, _PAUSE = Row.metadata.tables["suppression"], Row.metadata.tables["pause"]

CONFIRMATION = "confirmation"
"""`service` of the one mail that may go to a suppressed address: the confirmation they asked for themselves."""

_UNDONE = ("queued", "claimed", "handing_over", "deferred", "held")


def _claimable() -> tuple[ColumnElement[bool], ...]:
    """What waits for its time alone: queued or deferred, and no earlier one of the same run is undone."""
    earlier = _M.alias("earlier")
    waits = exists().where(
        earlier.c.lead_id == _M.c.lead_id,
        earlier.c.run == _M.c.run,
        earlier.c.id < _M.c.id,
        earlier.c.state.in_(_UNDONE),
    )
    return (_M.c.next_at.is_not(None), _M.c.state.in_(("queued", "deferred")), ~waits)


def claim_query(now: datetime, limit: int) -> Any:
    """Ids of messages whose time has come, the longest due first; an earlier one of the same run goes first."""
    return (
        select(_M.c.id).where(*_claimable(), _M.c.next_at <= now).order_by(_M.c.next_at, _M.c.id).limit(limit)
    )


def next_due_query() -> Any:
    """The time at which the next message may be claimed."""
    return select(_M.c.next_at).where(*_claimable()).order_by(_M.c.next_at).limit(1)


async def claim(
    conn: AsyncConnection, owner: str, now: datetime, lease_until: datetime, limit: int
) -> list[dict[str, Any]]:
    """Claim at most `limit` due messages for `owner`; they are ours until `lease_until` or the marker."""
    query = claim_query(now, limit)
    if conn.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    ids = (await conn.scalars(query)).all()
    if not ids:
        return []
    taken = (
        update(_M)
        .where(_M.c.id.in_(ids), _M.c.state.in_(("queued", "deferred")))
        .values(
            state="claimed",
            owner=owner,
            lease_until=lease_until,
            attempt=_M.c.attempt + 1,
            first_tried_at=func.coalesce(_M.c.first_tried_at, now),
            next_at=None,
        )
        .returning(*_M.c)
    )
    rows = [dict(row) for row in (await conn.execute(taken)).mappings()]
    return sorted(rows, key=lambda row: row["id"])


async def next_due(conn: AsyncConnection) -> datetime | None:
    """When the next message may be claimed; None when none waits. One behind a held one has no time."""
    return cast(datetime | None, await conn.scalar(next_due_query()))


async def keep_bytes(conn: AsyncConnection, message: int, values: Mapping[str, Any]) -> None:
    """Keep what was rendered: made once, a retry sends the same bytes."""
    await conn.execute(update(_M).where(_M.c.id == message, _M.c.raw.is_(None)).values(**dict(values)))


async def mark(
    conn: AsyncConnection, claims: Collection[tuple[int, int]], owner: str, now: datetime
) -> set[int]:
    """The marker before the final dot, for many messages in one commit; answers those that may go.

    `claims` are (message, attempt). A message may go only while we still hold this very claim, the person is not
    suppressed, the stage still fits, nothing is paused, its window is open and it is not too late.
    """
    suppressed = exists().where(
        or_(_SUPPRESSION.c.hash == _M.c.recipient_hash, _SUPPRESSION.c.lead_id == _M.c.lead_id)
    )
    paused = exists().where(or_(_PAUSE.c.scope == _M.c.campaign, _PAUSE.c.scope == "everything"))
    stage = select(_LEAD.c.stage).where(_LEAD.c.id == _M.c.lead_id).scalar_subquery()
    fits = or_(
        _M.c.stages.is_(None),
        (literal(" ") + _M.c.stages + literal(" ")).like(literal("% ") + stage + literal(" %")),
    )
    ours = or_(*(and_(_M.c.id == message, _M.c.attempt == attempt) for message, attempt in claims))
    marked = (
        update(_M)
        .where(
            ours,
            _M.c.state == "claimed",
            _M.c.owner == owner,
            or_(_M.c.service == CONFIRMATION, ~suppressed),
            ~paused,
            fits,
            or_(_M.c.window_open_until.is_(None), _M.c.window_open_until > now),
            or_(_M.c.latest.is_(None), _M.c.latest >= now),
        )
        .values(state="handing_over", marked_at=now)
        .returning(_M.c.id)
    )
    return set((await conn.scalars(marked)).all())


async def settle(
    conn: AsyncConnection, message: int, attempt: int, states: Sequence[str], values: Mapping[str, Any]
) -> bool:
    """Write the outcome of an attempt, if the row is still this attempt's and in one of `states`."""
    mine = (_M.c.id == message, _M.c.attempt == attempt, _M.c.state.in_(states))
    return (await conn.execute(update(_M).where(*mine).values(**dict(values)))).rowcount == 1


async def recover(conn: AsyncConnection, now: datetime, *, alone: bool = False) -> tuple[int, int]:
    """After a crash: claims whose lease ran out are queued again, hand-overs become doubt; answers how many of each.

    `alone`: no other daemon works on this database, so every claim there is was left behind. A hand-over is never
    queued again by itself.
    """
    over = _M.c.state.in_(("claimed", "handing_over")) if alone else _M.c.lease_until <= now
    back = (
        update(_M)
        .where(_M.c.state == "claimed", over)
        .values(state="queued", owner=None, lease_until=None, next_at=now)
    )
    doubt = update(_M).where(_M.c.state == "handing_over", over).values(state="in_doubt", lease_until=None)
    return (await conn.execute(back)).rowcount, (await conn.execute(doubt)).rowcount


async def doubtful(conn: AsyncConnection, before: datetime, limit: int = 200) -> list[dict[str, Any]]:
    """Messages in doubt that were marked before that time."""
    query = (
        select(_M.c.id, _M.c.lead_id, _M.c.attempt, _M.c.in_doubt, _M.c.campaign, _M.c.step, _M.c.template)
        .where(_M.c.state == "in_doubt", or_(_M.c.marked_at.is_(None), _M.c.marked_at <= before))
        .limit(limit)
    )
    return [dict(row) for row in (await conn.execute(query)).mappings()]


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """How many messages there are in each state."""
    rows = await conn.execute(select(_M.c.state, func.count()).group_by(_M.c.state))
    return dict(rows.all())


async def claimable(conn: AsyncConnection, now: datetime) -> bool:
    """Whether any message's time has come."""
    return (await conn.scalar(claim_query(now, 1))) is not None


async def is_paused(conn: AsyncConnection, campaign: str) -> bool:
    """Whether the campaign or everything is paused."""
    query = select(_PAUSE.c.scope).where(_PAUSE.c.scope.in_((campaign, "everything"))).limit(1)
    return (await conn.scalar(query)) is not None


async def get(conn: AsyncConnection, message: int) -> dict[str, Any] | None:
    """A message's row."""
    row = (await conn.execute(select(_M).where(_M.c.id == message))).mappings().first()
    return dict(row) if row is not None else None


async def by_message_ids(conn: AsyncConnection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Our messages among these Message-IDs."""
    query = select(_M.c.id, _M.c.lead_id, _M.c.campaign, _M.c.run, _M.c.step, _M.c.template, _M.c.message_id)
    return [dict(row) for row in (await conn.execute(query.where(_M.c.message_id.in_(ids)))).mappings()]


async def latest_to(conn: AsyncConnection, lead_id: int) -> dict[str, Any] | None:
    """The message a lead was sent last."""
    query = (
        select(_M.c.id, _M.c.lead_id, _M.c.campaign, _M.c.run, _M.c.step, _M.c.template, _M.c.message_id)
        .where(_M.c.lead_id == lead_id, _M.c.state.in_(("sent", "in_doubt")))
        .order_by(func.coalesce(_M.c.sent_at, _M.c.marked_at, _M.c.planned_at).desc(), _M.c.id.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).mappings().first()
    return dict(row) if row is not None else None


async def thread_of(conn: AsyncConnection, lead_id: int, run: str, before: int) -> list[str]:
    """The Message-IDs this run has sent before, the oldest first."""
    query = (
        select(_M.c.message_id)
        .where(
            _M.c.lead_id == lead_id,
            _M.c.run == run,
            _M.c.id < before,
            _M.c.message_id.is_not(None),
            _M.c.state.in_(("sent", "in_doubt", "handing_over")),
        )
        .order_by(_M.c.id)
    )
    return list((await conn.scalars(query)).all())


async def note(conn: AsyncConnection, message: int, column: str, now: datetime) -> bool:
    """Note the first time a message was opened, clicked or answered; False when it was before."""
    mine = (_M.c.id == message, _M.c[column].is_(None))
    return (await conn.execute(update(_M).where(*mine).values({column: now}))).rowcount == 1


async def listed(
    conn: AsyncConnection, *, state: str | None = None, lead_id: int | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Messages without their bytes, the newest first."""
    columns = [column for column in _M.c if column.name not in ("raw", "values")]
    query = select(*columns, _LEAD.c.email).join(_LEAD, _LEAD.c.id == _M.c.lead_id)
    if state is not None:
        query = query.where(_M.c.state == state)
    if lead_id is not None:
        query = query.where(_M.c.lead_id == lead_id)
    rows = await conn.execute(query.order_by(_M.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def release_held(conn: AsyncConnection, why: str, now: datetime) -> int:
    """Queue again what is held for a reason that is over."""
    statement = (
        update(_M)
        .where(_M.c.state == "held", _M.c.why.like(f"{why}%"))
        .values(state="queued", next_at=now, why=None)
    )
    return (await conn.execute(statement)).rowcount


async def attempts(conn: AsyncConnection, send_keys: Sequence[str]) -> dict[str, int]:
    """How often each of these was tried, as far as this database knows; a settled one counts as tried enough."""
    settled = case((_M.c.state.in_(("sent", "in_doubt", "failed")), 1_000_000), else_=_M.c.attempt)
    query = (
        select(_M.c.send_key, func.max(settled)).where(_M.c.send_key.in_(send_keys)).group_by(_M.c.send_key)
    )
    return dict((await conn.execute(query)).all())


async def learn(conn: AsyncConnection, send_key: str, attempt: int, at: datetime, now: datetime) -> int:
    """What the journal knows and this database does not: the message is in doubt, and blocks its send key.

    Answers 1 where something was learned, 0 where the lead is not in this database.
    """
    parts = send_key.split("|", 4)
    if len(parts) != 5 or not parts[0].isdigit():
        return 0
    lead_id, run, step, template, occurrence = int(parts[0]), *parts[1:]
    known = update(_M).where(
        _M.c.send_key == send_key, _M.c.state.in_(("queued", "claimed", "deferred", "held"))
    )
    doubt = {"state": "in_doubt", "attempt": attempt, "marked_at": at, "next_at": None, "why": "journal"}
    if (await conn.execute(known.values(**doubt))).rowcount:
        return 1
    if await conn.scalar(select(_LEAD.c.id).where(_LEAD.c.id == lead_id)) is None:
        return 0
    row = {
        **doubt,
        "lead_id": lead_id,
        "run": run,
        "campaign": run.rpartition("/")[0],
        "version": "",
        "step": step,
        "template": template,
        "occurrence": occurrence,
        "send_key": send_key,
        "planned_at": at,
        "created_at": now,
    }
    return (await conn.execute(insert_new(conn, _M).values(**row))).rowcount
