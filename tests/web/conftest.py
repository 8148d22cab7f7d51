"""A small project's public pages: in the test's own loop on both databases (`web`), or shared by a module (`pages`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from nurture.adapters.clock import VirtualClock
from nurture.config import Settings, load_config
from nurture.core.tokens import Purpose, sign
from nurture.store.engine import Store, open_store
from nurture.store.migrate import upgrade
from nurture.web.app import build_web
from nurture.web.limits import Limits
from nurture.web.office import Office, office_of
from tests.web.books import KEY, NOW, Books

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CONFIG = Path(__file__).with_name("project.yaml")
STARTER = Path(__file__).parents[2] / "config.yaml"


def settings_in(file: Path) -> Settings:
    """The settings in a file, which must be right."""
    settings, problems = load_config(file.read_text("utf-8"), file.name, {})
    assert settings is not None, problems
    return settings


def office_at(store: Store, clock: VirtualClock, file: Path = CONFIG, **changes: Any) -> Office:
    """The office of a project; nobody is limited unless the test says so."""
    changes.setdefault("limits", Limits(10_000, 10_000, 10_000))
    return office_of(settings_in(file), store, clock, KEY, **changes)


def token(purpose: Purpose, identity: object) -> str:
    """A token of ours."""
    return sign(purpose, str(identity), KEY)


@dataclass
class Web:
    """Somebody at a browser, the books behind, and the clock on the wall."""

    app: Starlette
    client: httpx2.AsyncClient
    books: Books
    clock: VirtualClock

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        return await self.client.post(path, data=data, **more)


def client_of(app: Starlette, ip: str = "198.51.100.7") -> httpx2.AsyncClient:
    """A browser at a network address."""
    transport = httpx2.ASGITransport(app=app, client=(ip, 40_000))
    return httpx2.AsyncClient(
        transport=transport, base_url="http://pages.example", headers={"user-agent": BROWSER}
    )


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
async def web(store: Store, clock: VirtualClock) -> AsyncIterator[Web]:
    """The pages on either database."""
    app = build_web(office_at(store, clock))
    async with client_of(app) as client:
        yield Web(app, client, Books(store), clock)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The pages over one SQLite file, for tests that only look."""
    yield from _client(tmp_path_factory, CONFIG)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The pages of the starter project."""
    yield from _client(tmp_path_factory, STARTER)


def _client(tmp_path_factory: pytest.TempPathFactory, file: Path) -> Iterator[TestClient]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'nurture.db'}")
    app = build_web(office_at(store, VirtualClock(NOW), file))
    with TestClient(app, base_url="http://pages.example", headers={"user-agent": BROWSER}) as client:
        assert client.portal is not None
        client.portal.call(upgrade, store, NOW)
        client.portal.call(_ada, store)
        yield client
        client.portal.call(store.close)


async def _ada(store: Store) -> None:
    """One lead, number 1, with one message, number 1."""
    books = Books(store)
    assert await books.message(await books.lead(language="de", first_name="Ada")) == 1
