"""Where the command works: the project's folder, and the application built from it when a command needs one."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nurture.cli import show
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.services.project import Project
    from nurture.wiring import App, Records

T = TypeVar("T")
_chosen = Path()


def choose(folder: Path) -> None:
    """Remember the folder the user named with `--project`."""
    global _chosen
    _chosen = folder


def folder() -> Path:
    """The project's folder. Raises UsageError where there is no project."""
    if not _chosen.is_dir():
        raise UsageError(f"There is no folder {_chosen}.")
    if not any((_chosen / name).exists() for name in ("config.yaml", "campaigns", "templates")):
        where = "This folder" if _chosen == Path() else f"The folder {_chosen}"
        raise UsageError(
            f"{where} is no nurture project: it has neither config.yaml nor campaigns/. "
            "Make one with: nurture init my-project"
        )
    return _chosen


def project() -> Project:
    """The project, read whole; its problems are in it."""
    from nurture.adapters.folder import ProjectFolder
    from nurture.services.project import load_project

    return load_project(ProjectFolder(folder()), os.environ)


def with_app(work: Callable[[App], Awaitable[T]], *, take_up: bool = False) -> T:
    """Do some work with the whole application, and close it; `take_up`: edits of the campaigns are applied before."""
    from nurture.wiring import open_app

    async def inside() -> T:
        quiet()
        app = await open_app(folder(), os.environ, take_up=take_up)
        try:
            return await work(app)
        finally:
            await app.close()

    return asyncio_run(inside())


def with_records(work: Callable[[Records], Awaitable[T]]) -> T:
    """Do some work with the project's settings and database, and close them."""
    from nurture.wiring import open_records

    async def inside() -> T:
        quiet()
        records = await open_records(folder(), os.environ)
        try:
            return await work(records)
        finally:
            await records.close()

    return asyncio_run(inside())


def asyncio_run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end."""
    import asyncio

    return asyncio.run(work)


def quiet(level: str = "warning") -> None:
    """Write the log to standard error, so that standard output holds nothing but the answer.

    Traces are plain: with the values of variables in them they would tell secrets and people's data, at great length.
    """
    import logging
    import sys

    import structlog

    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            _times_in_words,
            plain,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _times_in_words(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A log line is read by people."""
    for name, value in event.items():
        if isinstance(value, datetime):
            event[name] = show.when(value)
    return event
