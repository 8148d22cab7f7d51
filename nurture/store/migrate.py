"""Bringing a database to the schema of this program, and refusing one that is newer.

A migrated database equals a new one; a test compares them. Migrations run with foreign keys off (SQLite rebuilds a table
by copying it, and a cascade would empty its children) and are checked afterwards.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, inspect, select, text

from nurture import __version__
from nurture.core.errors import DatabaseNewer
from nurture.store.engine import Store
from nurture.store.tables import Row

if TYPE_CHECKING:
    # Imported where a database is changed: Alembic takes longer to import than most commands run.
    from alembic.config import Config

_SCRIPTS = Path(__file__).with_name("migrations")
_PROJECT = Row.metadata.tables["project"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The revision a database is at (None: empty) and the one this program wants."""

    at: str | None
    head: str

    @property
    def current(self) -> bool:
        """Whether nothing is to be done."""
        return self.at == self.head


async def is_current(store: Store) -> bool:
    """Whether the database is ready for this program as it is; `upgrade` is for when it is not."""
    async with store.read() as conn:
        return await conn.run_sync(_is_current)


async def standing(store: Store) -> Standing:
    """Where the database stands. Raises DatabaseNewer when it was made by a newer nurture."""
    async with store.read() as conn:
        return await conn.run_sync(_standing)


async def upgrade(store: Store, now: datetime) -> Standing:
    """Bring the database to this program's schema; a new one is made and given its secret.

    Raises DatabaseNewer when it was made by a newer nurture.
    """
    before = await standing(store)
    if not before.current:
        async with store.migration() as conn:
            await conn.run_sync(_upgrade)
    async with store.write() as conn:
        if await conn.scalar(select(_PROJECT.c.id)) is None:
            values = {"id": 1, "secret": secrets.token_hex(32), "made_by": __version__, "created_at": now}
            await conn.execute(insert(_PROJECT).values(**values))
    return before


async def secret_of(store: Store) -> str:
    """The project's secret, for tokens and keyed hashes (hex)."""
    async with store.read() as conn:
        return str(await conn.scalar(select(_PROJECT.c.secret)))


def _is_current(connection: Connection) -> bool:
    """Quicker than `_standing`: the revisions are the numbers that the scripts' names begin with."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    newest = max(path.name.split("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))
    at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return at == newest and connection.execute(select(_PROJECT.c.id)).first() is not None


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _standing(connection: Connection) -> Standing:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config(connection))
    head = scripts.get_current_head() or ""
    known = {script.revision for script in scripts.walk_revisions()}
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in known:
        raise DatabaseNewer
    return Standing(at, head)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the migration left rows without their parent: {broken[:3]}")
