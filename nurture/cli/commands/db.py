"""`nurture db …`: the database."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from nurture.cli import place, show
from nurture.cli.show import Json

if TYPE_CHECKING:
    from nurture.store.engine import Store

T = TypeVar("T")

db = typer.Typer(no_args_is_help=True, help="The database: upgrade, status, backup.")


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(db, name="db")


@db.command("upgrade", epilog="Example: nurture db upgrade")
def upgrade() -> None:
    """Bring the database to this program's schema; make it where there is none."""

    async def work(store: Store) -> str:
        from nurture.adapters.clock import SystemClock
        from nurture.store.migrate import upgrade

        before = await upgrade(store, SystemClock().now())
        if before.current:
            return f"The database is up to date (revision {before.at})."
        return f"The database is {'made' if before.at is None else 'upgraded'} (revision {before.head})."

    show.say(_with_store(work))


@db.command("status", epilog="Example: nurture db status")
def status(json: Json = False) -> None:
    """Show which schema the database has, and which this program wants."""

    async def work(store: Store) -> dict[str, Any]:
        from nurture.store.migrate import standing

        there = await standing(store)
        kind = "sqlite" if store.is_sqlite else "postgresql"
        return {"kind": kind, "at": there.at, "head": there.head, "current": there.current}

    told = _with_store(work)
    if json:
        show.as_json(told)
    elif told["current"]:
        show.say(f"The database ({told['kind']}) is up to date: revision {told['at']}.")
    else:
        show.say(
            f"The database ({told['kind']}) has {told['at'] or 'no schema yet'}, wanted is {told['head']}."
        )
        show.say("Bring it up to date: nurture db upgrade")
    if not told["current"]:
        raise typer.Exit(1)


@db.command("backup", epilog="Example: nurture db backup /backups/nurture.db")
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; it must not exist yet.", metavar="FILE")],
) -> None:
    """Copy the database (SQLite) while everything runs on, and check the copy."""

    async def work(store: Store) -> int:
        from nurture.store.backup import backup

        return await backup(store, file)

    size = _with_store(work)
    show.say(f"The database is copied to {file} ({size:,} bytes) and the copy is sound.")


def _with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    """Do some work with the database as it is, without bringing it up to date first."""
    from nurture.store.engine import open_store
    from nurture.wiring import database_url, read_settings

    folder = place.folder()
    settings = read_settings(folder, os.environ)

    async def inside() -> T:
        store = open_store(database_url(folder, settings.database.url))
        try:
            return await work(store)
        finally:
            await store.close()

    return place.asyncio_run(inside())
