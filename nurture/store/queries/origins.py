"""Where a link in an email came from: the message, without its bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.store.tables import Row

_M, _LEAD = Row.metadata.tables["message"], Row.metadata.tables["lead"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The message a link stood in, and the person it went to."""

    message: int
    lead_id: int
    campaign: str
    run: str
    step: str
    template: str
    language: str | None
    country: str | None
    erased: bool

    def told(self) -> dict[str, Any]:
        """What an event says of the message it goes back to."""
        known = asdict(self)
        return {name: known[name] for name in ("campaign", "run", "step", "template", "message")}


async def origin(conn: AsyncConnection, message: int) -> Origin | None:
    """The message with this id, or None."""
    query = (
        select(
            _M.c.id.label("message"),
            _M.c.lead_id,
            _M.c.campaign,
            _M.c.run,
            _M.c.step,
            _M.c.template,
            _LEAD.c.language,
            _LEAD.c.country,
            _LEAD.c.erased_at.is_not(None).label("erased"),
        )
        .join(_LEAD, _LEAD.c.id == _M.c.lead_id)
        .where(_M.c.id == message)
    )
    row = (await conn.execute(query)).mappings().first()
    return Origin(**{**row, "erased": bool(row["erased"])}) if row is not None else None
