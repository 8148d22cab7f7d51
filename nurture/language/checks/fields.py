"""Fields that are set, or that a time is reckoned from, exist and are of the right kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nurture.core.graph import Graph
from nurture.core.point import Point, RelativePoint
from nurture.core.vocabulary import CAMPAIGN, EVERY_EVENT, OWNER, Kind, Kinds
from nurture.language.bench import Bench
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_steps import EmailStep, SetStep, WaitForStep
from nurture.language.source import Path
from nurture.language.walk import Placed

_OWN_WAY: Final = {
    "stage": "write stage: mql",
    "score": "write score: 10",
    "tags": "write tag: or untag:",
    "temperature": "it follows from the score",
    "consent": "only the person gives or takes it",
    "created_at": None,
    "postponed_until": "write postpone: and a time",
    "refused_at": "write refuse: and a reason",
    "refusal_reason": "write refuse: and a reason",
}
"""Fields that change in a way of their own."""


def check(bench: Bench, graph: Graph) -> None:
    """`set: { sector: pumps }` undeclared; `at: 1 day before entry.strats_at`."""
    yearly = bench.model.enter.yearly
    if yearly is not None:
        dotted = yearly.field if "." in yearly.field else f"lead.{yearly.field}"
        _time(bench, dotted, ("enter", "yearly", "field"), None)
    for placed in bench.steps:
        if isinstance(placed.step, SetStep):
            for name in placed.step.values:
                _settable(bench, name, (*placed.path, "set", name))
        for point, path in _points(placed):
            if isinstance(point, RelativePoint):
                _time(bench, point.path, path, placed.event)


def _points(placed: Placed) -> Iterator[tuple[Point | None, Path]]:
    step = placed.step
    yield step.at, (*placed.path, "at")
    if isinstance(step, WaitForStep):
        yield step.until, (*placed.path, "until")
    if isinstance(step, EmailStep):
        yield step.latest, (*placed.path, "latest")


def _settable(bench: Bench, written: str, path: Path) -> None:
    name = written.removeprefix("lead.")
    if name in _OWN_WAY:
        bench.key_error(path, Code.CONFLICT, f"{name} is not set like other fields.", _OWN_WAY[name])
    elif name not in bench.vocabulary.fields:
        near = did_you_mean(name, bench.vocabulary.fields)
        hint = f"did you mean {near}?" if near else "declare it under fields: in config.yaml"
        bench.key_error(path, Code.UNKNOWN_FIELD, f"A lead has no field {name}.", hint)


def _time(bench: Bench, dotted: str, path: Path, event: str | None) -> None:
    """A point reckons from a field that holds a time (or a text that may be one)."""
    root, _, name = dotted.partition(".")
    kinds = _kinds(bench, root, event)
    if kinds is None:
        return
    if root not in ("lead", "owner", "entry", "event", "campaign"):
        bench.error(path, Code.UNKNOWN_FIELD, f"There is no {root} here.", "write entry.… or lead.…")
    elif name.split(".")[0] not in kinds:
        times = [f"{root}.{key}" for key, kind in kinds.items() if kind in (Kind.TIME, Kind.ANY)]
        near = did_you_mean(name, kinds)
        hint = f"did you mean {root}.{near}?" if near else f"times are {', '.join(times) or 'none here'}"
        bench.error(path, Code.UNKNOWN_FIELD, f"{root} has no {name} here.", hint)
    elif kinds[name.split(".")[0]] not in (Kind.TIME, Kind.ANY, Kind.TEXT):
        bench.error(
            path, Code.WRONG_TYPE, f"{dotted} is no time.", "reckon from a field of type date or time"
        )


def _kinds(bench: Bench, root: str, event: str | None) -> Kinds | None:
    if root == "lead":
        return {name: field.kind for name, field in bench.vocabulary.fields.items()}
    if root == "entry":
        return bench.entry_kinds
    if root == "event":
        return bench.event_kinds(event)
    return {"owner": OWNER, "campaign": CAMPAIGN}.get(root, EVERY_EVENT)
