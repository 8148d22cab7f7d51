"""Steps → nodes that know what follows them: blocks are flattened (semantics.md, Blocks, paths, ids)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import time

from nurture.core.graph import Again, Node, Target, Timing
from nurture.language import schema_steps as s
from nurture.language.bench import Bench
from nurture.language.compile_verbs import VERBS, again_id
from nurture.language.source import Path
from nurture.language.walk import Trunk, blocks_of, items


def _timing(step: s.Step) -> Timing:
    clock = None if step.after is None else step.after.clock
    return Timing(
        after=None if step.after is None else step.after.duration,
        after_at=None if clock is None else time(clock // 60, clock % 60),
        at=step.at,
        within=step.within,
        send_missed=step.missed == "send",
    )


class Flattener:
    """Turns the lists of steps of one campaign into nodes that know what follows them."""

    def __init__(self, bench: Bench, ids: Mapping[Path, str], targets: Mapping[str, Target]) -> None:
        self.bench = bench
        self.ids = ids
        self.targets = targets
        self.names = frozenset(ids.values())
        self.words = Counter(() if bench.whole else re.findall(r"[\w./-]+", bench.source.text))
        self.nodes: dict[str, Node] = {}
        self.trunk_name = "steps"
        self.event: str | None = None

    def trunk(self, trunk: Trunk) -> Target:
        """Add the nodes of a path or reaction; gives the first."""
        self.trunk_name, self.event = trunk.name, trunk.event
        self._list(trunk.steps, trunk.path, None, ())
        return self.first(trunk.steps, trunk.path, None)

    def first(self, steps: Sequence[s.Step] | None, path: Path, follow: Target) -> Target:
        """Where a list of steps begins; what follows it when it is empty."""
        for place, _ in items(steps or (), path, self.bench.source):
            return self.ids[place]
        return follow

    def _list(self, steps: Sequence[s.Step], path: Path, follow: Target, rounds: tuple[str, ...]) -> None:
        placed = list(items(steps, path, self.bench.source))
        following = [*(self.ids[place] for place, _ in placed[1:]), follow]
        for (place, step), target in zip(placed, following, strict=False):
            self._step(step, place, target, rounds)

    def _step(self, step: s.Step, path: Path, follow: Target, rounds: tuple[str, ...]) -> None:
        place = self.bench.source.value_place(path)
        name = self.ids[path]
        condition = None
        if step.condition is not None and not isinstance(step, s.IfStep):
            condition = self.bench.condition((*path, "if"), self.event)
        self.nodes[name] = Node(
            id=name,
            verb=VERBS[type(step)](self, step, path, follow),
            next=follow,
            path=self.trunk_name,
            timing=_timing(step),
            condition=condition,
            window=step.window,
            rounds=rounds,
            line=place.line,
            column=place.column,
        )
        self._blocks(step, path, follow, rounds)

    def _blocks(self, step: s.Step, path: Path, follow: Target, rounds: tuple[str, ...]) -> None:
        if isinstance(step, s.RepeatStep):
            self._rounds(step, path, rounds)
            return
        for key, steps in blocks_of(step):
            self._list(steps, (*path, *key), follow, rounds)

    def _rounds(self, step: s.RepeatStep, path: Path, rounds: tuple[str, ...]) -> None:
        """The steps of a round, and the node at its end that leads back."""
        name, inside = self.ids[path], (*rounds, self.ids[path])
        self._list(step.repeat.steps, (*path, "repeat", "steps"), again_id(name), inside)
        place = self.bench.source.value_place((*path, "repeat"))
        self.nodes[again_id(name)] = Node(
            id=again_id(name),
            verb=Again(name),
            next=name,
            path=self.trunk_name,
            rounds=inside,
            line=place.line,
            column=place.column,
        )
