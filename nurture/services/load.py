"""The cases of some leads, as the catalog sees them: what every service that lets them live begins with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import keyed_hash
from nurture.core.case import Case
from nurture.services.catalog import Catalog
from nurture.store.queries import cases


async def load_cases(
    conn: AsyncConnection, lead_ids: Sequence[int], catalog: Catalog, secret: str
) -> dict[int, Case]:
    """By lead id, with the history that any version looks back at, and scores that fade as the rules say."""
    loaded = await cases.load_cases(
        conn,
        lead_ids,
        listens=catalog.listens(),
        place_of=catalog.place_of,
        owner_of=catalog.owner_of,
        hash_of=partial(keyed_hash, secret=secret),
        company=catalog.company,
    )
    for case in loaded.values():
        case.person.half_life = catalog.rules.half_life
    return loaded
