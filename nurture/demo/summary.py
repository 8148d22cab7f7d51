"""What came of it all: counted at the end from the engine's records and the relay's ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nurture.demo.promise import Proof
from nurture.demo.stage import Stage
from nurture.demo.watch import Understood, Watch
from nurture.store.queries import chronicle, tasks

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many leads came how far, and what became of the others. `came_back` refused before, `resumed` postponed."""

    leads: int
    mql: int
    sql: int
    customers: int
    refused: int
    came_back: int
    postponed: int
    resumed: int
    unsubscribed: int
    complained: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one performance. `by_language` are the emails' languages, `tasks` by colleague: opened, open.

    `addresses` are those of the leads, the oldest first.
    """

    funnel: Funnel
    by_template: Mapping[str, int]
    by_language: Mapping[str, int]
    by_state: Mapping[str, int]
    readings: tuple[Understood, ...]
    tasks: Mapping[str, tuple[int, int]]
    addresses: tuple[str, ...]
    proof: Proof

    @property
    def replies(self) -> list[Understood]:
        """What people of the cast meant, and what was understood."""
        return [one for one in self.readings if one.meant is not None]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "funnel": asdict(self.funnel),
            "emails": {
                "by_template": dict(self.by_template),
                "by_language": dict(self.by_language),
                "by_state": dict(self.by_state),
            },
            "replies": [_reply(one) for one in self.replies],
            "other_mail": dict(Counter(one.kind for one in self.readings if one.meant is None)),
            "tasks": {who: {"opened": opened, "open": left} for who, (opened, left) in self.tasks.items()},
            "promise": {**asdict(self.proof), "broken": list(self.proof.broken), "kept": self.proof.kept},
        }


async def sum_up(stage: Stage, watch: Watch, proof: Proof) -> Summary:
    """Count."""
    async with stage.app.store.read() as conn:
        messages = await chronicle.all_messages(conn)
        left = await tasks.listed(conn, state=None, limit=10_000)
        leads = await chronicle.all_leads(conn)
    gone_out = [row for row in messages if row["sent_at"] or row["state"] in ("sent", "in_doubt")]
    default = stage.app.settings.company.languages[0]
    return Summary(
        funnel=_funnel(watch.events, leads, left),
        by_template=_counted(row["template"] for row in gone_out),
        by_language=_counted(row["locale"] or default for row in gone_out),
        by_state=_counted(row["state"] for row in messages),
        readings=tuple(watch.readings),
        tasks=_by_colleague(left),
        addresses=tuple(str(row["email"]) for row in leads),
        proof=proof,
    )


def _funnel(events: Rows, leads: Rows, open_tasks: Rows) -> Funnel:
    moves = [(row["email"], row["data"]) for row in events if row["type"] == "lead.stage_changed"]

    def came_to(stage: str, *before: str) -> int:
        return len(
            {
                email
                for email, data in moves
                if data.get("to") == stage and (not before or data.get("from") in before)
            }
        )

    def had(*types: str) -> int:
        return len({row["email"] for row in events if row["type"] in types})

    return Funnel(
        leads=sum(1 for _ in leads),
        mql=came_to("mql"),
        sql=came_to("sql"),
        customers=came_to("customer"),
        refused=came_to("refused"),
        came_back=came_to("nurturing", "refused"),
        postponed=came_to("postponed"),
        resumed=len(
            {
                row["email"]
                for row in events
                if row["type"] == "lead.resumed" and row["data"].get("by") == "date"
            }
        ),
        unsubscribed=had("unsubscribed"),
        complained=had("email.complained"),
        unreachable=len(
            {row["lead_id"] for row in open_tasks if row["once"] == "no_address" and row["state"] != "done"}
        ),
    )


def _by_colleague(rows: Rows) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        who = str(row["colleague"] or "unassigned")
        opened, left = found.get(who, (0, 0))
        found[who] = (opened + 1, left + (row["state"] in ("open", "overdue")))
    return dict(sorted(found.items()))


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())


def _reply(one: Understood) -> dict[str, Any]:
    assert one.meant is not None
    return {
        "lead": one.actor.email,
        "language": one.actor.language,
        "meant": one.meant.intent,
        "understood": one.intent,
        "reason": one.reason,
        "until": one.until.isoformat() if one.until else None,
        "confidence": one.confidence,
        "right": one.right,
    }
