"""Tell colleagues and other systems what a campaign says: `notify:` and `webhook:`.

At least once, with growing pauses; what cannot be told in three days is given up and becomes a task. A webhook's body
is signed, and its id makes a repetition harmless to the receiver.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from nurture.config import Settings
from nurture.core.errors import NurtureError, OutsideError
from nurture.mail.compose import compose
from nurture.mail.headers import Head, Mailbox, message_id
from nurture.mail.replies import GIVE_UP_AFTER, Outcome, Stage, meaning, retry_delay
from nurture.ports import Caller, InDoubt, Mailer, NotSent
from nurture.services.letters import House
from nurture.store.engine import Store
from nurture.store.queries import deliveries, tasks
from nurture.store.types import dump_json

log = structlog.get_logger(__name__)

_BATCH = 20
_LEASE = timedelta(minutes=5)
SIGNATURE = "Nurture-Signature"
"""The header with `sha256=` and the HMAC of the body under the webhook's secret."""


@dataclass(slots=True)
class Teller:
    """Tells for one project."""

    store: Store
    mailer: Mailer
    caller: Caller
    settings: Callable[[], Settings]
    house: Callable[[], House]

    async def tell(self, now: datetime) -> int:
        """Tell what is due; answers how much that was."""
        async with self.store.read() as conn:
            first = await deliveries.next_due(conn)
        if first is None or first > now:
            return 0
        async with self.store.write() as conn:
            due = await deliveries.claim(conn, now, now + _LEASE, _BATCH)
        for one in due:
            await self._one(one, now)
        return len(due)

    async def _one(self, one: Mapping[str, Any], now: datetime) -> None:
        try:
            answer = await self._call(one, now) if one["kind"] == "webhook" else await self._notify(one, now)
            values: dict[str, Any] = {"state": "done", "next_at": None, "answer": answer}
        except _Never as refusal:
            values = {"state": "failed", "next_at": None, "answer": str(refusal)[:500]}
        except (NurtureError, OSError) as error:
            late = now - one["created_at"] >= GIVE_UP_AFTER
            again = None if late else now + retry_delay(one["attempts"], str(one["id"]))
            values = {"state": "failed" if late else "queued", "next_at": again, "answer": str(error)[:500]}
        async with self.store.write() as conn:
            await deliveries.settle(conn, one["id"], values)
            if values["state"] == "failed":
                text = f"{one['kind']} {one['target']} could not be told: {values['answer']}"
                await tasks.open_once(conn, one["lead_id"], text, f"told:{one['id']}", now, kind="system")
        log.info("tell", kind=one["kind"], target=one["target"], state=values["state"])

    # -- other systems ------------------------------------------------------------------------------------------

    async def _call(self, one: Mapping[str, Any], now: datetime) -> str:
        webhook = self.settings().webhooks.get(one["target"])
        if webhook is None:
            raise _Never(f"config.yaml has no webhook {one['target']}")
        told = {
            "id": one["id"],
            "webhook": one["target"],
            "at": one["created_at"].isoformat(),
            "lead": {"id": one["lead_id"], "email": one["lead_email"], "name": one["lead_name"]},
            "data": _plain(one["payload"]),
        }
        body = dump_json(told).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "nurture"}
        if webhook.secret:
            digest = hmac.new(webhook.secret.encode(), body, hashlib.sha256).hexdigest()
            headers[SIGNATURE] = f"sha256={digest}"
        status = await self.caller.post(str(webhook.url), body, headers)
        if not 200 <= status < 300:
            raise OutsideError(f"it answered {status}")
        return str(status)

    # -- people -------------------------------------------------------------------------------------------------

    async def _notify(self, one: Mapping[str, Any], now: datetime) -> str:
        """By email to colleagues, or to a chat's incoming address."""
        text = str(one["payload"].get("text") or "")
        channel = self.settings().notify.get(one["target"])
        if channel is not None and channel.url:
            status = await self.caller.post(
                str(channel.url), dump_json({"text": text}).encode(), {"Content-Type": "application/json"}
            )
            if not 200 <= status < 300:
                raise OutsideError(f"it answered {status}")
            return str(status)
        addresses = self._addresses(one, channel.to if channel is not None else ())
        if not addresses:
            raise _Never(f"nobody is known as {one['target']}")
        for number, address in enumerate(addresses):
            await self._mail(one, address, number, text, now)
        return ", ".join(addresses)

    def _addresses(self, one: Mapping[str, Any], given: tuple[str, ...]) -> list[str]:
        if given:
            return list(given)
        team = self.settings().team
        if one["target"] == "owner":
            return [one["lead_owner"]] if one["lead_owner"] else [self.house().sender.address]
        if one["target"] == "manager":
            return [colleague.email for colleague in team if colleague.manager]
        return [one["target"]] if "@" in one["target"] else []

    async def _mail(
        self, one: Mapping[str, Any], address: str, number: int, text: str, now: datetime
    ) -> None:
        house = self.house()
        about = one["lead_name"] or one["lead_email"] or "a lead"
        head = Head(
            message_id=message_id(f"told.{one['id']}.{number}", house.domain),
            at=one["created_at"],
            sender=house.sender,
            to=Mailbox(address),
            subject=f"{about}: {text.splitlines()[0] if text.strip() else one['target']}"[:150],
            automatic=True,
        )
        raw = compose(head, f"{text}\n\n{about} <{one['lead_email'] or 'no address'}>\n")
        async with self.mailer.connection() as connection:
            try:
                offer = await connection.offer(house.sender.address, address, raw)
                meant = meaning(Stage.DOT, await offer.finish())
            except NotSent as refusal:
                meant = refusal.meaning
            except InDoubt:
                return
        if meant.outcome is Outcome.NEVER:
            raise _Never(meant.word.sentence)
        if meant.outcome is not Outcome.ACCEPTED:
            raise OutsideError(meant.word.sentence)


class _Never(NurtureError):
    """It makes no sense to try this again."""


def _plain(data: Any) -> Any:
    """Times as ISO texts, for readers who know nothing of us."""
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data.isoformat() if hasattr(data, "isoformat") else data
