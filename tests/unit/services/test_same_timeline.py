"""`simulate` and the daemon give one timeline for one story (semantics.md, Stories and simulation).

Random stories are drawn for the shipped campaigns and for small ones that use every verb. Each is played twice: by
`services/simulate`, and by the daemon's own pieces on a project folder with an SQLite file, a clock that jumps from due
time to due time, and a relay that takes everything at once. What happened must be the same to the minute.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import delete, select

from nurture.core.case import Case
from nurture.core.effects import Effect
from nurture.core.errors import UsageError
from nurture.core.place import Place
from nurture.daemon.works import Works, works_of
from nurture.language.stories import Happening, Story
from nurture.mail.replies import Reply, reply
from nurture.services import advance, by_hand
from nurture.services.by_hand import Hand
from nurture.services.project import Project
from nurture.services.record import record
from nurture.services.simulate import HORIZON, Simulation, rules_of, simulate
from nurture.services.timeline import entries_of
from nurture.store.queries import cases, changes, events, leads, messages, tasks
from nurture.store.rows import fields_of
from nurture.store.tables import Row
from nurture.wiring import App, open_app, read_project
from tests.unit.services.random_stories import NEW_YEAR, stories

ROOT = Path(__file__).parents[3]
T = Row.metadata.tables
SHIPPED = sorted(path.stem for path in (ROOT / "campaigns").glob("*.yaml"))

SMALL = {
    "rounds": """\
title: Rounds
status: live
enter: { on: [form.submitted, callback.requested], again: after 2 weeks, stage: nurturing }
send: { window: ["mon-thu 09:00-12:00", "fri 10:00-11:00"], limit: [2 per week, 5 per month], gap: 2 days, thread: first }
on:
  page.viewed: { once: 3 days, then: [ { score: 7 } ] }
  score.hot: [ { tag: [hot, seen] }, { goto: talk } ]
  reply: { goto: talk }
steps:
  - id: look
    after: 2 days at 09:30
    repeat:
      every: 15 days
      times: 6
      until: tagged("enough")
      steps:
        - id: digest
          email: digest/*
          pick: newest
        - id: pause
          wait_for: email.clicked
          for: 3 business days
          else: [ { score: -2 } ]
        - id: one
          email: one
          latest: 1 day after entry.at
          else: [ { untag: seen } ]
  - email: two
    at: tuesday 09:00
  - set: { interest: "pumps for {{ lead.name }}" }
paths:
  talk:
    - split: { bold: 40, shy: 60 }
      paths:
        bold: [ { email: three, after: 1 business hour } ]
        shy: [ { id: rest, after: 3 business days, tag: shy } ]
    - id: call
      task: "Call {{ lead.name }}: {{ event.type }}"
      due: 1 business day
      results:
        reached: [ { stage: mql } ]
        later: [ { postpone: 6 weeks, reason: timing }, { goto: look } ]
        no: [ { refuse: need } ]
      for: 4 business days
      else: [ { notify: manager, text: "nobody called {{ lead.name }}" } ]
    - webhook: crm
""",
    "doors": """\
title: Doors
status: live
enter: { manual: true, again: always }
stages: [new, nurturing, mql, sql, customer, refused, postponed]
goal: happened("meeting.held", since=entry.at)
send: { window: any, topic: later }
on:
  lead.refused: [ { tag: gone }, { start: rounds } ]
  lead.resumed: [ { untag: gone } ]
  reply.refused: { refuse: "{{ event.reason }}" }
steps:
  - choose:
      - if: lead.stage in ["refused", "postponed"]
        then: [ { reopen: asked again } ]
      - if: lead.company_size >= 50 and known(lead.country)
        then: [ { score: 20 }, { stage: mql } ]
      - else: [ { tag: small } ]
  - id: greet
    email: one
    after: 1 day at 10:30
    occasion: "{{ entry.type }}"
  - id: sign
    wait_for:
      webinar.attended: [ { email: two } ]
      form.submitted: [ { postpone: 2026-11-02, reason: timing } ]
      call.made: [ { goto: late } ]
    where: known(event.at)
    until: day 9 16:00
    since: entry
    else: [ { goto: late } ]
  - id: month
    after: 1 month
    if: count("page.viewed", last="30 days") >= 1
    email: three
  - stop: done
paths:
  late:
    - id: weekly
      window: sat 10:00-12:00
      after: 3 days
      email: three
      within: 1 week
      else: [ { stop: { campaign: rounds } } ]
    - id: knock
      repeat: { every: first tuesday 10:00, times: 3, steps: [ { id: news, email: [one, two, three] } ] }
    - goto: sign
""",
}  # fmt: skip
NAMES = [*SHIPPED, *SMALL]


# -- a world for both ---------------------------------------------------------------------------------------------


class StoryClock:
    """A clock that each story sets anew."""

    def __init__(self) -> None:
        self.at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")

    def now(self) -> datetime:
        return self.at


class PromptRelay:
    """A relay that takes everything at once."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Self]:
        yield self

    async def offer(self, envelope_from: str, recipient: str, raw: bytes) -> Self:
        return self

    async def finish(self) -> Reply:
        return reply(250, "taken")

    def abandon(self) -> None:
        raise AssertionError("nothing forbids a hand-over here")

    async def close(self) -> None:
        return None


def make_project(folder: Path) -> Path:
    """The starter project and the small campaigns, without limits over all campaigns."""
    shutil.copytree(ROOT / "campaigns", folder / "campaigns")
    shutil.copytree(ROOT / "templates", folder / "templates")
    (folder / "templates" / "digest").mkdir()
    for name in ("one", "two", "three", "digest/a", "digest/b", "digest/c"):
        (folder / "templates" / f"{name}.md").write_text(
            f"---\nsubject: {name}\n---\nHello {{{{ lead.name }}}}.\n"
        )
    for name, text in SMALL.items():
        (folder / "campaigns" / f"{name}.yaml").write_text(text)
    config = (ROOT / "config.yaml").read_text().replace("  limit: [2 per day, 5 per week]", "  limit: []")
    config = config.replace(
        "webhooks: {}", "webhooks: { crm: { url: 'https://crm.example/', secret: abcdefghijklmnop } }"
    )
    (folder / "config.yaml").write_text(config)
    return folder


@dataclass
class World:
    """The project, and the application the daemon's pieces are made of."""

    project: Project
    app: App
    works: Works
    clock: StoryClock
    run: asyncio.Runner
    effects: list[Effect] = field(default_factory=list)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, clock = make_project(tmp_path_factory.mktemp("project")), StoryClock()
    with asyncio.Runner() as run, pytest.MonkeyPatch.context() as patch:
        project = read_project(folder, {})
        assert not [str(one) for one in project.problems if one.severity == "error"]
        app = run.run(open_app(folder, {}, clock=clock, mailer=PromptRelay()))
        run.run(app.follow())
        made = World(project, app, works_of(app), clock, run)
        keep = advance.save_cases

        async def save_cases(conn: Any, lived: Mapping[int, Case], *rest: Any) -> None:
            for case in lived.values():
                made.effects += case.effects
            await keep(conn, lived, *rest)

        patch.setattr(advance, "save_cases", save_cases)
        yield made
        run.run(app.close())


# -- the same story in the daemon -----------------------------------------------------------------------------------


@dataclass
class Telling:
    """One story as the daemon lives it. `allowed` is what happens: a person may not do everything by hand."""

    world: World
    campaign: str
    story: Story
    lead: int = 0
    allowed: list[Happening] = field(default_factory=list)

    async def tell(self) -> None:
        """The whole story, and as long after it as `simulate` looks."""
        await self._begin()
        for happening in self.story.story:
            at = await self._utc(happening.at)
            await self._live_until(at - timedelta(microseconds=1))
            self.world.clock.at = at
            if happening.kind in ("set", "task") and await self._waiting():
                await self._live_until(at)
            self.allowed.append(await self._as_allowed(happening))
        last = max([self.story.start, *(one.at for one in self.story.story)])
        await self._live_until(await self._utc(last) + HORIZON)

    async def _as_allowed(self, happening: Happening) -> Happening:
        """Let it happen; where a person may not do it, a change of nothing at the same time, so that both have looked."""
        nothing = replace(happening, kind="set", name="", data={})
        for one in (happening, nothing):
            with suppress(UsageError):
                async with self.world.app.store.write() as conn:
                    await self._happen(conn, one)
                return one
        raise AssertionError("a change of nothing is always allowed")

    async def _begin(self) -> None:
        app, story, given = self.world.app, self.story, dict(self.story.lead)
        async with app.store.write() as conn:
            for table in reversed(Row.metadata.sorted_tables):
                if table.name not in ("version", "setting", "bell"):
                    await conn.execute(delete(table))
            start = app.catalog.place_of(given).to_utc(story.start.date(), story.start.time())
            self.world.clock.at = start
            columns = {name: given.pop(name) for name in ("stage", "consent", "tags") if name in given}
            score = given.pop("score", None)
            if score is not None:
                columns |= {"behaviour": float(score), "behaviour_at": start}
            self.lead = await leads.add_lead(conn, str(given["email"]), given, start)
            await changes.lead(conn, self.lead, {"consent": "given", **columns})
        project = self.world.project
        app.catalog.campaigns = {name: project.graphs[name] for name in (self.campaign, *story.others)}
        app.catalog.rules = rules_of(project.settings.rules(), story)
        self.world.effects.clear()

    async def _happen(self, conn: Any, happening: Happening) -> None:
        app, now = self.world.app, self.world.clock.at
        hand = Hand("test", now, app.secret)
        if happening.kind == "event":
            temperature = TEMPERATURE_BY.get(happening.name)
            if temperature is not None and (await self._row())["behaviour_at"] is None:
                await changes.lead(conn, self.lead, {"temperature": temperature})
            await record(conn, self.lead, happening.name, happening.data, now=now, secret=app.secret)
            return
        row = await by_hand.lead_called(conn, str(self.lead))
        if happening.kind == "set":
            await by_hand.set_fields(conn, row, happening.data, hand)
        elif happening.kind == "enter":
            data = {**happening.data, "campaign": self.campaign}
            await record(conn, self.lead, "campaign.enter", data, now=now, secret=app.secret)
        else:
            known = sorted(await tasks.listed(conn, lead_id=self.lead), key=lambda task: task["id"])
            fitting = [task for task in known if happening.name in task["results"]] or known
            if not fitting:
                raise UsageError("There is no open task.")
            await by_hand.finish_task(conn, fitting[-1]["id"], happening.name, None, hand)

    async def _live_until(self, until: datetime) -> None:
        """Jump from due time to due time; at each the daemon looks until nothing is due any more."""
        looks = 0
        while (at := await self._next()) is not None and at <= until:
            looks = looks + 1 if at == self.world.clock.at else 0
            assert looks < 50, f"what is due at {at} is never done"
            self.world.clock.at = at
            await self.world.works.advance()
            await self.world.works.deliver()
            assert not self.world.app.advancer.failing

    async def _next(self) -> datetime | None:
        async with self.world.app.store.read() as conn:
            times = [await cases.next_due(conn), await messages.next_due(conn)]
        return min((time for time in times if time is not None), default=None)

    async def _waiting(self) -> bool:
        async with self.world.app.store.read() as conn:
            return await events.count_unhandled(conn) > 0

    async def _row(self) -> Mapping[str, Any]:
        async with self.world.app.store.read() as conn:
            row = await leads.get(conn, self.lead)
        assert row is not None
        return row

    async def _place(self) -> Place:
        return self.world.app.catalog.place_of(fields_of(await self._row()))

    async def _utc(self, wall: datetime) -> datetime:
        return (await self._place()).to_utc(wall.date(), wall.time())

    async def timeline(self) -> list[str]:
        """What the engine did."""
        place = await self._place()
        return lines(entries_of(self.world.effects, place.to_local))

    async def emails(self) -> list[str]:
        """What lies in the outbox, and that all of it was sent."""
        place, table = await self._place(), T["message"]
        async with self.world.app.store.read() as conn:
            rows = (await conn.execute(select(table).order_by(table.c.id))).all()
        assert [row.state for row in rows] == ["sent"] * len(rows)
        return [line(place.to_local(row.planned_at), "email", row.template, row.step) for row in rows]

    async def ending(self) -> dict[str, Any]:
        """Where the lead stands."""
        row, table = await self._row(), T["enrolment"]
        async with self.world.app.store.read() as conn:
            runs = (await conn.execute(select(table).where(table.c.campaign == self.campaign))).all()
        run = max(runs, key=lambda run: (run.state in ("active", "held"), run.entered_at), default=None)
        still = run is not None and run.state in ("active", "held")
        return {
            "stage": row["stage"],
            "temperature": row["temperature"],
            "state": run.state if run is not None else None,
            "step": run.step if run is not None and still else None,
        }


def line(at: datetime, kind: str, name: str, step: str) -> str:
    return f"{at:%Y-%m-%d %H:%M} {kind} {name} @{'' if step.startswith('#') else step}"


def lines(entries: Any) -> list[str]:
    return [line(one.at, one.kind, one.name, one.step) for one in entries]


def emails(played: Simulation) -> list[str]:
    return lines(one for one in played.timeline if one.kind == "email")


TEMPERATURE_BY = {"score.hot": "hot", "score.warm": "warm", "score.cooled": "warm", "score.cold": "cold"}


# -- the two together -------------------------------------------------------------------------------------------------


def play_both(world: World, campaign: str, story: Story) -> Simulation:
    """Play it twice; fails where the two differ."""
    telling = Telling(world, campaign, story)
    world.run.run(telling.tell())
    played = simulate(world.project, campaign, replace(story, story=tuple(telling.allowed)))
    assert world.run.run(telling.timeline()) == lines(played.timeline)
    assert world.run.run(telling.emails()) == emails(played)
    ending = played.final.as_json()
    del ending["score"]
    assert world.run.run(telling.ending()) == ending
    return played


@pytest.mark.slow
@pytest.mark.parametrize("campaign", NAMES)
def test_simulate_and_the_daemon_agree(world: World, campaign: str) -> None:
    # Stories are short enough to be read as they are; making a failing one smaller would take minutes.
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(story=stories(world.project, campaign))
    def same(story: Story) -> None:
        play_both(world, campaign, story)

    same()


def test_a_task_that_is_made_once_is_made_again_when_it_was_done(world: World) -> None:
    start = NEW_YEAR
    happens = [
        Happening(start, "enter"),
        Happening(start + timedelta(days=8), "event", "reply.refused"),
        Happening(start + timedelta(days=30), "task", "done"),
    ]
    lead = {"email": "ada@example.org", "name": "Ada", "country": "GB"}
    played = play_both(world, "doors", Story("once", start, lead, tuple(happens)))
    asked = [one for one in played.timeline if one.kind == "task" and "Talk to them in person" in one.name]
    assert [f"{one.at:%m-%d}" for one in asked] == ["01-17", "02-03"]


def test_a_lead_refused_by_hand_enters_the_farewell(world: World) -> None:
    happens = [Happening(NEW_YEAR + timedelta(days=4), "set", data={"stage": "refused"})]
    lead = {"email": "ada@example.org", "name": "Ada", "country": "GB", "stage": "nurturing"}
    played = play_both(world, "farewell", Story("by hand", NEW_YEAR, lead, tuple(happens)))
    assert emails(played) == ["2026-01-06 10:00 email farewell @farewell"]


def test_what_nobody_may_do_leaves_both_with_the_same_looks(world: World) -> None:
    """A task that is not there is tried within the minute of a download: the email goes before the answer is heard."""
    happens = [
        Happening(NEW_YEAR, "event", "report.downloaded", {"report": "Pumps"}),
        Happening(NEW_YEAR, "task", "done"),
        Happening(NEW_YEAR, "event", "reply.interested"),
    ]
    lead = {"email": "ada@example.org", "name": "Ada", "country": "DE", "stage": "nurturing"}
    play_both(world, "report-download", Story("tried", NEW_YEAR, lead, tuple(happens), scoring=True))


def test_who_is_refused_by_hand_once_more_gets_a_reason_and_no_event(world: World) -> None:
    happens = [
        Happening(NEW_YEAR, "event", "consent.given", {"topic": "later"}),
        Happening(NEW_YEAR, "enter"),
        Happening(NEW_YEAR + timedelta(days=14), "set", data={"stage": "refused"}),
    ]
    lead = {
        "email": "ada@example.org",
        "name": "Ada",
        "country": "GB",
        "stage": "refused",
        "consent": "withdrawn",
    }
    played = play_both(world, "reactivation-refused", Story("again", NEW_YEAR, lead, tuple(happens)))
    tasks = [one.name for one in played.timeline if one.kind == "task"]
    assert any("Refused because of: other" in one for one in tasks), tasks
