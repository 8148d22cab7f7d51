"""The SQL of every named statement in both dialects, beside the code that builds it: a change of either is seen.

`NURTURE_GOLDEN=write pytest tests/golden` writes the files anew; read what changed before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.golden.recorder import DIALECTS
from tests.golden.statements import MORE, nouns, said

FOLDER = Path(__file__).with_name("sql")
WRITE = os.environ.get("NURTURE_GOLDEN") == "write"
FILES = {f"{noun}.{dialect}.sql": (noun, dialect) for noun in nouns() for dialect in DIALECTS}


@pytest.mark.parametrize("name", FILES)
async def test_the_sql_is_as_written_down(name: str) -> None:
    noun, dialect = FILES[name]
    statements = await said(noun, DIALECTS[dialect])
    now = "\n".join(
        f"-- {title}\n" + "".join(f"{statement};\n" for statement in spoken) for title, spoken in statements
    )
    path = FOLDER / name
    if WRITE:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(now, "utf-8")
    before = path.read_text("utf-8") if path.is_file() else ""
    assert now == before, "as meant? NURTURE_GOLDEN=write pytest tests/golden writes it down"


async def test_every_function_says_something() -> None:
    """One that said nothing was called with arguments that leave it nothing to do."""
    silent = [
        f"{noun}.{title}"
        for noun in nouns()
        for title, spoken in await said(noun, DIALECTS["sqlite"])
        if not spoken
    ]
    # On SQLite whoever may write is alone.
    assert silent == ["cases.lock_leads"]


async def test_no_file_and_no_call_is_left_of_what_is_gone() -> None:
    found = {
        f"{noun}.{title.split()[0]}" for noun in nouns() for title, _ in await said(noun, DIALECTS["sqlite"])
    }
    assert set(MORE) <= found
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)
