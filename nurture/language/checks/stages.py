"""Every stage exists, and the way into `refused` and `postponed` is their own verb."""

from __future__ import annotations

from typing import Final

from nurture.core.graph import Graph
from nurture.core.vocabulary import LeadStage
from nurture.language.bench import Bench
from nurture.language.campaign_codes import UNKNOWN_STAGE
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_steps import StageStep
from nurture.language.source import Path

STAGES: Final = tuple(stage.value for stage in LeadStage)
_OWN_VERB: Final = {"refused": "refuse", "postponed": "postpone"}


def check(bench: Bench, graph: Graph) -> None:
    """`stage: qualified` where `mql` is meant; `stage: refused` where `refuse: REASON` is."""
    listed = isinstance(bench.source.get(("stages",)), list)
    for index, stage in enumerate(bench.model.stages or ()):
        _known(bench, stage, ("stages", index) if listed else ("stages",))
    if bench.model.enter.stage is not None:
        _reachable(bench, bench.model.enter.stage, ("enter", "stage"))
    for placed in bench.steps:
        if isinstance(placed.step, StageStep):
            _reachable(bench, placed.step.stage, (*placed.path, "stage"))


def _known(bench: Bench, stage: str, path: Path) -> bool:
    if stage in STAGES:
        return True
    near = did_you_mean(stage, STAGES)
    hint = f"did you mean {near}?" if near else f"stages are {', '.join(STAGES)}"
    bench.error(path, UNKNOWN_STAGE, f"There is no stage {stage}.", hint)
    return False


def _reachable(bench: Bench, stage: str, path: Path) -> None:
    if not _known(bench, stage, path):
        return
    if stage == "new":
        bench.error(path, Code.CONFLICT, "Nobody becomes new again.", "the first stage to set is nurturing")
    elif stage in _OWN_VERB:
        verb = _OWN_VERB[stage]
        bench.error(
            path, Code.CONFLICT, f"A lead becomes {stage} by the verb {verb}.", f"write {verb}: and a reason"
        )
