"""`nurture campaign …`: the campaigns that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

campaign = typer.Typer(no_args_is_help=True, help="Campaigns: list, show, pause, resume.")

Name = Annotated[str, typer.Argument(help="The campaign's name.", metavar="NAME")]
Scope = Annotated[str, typer.Argument(help="The campaign's name, or everything.", metavar="NAME")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(campaign, name="campaign")


@campaign.command("list", epilog="Example: nurture campaign list")
def list_campaigns(json: Json = False) -> None:
    """List campaigns with how many leads are in them."""
    project = place.project()

    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.services.campaigns import overview

        async with records.store.read() as conn:
            return await overview(conn, project)

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("name", "status", "active", "held", "completed", "goal", "stopped", "title")
    show.table(names, [[row[name] for name in names] for row in found], empty="No campaigns.")


@campaign.command("show", epilog="Example: nurture campaign show report-download")
def show_campaign(name: Name, json: Json = False) -> None:
    """Show a campaign's steps and how many leads stand at each."""
    project = place.project()

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.campaigns import detail

        async with records.store.read() as conn:
            return await detail(conn, project, name)

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    show.say(f"{found['name']}: {found['title']} ({found['status']})", "bold")
    if found["about"]:
        show.say(found["about"])
    names = ("path", "id", "verb", "leads")
    show.table(names, [[row[column] for column in names] for row in found["steps"]])


@campaign.command(
    "pause", epilog="Example: nurture campaign pause report-download --why 'the webinar is off'"
)
def pause(name: Scope, why: Annotated[str, typer.Option("--why", help="Why, for the others.")] = "") -> None:
    """Pause a campaign (or everything): nothing is sent until it is resumed."""

    async def work(records: Records) -> None:
        from nurture.store.queries import bells, traces

        hand = hand_of(records)
        async with records.store.write() as conn:
            await _known(records, conn, name)
            await bells.pause(conn, name, why, hand.now)
            await traces.note(conn, hand.who, "pause", hand.now, data={"scope": name, "why": why})

    place.with_records(work)
    show.say(f"{name} is paused.")


@campaign.command("resume", epilog="Example: nurture campaign resume report-download")
def resume(name: Scope) -> None:
    """Resume what was paused."""

    async def work(records: Records) -> int:
        from nurture.store.queries import bells, traces

        hand = hand_of(records)
        async with records.store.write() as conn:
            if name not in await bells.paused(conn):
                raise UsageError(f"{name} is not paused.")
            await traces.note(conn, hand.who, "resume", hand.now, data={"scope": name})
            return await bells.resume(conn, name, hand.now)

    number = place.with_records(work)
    show.say(f"{name} goes on; {show.count(number, 'lead')} waited for it.")


async def _known(records: Records, conn: Any, name: str) -> None:
    from nurture.language.problems import did_you_mean
    from nurture.store.queries import versions

    files = {path.stem for path in (records.folder / "campaigns").glob("*.y*ml")}
    known = {"everything", *files, *await versions.current(conn)}
    if name not in known:
        near = did_you_mean(name, known)
        raise UsageError(f"There is no campaign {name}." + (f" Did you mean {near}?" if near else ""))
