"""One lead's case: the person, their runs, what happened and is not handled yet. `live` carries it through time.

The daemon loads cases in batches, lets them live until now and writes the difference back in one transaction;
`simulate`, `test` and the demo live one in memory. One code, so their timelines are the same.

The order (semantics.md, Events 3 and 5): per lead everything in the order of due or learned time; at one instant events
before due steps. For one event: the lead's fields and stage, entering, reactions, `wait_for`, points; then the events
it caused, in order, at most 16 deep.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.core import consequences, points
from nurture.core.decide import decide, goal_reached, stage_left
from nurture.core.decision import Decision, Due, Happened, Released, Replanned
from nurture.core.duration import add
from nurture.core.effects import (
    ChangeStage,
    Effect,
    GivePoints,
    OpenTask,
    Raise,
    StartRun,
    StopRun,
    Suppress,
    Traced,
)
from nurture.core.enrolment import Enrolment
from nurture.core.enter import Refused, enter
from nurture.core.event import ENTER, LEAVE, RESUME, Event
from nurture.core.gates import Gate
from nurture.core.graph import Graph, WaitFor
from nurture.core.moving import COLLEAGUE, hold, leave, prolonged
from nurture.core.outcome import carry_out
from nurture.core.person import Person
from nurture.core.rules import World
from nurture.core.scoring import ScoreState

DEPTH = 16
"""How many events may cause one another before the engine stops them (semantics.md, Events 3)."""

_STEPS = 20_000
"""More steps than any lead takes in one go: a guard, never a limit."""

_SAY_WHY_NOT = frozenset({"again", "stage", "suppressed", "in it already", "group"})


@dataclass(slots=True)
class Case:
    """A working copy. `runs` are all runs by name, ended ones included; `queue` what is not handled yet.

    After `live`: `effects` are to be carried out on the world in their order, `handled` are the events of the queue that
    were handled, `raised` those the engine caused. `wake_at` is when the person's own time comes next (a postponement
    ends, a score crosses a threshold).
    """

    person: Person
    runs: dict[str, Enrolment] = field(default_factory=dict)
    queue: list[Event] = field(default_factory=list)
    story: bool = False
    open_once: set[str] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)
    handled: list[Event] = field(default_factory=list)
    raised: list[Event] = field(default_factory=list)
    wake_at: datetime | None = None
    _caused: deque[Event] = field(default_factory=deque)
    _fading: tuple[ScoreState | None, str, datetime | None] | None = None
    _moved_by: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _with_goal: tuple[str, ...] = ()

    def cause(self, type: str, data: Mapping[str, object], at: datetime) -> None:
        """Have an event happen at `at`, before anything else the case lives through."""
        self._caused.append(Event(type, at=at, learned_at=at, data=dict(data)))

    def open_runs(self) -> list[Enrolment]:
        """The runs that still go on, in the order they began."""
        return [run for run in self.runs.values() if run.is_open]

    def next_at(self) -> datetime | None:
        """The next time something happens by itself or is waiting to be handled."""
        return self.next_thing()[0]

    def next_thing(self) -> tuple[datetime | None, Event | Enrolment | None]:
        """When that is and what: an event of the queue, the step of a run, None for the person's own time."""
        first: datetime | None = self.wake_at
        thing: Event | Enrolment | None = None
        if self.queue and (first is None or self.queue[0].learned_at <= first):
            thing = self.queue[0]
            first = thing.learned_at
        for run in self.runs.values():
            due = run.due_at
            if due is not None and (first is None or due < first):
                first, thing = due, run
        return first, thing


def live(case: Case, world: World, until: datetime) -> None:
    """Let the case live through everything due or learned up to `until`."""
    case.queue.sort(key=lambda event: (event.learned_at, event.id))
    last = _begin(case, world, until)
    for _ in range(_STEPS):
        at, thing = case.next_thing()
        if at is None or at > until:
            points.refresh(case.person, world.rules, last)
            return
        last = at
        if isinstance(thing, Enrolment):
            _step(case, world, thing, at)
        elif thing is None:
            _wake(case, world, at)
        else:
            case.queue.pop(0)
            case.handled.append(thing)
            _handle(case, world, thing, at)
        _settle(case, world, at)
    raise RuntimeError("a case took more steps than a life has")


def replan(case: Case, world: World, run: Enrolment, now: datetime) -> None:
    """Take a run up into the present version of its campaign."""
    _note_campaigns(case, world)
    _take(case, world, decide(world.campaigns[run.campaign], run, case.person, Replanned(), now), now)
    _settle(case, world, now)


def _begin(case: Case, world: World, until: datetime) -> datetime:
    """Make the snapshot whole as of the first thing that happens, and answer when that is.

    A time of the person's own that has come stays.
    """
    own, first = case.wake_at, case.next_at()
    begin = until if first is None else min(first, until)
    case.person.half_life = world.rules.half_life
    _note_campaigns(case, world)
    _note_own_time(case, world, begin)
    if own is not None and own <= until:
        case.wake_at = own if case.wake_at is None else min(own, case.wake_at)
    return begin


def _step(case: Case, world: World, run: Enrolment, at: datetime) -> None:
    """The due step of a run."""
    graph = world.graph_of(run)
    moved_at, depth = case._moved_by.get(run.run, (at, 0))
    decision = goal_reached(graph, run, case.person, at) or decide(graph, run, case.person, Due(), at)
    _take(case, world, decision, at, depth if moved_at == at else 0)
    _leave_where_reached(case, world, at, 0)


def _settle(case: Case, world: World, at: datetime) -> None:
    """Handle what was caused, in order, until nothing is."""
    while case._caused:
        event = case._caused.popleft()
        case.raised.append(event)
        if event.depth > DEPTH:
            _too_deep(case, event, at)
            continue
        _handle(case, world, event, at)
    _note_own_time(case, world, at)


def _note_campaigns(case: Case, world: World) -> None:
    """Where the person is, and which of these runs have a goal."""
    runs = case.open_runs()
    case.person.in_campaigns = frozenset(run.campaign for run in runs)
    case._with_goal = tuple(run.run for run in runs if world.graph_of(run).goal is not None)


def _note_own_time(case: Case, world: World, at: datetime) -> None:
    """When the person's own time comes: a postponement ends, a score fades past a threshold.

    While neither score nor temperature change, the time computed last stays right.
    """
    person, known = case.person, case._fading
    if (
        known is None
        or known[0] is not person.score
        or known[1] != person.temperature
        or _is_over(known[2], at)
    ):
        known = (person.score, person.temperature, points.next_change(person, world.rules, at))
        case._fading = known
    case.wake_at = known[2]
    if person.stage == "postponed" and person.postponed_until is not None:
        case.wake_at = person.postponed_until if known[2] is None else min(known[2], person.postponed_until)


def _is_over(time: datetime | None, at: datetime) -> bool:
    return time is not None and time <= at


def _wake(case: Case, world: World, at: datetime) -> None:
    person = case.person
    if person.stage == "postponed" and person.postponed_until is not None and person.postponed_until <= at:
        reason = str(person.fields.get("refusal_reason") or "")
        because = "the date has come"
        change = ChangeStage(at=at, to="nurturing", reason=reason, by="date", because=because)
        _carry(case, world, change, depth=0)
    for effect in points.changes(person, world.rules, at, given=False):
        _carry(case, world, effect, depth=0)


def _handle(case: Case, world: World, event: Event, now: datetime) -> None:
    """One event, in the order of semantics.md, Events 3."""
    person = case.person
    person.events = (*person.events, event)
    away = person.absent_until
    for effect in consequences.at_once(person, event, now):
        _carry(case, world, effect, event.depth)
    _prolong(case, world, away, now)
    _leave_where_over(case, world, event, now)
    if event.type == RESUME:
        _end_pause(case, world, event, now)
    opened = _enter(case, world, event, now)
    took = False
    for run in case.open_runs():
        if run.run in opened:
            continue
        decision = decide(world.graph_of(run), run, person, Happened(event), now)
        took = took or decision.took
        if decision.enrolment is not run or decision.effects:
            _take(case, world, decision, now, event.depth)
    if not took:
        _default(case, world, event, now)
    for effect in points.earned(person, event, world.rules, now):
        _carry(case, world, effect, event.depth)
    _leave_where_reached(case, world, now, event.depth)


def _leave_where_reached(case: Case, world: World, now: datetime, depth: int) -> None:
    """The moment a campaign's goal holds, the lead leaves it as a success."""
    for name in case._with_goal:
        run = case.runs[name]
        reached = goal_reached(world.graph_of(run), run, case.person, now) if run.is_open else None
        if reached is not None:
            _take(case, world, reached, now, depth)


def _prolong(case: Case, world: World, away: datetime | None, now: datetime) -> None:
    """Running patience grows by an absence that became known; `away` is until when one was known before."""
    until = case.person.absent_until
    if until is None or until == away:
        return
    more = until - max(now, away or now)
    for run in case.open_runs():
        if more > timedelta(0) and run.waiting and run.step is not None:
            if isinstance(world.graph_of(run).nodes[run.step].verb, WaitFor):
                case.runs[run.run] = prolonged(run, more)


def _leave_where_over(case: Case, world: World, event: Event, now: datetime) -> None:
    """Everything ends for the suppressed; a stage that does not fit ends a run; somebody may be taken out."""
    for run in case.open_runs():
        if case.person.suppressed:
            gone = leave(run, now, "suppressed", f"on {event.type}")
        elif event.type == LEAVE and event.data.get("campaign") == run.campaign:
            gone = leave(run, now, str(event.data.get("reason") or "stopped"), "taken out")
        else:
            left = stage_left(world.graph_of(run), run, case.person, now)
            if left is not None:
                _take(case, world, left, now, event.depth)
            continue
        _take(case, world, Decision(gone.enrolment, gone.effects), now, event.depth)


def _end_pause(case: Case, world: World, event: Event, now: datetime) -> None:
    """Runs a pause held go on, where nothing else is paused; their emails are planned anew under window and limits."""
    for run in case.open_runs():
        resumed = event.data.get("campaign") in (None, run.campaign)
        if resumed and run.hold is not None and run.hold.word == Gate.PAUSED:
            _take(
                case, world, decide(world.graph_of(run), run, case.person, Released(), now), now, event.depth
            )


def _enter(case: Case, world: World, event: Event, now: datetime) -> set[str]:
    """Open the runs this event opens; answers their names."""
    opened: set[str] = set()
    for graph in world.campaigns.values():
        if event.type != ENTER and not any(event.stands_for(name) for name in graph.enter.on):
            continue
        decision = enter(graph, case.person, event, tuple(case.runs.values()), now, story=case.story)
        if isinstance(decision, Decision) and not _makes_room(case, world, graph, now, event.depth):
            decision = Refused("group")
        if isinstance(decision, Refused):
            if decision.word in _SAY_WHY_NOT:
                text = f"does not enter {graph.name}: {decision.word}"
                _carry(
                    case, world, Traced(at=now, run=graph.name, word="not_entered", text=text), event.depth
                )
        elif decision is not None:
            opened.add(decision.enrolment.run)
            _take(case, world, decision, now, event.depth)
    return opened


def _makes_room(case: Case, world: World, graph: Graph, now: datetime, depth: int) -> bool:
    """Of the campaigns of one group a lead is in one at a time, the higher priority first."""
    if graph.group is None:
        return True
    rivals = [
        run
        for run in case.open_runs()
        if run.campaign != graph.name and world.graph_of(run).group == graph.group
    ]
    if any(world.graph_of(run).priority >= graph.priority for run in rivals):
        return False
    for run in rivals:
        gone = leave(run, now, "group", f"{graph.name} comes first")
        _take(case, world, Decision(gone.enrolment, gone.effects), now, depth)
    return True


def _default(case: Case, world: World, event: Event, now: datetime) -> None:
    """What happens to a reply nobody took; a question makes its campaign wait for the colleague's answer."""
    effects = consequences.untaken(case.person, event, world.rules, now)
    if not effects:
        return
    if not consequences.asks_a_colleague(event, world.rules):
        for effect in effects:
            _carry(case, world, effect, event.depth)
        return
    campaign = event.data.get("campaign")
    waiting = [run for run in case.open_runs() if campaign is None or run.campaign == campaign]
    until = add(world.rules.wait_for_colleague, now, world.company_place)
    for effect in effects:
        _carry(case, world, effect, event.depth)
    for run in waiting:
        _take(case, world, Decision(hold(run, COLLEAGUE, until)), now, event.depth)


def _take(case: Case, world: World, decision: Decision, now: datetime, depth: int = 0) -> None:
    """Keep what a decision made of a run and carry its effects out."""
    run = decision.enrolment
    before = case.runs.get(run.run)
    case.runs[run.run] = run
    if before is None or before.is_open != run.is_open or before.version != run.version:
        _note_campaigns(case, world)
    if depth:
        # A step due this very minute goes on with the chain of causes that led to it.
        case._moved_by[run.run] = (now, depth)
    for effect in decision.effects:
        _carry(case, world, effect, depth)


def _carry(case: Case, world: World, effect: Effect, depth: int) -> None:
    """Carry one effect out on the snapshot, and cause the events it causes."""
    if isinstance(effect, OpenTask) and effect.once is not None:
        if effect.once in case.open_once:
            return
        case.open_once.add(effect.once)
    case.effects.append(effect)
    if isinstance(effect, Traced):
        return
    before = case.person.stage
    carry_out(case.person, effect)
    match effect:
        case ChangeStage():
            _stage_events(case, effect, before, depth)
        case GivePoints():
            points.give(case.person, effect, world.rules)
            for change in points.changes(case.person, world.rules, effect.at, given=effect.points > 0):
                _carry(case, world, change, depth)
        case StartRun():
            _cause(case, effect, ENTER, {"campaign": effect.campaign, "by": effect.run}, depth)
        case StopRun(campaign=str(campaign)):
            _cause(case, effect, LEAVE, {"campaign": campaign, "reason": effect.reason}, depth)
        case Suppress():
            case.person.suppressed = True
        case Raise():
            _cause(case, effect, effect.type, dict(effect.data), depth)
        case _:
            pass


def _stage_events(case: Case, effect: ChangeStage, before: str, depth: int) -> None:
    """A stage that changed is an event; refusing the refused only changes the reason or date."""
    person = case.person
    if effect.to == "refused":
        person.fields = {**person.fields, "refused_at": effect.at, "refusal_reason": effect.reason}
        if before != "refused":
            person.topics = consequences.allowed_after_refusal(person.topics)
    elif effect.to == "postponed":
        person.fields = {**person.fields, "refusal_reason": effect.reason}
    if effect.to == before:
        return
    campaign = case.runs[effect.run].campaign if effect.run in case.runs else effect.run.split("/")[0]
    data = {
        "from": before,
        "to": effect.to,
        "reason": effect.reason,
        "by": effect.by,
        "campaign_by": campaign,
    }
    if effect.until is not None:
        data["until"] = effect.until.isoformat()
    _cause(case, effect, "lead.stage_changed", data, depth)
    if effect.to in ("refused", "postponed"):
        _cause(case, effect, f"lead.{effect.to}", data, depth)
    elif effect.to == "nurturing" and before in ("refused", "postponed"):
        _cause(case, effect, "lead.resumed", data, depth)


def _cause(case: Case, effect: Effect, kind: str, data: Mapping[str, object], depth: int) -> None:
    case._caused.append(Event(kind, at=effect.at, learned_at=effect.at, data=data, depth=depth + 1))


def _too_deep(case: Case, event: Event, at: datetime) -> None:
    text = (
        f"Events caused one another more than {DEPTH} deep; the last was {event.type}. Look at the campaigns."
    )
    case.effects.append(
        OpenTask(at=at, text=text, kind="campaign", once="too-deep", because="no endless chain")
    )
    case.effects.append(Traced(at=at, word="too_deep", text=text))
