"""Events as they are written down: what no database can keep is left out."""

from __future__ import annotations

from nurture.services.record import record
from nurture.store.engine import Store
from tests.conftest import NOW
from tests.store.seeds import add_lead, column


async def test_what_no_database_keeps_is_left_out_at_any_depth(store: Store) -> None:
    data = {"note": "a\0b", "lines": ["c\0", {"d\0": "e\ud800"}], "sum": 3, "at": NOW}
    async with store.write() as conn:
        lead = await add_lead(conn)
        assert await record(conn, lead, "order.paid", data, now=NOW, secret="s", key="order\0 7") is not None
        assert await record(conn, lead, "order.paid", data, now=NOW, secret="s", key="order 7") is None
        assert await column(conn, "event", "data") == [
            {"note": "ab", "lines": ["c", {"d": "e?"}], "sum": 3, "at": NOW}
        ]
