"""What the daemon needs of the rest of the program: pieces of work it only has to call in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Piece = Callable[[], Awaitable[int]]
"""A bounded piece of work; answers how much was done, 0 for nothing."""


@dataclass(slots=True)
class Works:
    """The pieces, as `wiring` puts them together.

    `advance`, `deliver`, `act`: see the services of these names. `fetch` has one piece a mailbox, by its name.
    `bells` rings what is overdue and answers how many rang. `reload` takes up edits of the project's files. `idle` answers whether no event is unhandled and nothing is due or claimable; `report` what
    is left for later. `start` recovers what a crash left behind, `close` lets everything go.
    """

    now: Callable[[], datetime]
    advance: Piece
    deliver: Piece
    act: Piece
    bells: Piece
    reload: Piece
    idle: Callable[[], Awaitable[bool]]
    report: Callable[[], Awaitable[dict[str, int]]]
    start: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    fetch: dict[str, Piece] = field(default_factory=dict)
    fetch_every: float = 30.0
    watched: Sequence[Path] = ()
    database: Path | None = None
    web: Any = None
    host: str = "127.0.0.1"
    port: int = 8025
