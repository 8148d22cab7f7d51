"""What the sections of config.yaml mean to one another: names that must exist, conditions, the vocabulary.

Works on a `ConfigFile` whose sections are right in themselves; places come from its `Source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from nurture.core.conditions import Condition
from nurture.core.errors import GrammarError
from nurture.core.scoring import EventRule, ProfileRule
from nurture.core.vocabulary import BUILTIN, EventType, Field, Kind, Kinds, Vocabulary
from nurture.language.config_file import ConfigFile
from nurture.language.config_values import read_address
from nurture.language.expressions import Scope, condition_at
from nurture.language.problems import Code, Problems, did_you_mean
from nurture.language.scalars import described
from nurture.language.source import Path, Source

_KIND_OF: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN, "date": Kind.TIME, "time": Kind.TIME,
    "list": Kind.LIST, "choice": Kind.TEXT,
}  # fmt: skip
_NOTHING: Final[Kinds] = {}
_TO: Final = ("experienced", "region", "language")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was made of a config file. `assignment` goes with `assignment.rules`, one by one."""

    vocabulary: Vocabulary
    event_rules: tuple[EventRule, ...] = ()
    profile_rules: tuple[ProfileRule, ...] = ()
    assignment: tuple[Condition, ...] = ()


def vocabulary_of(config: ConfigFile) -> Vocabulary:
    """The built-in vocabulary with what the project declares."""
    fields = {
        name: Field(_KIND_OF[own.type], str(own.label or name), tuple(own.choices), own=True)
        for name, own in config.fields.items()
    }
    events = {
        name: EventType(own.about, {key: _KIND_OF[kind] for key, kind in own.data.items()}, own=True)
        for name, own in config.events.items()
    }
    topics = {asked.topic for form in config.forms.values() for asked in form.consent}
    topics |= {
        question.consent
        for survey in config.surveys.values()
        for question in survey.questions
        if question.consent is not None
    }
    score_topics = {rule.topic for rules in config.scoring.events.values() for rule in rules if rule.topic}
    return BUILTIN.extend(
        fields={name: field for name, field in fields.items() if name not in BUILTIN.fields},
        events=events,
        forms=config.forms,
        surveys=config.surveys,
        webhooks=config.webhooks,
        channels=config.notify,
        topics=topics | {"email"} if topics else None,
        score_topics=score_topics,
    )


def meaning_of(
    config: ConfigFile, source: Source, problems: Problems, broken: frozenset[str] = frozenset()
) -> Meaning:
    """Check what must be known across sections, and compile the conditions. What is wrong goes to `problems`.

    `broken` are sections left out of `config` because of errors: what needs them is not checked.
    """
    vocabulary = vocabulary_of(config)
    _own_names(config, source, problems)
    if "team" not in broken:
        _team(config, source, problems)
    if broken & {"fields", "events"}:
        return Meaning(vocabulary)
    if broken & {"forms", "surveys"}:
        vocabulary = replace(vocabulary, topics=None)
    if "scoring" in broken:
        vocabulary = replace(vocabulary, score_topics=None)
    for names in ("lead_card", "customer_card"):
        for index, field in enumerate(getattr(config.qualification, names)):
            _field(vocabulary, source, ("qualification", names, index), field, problems)
    for name, hook in config.webhooks.items():
        for index, event in enumerate(hook.events):
            _event(vocabulary, source, ("webhooks", name, "events", index), event, problems)
    _forms(config, vocabulary, source, problems)
    return Meaning(
        vocabulary,
        _event_rules(config, vocabulary, source, problems),
        _profile_rules(config, vocabulary, source, problems),
        _assignment(config, vocabulary, source, problems),
    )


def _own_names(config: ConfigFile, source: Source, problems: Problems) -> None:
    for name in config.fields:
        if name in BUILTIN.fields:
            message = f"Every lead has a field {name} already."
            problems.error(source.key_place(("fields", name)), Code.CONFLICT, message, "choose another name")
    for name in config.events:
        if name == "reply" or (name.startswith("reply.") and name not in BUILTIN.events):
            message = "reply stands for what answers mean; an event of your own needs another name."
            problems.error(source.key_place(("events", name)), Code.CONFLICT, message)


def _event(
    vocabulary: Vocabulary, source: Source, path: Path, name: str, problems: Problems, key: bool = False
) -> bool:
    if vocabulary.knows_event(name):
        return True
    near = did_you_mean(name, vocabulary.event_names)
    hint = f"did you mean {near}?" if near else "declare it under events:"
    place = source.key_place(path) if key else source.value_place(path)
    problems.error(place, Code.UNKNOWN_EVENT, f"There is no event {name}.", hint)
    return False


def _field(vocabulary: Vocabulary, source: Source, path: Path, name: str, problems: Problems) -> None:
    if name in vocabulary.fields:
        return
    near = did_you_mean(name, vocabulary.fields)
    hint = f"did you mean {near}?" if near else "declare it under fields:"
    problems.error(source.value_place(path), Code.UNKNOWN_FIELD, f"A lead has no field {name}.", hint)


def _team(config: ConfigFile, source: Source, problems: Problems) -> None:
    seen: set[str] = set()
    for index, colleague in enumerate(config.team):
        if colleague.email.lower() in seen:
            message = f"{colleague.email} is in the team twice."
            problems.error(source.value_place(("team", index, "email")), Code.DUPLICATE_KEY, message)
        seen.add(colleague.email.lower())
    addresses = [colleague.email for colleague in config.team]
    skills = {skill for colleague in config.team for skill in colleague.skills}
    for index, rule in enumerate(config.assignment.rules):
        for to in rule.to:
            path: Path = ("assignment", "rules", index, "to")
            if to.startswith("skill:"):
                _known(to[6:].strip(), skills, "Nobody in the team has the skill", source, path, problems)
            elif to not in _TO:
                _recipient(to, addresses, (*_TO, "skill:NAME"), source, path, problems)
    _or_word(
        config.assignment.otherwise,
        ("load", "rotate"),
        addresses,
        source,
        ("assignment", "otherwise"),
        problems,
    )
    to = config.assignment.escalate.to
    _or_word(to, ("manager",), addresses, source, ("assignment", "escalate", "to"), problems)


def _or_word(
    to: str, words: tuple[str, ...], addresses: list[str], source: Source, path: Path, problems: Problems
) -> None:
    if to not in words:
        _recipient(to, addresses, words, source, path, problems)


def _recipient(
    to: str, addresses: list[str], words: tuple[str, ...], source: Source, path: Path, problems: Problems
) -> None:
    try:
        address = read_address(to)
    except GrammarError:
        near = did_you_mean(to, words)
        message = f"{described(to)} is not one of {', '.join(words)}, nor an address."
        hint = f"did you mean {near}?" if near else None
        problems.error(source.value_place(path), Code.WRONG_CHOICE, message, hint)
        return
    _known(address, addresses, "Nobody in the team has the address", source, path, problems)


def _known(
    name: str, known: Iterable[str], message: str, source: Source, path: Path, problems: Problems
) -> None:
    if name.lower() in {one.lower() for one in known}:
        return
    near = did_you_mean(name, known)
    hint = f"did you mean {near}?" if near else "add them under team:"
    problems.error(source.value_place(path), Code.UNKNOWN_NAME, f"{message} {name}.", hint)


def _forms(config: ConfigFile, vocabulary: Vocabulary, source: Source, problems: Problems) -> None:
    for name, form in config.forms.items():
        raised: tuple[str, ...] = ("form.submitted",)
        if form.raises is not None:
            if not _event(vocabulary, source, ("forms", name, "raises"), form.raises, problems):
                continue
            raised = ("form.submitted", form.raises)
        data = vocabulary.data_of(*raised)
        for index, asked in enumerate(form.fields):
            if asked.name in vocabulary.fields or asked.name in data:
                continue
            near = did_you_mean(asked.name, [*vocabulary.fields, *data])
            message = f"{asked.name} is neither a lead's field nor data of {' or '.join(raised)}."
            hint = (
                f"did you mean {near}?"
                if near
                else "declare it under fields:, or in the event's data under events:"
            )
            place = source.value_place(("forms", name, "fields", index, "name"))
            problems.error(place, Code.UNKNOWN_FIELD, message, hint)
        for key in form.data:
            if key not in data:
                near = did_you_mean(key, data)
                message = f"{raised[-1]} has no {key}."
                hint = f"did you mean {near}?" if near else f"it has {', '.join(sorted(data))}"
                problems.error(
                    source.key_place(("forms", name, "data", key)), Code.UNKNOWN_FIELD, message, hint
                )
    for name, survey in config.surveys.items():
        if survey.raises is not None:
            _event(vocabulary, source, ("surveys", name, "raises"), survey.raises, problems)


def _event_rules(
    config: ConfigFile, vocabulary: Vocabulary, source: Source, problems: Problems
) -> tuple[EventRule, ...]:
    made: list[EventRule] = []
    for event, rules in config.scoring.events.items():
        base: Path = ("scoring", "events", event)
        if not _event(vocabulary, source, base, event, problems, key=True):
            continue
        scope = Scope(entry=_NOTHING, event=vocabulary.data_of(event))
        listed = isinstance(source.get(base), list)
        for index, rule in enumerate(rules):
            where: Condition | None = None
            if rule.where is not None:
                path: Path = (*base, index, "where") if listed else (*base, "where")
                where = condition_at(source, path, vocabulary, problems, scope)
            made.append(EventRule(event, rule.points, where, rule.limit, rule.because, rule.topic))
    return tuple(made)


def _profile_rules(
    config: ConfigFile, vocabulary: Vocabulary, source: Source, problems: Problems
) -> tuple[ProfileRule, ...]:
    made: list[ProfileRule] = []
    scope = Scope(entry=_NOTHING, event=_NOTHING)
    for index, rule in enumerate(config.scoring.profile):
        condition = condition_at(source, ("scoring", "profile", index, "if"), vocabulary, problems, scope)
        if condition is not None:
            made.append(ProfileRule(condition, rule.points, rule.because))
    return tuple(made)


def _assignment(
    config: ConfigFile, vocabulary: Vocabulary, source: Source, problems: Problems
) -> tuple[Condition, ...]:
    scope = Scope(entry=_NOTHING, event=_NOTHING)
    paths = [("assignment", "rules", index, "if") for index in range(len(config.assignment.rules))]
    found = [condition_at(source, path, vocabulary, problems, scope) for path in paths]
    return tuple(condition for condition in found if condition is not None)
