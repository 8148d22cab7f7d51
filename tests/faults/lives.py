"""A lead's life in memory: eight campaigns in two versions, what can happen to a lead, and what never may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.case import Case, live, replan
from nurture.core.duration import add, parse_duration
from nurture.core.effects import OpenTask, SendEmail, Suppress, WithdrawEmails
from nurture.core.event import RESUME, Event
from nurture.core.graph import Graph, MakeTask
from nurture.core.holiday_book import HolidayBook
from nurture.core.lifecycle import STAGE
from nurture.core.limit import parse_limit
from nurture.core.person import Person
from nurture.core.place import place_of
from nurture.core.rules import Rules
from nurture.core.scoring import EventRule, Thresholds
from nurture.core.vocabulary import BUILTIN
from nurture.language.edit import place_after
from nurture.language.known import Known, TemplateFacts
from nurture.language.load import load_campaign
from nurture.mail.texts import compile_text
from nurture.services.catalog import Catalog

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
SECRET = "secret"
TEMPLATES = ("welcome", "offer", "news", "article", "podcast", "letter", "reminder", "goodbye")
OVERALL = parse_limit(["3 per day", "6 per week"])
PLACE = place_of(None, "DE", ZoneInfo("Europe/Berlin"), HolidayBook())
RULES = Rules(
    event_points=(
        EventRule("email.clicked", 15),
        EventRule("meeting.held", 40),
        EventRule("webinar.attended", 30),
    ),
    thresholds=Thresholds(),
    half_life=parse_duration("10 days"),
)
_MARK = re.compile(
    r"^(?P<indent> *(?:- )?)(?P<key>[a-z_]+): (?P<value>.*?) +# then: (?P<new>[a-z_]+): (?P<then>.*)$"
)


# -- the campaigns ----------------------------------------------------------------------------------------------------


@cache
def versions() -> Mapping[str, tuple[Graph, Graph]]:
    """Each campaign in its two versions."""
    text = (Path(__file__).parent / "lives.yaml").read_text()
    _, *rest = re.split(r"^--- # (\S+)\n", text, flags=re.MULTILINE)
    texts = dict(zip(rest[::2], rest[1::2], strict=True))
    known = Known(
        templates=dict.fromkeys(TEMPLATES, TemplateFacts()),
        campaigns=frozenset(texts),
        webhooks=frozenset({"crm"}),
        topics=frozenset({"greetings"}),
    )
    known = replace(known, send=replace(known.send, overall=OVERALL))
    return {name: (_load(name, one, known), _load(name, _edited(one), known)) for name, one in texts.items()}


def _load(name: str, text: str, known: Known) -> Graph:
    loaded = load_campaign(text, f"campaigns/{name}.yaml", BUILTIN, compile_text, known)
    assert loaded.graph is not None, [str(problem) for problem in loaded.problems]
    return loaded.graph


def _edited(text: str) -> str:
    """The next version: what its marks say, and where renamed steps went."""
    lines, moved = [], {}
    for line in text.splitlines():
        found = _MARK.match(line)
        if found is None:
            lines.append(line)
            continue
        old, new = found["value"].strip(), found["then"].strip()
        if found["new"] in ("id", "email"):
            moved[old] = new
        if found["new"] == found["key"]:
            lines.append(f"{found['indent']}{found['key']}: {new}")
        else:
            lines += [line.split("#")[0], " " * len(found["indent"]) + f"{found['new']}: {new}"]
    renamed = "".join(f"  {old}: {new}\n" for old, new in moved.items())
    return "\n".join(lines) + "\n" + (f"moved:\n{renamed}" if moved else "about: edited\n")


# -- a life in memory -------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """A lead, and what happens to it. Each action is a method; `live` is the daemon's turn."""

    now: datetime = START
    world: Catalog = field(init=False)
    case: Case = field(init=False)
    number: int = 0
    seen: int = 0
    lived_at: datetime | None = None
    suppressed_after: int | None = None
    ended: dict[str, Any] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.world = new_world()
        fields = {"email": "ada@example.org", "name": "Ada", "country": "DE"}
        self.case = Case(Person(seed="ada", id=1, place=PLACE, fields=fields))

    @property
    def person(self) -> Person:
        return self.case.person

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def happen(self, type: str, data: Mapping[str, Any]) -> None:
        self.number += 1
        self.case.queue.append(Event(type, self.now, self.now, data, self.number))
        if type in ("unsubscribed", "email.complained") or (type == "consent.withdrawn" and not data):
            self.person.suppressed = True
            if self.suppressed_after is None:
                self.suppressed_after = len(self.case.effects)
        if type == "email.bounced":
            self.person.reachable = False

    def change_stage(self, to: str) -> None:
        before = self.person.stage
        if not any(state == before and end == to for (state, _), end in STAGE.items()):
            return
        until = postponed_until(self.now) if to == "postponed" else None
        self.person.stage, self.person.postponed_until = to, until
        if until is not None:
            self.case.wake_at = until
        if to == "nurturing":
            self.person.mql_fired = False
        data = {"from": before, "to": to, **({"until": until.isoformat()} if until else {})}
        if before != to:
            self.happen("lead.stage_changed", data)
            if to in ("refused", "postponed"):
                self.happen(f"lead.{to}", data)

    def pause(self, scope: str) -> None:
        self.person.paused |= {scope}

    def resume(self, scope: str) -> None:
        self.person.paused -= {scope}
        mine = [run for run in self.case.open_runs() if scope in (run.campaign, "everything")]
        if any(run.state == "held" and run.due_at is None for run in mine):
            self.happen(RESUME, {} if scope == "everything" else {"campaign": scope})

    def finish_task(self, number: int) -> None:
        opened = [(key, task) for key, task in enumerate(self.case.effects) if isinstance(task, OpenTask)]
        open_ = [(key, task) for key, task in opened if key not in self.done]
        if not open_:
            return
        key, task = open_[number % len(open_)]
        self.done.add(key)
        self.case.open_once.discard(task.once or "")
        result = task.results[number % len(task.results)] if task.results else "done"
        data = {"kind": task.kind, "result": result, "releases": task.releases}
        data |= {name: value for name, value in (("run", task.run), ("step", task.step)) if value}
        self.happen("task.done", data)

    def edit(self, name: str) -> None:
        old = self.world.campaigns[name]
        new = next(graph for graph in versions()[name] if graph.version != old.version)
        if all(place_after(old, new, run.step) for run in self.case.open_runs() if run.campaign == name):
            self.world.add(new, current=True)
            self.lived_at = None
            bring(self.case, self.world, new, self.now)

    def live(self) -> None:
        live(self.case, self.world, self.now)
        self.lived_at = self.now
        self._forget_the_withdrawn()

    def _forget_the_withdrawn(self) -> None:
        """The relay takes what is queued after each turn; what the same turn withdrew it never sees."""
        fresh = self.case.effects[self.seen :]
        self.seen = len(self.case.effects)
        sent = [effect for effect in fresh if isinstance(effect, SendEmail)]
        gone = set()
        for effect in fresh:
            if isinstance(effect, WithdrawEmails):
                gone |= {
                    key_of(one)
                    for one in sent
                    if one.run == effect.run and one.at < effect.at and not one.service
                }
            if isinstance(effect, Suppress):
                gone |= {key_of(one) for one in sent}
        self.person.mails = tuple(
            mail
            for mail in self.person.mails
            if (mail.run, mail.step, mail.template, mail.occurrence) not in gone
        )

    def mails(self) -> list[tuple[Any, ...]]:
        """All emails there ever were, the withdrawn included."""
        return [(*key_of(one), one.at) for one in self.case.effects if isinstance(one, SendEmail)]

    def runs(self) -> dict[str, tuple[Any, ...]]:
        """Where each run stands."""
        return {run.run: standing(run) for run in self.case.runs.values()}


def postponed_until(now: datetime) -> datetime:
    return PLACE.to_utc(now.date() + timedelta(days=30), time(9))


def new_world() -> Catalog:
    world = Catalog(RULES, PLACE, lambda fields: PLACE, lambda owner: {"name": "Jo"})
    for first, _ in versions().values():
        world.add(first, current=True)
    return world


def bring(case: Case, world: Catalog, graph: Graph, now: datetime) -> None:
    """Take the runs of a campaign up into its new version, as `services/apply` does."""
    for run in case.open_runs():
        if run.campaign == graph.name and run.version != graph.version:
            place = place_after(world.graph_of(run), graph, run.step)
            assert place is not None
            case.runs[run.run] = replace(run, step=place)
            replan(case, world, case.runs[run.run], now)


def key_of(email: SendEmail) -> tuple[str, str, str, str]:
    return (email.run, email.step, email.template, email.occurrence)


def standing(run: Any) -> tuple[Any, ...]:
    return (run.state, run.step, run.due_at, run.waiting, run.why)


# -- what never happens -----------------------------------------------------------------------------------------------


def check(life: Life) -> None:
    """Everything that must hold after the daemon's turn."""
    check_runs(life)
    check_mails(life)


def check_runs(life: Life) -> None:
    case = life.case
    for name, run in life.ended.items():
        assert case.runs[name] == run, "what has ended stays as it ended"
    for run in case.runs.values():
        if not run.is_open:
            life.ended[run.run] = run
            assert run.due_at is None
            assert run.hold is None
            continue
        node = life.world.graph_of(run).nodes[run.step]
        endless = isinstance(node.verb, MakeTask) and run.waiting and node.verb.patience is None
        if run.state == "active":
            assert run.hold is None
            assert run.due_at is not None or endless, "nothing ever moves it"
        else:
            assert run.hold is not None
            assert run.due_at is not None or run.hold.word in ("paused", "loop")
        assert run.due_at is None or run.due_at > life.now or run.due_at >= life.now, "due, and not done"
    assert not case.queue
    assert life.person.in_campaigns == {run.campaign for run in case.open_runs()}
    at = case.next_at()
    assert at is None or at > life.now


def check_mails(life: Life) -> None:
    sent = [effect for effect in life.case.effects if isinstance(effect, SendEmail)]
    if life.suppressed_after is not None:
        assert not any(isinstance(effect, SendEmail) for effect in life.case.effects[life.suppressed_after :])
    renamed = {(graph.name, old): new for _, graph in versions().values() for old, new in graph.moved.items()}
    keys = [
        (one.run, renamed.get((one.campaign, one.step), one.step), one.template, one.occurrence)
        for one in sent
    ]
    assert len(set(keys)) == len(keys), "one occurrence, one email"
    kept = {(mail.run, mail.step, mail.template, mail.occurrence) for mail in life.person.mails}
    counted = [one for one in sent if one.service is None and key_of(one) in kept]
    within(OVERALL, [one.at for one in counted])
    for name, (graph, _) in versions().items():
        mine = [one.at for one in counted if one.campaign == name]
        within(graph.send.limits, mine)
        window = graph.send.window
        assert window is None or all(window.is_open(at, PLACE) for at in mine)
        if graph.send.gap is not None:
            assert all(add(graph.send.gap, one, PLACE) <= two for one, two in pairwise(mine))


def within(limits: Any, times: list[datetime]) -> None:
    times = sorted(times)
    for limit in limits:
        for first, last in zip(times, times[limit.count :], strict=False):
            assert last - first >= limit.span, f"more than {limit}"
