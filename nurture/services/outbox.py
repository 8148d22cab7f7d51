"""The outbox as a person looks at it and settles what is open in it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.errors import IllegalTransition, UsageError
from nurture.core.lifecycle import MESSAGE, move
from nurture.core.vocabulary import MessageState
from nurture.language.problems import did_you_mean
from nurture.services.by_hand import Hand
from nurture.store.queries import messages, traces

_STEPS: Final = {
    ("in_doubt", "sent"): "accept",
    ("in_doubt", "failed"): "fail",
    ("in_doubt", "again"): "resend",
    ("held", "again"): "release",
}
"""What a person may say of a message, as a step of its life-cycle."""

_HIDDEN: Final = frozenset({"raw", "values", "recipient_hash", "send_key", "owner", "lease_until"})


async def listed(conn: AsyncConnection, *, state: str | None, limit: int) -> list[dict[str, Any]]:
    """Messages without their texts, the newest first. Raises UsageError for a state there is not."""
    if state is not None and state not in tuple(MessageState):
        near = did_you_mean(state, tuple(MessageState))
        hint = f"Did you mean {near}?" if near else f"States are {', '.join(MessageState)}."
        raise UsageError(f"There is no state {state}. {hint}")
    rows = await messages.listed(conn, state=state, limit=limit)
    return [{name: value for name, value in row.items() if name not in _HIDDEN} for row in rows]


async def one(conn: AsyncConnection, number: int) -> dict[str, Any]:
    """A message with its bytes (`raw`). Raises UsageError where there is none."""
    row = await _row(conn, number)
    return {name: value for name, value in row.items() if name == "raw" or name not in _HIDDEN}


async def settle(conn: AsyncConnection, number: int, outcome: str, hand: Hand) -> str:
    """Settle a doubt (`sent`, `failed`, `again`) or release a held message (`again`); answers its state then.

    Raises UsageError where there is no such message, IllegalTransition where nothing is open about it.
    """
    row = await _row(conn, number)
    step = _STEPS.get((row["state"], outcome))
    if step is None:
        raise IllegalTransition(f"Message {number} is {row['state']}: that cannot be settled as {outcome}.")
    state = move(MESSAGE, row["state"], step)
    values: dict[str, Any] = {
        "state": state,
        "why": f"settled by {hand.who}",
        "next_at": None,
        "lease_until": None,
    }
    if state == "sent":
        values |= {"assumed": True, "sent_at": row["marked_at"] or hand.now}
    elif state == "queued":
        values |= {"next_at": hand.now, "window_open_until": None}
    await _write(conn, row, values)
    await _audit(conn, f"message {outcome}", row, hand)
    return state


async def withdraw(conn: AsyncConnection, number: int, hand: Hand) -> None:
    """Take back what was not handed over. Raises UsageError, IllegalTransition."""
    row = await _row(conn, number)
    try:
        state = move(MESSAGE, row["state"], "withdraw")
    except IllegalTransition:
        raise IllegalTransition(f"Message {number} is {row['state']} and cannot be taken back.") from None
    await _write(conn, row, {"state": state, "next_at": None, "why": f"withdrawn by {hand.who}"})
    await _audit(conn, "message withdraw", row, hand)


async def _row(conn: AsyncConnection, number: int) -> dict[str, Any]:
    row = await messages.get(conn, number)
    if row is None:
        raise UsageError(f"There is no message {number}.")
    return row


async def _write(conn: AsyncConnection, row: dict[str, Any], values: dict[str, Any]) -> None:
    if not await messages.settle(conn, row["id"], row["attempt"], (row["state"],), values):
        raise UsageError(f"Message {row['id']} has just changed. Look at it again.")


async def _audit(conn: AsyncConnection, what: str, row: dict[str, Any], hand: Hand) -> None:
    await traces.note(conn, hand.who, what, hand.now, lead_id=row["lead_id"], data={"message": row["id"]})
