"""`nurture preview`: every email as it will look, or sent to oneself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import OutsideError

if TYPE_CHECKING:
    from nurture.services.preview import Preview, Previewer
    from nurture.services.project import Project
    from nurture.wiring import Records

_EXAMPLE = "Example: nurture preview report-download --locale de --send-to me@example.com"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview", epilog=_EXAMPLE)(preview)


def preview(
    name: Annotated[str, typer.Argument(help="A campaign, for all its emails, or one template.")],
    lead: Annotated[
        str | None,
        typer.Option("--lead", help="As this lead gets it; else somebody made up.", metavar="EMAIL"),
    ] = None,
    locale: Annotated[str | None, typer.Option("--locale", help="Only in this language, such as de.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Where the HTML files go (default: preview/ in the project).", metavar="DIR"
        ),
    ] = None,
    send_to: Annotated[
        str | None, typer.Option("--send-to", help="Send them there, marked as a test.", metavar="ME")
    ] = None,
    json: Json = False,
) -> None:
    """Show every email as it will look, or send it to yourself.

    Subject, headers and text are shown, HTML is written to files. With --send-to they are sent to you by the project's mail server, marked as tests. Nothing is recorded, and their
    links do nothing.
    """
    from nurture.services.preview import wanted_of

    project = place.project()
    previewer, language = _previewer(project, name, lead)
    made = [previewer.make(wanted, send_to) for wanted in wanted_of(project, name, locale or language)]
    files = _write(made, out or place.folder() / "preview") if not json or out is not None else {}
    said = _send(project, made) if send_to is not None else {}
    if json:
        emails = [
            {**one.as_json(), "html_file": files.get(one.file), "sent": said.get(one.file)} for one in made
        ]
        show.as_json({"emails": emails})
    else:
        for one in made:
            _tell(one, files.get(one.file))
        if said:
            show.say(f"{show.count(len(said), 'email')} sent to {send_to}, marked as a test.", "bold green")
    if any(one.fault for one in made):
        raise typer.Exit(1)


def _previewer(project: Project, name: str, lead: str | None) -> tuple[Previewer, str | None]:
    """The maker of previews, and the language of the lead they are for."""
    from nurture.adapters.clock import SystemClock
    from nurture.services.preview import Previewer
    from nurture.wiring import attachments

    previewer = Previewer(project, SystemClock().now(), attachments(place.folder()))
    if lead is None:
        return previewer, None

    async def work(records: Records) -> tuple[dict[str, Any], dict[str, Any] | None]:
        from nurture.services.by_hand import lead_called
        from nurture.store.queries import runs

        async with records.store.read() as conn:
            row = await lead_called(conn, lead)
            mine = [run for run in await runs.of_lead(conn, row["id"]) if run["campaign"] == name]
        return row, (mine[-1]["entry"] if mine else None)

    from nurture.services.preview import addressee_of

    row, previewer.entry = place.with_records(work)
    previewer.lead = addressee_of(project, row)
    return previewer, previewer.lead.language


def _write(made: list[Preview], folder: Path) -> dict[str, str]:
    """Write the HTML parts; answers where, by the name of the file."""
    files = {}
    try:
        for one in made:
            if one.fault is None:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / one.file).write_text(one.html, encoding="utf-8")
                files[one.file] = str(folder / one.file)
    except OSError as error:
        raise OutsideError(f"{folder} can't be written: {error.strerror}") from None
    return files


def _send(project: Project, made: list[Preview]) -> dict[str, str]:
    from nurture.services.preview import send_test
    from nurture.wiring import mailer_of, read_settings

    async def inside() -> dict[str, str]:
        mailer = mailer_of(read_settings(place.folder(), os.environ))
        try:
            return {one.file: await send_test(mailer, one) for one in made if one.fault is None}
        finally:
            await mailer.close()

    return place.asyncio_run(inside())


def _tell(one: Preview, file: str | None) -> None:
    language = f" ({one.locale})" if one.locale else ""
    show.say(f"━━ {one.template}{language} · step {one.step}", "bold cyan")
    if one.fault is not None:
        show.say(one.fault, "red")
        show.say()
        return
    for name, value in one.headers:
        if name in ("From", "To", "Reply-To", "Subject", "List-Unsubscribe"):
            show.say(f"{name}: {value}", "bold" if name == "Subject" else "dim")
    show.say()
    show.say(one.text)
    if file is not None:
        show.say(f"HTML: {file}", "green")
    show.say()
