"""How long until everything due is queued: 100,000 enrolled leads, 10,000 of them due, on SQLite (or --database URL).

    python bench/queue_due.py [--leads 100000] [--due 10000] [--database sqlite:///…]

Prints leads per second for: loading the enrolments, queueing what is due, an idle look with nothing due.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from nurture.adapters.folder import ProjectFolder
from nurture.core.enrolment import Enrolment
from nurture.services.advance import Advancer
from nurture.services.project import load_project
from nurture.services.world import catalog_of
from nurture.store.engine import Store, open_store
from nurture.store.migrate import upgrade
from nurture.store.rows import enrolment_values
from nurture.store.tables import Row

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
T = Row.metadata.tables


async def fill(store: Store, leads: int, due: int, version: str) -> None:
    """Leads that wait for their webinar invitation; the order of due times has nothing to do with that of ids."""
    order = list(range(leads))
    random.Random(1).shuffle(order)
    for start in range(0, leads, 5000):
        people, runs = [], []
        for number in range(start, min(start + 5000, leads)):
            is_due = order[number] < due
            at = (
                NOW - timedelta(minutes=order[number] % 60)
                if is_due
                else NOW + timedelta(days=1, minutes=order[number])
            )
            entered = at - timedelta(days=2)
            people.append(
                {
                    "id": number + 1,
                    "seed": f"lead{number}@example.org",
                    "email": f"lead{number}@example.org",
                    "name": f"Lead {number}",
                    "country": ("GB", "DE", "FR", "DK")[number % 4],
                    "stage": "nurturing",
                    "owner": "anna@example.org",
                    "created_at": entered,
                }
            )
            run = Enrolment(
                run="report-download/1",
                campaign="report-download",
                version=version,
                entered_version=version,
                entered_at=entered,
                step="webinar_invite",
                arrived_at=entered,
                due_at=at,
                entry={"report": "Pumps", "type": "report.downloaded"},
                last_event={"report": "Pumps", "type": "report.downloaded"},
                own_stages=frozenset({"nurturing"}),
            )
            runs.append(enrolment_values(number + 1, run))
        async with store.write() as conn:
            await conn.execute(insert(T["lead"]), people)
            await conn.execute(insert(T["enrolment"]), runs)


async def measure(url: str, leads: int, due: int) -> None:
    """Fill, queue, look."""
    store = open_store(url)
    await upgrade(store, NOW)
    catalog = catalog_of(load_project(ProjectFolder(ROOT), {}))
    began = time.perf_counter()
    await fill(store, leads, due, catalog.campaigns["report-download"].version)
    print(f"{leads:>9,} enrolled leads loaded       {time.perf_counter() - began:8.2f} s")
    advancer = Advancer(store, catalog, "00" * 32)
    began, done = time.perf_counter(), 0
    while lived := await advancer.advance(NOW):
        done += lived
    spent = time.perf_counter() - began
    async with store.read() as conn:
        queued = await conn.scalar(select(func.count()).select_from(T["message"]))
    print(
        f"{done:>9,} due leads advanced          {spent:8.2f} s   {done / spent:8,.0f} a second, {queued:,} emails queued"
    )
    began, looks = time.perf_counter(), 500
    cpu = time.process_time()
    for _ in range(looks):
        await advancer.advance(NOW)
    each = (time.perf_counter() - began) / looks
    print(
        f"{'':>9} an idle look                {each * 1e6:8.0f} µs, {(time.process_time() - cpu) / looks * 1e6:.0f} µs CPU"
    )
    await store.close()


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/bench.db"
        asyncio.run(measure(url, options.leads, options.due))


if __name__ == "__main__":
    main()
