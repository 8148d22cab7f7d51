"""The promise, checked at the end against what the relay really took: nobody mailed twice, nobody lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nurture.demo.stage import Stage
from nurture.demo.writing import Got
from nurture.store.queries import chronicle, events

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was counted. `lost_answers` are mails of which the relay's last answer never came. `broken` says in words where the promise was not kept; it was kept where that is empty."""

    taken: int
    sent: int
    lost_answers: int
    runs: int
    open_runs: int
    leads: int
    broken: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        return not self.broken


async def prove(stage: Stage) -> Proof:
    """Compare the relay's ledger with the outbox, and look whether every lead stands before a time or an end."""
    async with stage.app.store.read() as conn:
        rows = await chronicle.all_messages(conn)
        runs = await chronicle.all_runs(conn)
        leads = await chronicle.all_leads(conn)
        unhandled = await events.count_unhandled(conn)
    ledger = [Got(taken.raw).identity for taken in stage.relay.accepted]
    known = {actor.name for lead in leads if (actor := stage.who(lead["email"])) is not None}
    broken = [*_twice(rows, ledger), *_differs(rows, ledger), *_lost(runs)]
    broken += [f"{name} left their data and is no lead" for name in sorted(stage.came - known)]
    broken += [f"{unhandled} events were not handled"] if unhandled else []
    broken += [f"the engine failed on lead {lead}" for lead in stage.app.advancer.failing]
    return Proof(
        taken=len(ledger),
        sent=sum(row["state"] == "sent" for row in rows),
        lost_answers=sum(row["state"] == "in_doubt" or bool(row["assumed"]) for row in rows),
        runs=len(runs),
        open_runs=sum(run["ended_at"] is None for run in runs),
        leads=len(leads),
        broken=tuple(broken),
    )


def _twice(rows: Rows, ledger: Iterable[str]) -> list[str]:
    """Nobody got the same message twice, by its Message-ID or by its send key."""
    twice = [identity for identity, times in Counter(ledger).items() if times > 1]
    keys = {row["message_id"]: row["send_key"] for row in rows if row["message_id"]}
    same = Counter(keys[identity] for identity in ledger if identity in keys)
    return [
        *(f"the relay took {identity} twice" for identity in twice),
        *(f"two mails for one occasion: {key}" for key, times in same.items() if times > 1),
    ]


def _differs(rows: Rows, ledger: Iterable[str]) -> list[str]:
    """What we say was sent is what the relay took; what is in doubt may be either."""
    taken = set(ledger)
    surely = {row["message_id"] for row in rows if row["state"] == "sent" and not row["assumed"]}
    maybe = {row["message_id"] for row in rows if row["state"] == "in_doubt" or row["assumed"]}
    return [
        *(f"recorded as sent, and the relay never took it: {one}" for one in sorted(surely - taken)),
        *(
            f"the relay took it, and our records do not say so: {one}"
            for one in sorted(taken - surely - maybe)
        ),
    ]


def _lost(runs: Rows) -> list[str]:
    """Every run stands before a time or an event, or has an end."""
    stuck = [run for run in runs if run["ended_at"] is None and run["due_at"] is None]
    return [f"{run['email']} stands in {run['campaign']} at {run['step']} for ever" for run in stuck]
