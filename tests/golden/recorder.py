"""A connection that runs nothing: it writes down each statement as a dialect says it, and answers as it was told to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite

DIALECTS: dict[str, Dialect] = {"sqlite": SQLiteDialect_aiosqlite(), "postgresql": PGDialect_asyncpg()}

_GROWS = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")
"""The values of an IN, as many as there are when it is run."""


@dataclass
class Answer:
    """What a statement answers: `column` is its first column, `rowcount` how many rows it touched."""

    column: Sequence[Any] = ()
    rowcount: int = 1

    def all(self) -> list[Any]:
        return list(self.column)

    def first(self) -> None:
        return None

    def scalar(self) -> Any:
        return next(iter(self.column), None)

    def mappings(self) -> Answer:
        return Answer(())

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@dataclass
class Recorder:
    """Stands for an AsyncConnection. `scalar` and `column` are the answers to `conn.scalar` and `conn.scalars`."""

    dialect: Dialect
    scalar_is: Any = None
    column: Sequence[Any] = ()
    rowcount: int = 1
    said: list[str] = field(default_factory=list)

    async def execute(self, statement: Any, values: Any = None) -> Answer:
        self.said.append(written(statement, self.dialect, values))
        return Answer(rowcount=self.rowcount)

    async def scalars(self, statement: Any, values: Any = None) -> Answer:
        await self.execute(statement, values)
        return Answer(self.column)

    async def scalar(self, statement: Any, values: Any = None) -> Any:
        await self.execute(statement, values)
        return self.scalar_is


def written(
    statement: Any, dialect: Dialect, values: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None
) -> str:
    """The statement's SQL with its white space evened out, a clause a line, long ones folded."""
    many = isinstance(values, Sequence)
    row = values[0] if many else values
    keys = list(row) if row and not statement.is_select else None
    said = str(statement.compile(dialect=dialect, column_keys=keys, for_executemany=many))
    clauses = (" ".join(line.split()) for line in _GROWS.sub("(…)", said).splitlines())
    return "\n".join(
        fill(clause, 110, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        for clause in clauses
        if clause
    )
