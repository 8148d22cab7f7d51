"""Notices that Amazon SES sends by mail through SNS: a line of JSON that tells of a bounce, complaint or delivery."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from nurture.inbound.message import Received

MAX_NOTICE = 100_000
_RECIPIENTS = ("bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: `kind` is `bounce`, `complaint`, `delivery`, `delay` or another word of theirs; `message_id` is the
    original's, if named.
    """

    kind: str
    recipients: tuple[str, ...]
    status: str | None
    diagnostic: str
    permanent: bool
    message_id: str | None


def read_notice(mail: Received) -> Notice | None:
    """The notice this mail holds, or None."""
    text = mail.text.lstrip()
    head = text[:MAX_NOTICE]
    if not head.startswith("{") or ("notificationType" not in head and "eventType" not in head):
        return None
    try:
        data, _ = json.JSONDecoder(strict=False).raw_decode(head)
        if isinstance(data.get("Message"), str):
            data = json.loads(data["Message"], strict=False)
        return _notice(data)
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError):
        return None


def _notice(data: dict[str, Any]) -> Notice | None:
    named = str(data.get("notificationType") or data.get("eventType")).replace(" ", "")
    kind = {"deliverydelay": "delay"}.get(named.lower(), named.lower())
    about = next((value for key, value in data.items() if key.lower() == named.lower()), None) or {}
    listed: list[Any] = next((about[name] for name in _RECIPIENTS if about.get(name)), [])
    people = [one if isinstance(one, dict) else {"emailAddress": one} for one in listed]
    first: dict[str, Any] = people[0] if people else {}
    return Notice(
        kind=kind,
        recipients=tuple(str(one["emailAddress"]) for one in people if one.get("emailAddress")),
        status=str(first["status"]) if first.get("status") else None,
        diagnostic=str(first.get("diagnosticCode") or ""),
        permanent=about.get("bounceType") == "Permanent",
        message_id=_original_id(data.get("mail") or {}),
    )


def _original_id(mail: dict[str, Any]) -> str | None:
    common = mail.get("commonHeaders") or {}
    if common.get("messageId"):
        return str(common["messageId"])
    for header in mail.get("headers") or []:
        if str(header.get("name", "")).lower() == "message-id":
            return str(header.get("value"))
    return None
