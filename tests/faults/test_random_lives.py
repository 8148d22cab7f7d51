"""Whatever happens to a lead, in whatever order, some things never do (semantics.md; architecture.md).

Random lives over eight campaigns that use every verb: events, replies, stages by hand, pauses, edits, outages. Never:
mail to the suppressed, one occurrence of an email twice, a run lost or stuck, a limit or a closed window passed over.
The same lives through the database, on SQLite and on PostgreSQL, give the same mails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nurture.core.event import ENTER
from nurture.store.engine import Store, open_store
from nurture.store.migrate import upgrade
from tests.faults.lives import START, Life, check
from tests.faults.stored_life import StoredLife

WHAT = {
    "report.downloaded": [{"report": "Pumps"}, {"report": "Valves"}],
    "webinar.registered": [{"webinar": "spring"}, {"webinar": "autumn"}],
    "webinar.attended": [{"webinar": "spring"}, {"webinar": "autumn"}],
    "webinar.missed": [{"webinar": "spring"}],
    "page.viewed": [{}],
    "meeting.held": [{}],
    "email.clicked": [{}],
    "form.submitted": [{"form": "contact", "wished_at": "2026-03-20 10:00"}, {"form": "contact"}],
    "callback.requested": [{}],
    "survey.answered": [{"reason": "come_back"}, {"reason": "budget", "until": "2026-05-04"}, {"reason": "trust"}],
    "consent.given": [{"topic": "greetings"}, {}],
    "reply.interested": [{}],
    "reply.refused": [{"reason": "need"}, {"campaign": "download"}],
    "reply.later": [{"until": "2026-04-01"}, {}],
    "reply.question": [{"text": "How much?"}],
    "reply.other": [{}],
    "auto_reply": [{"until": "2026-02-20"}, {"until": "2026-03-15"}, {}],
    "deal.won": [{}],
    "lead.rejected": [{}],
    "score.warm": [{}],
}  # fmt: skip
RARE = {
    "unsubscribed": [{}],
    "email.complained": [{}],
    "consent.withdrawn": [{}],
    "email.bounced": [{"hard": True}],
}

EVENTS = st.sampled_from([(type, data) for type, several in WHAT.items() for data in several])
RARE_EVENTS = st.sampled_from([(type, data) for type, several in RARE.items() for data in several])
STAGES = st.sampled_from(["nurturing", "mql", "sql", "refused", "postponed", "customer", "junk"])
NAMES = st.sampled_from(["download", "patience", "endless", "noes", "back", "trial", "heat", "questions"])
SCOPES = st.one_of(NAMES, st.just("everything"))
MINUTES = st.one_of(st.integers(0, 5), st.integers(5, 2000), st.integers(1, 40).map(lambda days: days * 1440))
FEW = st.integers(0, 3)


class RandomLives(RuleBasedStateMachine):
    """One lead's life in memory, the daemon taking its turn now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()

    @initialize(names=st.lists(NAMES, unique=True, max_size=4))
    def enters(self, names: list[str]) -> None:
        for name in names:
            self.life.happen(ENTER, {"campaign": name})

    @rule(name=NAMES)
    def by_hand(self, name: str) -> None:
        self.life.happen(ENTER, {"campaign": name})

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        self.life.wait(minutes)
        self.life.live()

    @rule(minutes=MINUTES)
    def nobody_looks(self, minutes: int) -> None:
        self.life.wait(minutes)

    @rule(what=EVENTS)
    def it_happens(self, what: tuple[str, Mapping[str, Any]]) -> None:
        self.life.happen(*what)

    @rule(what=EVENTS)
    def it_happens_twice(self, what: tuple[str, Mapping[str, Any]]) -> None:
        self.life.happen(*what)
        self.life.happen(*what)

    @rule(what=EVENTS, minutes=MINUTES)
    def it_happens_and_is_seen(self, what: tuple[str, Mapping[str, Any]], minutes: int) -> None:
        self.life.happen(*what)
        self.life.live()
        self.life.wait(minutes)

    @rule(to=STAGES, chance=st.integers(0, 3))
    def a_stage_by_hand(self, to: str, chance: int) -> None:
        if chance == 3:
            self.life.change_stage(to)

    @rule(number=FEW)
    def a_task_is_done(self, number: int) -> None:
        self.life.finish_task(number)

    @rule(scope=SCOPES)
    def a_pause(self, scope: str) -> None:
        self.life.pause(scope)

    @rule(scope=SCOPES)
    def a_pause_ends(self, scope: str) -> None:
        self.life.resume(scope)

    @rule(name=NAMES)
    def an_edit(self, name: str) -> None:
        self.life.edit(name)

    @rule(what=RARE_EVENTS, chance=st.integers(0, 15))
    def the_worst(self, what: tuple[str, Mapping[str, Any]], chance: int) -> None:
        if chance == 15:
            self.life.happen(*what)

    @invariant()
    def what_never_happens(self) -> None:
        if self.life.lived_at == self.life.now and not self.life.case.queue:
            check(self.life)

    def teardown(self) -> None:
        self.life.live()
        check(self.life)
        self.life.wait(60 * 1440)
        self.life.live()
        check(self.life)


TestRandomLives = RandomLives.TestCase
TestRandomLives.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


ACTIONS = st.one_of(
    st.tuples(st.just("happen"), EVENTS),
    st.tuples(st.just("happen"), EVENTS),
    st.tuples(st.just("happen"), NAMES.map(lambda name: (ENTER, {"campaign": name}))),
    st.tuples(st.just("wait"), MINUTES.map(lambda minutes: (minutes,))),
    st.tuples(st.just("live"), st.just(())),
    st.tuples(st.just("live"), st.just(())),
    st.tuples(st.just("finish_task"), FEW.map(lambda number: (number,))),
    st.tuples(st.just("change_stage"), STAGES.map(lambda stage: (stage,))),
    st.tuples(st.just("pause"), SCOPES.map(lambda scope: (scope,))),
    st.tuples(st.just("resume"), SCOPES.map(lambda scope: (scope,))),
    st.tuples(st.just("edit"), NAMES.map(lambda name: (name,))),
    st.tuples(st.just("happen"), RARE_EVENTS),
)
BEGIN = st.lists(NAMES.map(lambda name: ("happen", (ENTER, {"campaign": name}))), min_size=1, max_size=3)
END: list[tuple[str, tuple[Any, ...]]] = [("live", ()), ("wait", (30 * 1440,)), ("live", ())]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[asyncio.Runner, Store]]:
    """A database for all the lives of this file, and a loop to use it in."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('lives') / 'nurture.db'}"
    else:
        url = request.getfixturevalue("postgres")
    with asyncio.Runner() as runner:
        store = open_store(url)
        runner.run(upgrade(store, START))
        yield runner, store
        runner.run(store.close())


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(begin=BEGIN, actions=st.lists(ACTIONS, min_size=8, max_size=40))
def test_the_same_life_in_a_database(
    stored: tuple[asyncio.Runner, Store], begin: list[Any], actions: list[Any]
) -> None:
    runner, store = stored
    life, same = Life(), StoredLife(store)

    async def live_through() -> None:
        await same.begin()
        for name, arguments in [*begin, *actions, *END]:
            getattr(life, name)(*arguments)
            await getattr(same, name)(*arguments)
            if name == "live":
                assert await same.mails() == life.mails()
                assert await same.runs() == life.runs()

    runner.run(live_through())
    check(life)
