"""Decisions per second of the engine's deciding half, on one core and without a database.

Many leads live through months of the starter project's campaigns: silent ones, clickers, repliers, refusers. Run:
.venv/bin/python bench/decisions.py [-n 200] [--reps 10] [--profile]
"""

from __future__ import annotations

import argparse
import copy
import cProfile
import pstats
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nurture.core import case as case_module
from nurture.core.case import Case, live
from nurture.core.effects import SendEmail
from nurture.core.event import Event
from nurture.core.person import Person
from nurture.services.catalog import Catalog
from nurture.services.world import catalog_of, empty_fields
from nurture.wiring import read_project

ROOT = Path(__file__).parents[1]
START = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=182)
COUNTRIES = ("DE", "GB", "FR", "DK", "AT", "US", "IN", "BR")

STORIES: tuple[tuple[tuple[float, str, dict[str, Any]], ...], ...] = (
    (),
    (),
    (),
    ((1.1, "email.clicked", {}), (3.2, "email.clicked", {}), (20.5, "page.viewed", {"path": "/prices"})),
    ((4.2, "webinar.attended", {"webinar": "Sizing pumps"}), (9.3, "reply.interested", {})),
    ((5.1, "reply.later", {"until": "2026-05-04"}),),
    ((6.4, "reply.refused", {"reason": "budget"}), (30.1, "reply.refused", {"reason": "need"})),
    ((8.2, "auto_reply", {"until": "2026-02-09"}), (40.3, "email.clicked", {})),
    ((12.1, "reply.question", {"text": "What does it cost?"}),),
    ((15.7, "unsubscribed", {}),),
)
"""What happens to a lead after its download: days later, the event, its data."""


def cases(world: Catalog, fields: dict[str, Any], number: int) -> list[Case]:
    """So many leads with what happens to them, in turn."""
    found = []
    for index in range(number):
        given = {**fields, "email": f"lead{index}@example.org", "name": f"Lead {index}"}
        given["country"] = COUNTRIES[index % len(COUNTRIES)]
        person = Person(
            seed=given["email"],
            id=index + 1,
            place=world.place_of(given),
            fields=given,
            owner=world.owner_of(None),
            company=world.company,
            consent="given",
        )
        start = START + timedelta(minutes=7 * index % 20_000)
        story = ((0.0, "report.downloaded", {"report": "Pumps"}), *STORIES[index % len(STORIES)])
        times = [(start + timedelta(days=days), type, data) for days, type, data in story]
        queue = [Event(type, at, at, data, number) for number, (at, type, data) in enumerate(times, 1)]
        found.append(Case(person, queue=queue))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="leads a batch, as the daemon takes them")
    parser.add_argument("--reps", type=int, default=10, help="batches; the best is told, and the middle one")
    parser.add_argument("--profile", action="store_true")
    wanted = parser.parse_args()
    project = read_project(ROOT, {})
    world = catalog_of(project)
    fields = empty_fields(project.settings)
    until = START + HALF_A_YEAR
    for warm_up in cases(world, fields, 100):
        live(warm_up, world, until)
    asked = questions(cases(world, fields, wanted.n), world, until)
    profile = cProfile.Profile() if wanted.profile else None
    taken = []
    for _ in range(wanted.reps):
        several = cases(world, fields, wanted.n)
        if profile is not None:
            profile.enable()
        begin = time.process_time()
        for one in several:
            live(one, world, until)
        taken.append(time.process_time() - begin)
        if profile is not None:
            profile.disable()
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    mails = sum(isinstance(effect, SendEmail) for one in several for effect in one.effects)
    print(f"{wanted.n} leads, half a year each, {wanted.reps} times, on one core:")
    for word, seconds in (("best", min(taken)), ("middle", sorted(taken)[len(taken) // 2])):
        told = ((wanted.n, "leads"), (len(asked), "decide calls"), (mails, "emails"))
        print(f"{word:8}" + "".join(f"{number / seconds:10,.0f} {name}/s" for number, name in told))
    alone = min(answered(asked) for _ in range(wanted.reps))
    print(f"the same questions, put to `decide` alone: {len(asked) / alone:10,.0f} decide calls/s")


def questions(several: list[Case], world: Catalog, until: datetime) -> list[tuple[Any, ...]]:
    """What `decide` is asked in these lives, each question with the person as they were then."""
    asked: list[tuple[Any, ...]] = []
    decide = case_module.decide

    def noting(graph: Any, enrolment: Any, person: Person, *rest: Any) -> Any:
        asked.append((graph, enrolment, copy.copy(person), *rest))
        return decide(graph, enrolment, person, *rest)

    case_module.decide = noting
    try:
        for one in several:
            live(one, world, until)
    finally:
        case_module.decide = decide
    return asked


def answered(asked: list[tuple[Any, ...]]) -> float:
    """Seconds that `decide` takes for all of them."""
    decide = case_module.decide
    begin = time.process_time()
    for question in asked:
        decide(*question)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
