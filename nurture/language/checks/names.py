"""Campaigns, webhooks, people, channels and topics that a campaign names exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_steps import (
    EmailStep,
    NotifyStep,
    OtherCampaign,
    StartStep,
    StopStep,
    TaskStep,
    WebhookStep,
)
from nurture.language.source import Path
from nurture.language.walk import Placed


class Named(NamedTuple):
    """A name that is used, where, of what kind, and what is known of that kind (None: nothing, so not checked)."""

    name: str
    path: Path
    kind: str
    known: Iterable[str] | None
    code: Code = Code.UNKNOWN_NAME


def check(bench: Bench, graph: Graph) -> None:
    """`start: farwell`; `webhook: crm` where config.yaml has none; `who: jon@example.org`."""
    for placed in bench.steps:
        for named in _named(bench, placed):
            _look_up(bench, named)
    if bench.model.send is not None:
        sender, topic = bench.model.send.sender, bench.model.send.topic
        if sender is not None:
            _look_up(bench, Named(sender, ("send", "from"), "sender", _senders(bench, sender)))
        if topic is not None:
            _look_up(bench, Named(topic, ("send", "topic"), "topic", bench.known.topics))
    for index, test in enumerate(bench.model.tests):
        for number, other in enumerate(test.others or ()):
            listed = isinstance(bench.source.get(("tests", index, "with")), list)
            path: Path = ("tests", index, "with", number) if listed else ("tests", index, "with")
            _look_up(bench, _campaign(bench, other, path))


def _named(bench: Bench, placed: Placed) -> Iterable[Named]:
    known, path = bench.known, placed.path
    match placed.step:
        case StartStep(start=name):
            yield _campaign(bench, name, (*path, "start"))
        case StopStep(stop=OtherCampaign(campaign=name)):
            yield _campaign(bench, name, (*path, "stop", "campaign"))
        case WebhookStep(webhook=name):
            yield Named(name, (*path, "webhook"), "webhook", known.webhooks)
        case NotifyStep(notify=name):
            yield Named(name, (*path, "notify"), "person or channel", _people(bench))
        case TaskStep(who=name):
            yield Named(name, (*path, "who"), "person", _people(bench))
        case EmailStep(sender=str(name)):
            yield Named(name, (*path, "from"), "sender", _senders(bench, name))
        case _:
            return


def _campaign(bench: Bench, name: str, path: Path) -> Named:
    return Named(name, path, "campaign", bench.known.campaigns, Code.UNKNOWN_CAMPAIGN)


def _people(bench: Bench) -> Iterable[str] | None:
    team = bench.known.team
    return None if team is None else (*bench.known.channels, *sorted(team))


def _senders(bench: Bench, name: str) -> Iterable[str] | None:
    """An address is taken as it is; any other word is one of two."""
    return None if "@" in name else ("owner", "company")


def _look_up(bench: Bench, named: Named) -> None:
    if named.known is None or named.name in named.known:
        return
    candidates = sorted(named.known)
    near = did_you_mean(named.name, candidates)
    hint = f"did you mean {near}?" if near else None
    if hint is None and candidates:
        hint = f"known are {', '.join(candidates[:12])}"
    bench.error(named.path, named.code, f"There is no {named.kind} {named.name}.", hint)
