"""`nurture run`: the daemon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.daemon.works import Works
    from nurture.wiring import App

_EXAMPLE = "Example: nurture run   (or, from a timer: nurture run --until-idle)"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run", epilog=_EXAMPLE)(run)


def run(
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve forms and links as well.")] = True,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due now, and end.")] = False,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Go on until nothing is due or queued, and end.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", help="So many daemons beside one another (PostgreSQL).", min=1, max=64)
    ] = 1,
    json: Json = False,
) -> None:
    """Run the daemon: leads advance, emails go out, answers are read.

    It watches the project's files and takes up valid edits by itself. Ctrl-C or SIGTERM ends it; what is in hand is
    finished first.
    """
    folder = place.folder()
    others = _others(folder, workers, ending=once or until_idle)
    try:
        left = place.asyncio_run(_run(folder, web=web, once=once, until_idle=until_idle))
    finally:
        for other in others:
            other.terminate()
        for other in others:
            other.wait()
    if left is None:
        return
    if json:
        show.as_json({"left": left})
    else:
        parts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in left.items())
        show.say(f"Done. Left for later: {parts}." if parts else "Done. Nothing is left for later.")


async def _run(folder: Path, *, web: bool, once: bool, until_idle: bool) -> dict[str, int] | None:
    from nurture.core.errors import StoreBusy
    from nurture.daemon import runner
    from nurture.daemon.works import works_of
    from nurture.wiring import open_app

    place.quiet("info")
    app = await open_app(folder, os.environ)
    works = works_of(app)
    try:
        if once:
            return await runner.once(works)
        if until_idle:
            return await runner.until_idle(works)
        if web:
            _serve(app, works)
        await runner.run(works, web=web, begun=lambda: _greet(app, web=web), grace=runner.GRACE)
    except StoreBusy:
        await app.close()
        raise
    return None


def _serve(app: App, works: Works) -> None:
    """Put the web server beside the daemon's loops; changed settings reach it too."""
    from nurture.web.app import SERVER, build_web
    from nurture.web.office import office_of

    def office() -> Any:
        return office_of(app.settings, app.store, app.clock, bytes.fromhex(app.secret))

    site = works.web = build_web(office())
    works.served = SERVER
    reload = works.reload

    async def reload_all() -> int:
        taken = await reload()
        site.state.office = office()
        return taken

    works.reload = reload_all


def _greet(app: App, *, web: bool) -> None:
    out = show.console(error=True)
    live = sum(graph.status == "live" for graph in app.catalog.campaigns.values())
    where = f"; forms and links at {app.settings.web.public_url}" if web else ""
    out.print(f"nurture runs: {show.count(live, 'live campaign')}{where}. Ctrl-C ends it.")
    errors = [problem for problem in app.project.problems if problem.severity == "error"]
    for problem in (*errors, *app.applied.refused):
        out.print(str(problem), style="red", markup=False)


def _others(folder: Path, workers: int, *, ending: bool) -> list[subprocess.Popen[bytes]]:
    """Start the other daemons. Raises UsageError where the database allows only one."""
    if workers == 1:
        return []
    if ending:
        raise UsageError("--workers is for a daemon that stays; leave it out with --once and --until-idle.")
    from nurture.wiring import read_settings

    if read_settings(folder, os.environ).database.url.startswith("sqlite"):
        raise UsageError("--workers above 1 needs PostgreSQL: set database.url in config.yaml.")
    command = [sys.executable, "-m", "nurture", "--project", str(folder), "run", "--no-web"]
    return [subprocess.Popen(command) for _ in range(workers - 1)]
