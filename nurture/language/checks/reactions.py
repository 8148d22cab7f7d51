"""Reactions hold what happens in an instant: nothing in them rests."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.campaign_codes import RESTS_IN_REACTION
from nurture.language.schema_steps import EmailStep, RepeatStep, TaskStep, WaitForStep
from nurture.language.verbs import verb_of
from nurture.language.walk import Placed

_HINT = "put it in a path and go there: goto: NAME"


def check(bench: Bench, graph: Graph) -> None:
    """`on: { score.hot: [ { email: offer, after: 1 day } ] }`: a lead stands in one place at a time."""
    for placed in bench.steps:
        if placed.event is None:
            continue
        key, said = _resting(bench, placed)
        if key is not None:
            message = f"A reaction acts at once; {said} takes time."
            bench.key_error((*placed.path, key), RESTS_IN_REACTION, message, _HINT)


def _resting(bench: Bench, placed: Placed) -> tuple[str | None, str]:
    step = placed.step
    if isinstance(step, EmailStep | WaitForStep | RepeatStep):
        verb = verb_of(bench.source.get(placed.path)) or ""
        return verb, verb
    if isinstance(step, TaskStep) and (step.results or step.patience is not None):
        return ("results" if step.results else "for"), "a task that waits for its outcome"
    for key in ("after", "at", "window"):
        if getattr(step, key) is not None:
            return key, f"a step with {key}"
    return None, ""
