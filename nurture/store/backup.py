"""A copy of an SQLite database while it is in use, checked afterwards. PostgreSQL has tools of its own (`pg_dump`)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from nurture.core.errors import OutsideError, UsageError
from nurture.store.engine import Store


async def backup(store: Store, target: Path) -> int:
    """Copy the database to a new file; answers its size in bytes.

    Raises UsageError where the file is there already or the database is not SQLite, OutsideError where the copy
    cannot be written or is not sound.
    """
    if store.path is None:
        raise UsageError("This database is PostgreSQL's: back it up with pg_dump.")
    return await asyncio.to_thread(_copy, store.path, target)


def _copy(source: Path, target: Path) -> int:
    if target.exists():
        raise UsageError(f"{target} is there already; name a new file.")
    if not source.exists():
        raise UsageError("There is no database yet.")
    beside = target.with_name(f"{target.name}.part")
    try:
        beside.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(beside)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
            sound = new.execute("PRAGMA integrity_check").fetchone()[0]
        if sound != "ok":
            raise OutsideError(f"the copy is not sound: {sound}")
        beside.replace(target)
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise OutsideError(f"the database can't be copied to {target}: {error}") from None
