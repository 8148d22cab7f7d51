"""`nurture status`: how everything stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from nurture.cli import place, show
from nurture.cli.show import Json

if TYPE_CHECKING:
    from nurture.wiring import Records


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", epilog="Example: nurture status --json")(status)


def status(json: Json = False) -> None:
    """Show what is due and queued, and whether the daemon runs."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.daemon.lock import held
        from nurture.services.status import status_of

        database = records.store.path
        async with records.store.read() as conn:
            return await status_of(conn, records.clock.now(), locked=held(database) if database else None)

    told = place.with_records(work)
    if json:
        show.as_json(told)
    else:
        _tell(told)


def _tell(told: dict[str, Any]) -> None:
    daemon, due = told["daemon"], told["due"]
    if daemon["alive"]:
        show.say(f"The daemon runs; its last beat was at {show.when(daemon['last_beat'])}.", "green")
    elif daemon["last_beat"] and daemon["last_beat"] > told["now"]:
        ahead = show.when(daemon["last_beat"])
        show.say(
            f"The daemon's last beat was at {ahead}, which is yet to come: was the clock wrong? Start it: nurture run",
            "bold red",
        )
    elif daemon["locked"] and daemon["last_beat"]:
        since = show.when(daemon["last_beat"])
        show.say(f"The daemon runs, but gave no sign of life since {since}. Its log says why.", "bold red")
    else:
        since = f" since {show.when(daemon['last_beat'])}" if daemon["last_beat"] else ""
        show.say(f"The daemon does not run{since}. Start it: nurture run", "bold red")
    show.say(
        f"Due now: {show.count(due['steps'], 'step')}, {show.count(due['events'], 'event')} to handle, "
        f"{show.count(due['mails'], 'mail')} to read."
    )
    if due["next_at"] is not None:
        show.say(f"Something comes due next at {show.when(due['next_at'])}.")
    states = told["messages"]
    listed = ", ".join(f"{number:,} {state.replace('_', ' ')}" for state, number in sorted(states.items()))
    show.say(
        f"Emails: {listed or 'none'}.", "yellow" if states.get("in_doubt") or states.get("failed") else None
    )
    inside = sum(
        number
        for run in told["runs"].values()
        for state, number in run.items()
        if state in ("active", "held")
    )
    show.say(
        f"Leads on their way: {inside:,}. Tasks: {told['tasks']['open']:,} open, {told['tasks']['overdue']:,} overdue."
    )
    for scope, why in told["paused"].items():
        show.say(
            f"Paused: {scope}{f' ({why})' if why else ''}. End it: nurture campaign resume {scope}", "yellow"
        )
