"""The verbs that happen in an instant: what each asks to be done, and where it leads. One function a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from nurture.core import refusal
from nurture.core.duration import add
from nurture.core.effects import (
    AddTag,
    CallWebhook,
    ChangeStage,
    Effect,
    GivePoints,
    OpenTask,
    RemoveTag,
    SetField,
    StartRun,
    StopRun,
    TellPerson,
    Traced,
)
from nurture.core.enrolment import Enrolment, changed
from nurture.core.errors import NurtureError
from nurture.core.facts import Facts
from nurture.core.graph import (
    AddScore,
    Branch,
    Goto,
    Graph,
    MakeTask,
    Node,
    Notify,
    Postpone,
    Refuse,
    Reopen,
    SetFields,
    Split,
    Start,
    Stop,
    StopCampaign,
    Tag,
    Target,
    Text,
    ToStage,
    Webhook,
)
from nurture.core.lifecycle import STEP_FOR_STAGE, stage_after
from nurture.core.person import Person


class Scene(NamedTuple):
    """One step about to happen: all a verb may look at."""

    graph: Graph
    node: Node
    enrolment: Enrolment
    person: Person
    facts: Facts
    now: datetime

    @property
    def mark(self) -> dict[str, Any]:
        """What every effect of this step carries."""
        return {"at": self.now, "run": self.enrolment.run, "step": self.node.id}

    def traced(self, word: str, text: str) -> Traced:
        """A line of the trace at this step."""
        return Traced(word=word, text=text, **self.mark)


class Ran(NamedTuple):
    """What an instant verb did: its effects, where it leads, the enrolment; `stopped` holds the reason to leave."""

    target: Target
    effects: tuple[Effect, ...] = ()
    enrolment: Enrolment | None = None
    stopped: str | None = None
    jumped: bool = False


def run(scene: Scene) -> Ran:
    """Run the instant verb at hand."""
    return _VERBS[type(scene.node.verb)](scene, scene.node.verb)


def spoken(text: Text, scene: Scene, default: str = "") -> tuple[str, tuple[Traced, ...]]:
    """A compiled text as a string; where it cannot be made, the default and a line that says so."""
    value, problems = valued(text, scene)
    return (default if value is None else str(value)), problems


def valued(text: Text, scene: Scene) -> tuple[Any, tuple[Traced, ...]]:
    """A compiled text as its typed value; None and a line of the trace where it cannot be made."""
    try:
        return text(scene.facts.values()), ()
    except NurtureError as error:
        return None, (scene.traced("text", f"{text.source!r} could not be made: {error}"),)


def arm_of(arms: tuple[tuple[str, int, Target], ...], seed: str, name: str) -> tuple[str, Target]:
    """The arm of an experiment that is this person's for good: by a hash, not by chance."""
    total = sum(weight for _, weight, _ in arms)
    draw = int.from_bytes(blake2b(f"{name}\0{seed}".encode(), digest_size=8).digest()) % max(total, 1)
    for arm, weight, target in arms:
        if draw < weight:
            return arm, target
        draw -= weight
    arm, _, target = arms[-1]
    return arm, target


def _branch(scene: Scene, verb: Branch) -> Ran:
    for number, (condition, target) in enumerate(verb.cases, start=1):
        if condition is None or condition.holds(scene.facts):
            return Ran(target, (scene.traced("branch", f"case {number}"),))
    return Ran(verb.otherwise, (scene.traced("branch", "else"),))


def _split(scene: Scene, verb: Split) -> Ran:
    arm, target = arm_of(verb.arms, scene.person.seed, f"{scene.graph.name}/{scene.node.id}")
    return Ran(target, (scene.traced("split", f"arm {arm}"),))


def _goto(scene: Scene, verb: Goto) -> Ran:
    return Ran(verb.target, jumped=True)


def _stop(scene: Scene, verb: Stop) -> Ran:
    reason, problems = spoken(verb.reason, scene, "stopped")
    return Ran(None, problems, stopped=reason)


def _stop_campaign(scene: Scene, verb: StopCampaign) -> Ran:
    because = f"{scene.graph.name} stops it"
    return Ran(
        scene.node.next, (StopRun(reason=because, campaign=verb.campaign, because=because, **scene.mark),)
    )


def _start(scene: Scene, verb: Start) -> Ran:
    return Ran(scene.node.next, (StartRun(campaign=verb.campaign, because="the step says so", **scene.mark),))


def _stage(scene: Scene, verb: ToStage) -> Ran:
    return _staged(scene, verb.stage)


def _staged(scene: Scene, to: str, step: str | None = None, **more: Any) -> Ran:
    """Ask for a stage; where the table has no way there, only say so."""
    if stage_after(scene.person.stage, step or STEP_FOR_STAGE[to]) != to:
        if to != scene.person.stage or step is None:
            line = scene.traced("unchanged", f"stage {to} asked for, the lead is {scene.person.stage}")
            return Ran(scene.node.next, (line,))
    change = ChangeStage(to=to, because=f"step {scene.node.id}", **more, **scene.mark)
    enrolment = changed(scene.enrolment, own_stages=scene.enrolment.own_stages | {to})
    return Ran(scene.node.next, (change,), enrolment)


def _score(scene: Scene, verb: AddScore) -> Ran:
    points = GivePoints(points=verb.points, reason=f"{scene.graph.name}: {scene.node.id}", **scene.mark)
    return Ran(scene.node.next, (points,))


def _set(scene: Scene, verb: SetFields) -> Ran:
    effects: list[Effect] = []
    for name, text in verb.values:
        value, problems = valued(text, scene)
        effects += problems
        if not problems:
            effects.append(SetField(name=name, value=value, **scene.mark))
    return Ran(scene.node.next, tuple(effects))


def _tag(scene: Scene, verb: Tag) -> Ran:
    kind = RemoveTag if verb.remove else AddTag
    wanted = [tag for tag in verb.tags if (tag in scene.person.tags) == verb.remove]
    return Ran(scene.node.next, tuple(kind(tag=tag, **scene.mark) for tag in wanted))


def _refuse(scene: Scene, verb: Refuse) -> Ran:
    value, problems = valued(verb.reason, scene)
    reason, doubt = refusal.reason_of(value)
    warning = (scene.traced("default", f"{doubt}: the reason is `other`"),) if doubt else ()
    ran = _staged(scene, "refused", "refuse", reason=reason)
    return ran._replace(effects=(*problems, *warning, *ran.effects))


def _postpone(scene: Scene, verb: Postpone) -> Ran:
    reason, problems = spoken(verb.reason, scene) if verb.reason else ("", ())
    until, doubt = None, ""
    if verb.duration is not None:
        until = refusal.morning_of(add(verb.duration, scene.now, scene.person.place), scene.person.place)
    else:
        assert verb.until is not None
        value, more = valued(verb.until, scene)
        problems += more
        until, doubt = refusal.until_of(value, scene.now, scene.person.place)
    warning = (scene.traced("default", f"{doubt}: postponed by 90 days"),) if doubt else ()
    ran = _staged(scene, "postponed", "postpone", reason=reason, until=until)
    return ran._replace(effects=(*problems, *warning, *ran.effects))


def _reopen(scene: Scene, verb: Reopen) -> Ran:
    reason, problems = spoken(verb.reason, scene)
    if stage_after(scene.person.stage, "reopen") is None:
        line = scene.traced("unchanged", f"reopened, but the lead is {scene.person.stage}")
        return Ran(scene.node.next, (*problems, line))
    ran = _staged(scene, "nurturing", "reopen", reason=reason, by="reopen")
    return ran._replace(effects=(*problems, *ran.effects))


def open_task(scene: Scene, verb: MakeTask) -> tuple[Effect, ...]:
    """The task a step opens."""
    text, problems = spoken(verb.text, scene, verb.text.source)
    due = None if verb.due is None else add(verb.due, scene.now, scene.person.place)
    task = OpenTask(
        text=text,
        who=verb.who,
        kind=verb.kind,
        due=due,
        results=tuple(result for result, _ in verb.results),
        **scene.mark,
    )
    return (*problems, task)


def _task(scene: Scene, verb: MakeTask) -> Ran:
    return Ran(scene.node.next, open_task(scene, verb))


def _notify(scene: Scene, verb: Notify) -> Ran:
    text, problems = spoken(verb.text, scene, verb.text.source)
    return Ran(scene.node.next, (*problems, TellPerson(who=verb.who, text=text, **scene.mark)))


def _webhook(scene: Scene, verb: Webhook) -> Ran:
    return Ran(scene.node.next, (CallWebhook(name=verb.name, data=scene.facts.event, **scene.mark),))


_VERBS: Mapping[type, Callable[[Scene, Any], Ran]] = {
    Branch: _branch,
    Split: _split,
    Goto: _goto,
    Stop: _stop,
    StopCampaign: _stop_campaign,
    Start: _start,
    ToStage: _stage,
    AddScore: _score,
    SetFields: _set,
    Tag: _tag,
    Refuse: _refuse,
    Postpone: _postpone,
    Reopen: _reopen,
    MakeTask: _task,
    Notify: _notify,
    Webhook: _webhook,
}
