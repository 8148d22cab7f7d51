"""`nurture enrol` and `nurture stop`: into and out of a campaign, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("enrol", epilog="Example: nurture enrol ada@example.org report-download")(enrol)
    app.command("stop", epilog="Example: nurture stop ada@example.org report-download")(stop)


def enrol(
    email: Annotated[str, typer.Argument(help="The lead's email address, or id.", metavar="EMAIL")],
    campaign: Annotated[str, typer.Argument(help="The campaign's name.", metavar="CAMPAIGN")],
) -> None:
    """Put a lead into a campaign."""
    from nurture.services.stories import known_campaign

    project = place.project()
    known_campaign(project, campaign)
    graph = project.graphs[campaign]
    if graph.status != "live":
        raise UsageError(
            f"The campaign {campaign} is {graph.status}: nobody enters. Write status: live into its file."
        )

    async def work(records: Records) -> None:
        from nurture.services.by_hand import enrol, lead_called
        from nurture.store.queries import runs

        async with records.store.write() as conn:
            row = await lead_called(conn, email)
            if row["stage"] not in graph.stages:
                stages = ", ".join(sorted(graph.stages))
                raise UsageError(f"{email} is {row['stage']}, and {campaign} is for {stages}.")
            mine = [run for run in await runs.of_lead(conn, row["id"]) if run["campaign"] == campaign]
            if graph.enter.each is None and any(run["state"] in ("active", "held") for run in mine):
                raise UsageError(f"{email} is in {campaign} already.")
            await enrol(conn, row, campaign, hand_of(records))

    place.with_records(work)
    show.say(f"{email} enters {campaign} as soon as the daemon runs.")


def stop(
    email: Annotated[
        str | None, typer.Argument(help="The lead's email address, or id.", metavar="EMAIL")
    ] = None,
    name: Annotated[str | None, typer.Argument(help="The campaign's name.", metavar="CAMPAIGN")] = None,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", help="Take everybody out of this campaign.", metavar="CAMPAIGN"),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "stopped by hand",
) -> None:
    """Take a lead out of a campaign, or everybody (--campaign)."""
    if campaign is None and (email is None or name is None):
        raise UsageError(
            "Who leaves which campaign? nurture stop EMAIL CAMPAIGN, or nurture stop --campaign CAMPAIGN"
        )

    async def work(records: Records) -> int:
        from nurture.services import by_hand
        from nurture.store.queries import runs, traces

        hand = hand_of(records)
        async with records.store.write() as conn:
            if campaign is not None:
                await traces.note(conn, hand.who, "stop all", hand.now, data={"campaign": campaign})
                return await runs.take_all_out(conn, campaign, reason, hand.now)
            assert email is not None
            assert name is not None
            row = await by_hand.lead_called(conn, email)
            mine = [run for run in await runs.of_lead(conn, row["id"]) if run["campaign"] == name]
            if not any(run["state"] in ("active", "held") for run in mine):
                raise UsageError(f"{email} is not in {name}.")
            await by_hand.stop(conn, row, name, reason, hand)
            return 1

    number = place.with_records(work)
    leaves = "leaves" if number == 1 else "leave"
    show.say(f"{show.count(number, 'lead')} {leaves} {campaign or name} as soon as the daemon runs.")
