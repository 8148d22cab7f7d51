"""What the fault stories share: programs that begin quickly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.program import Nursery, open_nursery


@pytest.fixture(scope="session")
def _nursery() -> Iterator[Nursery]:
    with open_nursery() as nursery:
        yield nursery


@pytest.fixture
def nursery(_nursery: Nursery) -> Iterator[Nursery]:
    """Programs that begin in a moment; what a test leaves alive is killed."""
    yield _nursery
    _nursery.clear()
