"""Writes missing ids into a campaign file and leaves every other byte alone (`nurture check --fix`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from nurture.language.ids import can_rest, own_id, rotates
from nurture.language.problems import Problems
from nurture.language.salvage import read_model
from nurture.language.schema import CampaignFile
from nurture.language.schema_steps import (
    EmailStep,
    GotoStep,
    NotifyStep,
    StageStep,
    Step,
    TagStep,
    TaskStep,
    WebhookStep,
)
from nurture.language.source import Data, Path, Source, read_source
from nurture.language.verbs import verb_of
from nurture.language.walk import Placed, events_of, walk

_BY_VERB = {"repeat": "rounds", "if": "decision", "choose": "choice", "split": "experiment"}


def fix_ids(text: str) -> str:
    """The text with an id in each step that needs one and has none; an email sent twice gets one the second time.

    Works on block and flow mappings, with any indentation and line ends. What cannot be read stays as it is, so does
    a step that cannot be given an id safely (one that is an alias).
    """
    problems = Problems("")
    source = read_source(text, "", problems)
    if source is None:
        return text
    model, _ = read_model(source, problems)
    if model is None:
        return text
    ids = missing_ids(model, source)
    fixed = _with_ids(source, ids)
    if not _only_ids_added(source, fixed, ids):
        ids = {path: name for path, name in ids.items() if _is_safe(source, path, name)}
        fixed = _with_ids(source, ids)
    return fixed if _only_ids_added(source, fixed, ids) else text


def _with_ids(source: Source, ids: Mapping[Path, str]) -> str:
    """The text with `id: NAME` put first into each of these steps."""
    text = source.text
    newline = "\r\n" if "\r\n" in text else "\n"
    cuts: dict[int, str] = {}
    for path, name in ids.items():
        mark, first = source.marks[path], source.marks[(*path, next(iter(_keys(source, path))))]
        if mark.flow and first.key is not None:
            cuts[first.key.offset] = f"id: {name}, "
        else:
            cuts[mark.value.offset] = f"id: {name}{newline}{' ' * (mark.value.column - 1)}"
    for offset in sorted(cuts, reverse=True):
        text = text[:offset] + cuts[offset] + text[offset:]
    return ("\ufeff" if source.bom else "") + text


def _keys(source: Source, path: Path) -> Mapping[str, Data]:
    step = source.get(path)
    return step if isinstance(step, dict) else {}


def _is_safe(source: Source, path: Path, name: str) -> bool:
    return _only_ids_added(source, _with_ids(source, {path: name}), {path: name})


def missing_ids(model: CampaignFile, source: Source) -> dict[Path, str]:
    """A good name for each step that needs an id, by the step's place."""
    placed = [one for one in walk(model, source) if isinstance(source.get(one.path), dict)]
    given = [one.step.id for one in placed if one.step.id is not None]
    taken = {*given, *model.paths, *model.moved, *model.moved.values()}
    found: dict[Path, str] = {}
    for one in placed:
        name = own_id(one.step)
        if name is not None and (one.step.id is not None or name not in taken):
            taken.add(name)
        elif one.event is None and can_rest(one.step):
            found[one.path] = _unique(name or _name(one, source), taken)
            taken.add(found[one.path])
    return found


def _name(placed: Placed, source: Source) -> str:
    """What a person might call this step."""
    step, verb = placed.step, verb_of(source.get(placed.path)) or "step"
    return _slug(_of_events(events_of(step)) or _of_argument(step) or _BY_VERB.get(verb, verb)) or verb


def _of_events(events: tuple[str, ...]) -> str | None:
    if not events:
        return None
    if all(event.split(".")[0] == "reply" for event in events):
        return "answer"
    heads = {event.split(".")[0] for event in events}
    return events[0] if len(events) == 1 else (heads.pop() if len(heads) == 1 else f"{events[0]}-or-other")


def _of_argument(step: Step) -> str | None:
    match step:
        case EmailStep(email=[first, *_]) if rotates(step):
            folder = first.split("/")[0]
            return folder if "/" in first and "*" not in folder else "rotation"
        case TaskStep(kind=kind):
            return kind
        case StageStep(stage=stage):
            return f"stage-{stage}"
        case GotoStep(goto=target):
            return f"to-{target}"
        case TagStep(tag=[first, *_]):
            return f"tag-{first}"
        case NotifyStep(notify=who):
            return f"notify-{who}"
        case WebhookStep(webhook=name):
            return f"webhook-{name}"
    return None


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")[:60]


def _unique(name: str, taken: Iterable[str]) -> str:
    """The name, or the name with the first number that is free. (`null` would be no text in YAML.)"""
    free = name if name != "null" else "step"
    number = 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _only_ids_added(source: Source, fixed: str, ids: Mapping[Path, str]) -> bool:
    """Whether the fixed text says what the old one said, and the ids besides."""
    again = read_source(fixed, "", Problems(""))
    wanted: Any = deepcopy(source.data)
    for path, name in ids.items():
        step = wanted
        for part in path:
            step = step[part]
        step["id"] = name
    return again is not None and again.data == wanted
