"""`nurture message …`: the outbox."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json

if TYPE_CHECKING:
    from nurture.wiring import Records

message = typer.Typer(no_args_is_help=True, help="The outbox: list, show, settle a doubt, take back.")

Id = Annotated[int, typer.Argument(help="The message's number.", metavar="ID")]


class Outcome(StrEnum):
    """What became of a message in doubt, or what is to become of one that is held."""

    SENT = "sent"
    FAILED = "failed"
    AGAIN = "again"


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(message, name="message")


@message.command("list", epilog="Example: nurture message list --state in_doubt")
def list_messages(
    state: Annotated[str | None, typer.Option("--state", help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=100_000)] = 200,
    json: Json = False,
) -> None:
    """List emails, the newest first."""

    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.services.outbox import listed

        async with records.store.read() as conn:
            return await listed(conn, state=state, limit=limit)

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("id", "state", "email", "campaign", "template", "planned_at", "sent_at", "why")
    show.table(names, [[row[name] for name in names] for row in found], empty="No messages.")


@message.command("show", epilog="Example: nurture message show 7")
def show_message(
    number: Id,
    raw: Annotated[bool, typer.Option("--raw", help="The very bytes that are sent.")] = False,
    json: Json = False,
) -> None:
    """Show one email: what became of it, and its text."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.outbox import one

        async with records.store.read() as conn:
            return await one(conn, number)

    found = place.with_records(work)
    bytes_ = found.pop("raw") or b""
    if raw:
        show.raw(bytes_)
    elif json:
        show.as_json({**found, "raw": bytes_.decode("utf-8", "replace")})
    else:
        for name, value in found.items():
            if value not in (None, "", [], {}):
                show.say(f"{name}: {show.when(value) if hasattr(value, 'astimezone') else value}")
        show.say()
        show.raw(bytes_ or b"The text is made when it is handed over.\n")


@message.command("settle", epilog="Example: nurture message settle 7 --as sent")
def settle(
    number: Id,
    outcome: Annotated[
        Outcome, typer.Option("--as", help="sent: it arrived; failed: it did not; again: send it (again).")
    ],
) -> None:
    """Say what became of an email in doubt, or release one that is held."""

    async def work(records: Records) -> str:
        from nurture.services.outbox import settle

        async with records.store.write() as conn:
            return await settle(conn, number, outcome.value, hand_of(records))

    show.say(f"Message {number} is {place.with_records(work)}.")


@message.command("withdraw", epilog="Example: nurture message withdraw 7")
def withdraw(number: Id) -> None:
    """Take back an email that was not handed over yet."""

    async def work(records: Records) -> None:
        from nurture.services.outbox import withdraw

        async with records.store.write() as conn:
            await withdraw(conn, number, hand_of(records))

    place.with_records(work)
    show.say(f"Message {number} is taken back.")
