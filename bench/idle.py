"""What an idle daemon costs: CPU of its real loops while so many leads wait and nothing is due.

    python bench/idle.py [--leads 1000 1000000] [--seconds 20]

The aim: the same for a thousand and a million leads, and under 1 % of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from queue_due import NOW, ROOT, fill

from nurture.adapters.clock import VirtualClock
from nurture.daemon import runner
from nurture.daemon.works import works_of
from nurture.wiring import open_app


async def idle(folder: Path, leads: int, seconds: float) -> None:
    """Fill a project's database, let the daemon run over it, and print what it used."""
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
    # Nothing is due yet: the clock stands a day before the first lead's time.
    app = await open_app(folder, {}, clock=VirtualClock(NOW - timedelta(days=1)))
    await fill(app.store, leads, 0, app.catalog.campaigns["report-download"].version)
    stop = asyncio.Event()
    daemon = asyncio.create_task(runner.run(works_of(app), web=False, stop=stop))
    await asyncio.sleep(5)
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - began)
    stop.set()
    await daemon
    print(f"{leads:>10,} waiting leads   {share:7.2%} of a core", flush=True)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    for leads in options.leads:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(idle(Path(folder), leads, options.seconds))


if __name__ == "__main__":
    main()
