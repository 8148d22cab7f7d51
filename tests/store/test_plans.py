"""What the daemon asks all the time is answered by an index: no scan of leads, runs, events or messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from nurture.store.engine import open_store
from nurture.store.migrate import upgrade
from nurture.store.queries.cases import _NEXT_DUE, due_leads_query
from nurture.store.queries.inbox import acted_on_query, waiting_query
from nurture.store.queries.messages import claim_query, next_due_query
from nurture.store.queries.organisations import leads_at_query
from nurture.store.queries.replies import listed_query
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (due_leads_query(100), ("ix_event_unhandled", "ix_enrolment_due", "ix_lead_wake")),
        (_NEXT_DUE, ("ix_event_unhandled", "ix_enrolment_due", "ix_lead_wake")),
        (claim_query(NOW, 100), ("ix_message_next",)),
        (waiting_query(50), ("ix_received_waiting",)),
        (acted_on_query(900, "Ada@example.org", NOW), ("ix_received_sender",)),
        (listed_query(state="quarantined"), ("ix_received_state",)),
        (leads_at_query(["firm.example", "mail.firm.example"]), ("ix_address_domain", "ix_message_lead_id")),
        (next_due_query(), ("ix_message_next",)),
    ],
)
async def test_looks_go_through_partial_indexes(tmp_path: Path, asked: Any, index: tuple[str, ...]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'nurture.db'}")
    await upgrade(store, NOW)
    written = str(asked.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}))
    async with store.read() as conn:
        bound = written.replace("?", "20")
        plan = " | ".join(row[3] for row in await conn.execute(text(f"EXPLAIN QUERY PLAN {bound}")))
    await store.close()
    for name in index:
        assert name in plan, plan
    for table in ("lead", "enrolment", "event", "message", "received", "address"):
        assert f"SCAN {table} |" not in plan + " |", plan
