"""The project's settings: config.yaml, with overrides and secrets from the environment.

`NURTURE_SMTP__PORT=2525` overrides `smtp.port`; `${NAME}` in a value takes a secret from the environment.
Reads nothing by itself: the text and the environment are arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from nurture.core.conditions import Condition
from nurture.core.holiday_book import HolidayBook, ProjectDay
from nurture.core.rules import Rules
from nurture.core.scoring import EventRule, ProfileRule, Thresholds
from nurture.core.vocabulary import Vocabulary
from nurture.language.config_file import ConfigFile
from nurture.language.config_forms import Form, Survey
from nurture.language.config_meaning import Meaning, meaning_of, vocabulary_of
from nurture.language.config_not_yet import check_not_yet
from nurture.language.config_sales import (
    Assignment,
    Colleague,
    LeadSource,
    OwnEvent,
    OwnField,
    Qualification,
    Scoring,
)
from nurture.language.config_sections import (
    AddedDay,
    CampaignSettings,
    Company,
    Database,
    Holidays,
    Inbox,
    Notify,
    Replies,
    Retention,
    Send,
    SkippedDay,
    Smtp,
    Tracking,
    Web,
    Webhook,
)
from nurture.language.config_values import LangText, Mailbox
from nurture.language.problems import Code, Place, Problem, Problems, did_you_mean
from nurture.language.shape import json_schema, validate
from nurture.language.source import Data, Mark, Path, Source, read_source

PREFIX: Final = "NURTURE_"
_SECRET = re.compile(r"\$(\$?)\{([^{}]*)\}")

__all__ = ["LangText", "Mailbox", "Settings", "config_schema", "load_config"]


@dataclass(frozen=True, slots=True)
class Settings:
    """All sections of config.yaml (interfaces.md), and what was made of them. Passwords are not in its `repr`.

    `event_rules`, `profile_rules` and `assignment_conditions` are the compiled `scoring` and `assignment.rules`
    (one condition for each rule, in order).
    """

    company: Company
    database: Database
    smtp: Smtp
    inbox: tuple[Inbox, ...]
    web: Web
    send: Send
    campaigns: CampaignSettings
    scoring: Scoring
    qualification: Qualification
    team: tuple[Colleague, ...]
    assignment: Assignment
    fields: Mapping[str, OwnField]
    events: Mapping[str, OwnEvent]
    sources: Mapping[str, LeadSource]
    forms: Mapping[str, Form]
    surveys: Mapping[str, Survey]
    holidays: Holidays
    webhooks: Mapping[str, Webhook]
    notify: Mapping[str, Notify]
    tracking: Tracking
    retention: Retention
    replies: Replies
    words: Vocabulary
    event_rules: tuple[EventRule, ...] = ()
    profile_rules: tuple[ProfileRule, ...] = ()
    assignment_conditions: tuple[Condition, ...] = ()

    def vocabulary(self) -> Vocabulary:
        """Everything that has a name in this project."""
        return self.words

    def rules(self) -> Rules:
        """The project's own rules, as the deciding half wants them."""
        temperature = self.scoring.temperature
        kinds = ("interested", "later", "refused", "question", "wrong_person", "other", "unclear")
        return Rules(
            event_points=self.event_rules,
            profile_points=self.profile_rules,
            thresholds=Thresholds(temperature.warm, temperature.hot, self.scoring.mql),
            half_life=self.scoring.half_life,
            replies={f"reply.{kind}": getattr(self.replies, kind) for kind in kinds},
            postpone_default=self.replies.postpone,
            wait_for_colleague=self.replies.hold,
        )

    def holiday_book(self) -> HolidayBook:
        """Public holidays with this project's regions and days."""
        added = [day for one in self.holidays.add for day in _project_days(one)]
        removed = [day for one in self.holidays.skip for day in _project_days(one)]
        return HolidayBook(added, removed, self.holidays.regions)

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.timezone)


def load_config(
    text: str | bytes, file: str, environ: Mapping[str, str]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Settings made of the text of config.yaml (empty: all defaults), and all problems found.

    Settings are None when one of them is an error. A problem with an override stands in the file
    `environment`. Never raises for any text.
    """
    problems = Problems(file)
    source = read_source(text, file, problems)
    if source is None:
        return None, tuple(problems)
    read = _Environment(source, environ, problems)
    complete = read.complete()
    config = validate(ConfigFile, complete, problems)
    broken = frozenset() if config is not None else _broken_sections(complete, problems)
    partial = config or _without(broken, complete)
    meaning = meaning_of(partial, complete, problems, broken) if partial is not None else None
    if not problems.errors:
        check_not_yet(complete, problems)
    found = tuple(read.said_of_overrides(problem) for problem in problems)
    if config is None or meaning is None or problems.errors:
        return None, found
    return _settings(config, meaning), found


def default_settings() -> Settings:
    """What an empty config.yaml means."""
    config = ConfigFile()
    return _settings(config, Meaning(vocabulary_of(config)))


def config_schema() -> dict[str, Any]:
    """The JSON Schema of config.yaml, for editors."""
    return json_schema(ConfigFile, "nurture: config.yaml")


def _settings(config: ConfigFile, meaning: Meaning) -> Settings:
    sections = {name: getattr(config, name) for name in ConfigFile.model_fields}
    return Settings(
        **sections,
        words=meaning.vocabulary,
        event_rules=meaning.event_rules,
        profile_rules=meaning.profile_rules,
        assignment_conditions=meaning.assignment,
    )


def _project_days(one: AddedDay | SkippedDay) -> list[ProjectDay]:
    countries: tuple[str | None, ...] = one.countries or (None,)
    day, name = one.date, one.name or "holiday"
    return [ProjectDay(day.month, day.day, day.year, country, name) for country in countries]


def _broken_sections(source: Source, problems: Problems) -> frozenset[str]:
    """The sections in which errors stand."""
    wrong = {(problem.line, problem.column) for problem in problems if problem.severity == "error"}
    return frozenset(
        str(path[0])
        for path, mark in source.marks.items()
        if path and (mark.value[:2] in wrong or (mark.key is not None and mark.key[:2] in wrong))
    )


def _without(broken: frozenset[str], source: Source) -> ConfigFile | None:
    """The file without some sections, so that the meaning of the others is checked in the same run."""
    if not isinstance(source.data, dict):
        return None
    data = {name: value for name, value in source.data.items() if name not in broken}
    return validate(ConfigFile, replace(source, data=data), Problems(source.file))


class _Environment:
    """The environment's part in a config file: overrides and secrets."""

    def __init__(self, source: Source, environ: Mapping[str, str], problems: Problems) -> None:
        self.source = source
        self.environ = environ
        self.problems = problems
        self.overrides: list[str] = []
        self.marks: dict[Path, Mark] = dict(source.marks)

    def complete(self) -> Source:
        """The source with secrets filled in and overrides applied."""
        data = self.filled(self.source.data, ())
        for name in sorted(self.environ):
            if name.startswith(PREFIX) and (
                "__" in name or name[len(PREFIX) :].lower() in ConfigFile.model_fields
            ):
                data = self.overridden(data, name)
        return replace(self.source, data=data, marks=self.marks)

    def filled(self, data: Data, path: Path) -> Data:
        """The data with every `${NAME}` replaced; `$${` stands for `${`."""
        if isinstance(data, dict):
            return {key: self.filled(value, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.filled(value, (*path, index)) for index, value in enumerate(data)]
        if data is None or "${" not in data:
            return data
        return _SECRET.sub(lambda found: self.secret(found, path), data)

    def secret(self, found: re.Match[str], path: Path) -> str:
        if found[1]:
            return found[0][1:]
        value = self.environ.get(found[2])
        if value is not None:
            return value
        near = did_you_mean(found[2], self.environ)
        hint = (
            f"did you mean ${{{near}}}?" if near else f"set it before starting: export {found[2] or 'NAME'}=…"
        )
        message = f"{found[0]} is not set in the environment."
        self.problems.error(self.source.text_place(path, found.start()), Code.MISSING_SECRET, message, hint)
        return "missing"

    def overridden(self, data: Data, name: str) -> Data:
        """The data with `NURTURE_SMTP__PORT` put at `smtp.port`."""
        place = Place(-1 - len(self.overrides), 1)
        self.overrides.append(name)
        parts = name[len(PREFIX) :].lower().split("__")
        value = self.value_of(name, place)
        return _put(data, (), parts, value, self.marks, place)

    def value_of(self, name: str, place: Place) -> Data:
        """A text as it is; `[a, b]` and `{a: b}` as YAML."""
        text = self.environ[name]
        if not text.lstrip().startswith(("[", "{")):
            return text
        said = Problems(name)
        read = read_source(text, name, said)
        for problem in said:
            self.problems.error(place, problem.code, problem.message, problem.hint)
        return read.data if read else None

    def said_of_overrides(self, problem: Problem) -> Problem:
        """A problem whose place is an override, told as one of the environment."""
        if problem.line > 0:
            return problem
        name = self.overrides[-1 - problem.line]
        return replace(problem, file="environment", line=1, column=1, message=f"{name}: {problem.message}")


def _put(
    data: Data, path: Path, parts: list[str], value: Data, marks: dict[Path, Mark], place: Place
) -> Data:
    """`data` with the value at `parts` below it; keys that are there already are found whatever their case."""
    mark = Mark(place, place, place, "plain")
    if not parts:
        for known in [known for known in marks if known[: len(path)] == path]:
            del marks[known]
        marks[path] = mark
        return value
    if isinstance(data, list) and parts[0].isdigit() and int(parts[0]) < len(data):
        index = int(parts[0])
        changed = list(data)
        changed[index] = _put(data[index], (*path, index), parts[1:], value, marks, place)
        return changed
    if data is not None and not isinstance(data, dict):
        marks[path] = mark
    marks.setdefault(path, mark)
    inside = dict(data) if isinstance(data, dict) else {}
    key = next((known for known in inside if known.lower() == parts[0]), parts[0])
    inside[key] = _put(inside.get(key), (*path, key), parts[1:], value, marks, place)
    return inside


assert {field.name for field in fields(Settings)} >= set(ConfigFile.model_fields)
