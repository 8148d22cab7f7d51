"""`nurture report …`: figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import GrammarError

if TYPE_CHECKING:
    from nurture.wiring import Records

report = typer.Typer(no_args_is_help=True, help="Figures: replies.")

From = Annotated[str | None, typer.Option("--from", help="From this day on.", metavar="DATE")]
To = Annotated[str | None, typer.Option("--to", help="Up to this day, which counts.", metavar="DATE")]


@report.callback()
def _group() -> None:
    """A group from the first report on."""


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(report, name="report")


@report.command("replies", epilog="Example: nurture report replies --from 2026-01-01 --to 2026-03-31")
def replies(since: From = None, to: To = None, json: Json = False) -> None:
    """Count what came in: kinds, intents, languages, the share that was unclear or corrected by people."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.replies import figures

        async with records.store.read() as conn:
            return await figures(conn, _day(since), _day(to, after=1))

    found = place.with_records(work)
    if json:
        show.as_json({"from": since, "to": to, **found})
        return
    for heading, name in (("Kind", "kinds"), ("Intent", "intents"), ("Language", "languages")):
        show.table((heading, "Mails"), list(found[name].items()), empty=f"{heading}: nothing.")
        show.say()
    show.say(
        f"{show.count(found['replies'], 'reply', 'replies')}: {_share(found['unclear_share'])} unclear, "
        f"{_share(found['corrected_share'])} corrected by people. Kept for a person: {found['kept']}; "
        f"could not be read: {found['quarantined']}; came twice: {found['duplicates']}."
    )


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _day(text: str | None, after: int = 0) -> datetime | None:
    """The beginning of a day in UTC, or of one some days after."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise GrammarError(f"`{text}` is no date", "write 2026-03-31") from None
    return datetime.combine(day + timedelta(days=after), time(), UTC)
