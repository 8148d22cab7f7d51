"""`nurture reply …`: what came in, correcting what was made of it, testing the words it is understood by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

reply = typer.Typer(no_args_is_help=True, help="Mails that came in: list, show, correct, test the words.")

_SHOWN = (
    "id", "received_at", "state", "kind", "intent", "lead_email", "matched_by", "mailbox", "failures", "handled_at",
)  # fmt: skip

Id = Annotated[int, typer.Argument(help="The mail's number.", metavar="ID")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(reply, name="reply")


@reply.command("list", epilog="Example: nurture reply list --intent unclear")
def list_replies(
    state: Annotated[
        str | None,
        typer.Option("--state", help="Only new, done, corrected, duplicate, kept or quarantined ones."),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only reply, bounce, auto_reply …")] = None,
    intent: Annotated[str | None, typer.Option("--intent", help="Only this intent.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List mails that came in, the newest first."""

    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.store.queries import replies

        async with records.store.read() as conn:
            found = await replies.listed(conn, state=state, kind=kind, intent=intent, limit=limit)
        return [{**{name: row[name] for name in _SHOWN}, **_words(row)} for row in found]

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("id", "received_at", "state", "kind", "intent", "lead_email", "from", "text")
    rows = [[_short(row[name]) for name in names] for row in found]
    show.table(names, rows, empty="No mails.")


def _words(row: dict[str, Any]) -> dict[str, Any]:
    said = row["verdict"] or {}
    return {
        "from": said.get("from_"),
        "subject": said.get("subject"),
        "text": said.get("text"),
        "evidence": said.get("evidence") or [],
        "corrected": said.get("corrected"),
    }


def _short(value: object) -> object:
    return " ".join(value.split())[:80] if isinstance(value, str) else value


@reply.command("show", epilog="Example: nurture reply show 12")
def show_reply(number: Id, json: Json = False) -> None:
    """Show a mail that came in: what was made of it, why, and whose it is."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.replies import mail_called
        from nurture.store.queries import leads

        async with records.store.read() as conn:
            row = await mail_called(conn, number)
            lead = await leads.get(conn, row["lead_id"]) if row["lead_id"] is not None else None
        told = {**row, "lead_email": lead["email"] if lead is not None else None}
        return {
            **{name: told[name] for name in _SHOWN},
            "message": row["message_ref"],
            "verdict": row["verdict"] or {},
        }

    card = place.with_records(work)
    if json:
        show.as_json(card)
    else:
        _tell(card)


def _tell(card: dict[str, Any]) -> None:
    said = card["verdict"]
    head = ", ".join(
        str(one) for one in (card["kind"] or "not read", card["intent"], said.get("reason")) if one
    )
    show.say(f"Mail {card['id']}: {head} ({card['state']})", "bold")
    show.say(f"  from {said.get('from_') or '?'}, {show.when(card['received_at'])}, {card['mailbox']}")
    if card["lead_email"]:
        answers = f", answers message {card['message']}" if card["message"] else ""
        show.say(f"  lead {card['lead_email']} (by {card['matched_by']}){answers}")
    if said.get("until"):
        show.say(f"  until {said['until']}")
    if said.get("other_address"):
        show.say(f"  names {said['other_address']}")
    for evidence in said.get("evidence") or ():
        show.say(f"  because: {evidence}", "dim")
    corrected = said.get("corrected")
    if corrected:
        show.say(f"  corrected: {corrected['intent']} (by {corrected['by']})", "green")
    for line in str(said.get("text") or "").splitlines():
        show.say(f"  | {line}")


@reply.command("correct", epilog="Example: nurture reply correct 12 --intent refused --reason budget")
def correct(
    number: Id,
    intent: Annotated[str, typer.Option("--intent", help="What it means: interested, later, refused …")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, of a refusal: budget, need …")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The date meant.", metavar="DATE")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Whose it is.", metavar="EMAIL")] = None,
    json: Json = False,
) -> None:
    """Say what a mail means; the lead moves by it, and the engine can learn from it.

    The corrected answer is recorded, tasks that ask about the mail are done, and the pair is added to corrections.jsonl.
    """

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.replies import correct, keep_correction, read_meaning

        meant = read_meaning(intent, reason, until)
        async with records.store.write() as conn:
            line = await correct(conn, number, meant, hand_of(records), lead)
        keep_correction(records.folder, line)
        return {"id": number, **line}

    done = place.with_records(work)
    if json:
        show.as_json(done)
    else:
        show.say(f"Mail {number} means {intent} now; it was read as {done['read_as'] or 'nothing'}.")


@reply.command("test", epilog="Example: nurture reply test corrections.jsonl")
def try_words_out(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Labelled replies, JSON Lines.", metavar="FILE")
    ] = None,
    json: Json = False,
) -> None:
    """Test the words answers are understood by, the project's own among them.

    A line of FILE looks so: {"text": "Not this year, sorry.", "intent": "refused", "reason": "timing"}. Without FILE the
    project's corrections.jsonl is taken. Exit code 1: some were read otherwise.
    """
    from nurture.services.own_words import try_words, words_in
    from nurture.services.replies import CORRECTIONS
    from nurture.wiring import read_settings

    folder = place.folder()
    words = words_in(folder, read_settings(folder, os.environ).replies.words)
    tested = try_words(_lines(files or [folder / CORRECTIONS]), words)
    if json:
        misses = [
            {"place": one.place, "text": one.text, "wanted": one.wanted, "got": one.got, "harm": one.harm,
             "evidence": list(one.evidence)}
            for one in tested.misses
        ]  # fmt: skip
        show.as_json(
            {"total": tested.total, "right": tested.right, "harmful": tested.harmful, "misses": misses}
        )
    else:
        for one in tested.misses:
            show.say(f"{one.place}: {one.wanted} was read as {one.got}", "bold red" if one.harm else "yellow")
            show.say(f"    {' '.join(one.text.split())[:200]}")
            for evidence in one.evidence[:3]:
                show.say(f"    because: {evidence}", "dim")
        moved = f"; {tested.harmful} would have moved somebody wrongly" if tested.harmful else ""
        show.say(f"{tested.right} of {show.count(tested.total, 'reply', 'replies')} read rightly{moved}.")
    if tested.misses:
        raise typer.Exit(1)


def _lines(files: list[Path]) -> list[tuple[str, str]]:
    found = []
    for path in files:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise UsageError(f"{path} can't be read: {said}.") from None
        found += [(f"{path}:{number}", line) for number, line in enumerate(text.splitlines(), 1)]
    return found
