"""A new project from the starter: campaigns, templates and a commented config.yaml, ready to check, test and run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from nurture.core.errors import NurtureError, OutsideError, UsageError

_PARTS: Final = ("config.yaml", "campaigns", "templates")
_IGNORED: Final = """\
# The database, what lies beside it, and previews: not for version control.
nurture.db*
preview/
"""


def starter() -> Path:
    """The starter project: in the installed package, or where the sources lie. Raises NurtureError without one."""
    package = Path(__file__).parents[1]
    for folder in (package / "starter", package.parent):
        if all((folder / part).exists() for part in _PARTS):
            return folder
    raise NurtureError("The starter project is not part of this installation.")


def new_project(folder: Path) -> tuple[str, ...]:
    """Make a project in a new or empty folder; answers the files it has, by their paths in it.

    Raises UsageError where something is there already, OutsideError where it cannot be written.
    """
    taken = next((part for part in _PARTS if (folder / part).exists()), None)
    if taken is not None:
        raise UsageError(f"There is a project in {folder} already: it has {taken}. Name another folder.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name another folder.")
    origin = starter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in _PARTS:
            if (origin / part).is_dir():
                shutil.copytree(
                    origin / part, folder / part, ignore=shutil.ignore_patterns(".*", "__pycache__")
                )
            else:
                shutil.copyfile(origin / part, folder / part)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    except OSError as error:
        raise OutsideError(f"The project can't be written into {folder}: {error.strerror}") from None
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
