"""What each verb becomes in the graph: one function a verb, and the table that finds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from nurture.core import graph as g
from nurture.core.duration import parse_duration
from nurture.core.errors import GrammarError
from nurture.core.graph import Target, Verb
from nurture.language import schema_steps as s
from nurture.language.bench import Fixed, sentence
from nurture.language.ids import expand, rotates
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_values import parse_date
from nurture.language.source import Path
from nurture.language.walk import events_of

if TYPE_CHECKING:
    from nurture.language.compile_steps import Flattener


def again_id(repeat: str) -> str:
    """The id of the node at the end of a round."""
    return f"#again.{repeat}"


def _else(at: Flattener, step: Any, path: Path, follow: Target) -> Target:
    return at.first(step.otherwise, (*path, "else"), follow)


def _email(at: Flattener, step: s.EmailStep, path: Path, follow: Target) -> g.Email:
    known = at.bench.known.templates
    names = tuple(dict.fromkeys(name for one in step.email for name in expand(one, known)))
    return g.Email(
        templates=names,
        rotates=rotates(step),
        pick=step.pick,
        when_empty=step.when_empty,
        latest=step.latest,
        otherwise=_else(at, step, path, follow),
        has_otherwise=step.otherwise is not None,
        service=step.service,
        sender=step.sender,
        thread=step.thread,
        occasion=at.bench.maybe_text(step.occasion, (*path, "occasion")),
        in_doubt=step.in_doubt,
    )


def _wait_for(at: Flattener, step: s.WaitForStep, path: Path, follow: Target) -> g.WaitFor:
    if isinstance(step.wait_for, Mapping):
        targets = {
            event: at.first(steps, (*path, "wait_for", event), follow)
            for event, steps in step.wait_for.items()
        }
    else:
        targets = dict.fromkeys(events_of(step), follow)
    return g.WaitFor(
        events=tuple(
            g.Awaited(event, target, at.bench.maybe_condition(step.where, (*path, "where"), event))
            for event, target in targets.items()
        ),
        patience=step.patience,
        until=step.until,
        otherwise=_else(at, step, path, follow),
        since=step.since,
    )


def _branch(at: Flattener, step: s.IfStep, path: Path, follow: Target) -> g.Branch:
    condition = at.bench.condition((*path, "if"), at.event)
    then = at.first(step.then, (*path, "then"), follow)
    return g.Branch(((condition, then),), _else(at, step, path, follow))


def _choose(at: Flattener, step: s.ChooseStep, path: Path, follow: Target) -> g.Branch:
    cases = []
    otherwise = follow
    for index, case in enumerate(step.choose):
        place = (*path, "choose", index)
        if isinstance(case, s.LastCase):
            otherwise = at.first(case.otherwise, (*place, "else"), follow)
            continue
        condition = at.bench.condition((*place, "if"), at.event)
        cases.append((condition, at.first(case.then, (*place, "then"), follow)))
    return g.Branch(tuple(cases), otherwise)


def _split(at: Flattener, step: s.SplitStep, path: Path, follow: Target) -> g.Split:
    if step.winner is not None:
        at.bench.not_yet((*path, "winner"), "An arm that wins by itself")
    return g.Split(
        tuple(
            (arm, share, at.first(step.paths.get(arm), (*path, "paths", arm), follow))
            for arm, share in step.split.items()
        )
    )


def _repeat(at: Flattener, step: s.RepeatStep, path: Path, follow: Target) -> g.Repeat:
    rounds = step.repeat
    place = (*path, "repeat")
    return g.Repeat(
        every=rounds.every,
        body=at.first(rounds.steps, (*place, "steps"), again_id(at.ids[path])),
        times=rounds.times,
        until=at.bench.maybe_condition(rounds.until, (*place, "until"), None),
    )


def _goto(at: Flattener, step: s.GotoStep, path: Path, follow: Target) -> g.Goto:
    if step.goto not in at.targets and not _is_left_out(at, step.goto):
        place = at.bench.source.value_place((*path, "goto"))
        at.bench.problems.error(place, Code.UNKNOWN_TARGET, *_nowhere(at, step.goto))
    return g.Goto(at.targets.get(step.goto))


def _is_left_out(at: Flattener, name: str) -> bool:
    """Whether the name may belong to a part of the file that could not be read."""
    return not at.bench.whole and at.words[name] > 1


def _nowhere(at: Flattener, name: str) -> tuple[str, str | None]:
    if name in at.names:
        return f"{name} is a step inside a block; goto leads to paths and to steps outside blocks.", None
    near = did_you_mean(name, at.targets)
    message = f"There is no path and no step called {name}."
    return (
        message,
        f"did you mean {near}?" if near else f"known are {', '.join(at.targets)}" if at.targets else None,
    )


def _stop(at: Flattener, step: s.StopStep, path: Path, follow: Target) -> g.Stop | g.StopCampaign:
    if isinstance(step.stop, s.OtherCampaign):
        return g.StopCampaign(step.stop.campaign)
    return g.Stop(at.bench.text(step.stop, (*path, "stop")))


def _start(at: Flattener, step: s.StartStep, path: Path, follow: Target) -> g.Start:
    return g.Start(step.start)


def _stage(at: Flattener, step: s.StageStep, path: Path, follow: Target) -> g.ToStage:
    return g.ToStage(step.stage)


def _score(at: Flattener, step: s.ScoreStep, path: Path, follow: Target) -> g.AddScore:
    return g.AddScore(step.score)


def _set(at: Flattener, step: s.SetStep, path: Path, follow: Target) -> g.SetFields:
    texts = ((name, value, (*path, "set", name)) for name, value in step.values.items())
    return g.SetFields(
        tuple(
            (
                name.removeprefix("lead."),
                Fixed("", None) if value is None else at.bench.text(value, place),
            )
            for name, value, place in texts
        )
    )


def _tag(at: Flattener, step: s.TagStep, path: Path, follow: Target) -> g.Tag:
    return g.Tag(tuple(step.tag))


def _untag(at: Flattener, step: s.UntagStep, path: Path, follow: Target) -> g.Tag:
    return g.Tag(tuple(step.untag), remove=True)


def _refuse(at: Flattener, step: s.RefuseStep, path: Path, follow: Target) -> g.Refuse:
    return g.Refuse(at.bench.text(step.refuse, (*path, "refuse")))


def _postpone(at: Flattener, step: s.PostponeStep, path: Path, follow: Target) -> g.Postpone:
    reason = at.bench.maybe_text(step.reason, (*path, "reason"))
    place = (*path, "postpone")
    if "{{" in step.postpone:
        return g.Postpone(until=at.bench.text(step.postpone, place), reason=reason)
    try:
        return g.Postpone(duration=parse_duration(step.postpone), reason=reason)
    except GrammarError as error:
        if step.postpone[:4].isdigit() and "-" in step.postpone:
            day = at.bench.grammar(parse_date, step.postpone, place)
            return g.Postpone(until=Fixed(step.postpone, day), reason=reason)
        hint = error.hint or "write 90 days, 2027-03-01 or {{ event.until }}"
        where = at.bench.source.value_place(place)
        at.bench.problems.error(where, Code.GRAMMAR, sentence(error), hint)
        return g.Postpone(reason=reason)


def _reopen(at: Flattener, step: s.ReopenStep, path: Path, follow: Target) -> g.Reopen:
    return g.Reopen(at.bench.text(step.reopen, (*path, "reopen")))


def _task(at: Flattener, step: s.TaskStep, path: Path, follow: Target) -> g.MakeTask:
    results = (step.results or {}).items()
    return g.MakeTask(
        text=at.bench.text(step.task, (*path, "task")),
        due=step.due,
        who=step.who,
        kind=step.kind,
        results=tuple((name, at.first(steps, (*path, "results", name), follow)) for name, steps in results),
        patience=step.patience,
        otherwise=_else(at, step, path, follow),
    )


def _notify(at: Flattener, step: s.NotifyStep, path: Path, follow: Target) -> g.Notify:
    return g.Notify(step.notify, at.bench.text(step.text, (*path, "text")))


def _webhook(at: Flattener, step: s.WebhookStep, path: Path, follow: Target) -> g.Webhook:
    return g.Webhook(step.webhook)


VERBS: Final[Mapping[type[s.Step], Callable[[Flattener, Any, Path, Target], Verb]]] = {
    s.EmailStep: _email,
    s.WaitForStep: _wait_for,
    s.IfStep: _branch,
    s.ChooseStep: _choose,
    s.SplitStep: _split,
    s.RepeatStep: _repeat,
    s.GotoStep: _goto,
    s.StopStep: _stop,
    s.StartStep: _start,
    s.StageStep: _stage,
    s.ScoreStep: _score,
    s.SetStep: _set,
    s.TagStep: _tag,
    s.UntagStep: _untag,
    s.RefuseStep: _refuse,
    s.PostponeStep: _postpone,
    s.ReopenStep: _reopen,
    s.TaskStep: _task,
    s.NotifyStep: _notify,
    s.WebhookStep: _webhook,
}
