"""`nurture lead …`: one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

lead = typer.Typer(no_args_is_help=True, help="One person: add, look, change, ask why.")

Email = Annotated[str, typer.Argument(help="The lead's email address, or id.", metavar="EMAIL")]
Stage = Annotated[str | None, typer.Option("--stage", help="Only leads in this stage.")]
Limit = Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=100_000)]
Reason = Annotated[
    str | None, typer.Option("--reason", help="Why: budget, timing, need, competitor, trust …")
]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(lead, name="lead")


@lead.command(
    "add", epilog="Example: nurture lead add ada@example.org name='Ada Lovelace' country=GB --consent"
)
def add_lead(
    email: Annotated[str, typer.Argument(help="The email address.", metavar="EMAIL")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="Fields and their values.", metavar="FIELD=VALUE")
    ] = None,
    consent: Annotated[bool, typer.Option("--consent", help="They have agreed to get mail.")] = False,
    json: Json = False,
) -> None:
    """Add a lead, or fill in what was empty of one that is known."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.by_hand import read_fields
        from nurture.services.record import find_or_add_lead, record
        from nurture.store.queries import suppressions

        hand = hand_of(records)
        written = {"email": email, **_pairs(fields or ())}
        values = {
            name: value
            for name, value in read_fields(written, records.settings.words).items()
            if value is not None
        }
        given = [str(values[name]) for name in ("first_name", "last_name") if values.get(name)]
        if given and not values.get("name"):
            values["name"] = " ".join(given)
        async with records.store.write() as conn:
            lead_id, new = await find_or_add_lead(
                conn, values, now=hand.now, secret=hand.secret, source=values.get("source")
            )
            if consent:
                await suppressions.keep_consent(
                    conn, lead_id, "email", True, hand.now, proof={"by": hand.who}
                )
                told = {"topic": "email", "proof": hand.who}
                await record(conn, lead_id, "consent.given", told, now=hand.now, secret=hand.secret)
        return {"id": lead_id, "email": values["email"], "new": new}

    made = place.with_records(work)
    if json:
        show.as_json(made)
    else:
        show.say(f"{made['email']} is {'added' if made['new'] else 'known already'} (lead {made['id']}).")


@lead.command("show", epilog="Example: nurture lead show ada@example.org --json")
def show_lead(email: Email, json: Json = False) -> None:
    """Show everything about a lead."""

    async def work(records: Records) -> dict[str, Any]:
        from nurture.services.by_hand import lead_called
        from nurture.services.card import card_of

        async with records.store.read() as conn:
            row = await lead_called(conn, email)
            return await card_of(conn, row, records.settings.scoring.half_life, records.clock.now())

    card = place.with_records(work)
    if json:
        show.as_json(card)
    else:
        _tell(card)


@lead.command("list", epilog="Example: nurture lead list --stage mql")
def list_leads(stage: Stage = None, limit: Limit = 100, json: Json = False) -> None:
    """List leads, the newest first."""
    _search("", stage, limit, json)


@lead.command("find", epilog="Example: nurture lead find lovelace")
def find(
    text: Annotated[str, typer.Argument(help="A part of the name, address or company.")],
    stage: Stage = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Find leads by a part of their name, address or company."""
    _search(text, stage, limit, json)


@lead.command(
    "set", epilog="Example: nurture lead set ada@example.org company='Analytical Engines' stage=sql"
)
def set_fields(
    email: Email,
    fields: Annotated[list[str], typer.Argument(help="Fields and their values.", metavar="FIELD=VALUE")],
) -> None:
    """Set fields of a lead; an empty value takes one away."""

    async def work(records: Records) -> None:
        from nurture.services.by_hand import lead_called, read_fields, set_fields

        values = read_fields(_pairs(fields), records.settings.words)
        async with records.store.write() as conn:
            await set_fields(conn, await lead_called(conn, email), values, hand_of(records))

    place.with_records(work)
    show.say(f"{email}: {', '.join(sorted(_pairs(fields)))} set.")


@lead.command("refuse", epilog="Example: nurture lead refuse ada@example.org --reason budget")
def refuse(email: Email, reason: Reason = None) -> None:
    """Mark a lead refused: kept, and sent nothing but the farewell."""

    async def work(records: Records) -> None:
        from nurture.services.by_hand import change_stage, lead_called, read_reason

        async with records.store.write() as conn:
            row = await lead_called(conn, email)
            await change_stage(conn, row, "refused", hand_of(records), reason=read_reason(reason))

    place.with_records(work)
    show.say(f"{email} is refused.")


@lead.command("postpone", epilog="Example: nurture lead postpone ada@example.org --until 2027-01-15")
def postpone(
    email: Email,
    until: Annotated[str, typer.Option("--until", help="A date, or a duration such as 3 months.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a word.")] = "timing",
) -> None:
    """Postpone a lead: on the date it is resumed by itself."""

    async def work(records: Records) -> str:
        from nurture.core.refusal import until_of
        from nurture.services.by_hand import change_stage, lead_called
        from nurture.services.world import empty_catalog
        from nurture.store.rows import fields_of

        hand = hand_of(records)
        async with records.store.write() as conn:
            row = await lead_called(conn, email)
            where = empty_catalog(records.settings).place_of(fields_of(row))
            at, doubt = until_of(until, hand.now, where)
            if doubt:
                raise UsageError(f"{doubt}. Write --until 2027-01-15 or --until '3 months'.")
            await change_stage(conn, row, "postponed", hand, reason=reason, until=at)
            return f"{where.to_local(at):%Y-%m-%d %H:%M}"

    show.say(f"{email} is postponed until {place.with_records(work)} (the lead's time).")


@lead.command("why", epilog="Example: nurture lead why ada@example.org")
def why(email: Email, json: Json = False) -> None:
    """Say why something was or was not sent, and what comes next."""

    async def work(records: Records) -> dict[str, list[str]]:
        from nurture.services.by_hand import lead_called
        from nurture.services.card import score_now
        from nurture.services.why import account_of
        from nurture.services.world import catalog_of

        project = place.project()
        world = catalog_of(project)
        async with records.store.read() as conn:
            row = await lead_called(conn, email)
            told = await account_of(
                conn,
                row,
                score=score_now(row, records.settings.scoring.half_life, records.clock.now()),
                graphs=project.graphs,
                place_of=world.place_of,
                owner_of=world.owner_of,
                secret=records.secret,
            )
        return told.as_json()

    told = place.with_records(work)
    if json:
        show.as_json(told)
        return
    for line in told["now"]:
        show.say(line, "bold")
    for heading, key in (("What comes next", "next"), ("What happened", "past")):
        show.say(f"\n{heading}:", "bold cyan")
        for line in told[key] or ["Nothing yet."]:
            show.say(f"  {line}")


def _search(text: str, stage: str | None, limit: int, json: bool) -> None:
    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.services.card import line_of
        from nurture.store.queries import leads

        half_life, now = records.settings.scoring.half_life, records.clock.now()
        async with records.store.read() as conn:
            rows = await leads.search(conn, text, stage=stage, limit=limit)
        return [line_of(row, half_life, now) for row in rows]

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("id", "email", "name", "company", "stage", "temperature", "score", "owner")
    show.table(names, [[row[name] for name in names] for row in found], empty="No leads.")


def _pairs(words: Sequence[str]) -> dict[str, str]:
    """`["name=Ada", "country=GB"]` as a mapping."""
    pairs = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"`{word}` is no field with a value: write FIELD=VALUE, as in country=GB.")
        pairs[name.strip()] = value
    return pairs


def _tell(card: Mapping[str, Any]) -> None:
    show.say(f"{card['name'] or card['email']} <{card['email']}>, lead {card['id']}", "bold")
    show.say(
        f"stage {card['stage']}, {card['temperature']}, {card['score']} points, consent {card['consent']}"
    )
    for name, value in sorted(card["fields"].items()):
        if name not in ("email", "name"):
            show.say(f"  {name}: {show.when(value) if hasattr(value, 'astimezone') else value}", "dim")
    sections = (
        ("Campaigns", "enrolments", ("campaign", "state", "step", "due_at", "why")),
        ("Emails", "messages", ("id", "template", "state", "planned_at", "sent_at", "why")),
        ("Tasks", "tasks", ("id", "text", "state", "colleague", "due_at", "result")),
        ("What happened", "events", ("id", "type", "learned_at", "data")),
    )
    for heading, key, names in sections:
        if card[key]:
            show.say(f"\n{heading}", "bold cyan")
            show.table(names, [[row[name] for name in names] for row in card[key]])
