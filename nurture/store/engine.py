"""Opening the database: SQLite by default, PostgreSQL for many daemons; one schema, the same queries.

SQLite runs in WAL with `synchronous=FULL` (a marker must survive a power cut), and every write transaction begins
IMMEDIATE: with the driver's own transaction handling concurrent read-then-write loses updates silently.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from nurture.core.errors import OutsideError

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16000",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA temp_store=MEMORY",
)

_OUTSIDE = ("08", "40", "53", "57", "58")
"""Classes of PostgreSQL's SQLSTATE that say nothing of our statement: the connection broke, a deadlock was cut, something
ran out, an operator stepped in, the disk failed."""


class Store:
    """One open database. `write()` and `read()` give a connection inside a transaction."""

    def __init__(self, url: str, engine: AsyncEngine) -> None:
        self.url = url
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL or in memory."""
        database = make_url(self.url).database
        return Path(database) if self.is_sqlite and database and database != ":memory:" else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write; committed at the end, rolled back on an error.

        Raises OutsideError when the database cannot be reached or written (full disk, no server).
        """
        with _outside():
            async with self.engine.begin() as conn:
                yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads one consistent state."""
        with _outside():
            async with self.engine.connect() as conn:
                # Without it every statement on PostgreSQL sees what was committed since the one before.
                level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
                await conn.execution_options(nurture_read=True, **level)
                async with conn.begin():
                    yield conn

    @asynccontextmanager
    async def migration(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which the schema may change: foreign keys are not watched on SQLite."""
        with _outside():
            async with self.engine.connect() as conn:
                raw = (await conn.get_raw_connection()).driver_connection if self.is_sqlite else None
                if raw is not None:
                    await raw.execute("PRAGMA foreign_keys=OFF")
                try:
                    async with conn.begin():
                        yield conn
                finally:
                    if raw is not None:
                        await raw.execute("PRAGMA foreign_keys=ON")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def open_store(url: str, *, echo: bool = False) -> Store:
    """Open the database at `url` (`sqlite:///file.db` or `postgresql://…`). Connects at the first transaction.

    Raises OutsideError for another kind of database, and where there is no folder for the file.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        folder = Path(parsed.database or ".").parent
        if not folder.is_dir():
            raise OutsideError(f"there is no folder {folder} for the database")
        engine = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"),
            echo=echo,
            hide_parameters=not echo,
            connect_args={"timeout": 10},
        )
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    elif parsed.get_backend_name() == "postgresql":
        engine = create_async_engine(
            parsed.set(drivername="postgresql+asyncpg"),
            echo=echo,
            hide_parameters=not echo,
            pool_pre_ping=True,
            pool_size=10,
        )
    else:
        raise OutsideError(
            f"database.url: {parsed.get_backend_name()} is not supported; use sqlite or postgresql"
        )
    return Store(url, engine)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    # No BEGIN of the driver's own: `_on_sqlite_begin` says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    # SQLite's own knows no letters but those of ASCII.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> str | None:
    return None if value is None else str(value).lower()


def _on_sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("nurture_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class _outside:  # noqa: N801
    """Turns the driver's failures to reach, read or write the database into OutsideError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        cause = error.orig if isinstance(error, DBAPIError) else error
        trouble = isinstance(error, OperationalError | OSError) and not isinstance(error, TimeoutError)
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if trouble or lost or str(getattr(cause, "sqlstate", None))[:2] in _OUTSIDE:
            raise OutsideError(f"the database does not answer as it should: {cause}") from error
        # What SQLite says of a damaged file has no class of its own.
        if type(error) is DatabaseError:
            raise OutsideError(
                f"the database is damaged, or no database at all ({error.orig}). "
                "Keep the file, and put a backup in its place"
            ) from error
