"""`nurture event`: record that something happened."""

from __future__ import annotations

import json as json_
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

_EXAMPLE = """Example: nurture event ada@example.org webinar.attended --data '{"webinar": "Pumps"}'"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("event", epilog=_EXAMPLE)(event)


def event(
    email: Annotated[str, typer.Argument(help="The lead's email address, or id.", metavar="EMAIL")],
    type: Annotated[str, typer.Argument(help="The event, such as report.downloaded.", metavar="TYPE")],
    data: Annotated[str | None, typer.Option("--data", help="Its data, as JSON.", metavar="JSON")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="When it happened, if not now.", metavar="TIME")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Recording it twice under one key is harmless.")
    ] = None,
    json: Json = False,
) -> None:
    """Record that something happened to a lead."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.by_hand import lead_called, read_time, record_event
        from nurture.services.world import empty_catalog

        hand, settings = hand_of(records), records.settings
        when = read_time(at, empty_catalog(settings).company_place) if at is not None else None
        async with records.store.write() as conn:
            row = await lead_called(conn, email)
            made = await record_event(conn, row, type, _data(data), hand, settings.words, at=when, key=key)
        return {"id": made, "lead": row["id"], "type": type, "recorded": made is not None}

    told = place.with_records(work)
    if json:
        show.as_json(told)
    else:
        show.say(f"{type} is {'recorded' if told['recorded'] else 'known already'}.")


def _data(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json_.loads(text)
    except ValueError as error:
        raise UsageError(f"--data is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise UsageError('--data holds keys with values: --data \'{"report": "Pumps"}\'.')
    return found
