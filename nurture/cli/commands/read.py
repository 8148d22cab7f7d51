"""`nurture read` and `nurture receive`: what the engine makes of mails, and acting on them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.services.reading import Mail
    from nurture.wiring import Records

Files = Annotated[
    list[str] | None,
    typer.Argument(help="Mails as files, folders of them, or - for standard input.", metavar="FILE"),
]
JsonLines = Annotated[bool, typer.Option("--json", help="JSON Lines: one mail a line.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("read", epilog="Example: nurture read mails/*.eml --json")(read)
    app.command(
        "receive", epilog="Example, in a mail server's alias: |nurture --project /srv/leads receive -"
    )(receive)


def read(files: Files = None, json: JsonLines = False) -> None:
    """Say what the engine makes of mails.

    Touches nothing and needs no project. A file without headers is taken as the text of a reply.
    """
    place.asyncio_run(_read(_mails(files), json))


def receive(files: Files = None, json: JsonLines = False) -> None:
    """Read mails and act on them: a mail server may pipe to it."""
    mails = list(_mails(files))

    async def work(records: Records) -> None:
        from nurture.services.reading import batches, told
        from nurture.services.receive import Receiver
        from nurture.wiring import mail_reader

        with mail_reader() as reader:
            receiver = Receiver(records.store, reader, records.secret)
            for page in batches(mails):
                verdicts = await reader.read([mail.raw for mail in page])
                for mail, verdict in zip(page, verdicts, strict=True):
                    now = records.clock.now()
                    key = await receiver.keep(mail.raw, now)
                    line: dict[str, Any] = {
                        **told(mail.name, verdict),
                        "lead": None,
                        "message": None,
                        "new": key is not None,
                    }
                    if key is not None and verdict is not None:
                        done = await receiver.act_on(key, verdict, now)
                        match = done.match if done is not None else None
                        line["lead"] = match.lead_id if match else None
                        line["message"] = match.message["id"] if match and match.message else None
                    _show(line, json)

    place.with_records(work)


async def _read(mails: Iterable[Mail], json: bool) -> None:
    from nurture.services.reading import batches, told
    from nurture.wiring import mail_reader

    with mail_reader() as reader:
        for page in batches(mails):
            verdicts = await reader.read([mail.raw for mail in page])
            for mail, verdict in zip(page, verdicts, strict=True):
                _show(told(mail.name, verdict), json)


def _mails(files: list[str] | None) -> Iterable[Mail]:
    from nurture.services.reading import mails_of

    if not files and sys.stdin.isatty():
        raise UsageError("Which mail? nurture read FILE, or nurture read - for standard input.")
    return mails_of(files or ["-"], sys.stdin.buffer)


def _show(line: dict[str, Any], json: bool) -> None:
    if json:
        show.json_line(line)
        return
    parts = [line["kind"]]
    if line["intent"]:
        parts.append(line["intent"])
    if line["reason"]:
        parts.append(f"reason {line['reason']}")
    if line["until"]:
        parts.append(f"until {line['until']}")
    if line["status"]:
        parts.append(f"status {line['status']}{' (hard)' if line['hard'] else ''}")
    if line["language"]:
        parts.append(str(line["language"]))
    show.say(f"{line['file']}: {', '.join(parts)} ({line['confidence']:.2f})", "bold")
    for evidence in (line["evidence"] or ())[:3]:
        show.say(f"    because: {evidence}", "dim")
    if line["text"]:
        first = " ".join(str(line["text"]).split())
        show.say(f"    {first[:200]}")
    if line.get("lead") is not None:
        show.say(
            f"    lead {line['lead']}" + (f", message {line['message']}" if line["message"] else ""), "green"
        )
