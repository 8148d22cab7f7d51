"""`nurture task …`: work for colleagues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli import place, show
from nurture.cli.hand import hand_of
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.wiring import Records

task = typer.Typer(no_args_is_help=True, help="Work for colleagues: list, done, assign.")

_SHOWN = (
    "id", "lead_email", "lead_name", "text", "kind", "state", "colleague", "due_at", "results", "result", "run",
    "step", "created_at", "done_at",
)  # fmt: skip

Id = Annotated[int, typer.Argument(help="The task's number.", metavar="ID")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(task, name="task")


@task.command("list", epilog="Example: nurture task list --colleague anna@example.com")
def list_tasks(
    colleague: Annotated[str | None, typer.Option("--colleague", help="Only this colleague's.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Only about this lead.", metavar="EMAIL")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are done as well.")] = False,
    json: Json = False,
) -> None:
    """List tasks, the most urgent first."""

    async def work(records: Records) -> list[dict[str, Any]]:
        from nurture.services.by_hand import lead_called
        from nurture.store.queries import tasks

        async with records.store.read() as conn:
            lead_id = (await lead_called(conn, lead))["id"] if lead is not None else None
            found = await tasks.listed(conn, lead_id=lead_id, state=None, limit=10_000)
        return [
            {name: row[name] for name in _SHOWN}
            for row in found
            if (every or row["state"] in ("open", "overdue"))
            and (colleague is None or (row["colleague"] or "").lower() == colleague.lower())
        ]

    found = place.with_records(work)
    if json:
        show.as_json(found)
        return
    names = ("id", "due_at", "state", "lead_email", "text", "colleague")
    show.table(names, [[row[name] for name in names] for row in found], empty="No tasks.")


@task.command("done", epilog="Example: nurture task done 12 --result reached --note 'call again in May'")
def done(
    number: Id,
    result: Annotated[str | None, typer.Option("--result", help="How it went.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="What to remember.")] = None,
) -> None:
    """Report a task as done; a campaign that waits for it goes on."""

    async def work(records: Records) -> None:
        from nurture.services.by_hand import finish_task

        async with records.store.write() as conn:
            await finish_task(conn, number, result, note, hand_of(records))

    place.with_records(work)
    show.say(f"Task {number} is done.")


@task.command("assign", epilog="Example: nurture task assign 12 anna@example.com")
def assign(
    number: Id,
    colleague: Annotated[str, typer.Argument(help="The colleague's email address.", metavar="COLLEAGUE")],
) -> None:
    """Give a task to a colleague."""

    async def work(records: Records) -> None:
        from nurture.language.problems import did_you_mean
        from nurture.services.by_hand import assign_task

        team = [one.email for one in records.settings.team]
        if team and colleague.lower() not in {email.lower() for email in team}:
            near = did_you_mean(colleague, team)
            raise UsageError(
                f"Nobody in the team has the address {colleague}."
                + (f" Did you mean {near}?" if near else "")
            )
        async with records.store.write() as conn:
            await assign_task(conn, number, colleague, hand_of(records))

    place.with_records(work)
    show.say(f"Task {number} is {colleague}'s.")
