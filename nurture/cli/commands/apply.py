"""`nurture plan` and `nurture apply`: what an edit will do, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.services.plan import Edited, Plan
    from nurture.wiring import App

_CHANGES = {
    "new": "is new",
    "edited": "is edited",
    "renamed": "has another name",
    "removed": "is removed: nobody enters, those inside finish",
    "broken": "has errors: the last good version runs on",
    "unchanged": "is as before",
}


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("plan", epilog="Example: nurture plan --json")(plan)
    app.command("apply", epilog="Example: nurture apply --plan 3f2a91c0d4e5")(apply)


def plan(json: Json = False) -> None:
    """Show what an edit of the campaigns will do."""

    async def work(app: App) -> Plan:
        return await _planned(app, emails=True)

    made = place.with_app(work)
    if json:
        show.as_json(made.as_json())
    else:
        _tell(made)
    if made.refused:
        raise typer.Exit(1)


def apply(
    key: Annotated[
        str | None, typer.Option("--plan", help="Only if this plan still holds.", metavar="PLAN")
    ] = None,
    json: Json = False,
) -> None:
    """Take up every valid edit of the campaigns.

    A running daemon follows at once.
    """

    async def work(app: App) -> tuple[Plan, tuple[str, ...]]:
        made = await _planned(app, emails=False)
        if key is not None and key != made.key:
            raise UsageError(
                f"The plan {key} is stale: something has changed since. Look again with nurture plan."
            )
        applied = await app.applier.approve(app.project, app.clock.now())
        return made, applied.taken_up

    made, taken = place.with_app(work)
    if json:
        show.as_json({**made.as_json(), "applied": list(taken)})
    else:
        _tell(made)
        show.say(f"Taken up: {', '.join(taken) or 'nothing'}.", "bold green" if taken else None)
    if made.refused:
        raise typer.Exit(1)


async def _planned(app: App, *, emails: bool) -> Plan:
    from nurture.services.plan import Planner

    planner = Planner(app.store, app.applier, app.secret)
    return await planner.plan(app.project, app.clock.now(), emails=emails)


def _tell(made: Plan) -> None:
    changed = [one for one in made.campaigns if one.change != "unchanged"]
    for one in changed:
        _tell_one(one)
    if not changed:
        show.say("Nothing is to be done: what runs is what the files say.")
    else:
        show.say(f"Apply this very plan with: nurture apply --plan {made.key}", "dim")


def _tell_one(one: Edited) -> None:
    show.say(f"{one.name} {_CHANGES[one.change]}", "bold red" if one.refused else "bold")
    for move in one.moves:
        show.say(f"  {show.count(move.leads, 'lead')} go from {move.origin} to {move.target}")
    for step in one.added:
        show.say(f"  new step: {step}", "green")
    for wider in one.widens:
        where = f" (step {wider.step})" if wider.step else ""
        show.say(f"  more people may be mailed: {wider.because}{where}", "yellow")
    for problem in one.refused:
        show.say(f"  refused: {problem}", "red")
    emails = one.emails
    if emails.leads:
        more = "" if emails.whole else " (the first of them; there are more)"
        show.say(
            f"  emails to the {show.count(emails.leads, 'lead')} inside in the next 30 days: "
            f"{emails.after.total():,}, before {emails.before.total():,}{more}"
        )
