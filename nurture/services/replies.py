"""What people do with mails that came in: look at them, correct what was made of them, count them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.errors import GrammarError, UsageError
from nurture.inbound.intent.reading import Intent
from nurture.inbound.verdict import Kind, Verdict
from nurture.language.problems import did_you_mean
from nurture.services.by_hand import Hand, finish_task, lead_called, read_reason
from nurture.services.hear import event_data
from nurture.services.record import record
from nurture.store.queries import inbox, messages, replies, traces

CORRECTIONS: Final = "corrections.jsonl"
"""The file in the project's folder that corrections are added to, in the form of labelled replies."""

MEANT: Final = (*(intent.value for intent in Intent if intent is not Intent.UNCLEAR), "auto_reply")
"""What a person may say a mail means."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a person says a mail means."""

    intent: str
    reason: str | None = None
    until: date | None = None


def read_meaning(intent: str, reason: str | None, until: str | None) -> Meant:
    """A correction as a person types it. Raises GrammarError, UsageError."""
    word = intent.strip().lower()
    if word not in MEANT:
        near = did_you_mean(word, MEANT)
        raise GrammarError(
            f"`{intent}` is no intent", f"did you mean {near}?" if near else f"one of {', '.join(MEANT)}"
        )
    if reason is not None and word != "refused":
        raise UsageError("--reason is why somebody refuses: use it with --intent refused.")
    if until is not None and word not in ("later", "auto_reply"):
        raise UsageError("--until is the date meant: use it with --intent later or auto_reply.")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise GrammarError(f"`{until}` is no date", "write 2027-01-15") from None
    return Meant(word, read_reason(reason) if word == "refused" else None, day)


async def mail_called(conn: AsyncConnection, key: int) -> dict[str, Any]:
    """A mail we got. Raises UsageError where there is none."""
    row = await inbox.get(conn, key)
    if row is None:
        raise UsageError(f"There is no mail {key}. See: nurture reply list")
    return row


async def correct(
    conn: AsyncConnection, key: int, meant: Meant, hand: Hand, lead: str | None = None
) -> dict[str, Any]:
    """Record what a mail means by a person's word; answers the labelled reply to be kept.

    What was done before stays done: the corrected event follows it and moves the lead on. The tasks that ask about the
    mail are done. Raises UsageError for a mail that is nobody's, not read yet, or was corrected before.
    """
    row = await mail_called(conn, key)
    if lead is None and row["lead_id"] is None:
        raise UsageError(f"Nobody knows whose mail {key} is. Say so: --lead EMAIL")
    person = await lead_called(conn, lead if lead is not None else str(row["lead_id"]))
    said = dict(row["verdict"] or {})
    told = {
        "intent": meant.intent,
        "reason": meant.reason,
        "until": meant.until,
        "by": hand.who,
        "at": hand.now,
    }
    values = {"verdict": {**said, "corrected": told}, "lead_id": person["id"]}
    if not await replies.correct(conn, key, values):
        before = "was corrected before" if row["state"] == "corrected" else "is not read yet"
        raise UsageError(f"Mail {key} {before}.")
    await _record(conn, row, person["id"], meant, hand)
    for task in await replies.tasks_about(conn, key, person["id"]):
        await finish_task(conn, task, None, f"meant: {meant.intent}", hand)
    await traces.note(
        conn, hand.who, "reply corrected", hand.now, lead_id=person["id"], data={"received": key, **told}
    )
    return labelled(said, meant, row["received_at"])


async def _record(
    conn: AsyncConnection, row: Mapping[str, Any], lead_id: int, meant: Meant, hand: Hand
) -> None:
    verdict = verdict_of(row)
    message = await messages.get(conn, row["message_ref"]) if row["message_ref"] else None
    mine = message if message is not None and message["lead_id"] == lead_id else {}
    data = event_data(verdict, row["id"], mine) | {
        "reason": meant.reason,
        "until": meant.until,
        "confidence": 1.0,
        "evidence": [f"{hand.who} read it"],
        "corrected": verdict.intent or str(verdict.kind),
    }
    type = {"unsubscribe": "unsubscribed", "auto_reply": "auto_reply"}.get(
        meant.intent, f"reply.{meant.intent}"
    )
    known = {name: value for name, value in data.items() if value is not None}
    await record(conn, lead_id, type, known, now=hand.now, secret=hand.secret, key=f"corrected:{row['id']}")


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """What was made of a mail; one that could not be read is `other`."""
    said = row["verdict"]
    return Verdict.from_dict(dict(said)) if said else Verdict(kind=Kind.OTHER)


def labelled(said: Mapping[str, Any], meant: Meant, received_at: datetime) -> dict[str, Any]:
    """A line of labelled replies, as `nurture reply test` and the training data have them."""
    asked = said.get("asked")
    return {
        "text": said.get("text") or "",
        **({"asked": asked} if asked else {}),
        "intent": meant.intent,
        "reason": meant.reason,
        "until": meant.until.isoformat() if meant.until else None,
        "language": said.get("language"),
        "written_at": said.get("date") or received_at.isoformat(),
        "read_as": said.get("intent"),
    }


def keep_correction(folder: Path, line: Mapping[str, Any]) -> Path:
    """Add a labelled reply to the project's file; answers the file. Raises UsageError where it cannot be written."""
    path = folder / CORRECTIONS
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(line), ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f"The correction holds, but {path} can't be written: {error.strerror}.") from None
    return path


async def figures(conn: AsyncConnection, start: datetime | None, end: datetime | None) -> dict[str, Any]:
    """The figures of `nurture report replies`: counts, the share of replies that were unclear or corrected."""
    by_kind: Counter[str] = Counter()
    by_intent: Counter[str] = Counter()
    by_language: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for kind, intent, language, state, number in await replies.counts(conn, start, end):
        by_state[state] += number
        by_kind[kind or "unread"] += number
        if kind == Kind.REPLY:
            by_intent[intent or "unclear"] += number
            by_language[language or "unknown"] += number
    written = by_kind[str(Kind.REPLY)]
    return {
        "mails": sum(by_state.values()),
        "kinds": dict(by_kind.most_common()),
        "replies": written,
        "intents": dict(by_intent.most_common()),
        "languages": dict(by_language.most_common()),
        "unclear": by_intent["unclear"],
        "unclear_share": round(by_intent["unclear"] / written, 4) if written else None,
        "corrected": by_state["corrected"],
        "corrected_share": round(by_state["corrected"] / written, 4) if written else None,
        "kept": by_state["kept"],
        "quarantined": by_state["quarantined"],
        "duplicates": by_state["duplicate"],
    }
