"""What tests of services share."""

from __future__ import annotations

import pytest

from nurture.core.effects import SendEmail
from nurture.core.tokens import Purpose, plus_address, sign
from nurture.services.receive import Receiver
from nurture.services.record import find_or_add_lead
from nurture.store.engine import Store
from nurture.store.queries.outcomes import insert_new
from nurture.store.rows import message_values
from tests.unit.services.mail_office import KEY, MESSAGE, NOW, SECRET, Office, Reader


@pytest.fixture
async def office(store: Store) -> Office:
    async with store.write() as conn:
        lead_id, _ = await find_or_add_lead(conn, {"email": "ada@example.org"}, now=NOW, secret=SECRET)
        await find_or_add_lead(conn, {"email": "bob@other.example"}, now=NOW, secret=SECRET)
        values = message_values(
            lead_id,
            SendEmail(at=NOW, run="c/1", step="hello", campaign="c", version="v", template="hello"),
            NOW,
        )
        more = {
            "state": "sent",
            "message_id": Office.message_id,
            "recipient": "ada@example.org",
            "sent_at": NOW,
        }
        made = await conn.execute(
            insert_new(conn, MESSAGE).values(**{**values, **more}).returning(MESSAGE.c.id)
        )
        message = int(made.scalar() or 0)
    token = sign(Purpose.REPLY, str(message), KEY)
    return Office(store, Receiver(store, Reader(), SECRET), message, plus_address("hello@us.example", token))
