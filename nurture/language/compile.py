"""A campaign's models → its graph: everything but the steps (see `compile_steps.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from nurture.core.graph import Enter, Graph, Node, Occasion, Reaction, Send, Target, WaitFor
from nurture.core.vocabulary import Kind
from nurture.language.bench import Bench
from nurture.language.compile_steps import Flattener
from nurture.language.ids import name_steps, own_id
from nurture.language.problems import Code
from nurture.language.schema import EnterBlock, ReactionBlock
from nurture.language.source import Path
from nurture.language.walk import Trunk, trunks

WAYS_IN: Final = ("on", "when", "holiday", "yearly", "every", "once")
"""Of these `enter` has one; only `manual` may stand alone, or beside it."""


def compile_campaign(bench: Bench, name: str, version: str) -> Graph:
    """The graph of a campaign. What is wrong is said in `bench.problems`; the graph is then not to be run."""
    model = bench.model
    ids = name_steps(bench.steps, model, bench.source, bench.problems)
    flattener = Flattener(bench, ids, _targets(bench, ids))
    in_order = sorted(trunks(model), key=lambda trunk: bench.source.key_place(trunk.path).offset)
    starts = {trunk.name: (trunk, flattener.trunk(trunk)) for trunk in in_order}
    graph = Graph(
        name=name,
        title=model.title,
        version=version,
        nodes=flattener.nodes,
        start=starts["steps"][1],
        enter=_enter(bench),
        about=" ".join((model.about or "").split()),
        language=model.language or bench.known.languages[0],
        status=model.status,
        runs=model.runs,
        stages=frozenset(model.stages or ("new", "nurturing", "mql")),
        goal=bench.maybe_condition(model.goal, ("goal",), None),
        group=model.group,
        priority=model.priority,
        send=_send(bench),
        reactions=_reactions(bench, starts),
        paths={path: starts[path][1] for path in model.paths},
        moved=dict(model.moved),
        was=model.was,
        tests=_tests(bench),
    )
    return replace(graph, listens=_listens(bench, flattener.nodes))


def _targets(bench: Bench, ids: Mapping[Path, str]) -> dict[str, Target]:
    """What `goto` may name: paths, and steps that stand in no block and no reaction."""
    steps = {
        ids[placed.path]: ids[placed.path]
        for placed in bench.steps
        if placed.depth == 0 and placed.event is None and own_id(placed.step) == ids[placed.path]
    }
    paths: dict[str, Target] = {}
    for trunk in trunks(bench.model):
        if trunk.path[0] == "paths":
            first = next(iter(_places(bench, trunk)), None)
            paths[trunk.name] = None if first is None else ids[first]
    return {**steps, **paths}


def _places(bench: Bench, trunk: Trunk) -> list[Path]:
    alone = isinstance(bench.source.get(trunk.path), Mapping)
    return [trunk.path if alone else (*trunk.path, index) for index in range(len(trunk.steps))]


def _enter(bench: Bench) -> Enter:
    block = bench.model.enter
    _one_way_in(bench, block)
    events = tuple(dict.fromkeys(block.on or ()))
    again = block.again
    if again is None:
        again = "always" if block.holiday or block.yearly or block.every else "never"
    return Enter(
        on=events,
        condition=bench.at_entry(block.condition, ("enter", "if")),
        each=bench.at_entry(block.each, ("enter", "each"), Kind.ANY),
        again=again,
        stage=block.stage,
        when=bench.at_entry(block.when, ("enter", "when")),
        existing=block.existing,
        at_most=block.at_most,
        occasion=_occasion(bench, block),
        manual=block.manual,
    )


def _one_way_in(bench: Bench, block: EnterBlock) -> None:
    given = [key for key in WAYS_IN if getattr(block, key) is not None]
    if not given and not block.manual and bench.whole:
        hint = f"add one of {', '.join(WAYS_IN)}, or manual: true"
        bench.key_error(("enter",), Code.MISSING_KEY, "Nothing says who enters.", hint)
    for extra in given[1:]:
        hint = "make two campaigns, or one that starts the other"
        message = f"A campaign is entered in one way: {given[0]} and {extra} do not go together."
        bench.key_error(("enter", extra), Code.CONFLICT, message, hint)
    for key, wanted in (("existing", "when"), ("at_most", "when")):
        if getattr(block, key) not in (None, False) and given and wanted not in given:
            bench.key_error(("enter", key), Code.CONFLICT, f"{key} belongs to {wanted}, which is not here.")
    if block.condition is not None and "when" in given:
        hint = "join the two with and"
        bench.key_error(("enter", "if"), Code.CONFLICT, "when is a condition already.", hint)


def _occasion(bench: Bench, block: EnterBlock) -> Occasion | None:
    if block.holiday is not None:
        only = block.holiday.only
        return Occasion(
            holidays=() if only is None else tuple(dict.fromkeys(only)),
            ahead=block.holiday.ahead,
            clock=block.holiday.at,
        )
    if block.yearly is not None:
        return Occasion(yearly=_dotted(block.yearly.field), clock=block.yearly.at)
    if block.every is not None:
        return Occasion(every=block.every)
    return Occasion(once=block.once) if block.once is not None else None


def _dotted(field: str) -> str:
    """`birthday` is `lead.birthday`."""
    return field if "." in field else f"lead.{field}"


def _send(bench: Bench) -> Send:
    """What the campaign says; where it says nothing, what config.yaml says."""
    block, default = bench.model.send, bench.known.send
    if block is None:
        return default
    given: dict[str, Any] = {
        "sender": block.sender,
        "window": block.window,
        "limits": block.limit,
        "gap": block.gap,
        "consent": block.consent,
        "in_doubt": block.in_doubt,
        "thread": block.thread,
        "topic": block.topic,
    }
    return replace(default, **{key: value for key, value in given.items() if value is not None})


def _reactions(bench: Bench, starts: Mapping[str, tuple[Trunk, Target]]) -> tuple[Reaction, ...]:
    made = []
    for event, reaction in bench.model.on.items():
        block = reaction if isinstance(reaction, ReactionBlock) else None
        _check_block(bench, event, block)
        _, first = starts.get(f"on.{event}", (None, None))
        made.append(Reaction(event, first, once=block.once if block else None))
    return tuple(made)


def _check_block(bench: Bench, event: str, block: ReactionBlock | None) -> None:
    if block is None:
        return
    if block.steps is not None and block.then is not None:
        bench.key_error(
            ("on", event, "then"), Code.CONFLICT, "then and steps say the same: one of them is enough."
        )
    if block.steps is None and block.then is None:
        hint = "add then: and a list of steps"
        bench.key_error(("on", event), Code.MISSING_KEY, f"Nothing is done on {event}.", hint)


def _tests(bench: Bench) -> tuple[Mapping[str, Any], ...]:
    written = bench.source.get(("tests",))
    return tuple(test for test in written if isinstance(test, dict)) if isinstance(written, list) else ()


def _listens(bench: Bench, nodes: Mapping[str, Node]) -> frozenset[str]:
    """The events conditions count, and those a `wait_for` looks back for: further than here, or over its own delay."""
    awaited = set()
    for node in nodes.values():
        delayed = node.timing.after is not None or node.timing.at is not None or node.window is not None
        if isinstance(node.verb, WaitFor) and (delayed or node.verb.since != "here"):
            awaited |= {awaited.event for awaited in node.verb.events}
    return frozenset(bench.listens | awaited)
