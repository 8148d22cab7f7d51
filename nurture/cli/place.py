"""Where the command works: the project's folder, and the application built from it when a command needs one."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.services.project import Project
    from nurture.wiring import App

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


def with_app(work: Callable[[App], Awaitable[T]]) -> T:
    """Do some work with the project's application, and close it. Raises UsageError where config.yaml has errors."""
    import asyncio

    from nurture.wiring import build

    async def inside() -> T:
        app = build(folder(), os.environ)
        try:
            return await work(app)
        finally:
            await app.close()

    return asyncio.run(inside())
