"""Reads the entries of a story: times, events with their data, outcomes, and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal, get_args

from nurture.core.clocktime import WEEKDAYS
from nurture.core.countries import normalise_country
from nurture.core.errors import GrammarError
from nurture.core.graph import Email, Graph, MakeTask
from nurture.core.point import DatePoint, DayPoint, Point, WeekdayPoint, parse_point
from nurture.core.vocabulary import Field, LeadStage, Vocabulary
from nurture.language.campaign_codes import UNKNOWN_STAGE
from nurture.language.problems import Code, Place, Problems, did_you_mean
from nurture.language.scalars import described
from nurture.language.source import Path, Source
from nurture.language.story_values import typed

EffectKind = Literal[
    "email", "stage", "score", "task", "notify", "webhook", "tag", "untag", "set", "start", "stop", "refuse",
    "postpone", "reopen",
]  # fmt: skip
"""What a campaign can do that a story may expect (interfaces.md, `simulate`)."""

EXPECTABLE: Final[tuple[str, ...]] = get_args(EffectKind)
_NAMED: Final = frozenset({"email", "stage"})
"""Effects of which a story says which one."""

Entry = dict[str, Any]
Read = Callable[[Any, Path, datetime], Entry | None]


@dataclass(frozen=True, slots=True)
class StoryReader:
    """Reads the entries of one file's stories. `graph` is the campaign they test, where it is known whole.

    `told` are the emails it does not send and that was said of: once is enough.
    """

    source: Source
    problems: Problems
    vocabulary: Vocabulary
    graph: Graph | None
    told: set[str] = field(default_factory=set)

    # -- times ------------------------------------------------------------------------------------------------

    def start(self, text: str | None, path: Path, first_day: date) -> datetime | None:
        """When day 1 begins; None when it cannot be read."""
        if text is None:
            return datetime.combine(first_day, time())
        point = self._point(text, path)
        if isinstance(point, WeekdayPoint):
            day = first_day + timedelta(days=(point.weekday - first_day.weekday()) % 7)
            return datetime.combine(day, _clock(point.clock or 0))
        if isinstance(point, DatePoint):
            return datetime.combine(point.date, _clock(point.clock or 0))
        if point is not None:
            hint = "write tuesday 10:00 or 2026-12-21 09:00"
            self.problems.error(
                self.source.value_place(path), Code.GRAMMAR, f"{described(text)} is no day to begin on.", hint
            )
        return None

    def entries(self, items: Sequence[Any], path: Path, start: datetime, read: Read) -> list[Entry]:
        """The entries of a list that can be read, in their order."""
        found: list[Entry] = []
        earliest = start
        for index, item in enumerate(items):
            for key, value in self._pairs(item, (*path, index)):
                place = (*path, index, key)
                if path[-1] == "story" and self._is_expected(value, place):
                    return found
                at = self._when(key, place, start, earliest)
                if at is None:
                    continue
                earliest = max(earliest, at)
                entry = read(value, place, at)
                if entry is not None:
                    where = self.source.key_place(place)
                    found.append({"at": at, "line": where.line, "column": where.column, **entry})
        return found

    def _is_expected(self, value: Any, path: Path) -> bool:
        """Whether an entry of `story` says what a campaign does; what follows it is then meant so, too."""
        kind = value.split()[0] if isinstance(value, str) and value.split() else ""
        if kind not in EXPECTABLE or value in self.vocabulary.events:
            return False
        message = f"`{value}` is what the campaign does, and not what happens to the lead."
        self.problems.error(
            self.source.value_place(path), Code.WRONG_CHOICE, message, "write expect: above it"
        )
        return True

    def _pairs(self, item: Any, path: Path) -> Iterator[tuple[str, Any]]:
        if isinstance(item, dict):
            yield from item.items()
            return
        hint = "write a time, a colon and what happens: - day 5 15:00: webinar.attended"
        message = f"{described(item) if item is not None else 'This entry'} does not say when and what."
        self.problems.error(self.source.value_place(path), Code.WRONG_TYPE, message, hint)

    def _when(self, text: str, path: Path, start: datetime, earliest: datetime) -> datetime | None:
        point = self._point(text, path, on_key=True)
        if point is None:
            return None
        place = self.source.key_place(path)
        clock = getattr(point, "clock", None)
        if clock is None or not isinstance(point, DayPoint | WeekdayPoint | DatePoint):
            hint = "write day 5 15:00"
            self.problems.error(place, Code.GRAMMAR, f"{described(text)} names no day and clock time.", hint)
            return None
        at = _resolve(point, clock, start, earliest)
        if at < start:
            message = f"{text} is before the story begins ({_said(start)})."
            self.problems.error(place, Code.IMPOSSIBLE_TIME, message, "begin earlier: start: …")
            return None
        if at < earliest:
            message = f"{text} comes before the entry above ({_said(earliest)})."
            self.problems.error(place, Code.IMPOSSIBLE_TIME, message, "put the entries in the order of time")
        return at

    def _point(self, text: str, path: Path, *, on_key: bool = False) -> Point | None:
        try:
            return parse_point(text)
        except GrammarError as error:
            place = self.source.key_place(path) if on_key else self.source.value_place(path)
            message = f"{str(error)[:1].upper()}{str(error)[1:]}."
            self.problems.error(place, Code.GRAMMAR, message, "write day 5 15:00, or tuesday 10:00")
            return None

    # -- what happens -----------------------------------------------------------------------------------------

    def happening(self, value: Any, path: Path, at: datetime) -> Entry | None:
        """One entry of `story`: `webinar.attended`, `{report.downloaded: {…}}`, `{set: {…}}`, `{task: …}`, `enter`."""
        if isinstance(value, str):
            return self._named(value, {}, path, self.source.value_place(path))
        if not isinstance(value, dict) or len(value) != 1:
            hint = "write an event, { event: { data } }, { set: { field: value } }, { task: RESULT } or enter"
            message = "One thing happens in an entry." if isinstance(value, dict) else "Nothing happens here."
            self.problems.error(self.source.value_place(path), Code.WRONG_TYPE, message, hint)
            return None
        ((name, data),) = value.items()
        inside = (*path, name)
        if name == "set":
            return {"kind": "set", "data": self.fields(data if isinstance(data, dict) else {}, inside)}
        if name == "task":
            return self._task(data, inside)
        if data is not None and not isinstance(data, dict):
            hint = f"write {{ {name}: {{ key: value }} }}"
            message = f"The data of {name} are keys with values, not {described(data)}."
            self.problems.error(self.source.value_place(inside), Code.WRONG_TYPE, message, hint)
            return None
        return self._named(name, data or {}, inside, self.source.key_place(inside))

    def _named(self, name: str, data: Mapping[str, Any], path: Path, place: Place) -> Entry | None:
        if name == "enter":
            return {"kind": "enter", "data": dict(data)}
        if name not in self.vocabulary.events:
            near = did_you_mean(name, (*self.vocabulary.events, "enter", "set", "task"))
            hint = f"did you mean {near}?" if near else "declare it under events: in config.yaml"
            if name == "reply":
                hint = "say which one: reply.interested, reply.refused, reply.later …"
            self.problems.error(place, Code.UNKNOWN_EVENT, f"There is no event {name}.", hint)
            return None
        kinds = self.vocabulary.data_of(name)
        made = {}
        for key, value in data.items():
            if key not in kinds:
                near = did_you_mean(key, kinds)
                hint = f"did you mean {near}?" if near else f"it has {', '.join(sorted(kinds))}"
                where = self.source.key_place((*path, key))
                self.problems.error(where, Code.UNKNOWN_FIELD, f"{name} has no {key}.", hint)
            else:
                made[key] = typed(value, Field(kinds[key], ""), (*path, key), self.source, self.problems)
        return {"kind": "event", "name": name, "data": made}

    def _task(self, result: Any, path: Path) -> Entry | None:
        place = self.source.value_place(path)
        if not isinstance(result, str):
            self.problems.error(place, Code.WRONG_TYPE, "A task has an outcome.", "write { task: reached }")
            return None
        if self.graph is not None and result != "done":
            verbs = (node.verb for node in self.graph.nodes.values())
            known = [name for verb in verbs if isinstance(verb, MakeTask) for name, _ in verb.results]
            if result not in known:
                near = did_you_mean(result, known)
                hint = (
                    f"did you mean {near}?" if near else f"results are {', '.join(known) or 'none but done'}"
                )
                self.problems.error(place, Code.WRONG_CHOICE, f"No task here has the result {result}.", hint)
        return {"kind": "task", "name": result}

    def fields(self, values: Mapping[str, Any], path: Path) -> dict[str, Any]:
        """Fields of a lead, each with a value of its kind."""
        made = {}
        for name, value in values.items():
            known = self.vocabulary.fields.get(name)
            if known is None:
                near = did_you_mean(name, self.vocabulary.fields)
                hint = f"did you mean {near}?" if near else "declare it under fields: in config.yaml"
                place = self.source.key_place((*path, name))
                self.problems.error(place, Code.UNKNOWN_FIELD, f"A lead has no field {name}.", hint)
            else:
                made[name] = typed(value, known, (*path, name), self.source, self.problems)
                if name == "country":
                    self._check_country(value, (*path, name))
        return made

    def _check_country(self, value: Any, path: Path) -> None:
        if isinstance(value, str) and normalise_country(value) is None:
            message = f"There is no country {described(value)}."
            self.problems.error(
                self.source.value_place(path), Code.WRONG_CHOICE, message, "write DE, GB, FR …"
            )

    # -- what is expected -------------------------------------------------------------------------------------

    def expected(self, value: Any, path: Path, at: datetime) -> Entry | None:
        """One line of `expect`: `email report_link`, `stage mql`, `task`."""
        place = self.source.value_place(path)
        words = value.split(maxsplit=1) if isinstance(value, str) else []
        if not words:
            hint = "write email and a template, stage and a stage, or task"
            self.problems.error(place, Code.WRONG_TYPE, "What is expected here?", hint)
            return None
        kind, name = words[0], (words[1] if len(words) > 1 else None)
        if kind not in EXPECTABLE:
            near = did_you_mean(kind, EXPECTABLE)
            hint = f"did you mean {near}?" if near else f"one of {', '.join(EXPECTABLE)}"
            self.problems.error(place, Code.WRONG_CHOICE, f"{kind} is nothing a campaign does.", hint)
            return None
        if name is None and kind in _NAMED:
            self.problems.error(place, Code.GRAMMAR, f"Which {kind}?", f"write {kind} NAME")
            return None
        if name is not None:
            self._check_name(kind, name, path, place)
        return {"kind": kind, "name": name}

    def _check_name(self, kind: str, name: str, path: Path, place: Place) -> None:
        if kind == "stage" and name not in tuple(LeadStage):
            near = did_you_mean(name, tuple(LeadStage))
            hint = f"did you mean {near}?" if near else f"stages are {', '.join(LeadStage)}"
            self.problems.error(place, UNKNOWN_STAGE, f"There is no stage {name}.", hint)
        alone = self.source.get((*path[:-3], "with")) is None
        if kind == "email" and self.graph is not None and alone:
            verbs = (node.verb for node in self.graph.nodes.values())
            known = [template for verb in verbs if isinstance(verb, Email) for template in verb.templates]
            if name not in known and name not in self.told:
                self.told.add(name)
                near = did_you_mean(name, known)
                hint = f"did you mean {near}?" if near else f"it sends {', '.join(dict.fromkeys(known))}"
                message = f"This campaign sends no email {name}."
                self.problems.error(place, Code.UNKNOWN_TEMPLATE, message, hint)


def _resolve(
    point: DayPoint | WeekdayPoint | DatePoint, clock: int, start: datetime, earliest: datetime
) -> datetime:
    if isinstance(point, DayPoint):
        return datetime.combine(start.date() + timedelta(days=point.day - 1), _clock(clock))
    if isinstance(point, DatePoint):
        return datetime.combine(point.date, _clock(clock))
    day = earliest.date() + timedelta(days=(point.weekday - earliest.weekday()) % 7)
    at = datetime.combine(day, _clock(clock))
    return at if at >= earliest else at + timedelta(days=7)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _said(at: datetime) -> str:
    return f"{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d %H:%M}"
