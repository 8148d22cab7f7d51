"""`nurture read` and `nurture receive`: what the engine makes of mails, and acting on them."""

from __future__ import annotations

import os
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


def read(
    files: Files = None,
    received: Annotated[
        int | None, typer.Option("--received", help="A mail that came in, by its number.", metavar="ID")
    ] = None,
    json: JsonLines = False,
) -> None:
    """Say what the engine makes of mails.

    Touches nothing and needs no project; in a project its own words for answers count. A file without headers is taken
    as the text of a reply. With --received a mail that came in is read again and shown: safe to look at, nothing in it
    is opened or run (see: nurture reply list).
    """
    if received is None:
        place.asyncio_run(_read(_mails(files), json))
        return
    if files:
        raise UsageError("Name files, or --received ID, not both.")
    _look_at(received, json)


def receive(files: Files = None, json: JsonLines = False) -> None:
    """Read mails and act on them: a mail server may pipe to it."""
    mails = list(_mails(files))

    async def work(records: Records) -> None:
        from nurture.ports import Incoming
        from nurture.services.own_words import words_in
        from nurture.services.reading import batches, told
        from nurture.services.receive import Receiver
        from nurture.wiring import mail_reader

        words = words_in(records.folder, records.settings.replies.words)
        with mail_reader(words) as reader:
            below = float(records.settings.replies.below)
            receiver = Receiver(records.store, reader, records.secret, below)
            for page in batches(mails):
                now = records.clock.now()
                verdicts = await receiver.read([Incoming(mail.raw, now) for mail in page])
                for mail, verdict in zip(page, verdicts, strict=True):
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
    from nurture.ports import Incoming
    from nurture.services.reading import batches, told
    from nurture.wiring import mail_reader

    with mail_reader(_own_words()) as reader:
        for page in batches(mails):
            verdicts = await reader.read([Incoming(mail.raw) for mail in page])
            for mail, verdict in zip(page, verdicts, strict=True):
                _show(told(mail.name, verdict), json)


def _own_words() -> dict[str, str]:
    """The words of the project we are in; none where there is no project that can be used."""
    from nurture.services.own_words import words_in
    from nurture.wiring import read_settings

    try:
        folder = place.folder()
        name = read_settings(folder, os.environ).replies.words
    except UsageError:
        return {}
    return words_in(folder, name)


def _look_at(key: int, json: bool) -> None:
    async def work(records: Records) -> tuple[dict[str, Any], dict[str, Any]]:
        from nurture.ports import Incoming
        from nurture.services.own_words import words_in
        from nurture.services.reading import told
        from nurture.services.receive import Receiver
        from nurture.services.replies import mail_called
        from nurture.wiring import mail_reader

        async with records.store.read() as conn:
            row = await mail_called(conn, key)
        verdict = None
        if row["raw"] is not None:
            with mail_reader(words_in(records.folder, records.settings.replies.words)) as reader:
                receiver = Receiver(records.store, reader, records.secret)
                [verdict] = await receiver.read([Incoming(row["raw"], row["received_at"])])
        line = told(f"received {key}", verdict)
        if row["raw"] is None:
            line["evidence"] = ["its bytes are no longer kept (retention.raw_mail)"]
        return line, row

    from nurture.services.reading import safe_lines

    line, row = place.with_records(work)
    kept = {"state": row["state"], "mailbox": row["mailbox"], "received_at": row["received_at"]}
    lines = safe_lines(row["raw"] or b"")
    if json:
        show.json_line({**line, **kept, "lead": row["lead_id"], "message": row["message_ref"], "raw": lines})
        return
    _show(line, json=False)
    show.say(f"    {row['state']}, from {row['mailbox']}, {show.when(row['received_at'])}", "dim")
    show.say()
    for one in lines:
        show.say(f"  | {one}")


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
