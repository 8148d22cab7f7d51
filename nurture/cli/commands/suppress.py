"""`nurture suppress …`: who must not be mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

suppress = typer.Typer(no_args_is_help=True, help="Who must not be mailed: add, remove, list.")

Address = Annotated[str, typer.Argument(help="The email address.", metavar="EMAIL")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(suppress, name="suppress")


@suppress.command("add", epilog="Example: nurture suppress add eve@example.org --reason 'asked by telephone'")
def add_address(
    email: Address, reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "by hand"
) -> None:
    """Never mail an address again, whether it is a lead's or not."""

    async def work(records: Records) -> None:
        from nurture.core.address import parse_email
        from nurture.store.queries import leads, suppressions, traces

        hand, address = hand_of(records), parse_email(email)
        async with records.store.write() as conn:
            lead_id = await leads.find_by_email(conn, address)
            if lead_id is not None:
                await suppressions.suppress_lead(conn, lead_id, reason, hand.now, hand.secret)
            await suppressions.suppress(conn, address, reason, hand.now, hand.secret, lead_id)
            await traces.note(conn, hand.who, "suppress", hand.now, lead_id=lead_id, data={"reason": reason})

    place.with_records(work)
    show.say(f"{email} is never mailed again.")


@suppress.command(
    "remove", epilog="Example: nurture suppress remove eve@example.org --because 'asked to come back'"
)
def remove(
    email: Address,
    because: Annotated[str, typer.Option("--because", help="The person's own wish, for the record.")],
) -> None:
    """Allow mail to an address again, because the person asked for it."""

    async def work(records: Records) -> int:
        from nurture.store.queries import leads, suppressions, traces

        hand = hand_of(records)
        async with records.store.write() as conn:
            lead_id = await leads.find_by_email(conn, email)
            lifted = await suppressions.lift(conn, email, hand.secret, lead_id)
            if lifted:
                await traces.note(
                    conn, hand.who, "unsuppress", hand.now, lead_id=lead_id, data={"because": because}
                )
            return lifted

    if not place.with_records(work):
        raise UsageError(f"{email} is not suppressed.")
    show.say(f"{email} may be mailed again.")


@suppress.command("list", epilog="Example: nurture suppress list --json")
def list_addresses(json: Json = False) -> None:
    """List who must not be mailed, the newest first."""

    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.store.queries import suppressions

        async with records.store.read() as conn:
            rows = await suppressions.listed(conn, limit=100_000)
        return [{name: row[name] for name in ("address", "reason", "at", "lead_id")} for row in rows]

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("address", "reason", "at")
    show.table(names, [[row[name] for name in names] for row in found], empty="Nobody.")
