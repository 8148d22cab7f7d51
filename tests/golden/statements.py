"""Every named statement of `nurture/store/queries`, called once with plain arguments, and where it may say more, again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import Dialect

from nurture.core.case import Case
from nurture.core.effects import (
    CallWebhook,
    Effect,
    GivePoints,
    OpenTask,
    SendEmail,
    Suppress,
    TellPerson,
    Traced,
    WithdrawEmails,
)
from nurture.core.event import Event
from nurture.store import queries
from nurture.store.queries.outcomes import before_of
from nurture.store.tables import Row
from tests.conftest import NOW
from tests.golden.recorder import Recorder
from tests.unit.core.small import LONDON, campaign, person, run_of

LATER = NOW + timedelta(hours=1)
LEAD = Row.metadata.tables["lead"]

ARGUMENTS: dict[str, Any] = {
    "address": "ada@example.org", "after": 1, "at": NOW, "attempt": 1, "before": NOW, "campaign": "c",
    "campaigns": ["c", "was"], "claims": [(1, 1), (2, 1)], "colleague": "eve", "column": "opened_at", "data": {},
    "domains": ["example.org"], "email": "ada@example.org", "emails": ["ada@example.org"], "end": LATER,
    "fields": {"email": "ada@example.org", "phone": "+44 20 7946 0000", "name": "Ada", "hat": "red"}, "given": True,
    "hash": "h", "ids": ["<1@example.org>"], "key": 1, "kind": "hard", "last": 1, "lead_id": 1, "lead_ids": [1, 2],
    "learned_at": NOW, "lease_until": LATER, "limit": 10, "mailbox": "sales", "message": 1, "most": 3,
    "name": "b", "note": "n", "now": NOW, "occasion": "o", "once": "once", "owner": "me", "phone": "+44 20 7946 0000", "raw": b"raw",
    "reason": "r", "result": "done", "rows": [{"lead_id": 1, "type": "t"}], "run": "c/1", "scope": "c",
    "secret": "s", "seed": "seed", "send_key": "1|c/1|s|t|", "send_keys": ["k"], "sender": "ada@example.org",
    "since": NOW, "stages": ["new"], "start": NOW, "states": ("claimed",), "task": {"id": 1, "state": "open"},
    "task_id": 1, "task_ids": [1], "text": "text", "to": "eve", "topic": "news", "type": "t", "uid": 1,
    "uidvalidity": 1, "until": LATER, "urls": ["https://example.org"], "values": {"lead_id": 1}, "what": "w",
    "where": (LEAD.c.country == "GB",), "who": "eve", "why": "w", "wording": "w", "how": "link",
}  # fmt: skip
"""What each parameter of that name is given; those with a default keep it."""

ANSWERS: dict[str, dict[str, Any]] = {
    "deliveries.claim": {"column": [1]},
    "leads.add_lead": {"scalar_is": 1},
    "messages.claim": {"column": [1]},
    "messages.learn": {"scalar_is": 1, "rowcount": 0},
    "suppressions.suppress_lead": {"column": ["ada@example.org"]},
}
"""What the database answers, where a statement leads to another: nothing, and one row changed, elsewhere."""

MORE: dict[str, list[dict[str, Any]]] = {
    "bells.forget": [{"what": what} for what in ("raw_mail", "messages", "traces", "events")],
    "bells.resume": [{"scope": "c"}, {"scope": "everything"}],
    "bells.ring": [{"last": None}, {"last": NOW}],
    "changes.lead": [{"values": {"stage": "mql"}}],
    "changes.task": [{"values": {"state": "done"}}],
    "cases.due_leads": [{}, {"without": [7]}],
    "deliveries.settle": [{"values": {"state": "done"}}],
    "inbox.finish": [{"values": {"state": "done"}}],
    "leads.mark_bounced": [{"kind": "hard"}, {"kind": "soft"}],
    "leads.search": [{}, {"text": "ada", "stage": "new"}],
    "messages.recover": [{}, {"alone": True}],
    "messages.keep_bytes": [{"values": {"raw": b"raw"}}],
    "messages.settle": [{"values": {"state": "sent"}}],
    "bells.let_go": [{"values": {"state": "queued"}}],
    "inbox.mark": [{"state": "done"}],
    "inbox.trace": [{"values": {"word": "read"}}],
    "messages.listed": [{}, {"state": "sent", "lead_id": 1}],
    "replies.correct": [{"values": {"intent": "refused"}}],
    "replies.listed": [{}, {"state": "done", "kind": "reply", "intent": "refused"}, {"state": "quarantined"}],
    "suppressions.lift": [{}, {"lead_id": 1}],
    "tasks.listed": [{}, {"lead_id": 1, "state": None}],
    "tasks.open_once": [{"lead_id": 1}, {"lead_id": None}],
}
"""Calls with other arguments than these, each written down."""


def nouns() -> list[str]:
    """The modules of statements."""
    return sorted(module.name for module in iter_modules(queries.__path__))


async def said(noun: str, dialect: Dialect) -> list[tuple[str, list[str]]]:
    """What each function of a module says to the database, by its name, in the order they stand there."""
    found = []
    for name, function in _functions(noun):
        for arguments in MORE.get(f"{noun}.{name}", [{}]):
            recorder = Recorder(dialect, **ANSWERS.get(f"{noun}.{name}", {}))
            await function(recorder, **_arguments(f"{noun}.{name}", function, arguments))
            title = " ".join(
                [name, *(f"{key}={value!r}" for key, value in arguments.items() if key != "values")]
            )
            found.append((title, recorder.said))
    return found


def _functions(noun: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    module = import_module(f"nurture.store.queries.{noun}")
    for name, found in vars(module).items():
        if inspect.iscoroutinefunction(found) and found.__module__ == module.__name__ and name[0] != "_":
            yield name, found


def _arguments(called: str, function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    if called in _WHOLE:
        return _WHOLE[called]()
    parameters = list(inspect.signature(function).parameters.values())[1:]
    needed = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
    missing = [name for name in needed if name not in given and name not in ARGUMENTS]
    assert not missing, f"{called}: give {missing} a value in tests/golden/statements.py"
    return {name: ARGUMENTS[name] for name in needed if name in ARGUMENTS} | given


def _load() -> dict[str, Any]:
    return {
        "lead_ids": [1, 2],
        "listens": ["form.submitted", "reply"],
        "place_of": lambda fields: LONDON,
        "owner_of": lambda owner: {},
        "hash_of": lambda address: address,
        "company": {},
    }


def _save() -> dict[str, Any]:
    """A case of everything: a run that is new and one that moved, an effect of each kind that is written."""
    graph = campaign("steps: [ { stop: done } ]\n")
    moved, fresh = run_of(graph, id=7), run_of(graph, run="test/2")
    case = Case(person(id=1), runs={moved.run: moved})
    before = before_of({1: case})
    case.person.stage, case.person.tags = "mql", frozenset({"tag"})
    gone = {"state": "stopped", "due_at": None, "ended_at": NOW, "own_stages": frozenset({"mql"})}
    case.runs = {moved.run: run_of(graph, id=7, **gone), fresh.run: fresh}
    case.handled, case.raised = [Event("a", NOW, NOW, {}, 1)], [Event("b", NOW, NOW, {})]
    effects: list[Effect] = [
        SendEmail(at=NOW, run="test/1", step="s", campaign="test", version="v", template="t"),
        WithdrawEmails(at=NOW, run="test/1", because="done"),
        GivePoints(at=NOW, points=1, reason="r"),
        OpenTask(at=NOW, text="t"),
        CallWebhook(at=NOW, name="crm"),
        TellPerson(at=NOW, who="owner", text="t"),
        Suppress(at=NOW, reason="r"),
        Traced(at=NOW, word="sent"),
    ]
    case.effects = effects
    return {"cases": {1: case}, "before": before, "now": NOW, "hash_of": lambda address: address}


_WHOLE: dict[str, Callable[[], dict[str, Any]]] = {"cases.load_cases": _load, "outcomes.save_cases": _save}
"""What is given to those that take more than plain values."""
