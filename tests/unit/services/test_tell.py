"""Telling colleagues and other systems: signed, repeated with pauses, given up with a task."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay
from nurture.adapters.webhook import HttpCaller
from nurture.config import load_config
from nurture.core.errors import OutsideError
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.mail.headers import Mailbox
from nurture.services.letters import House
from nurture.services.record import find_or_add_lead
from nurture.services.tell import SIGNATURE, Teller
from nurture.store.engine import Store
from nurture.store.tables import Row

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "5a" * 32
DELIVERY, TASK = Row.metadata.tables["delivery"], Row.metadata.tables["task"]
CONFIG = """
webhooks:
  crm: { url: https://crm.example/in, secret: geheim }
notify:
  sales: { to: [sales@us.example, boss@us.example] }
  chat: { url: https://chat.example/in }
team:
  - { email: anna@us.example, name: Anna, manager: true }
"""


@dataclass
class Caller:
    """Answers as it is told to, and remembers."""

    answers: list[int | Exception] = field(default_factory=list)
    calls: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.calls.append((url, body, headers))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer


async def queue(store: Store, kind: str, target: str, **payload: Any) -> None:
    async with store.write() as conn:
        lead_id, _ = await find_or_add_lead(
            conn,
            {"email": "ada@example.org", "name": "Ada", "owner": "anna@us.example"},
            now=NOW,
            secret=SECRET,
        )
        values = {"kind": kind, "target": target, "payload": payload, "lead_id": lead_id}
        await conn.execute(insert(DELIVERY).values(**values, next_at=NOW, created_at=NOW))


def teller(store: Store, caller: Any, port: int = 1) -> Teller:
    settings, problems = load_config(CONFIG, "config.yaml", {})
    assert settings is not None, problems
    house = House(
        Mailbox("hello@us.example", "Us"), "hello@us.example", "", "http://x", bytes.fromhex(SECRET)
    )
    return Teller(
        store, SmtpMailer(Relay(host="127.0.0.1", port=port)), caller, lambda: settings, lambda: house
    )


async def states(store: Store) -> list[str]:
    async with store.read() as conn:
        return list((await conn.scalars(select(DELIVERY.c.state).order_by(DELIVERY.c.id))).all())


async def test_a_webhook_is_called_signed_with_who_it_is_about(store: Store) -> None:
    caller = Caller()
    await queue(store, "webhook", "crm", at=NOW, report="Pumps")
    assert await teller(store, caller).tell(NOW) == 1
    [(url, body, headers)] = caller.calls
    assert url == "https://crm.example/in"
    assert headers[SIGNATURE] == "sha256=" + hmac.new(b"geheim", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["lead"]["email"], told["data"]) == (
        "ada@example.org",
        {"at": NOW.isoformat(), "report": "Pumps"},
    )
    assert await states(store) == ["done"]


async def test_no_answer_comes_again_and_is_given_up_with_a_task(store: Store) -> None:
    caller = Caller(answers=[503, OutsideError("no answer"), *[500] * 100])
    await queue(store, "webhook", "crm")
    tell, now, tries = teller(store, caller), NOW, 0
    while (await states(store)) == ["queued"] and tries < 100:
        now += timedelta(hours=1)
        tries += await tell.tell(now)
    assert await states(store) == ["failed"]
    assert timedelta(days=3) <= now - NOW < timedelta(days=3, hours=6)
    assert 10 < tries < 40
    async with store.read() as conn:
        texts = list((await conn.scalars(select(TASK.c.text))).all())
    assert texts == ["webhook crm could not be told: it answered 500"]


async def test_an_unknown_name_is_a_task_at_once(store: Store) -> None:
    await queue(store, "webhook", "erp")
    await queue(store, "notify", "nobody", text="Hello")
    await teller(store, Caller()).tell(NOW)
    assert await states(store) == ["failed", "failed"]


@pytest.mark.parametrize(
    ("target", "recipients"),
    [
        ("owner", ["anna@us.example"]),
        ("manager", ["anna@us.example"]),
        ("sales", ["boss@us.example", "sales@us.example"]),
        ("carl@us.example", ["carl@us.example"]),
    ],
)
async def test_colleagues_are_told_by_email(store: Store, target: str, recipients: list[str]) -> None:
    await queue(store, "notify", target, text="Ada wants a call.\r\nBcc: all@us.example")
    async with SmtpServer() as relay:
        tell = teller(store, Caller(), relay.port)
        await tell.tell(NOW)
        await tell.mailer.close()
    assert sorted(to for mail in relay.accepted for to in mail.recipients) == recipients
    head = relay.accepted[0].raw.partition(b"\r\n\r\n")[0]
    assert b"Subject: Ada: Ada wants a call." in head
    assert b"\r\nBcc" not in head


async def test_a_chat_is_told_over_http(store: Store) -> None:
    caller = Caller()
    await queue(store, "notify", "chat", text="Ada is hot.")
    await teller(store, caller).tell(NOW)
    assert [(url, json.loads(body)) for url, body, _ in caller.calls] == [
        ("https://chat.example/in", {"text": "Ada is hot."})
    ]


async def test_nobody_there_is_an_outside_error() -> None:
    with pytest.raises(OutsideError, match="no answer"):
        await HttpCaller().post("http://127.0.0.1:9/", b"{}", {})
