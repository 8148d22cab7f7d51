"""Every life-cycle there is, as tables: (state, what happens) -> state. A pair that is absent is refused.

Everything about states lives in this file; the pictures in the docs are drawn from these tables
(semantics.md, Stages and Emails and gates; architecture.md, Sending at most once).
"""

from __future__ import annotations

from collections.abc import Mapping

from nurture.core.errors import IllegalTransition

Table = Mapping[tuple[str, str], str]

_OPEN = ("new", "nurturing", "mql", "sql", "refused", "postponed")

STAGE: Table = {
    ("new", "nurture"): "nurturing",
    ("new", "qualify"): "mql",
    ("nurturing", "qualify"): "mql",
    ("new", "accept"): "sql",
    ("nurturing", "accept"): "sql",
    ("mql", "accept"): "sql",
    ("mql", "reject"): "nurturing",
    ("sql", "reject"): "nurturing",
    **{(stage, "refuse"): "refused" for stage in _OPEN},
    **{(stage, "postpone"): "postponed" for stage in _OPEN},
    ("refused", "reopen"): "nurturing",
    ("postponed", "reopen"): "nurturing",
    **{(stage, "convert"): "customer" for stage in (*_OPEN, "junk")},
    **{(stage, "junk"): "junk" for stage in (*_OPEN, "customer")},
    ("junk", "restore"): "nurturing",
    ("customer", "lose"): "nurturing",
}

STEP_FOR_STAGE: Mapping[str, str] = {
    "nurturing": "nurture",
    "mql": "qualify",
    "sql": "accept",
    "customer": "convert",
    "refused": "refuse",
    "postponed": "postpone",
    "junk": "junk",
}
"""What `stage: X` means, as a step of the table."""

ENROLMENT: Table = {
    ("active", "hold"): "held",
    ("held", "hold"): "held",
    ("held", "release"): "active",
    ("active", "complete"): "completed",
    **{
        (state, step): end
        for state in ("active", "held")
        for step, end in (("stop", "stopped"), ("goal", "goal"))
    },
}

MESSAGE: Table = {
    ("queued", "claim"): "claimed",
    ("claimed", "release"): "queued",
    ("claimed", "mark"): "handing_over",
    ("claimed", "defer"): "deferred",
    ("claimed", "fail"): "failed",
    ("claimed", "withdraw"): "withdrawn",
    ("claimed", "hold"): "held",
    ("handing_over", "accept"): "sent",
    ("handing_over", "defer"): "deferred",
    ("handing_over", "fail"): "failed",
    ("handing_over", "doubt"): "in_doubt",
    ("deferred", "retry"): "queued",
    ("deferred", "fail"): "failed",
    ("in_doubt", "accept"): "sent",
    ("in_doubt", "defer"): "deferred",
    ("in_doubt", "fail"): "failed",
    ("in_doubt", "resend"): "queued",
    **{(state, "withdraw"): "withdrawn" for state in ("queued", "deferred", "held")},
    ("queued", "hold"): "held",
    ("deferred", "hold"): "held",
    ("held", "release"): "queued",
}

TASK: Table = {
    ("open", "finish"): "done",
    ("open", "cancel"): "cancelled",
    ("open", "escalate"): "overdue",
    ("overdue", "finish"): "done",
    ("overdue", "cancel"): "cancelled",
}


def move(table: Table, state: str, step: str) -> str:
    """The state after `step`. Raises IllegalTransition where the table has no such step."""
    try:
        return table[state, step]
    except KeyError:
        raise IllegalTransition(f"a {state} one cannot be asked to {step}") from None


def stage_after(stage: str, step: str) -> str | None:
    """The stage after `step`, or None where that changes nothing or is not possible from here."""
    after = STAGE.get((stage, step))
    return None if after == stage else after
