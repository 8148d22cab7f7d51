"""The project folder: ``config.yaml``, ``campaigns/``, ``templates/`` as texts with hashes; and mails written to files."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from nurture.core.errors import OutsideError
from nurture.ports import SourceText, Unreadable

MAX_OCTETS = 1_000_000
_CAMPAIGNS, _TEMPLATES = (".yaml", ".yml"), (".md", ".html", ".mjml")
_NOT_IN_A_NAME = re.compile(r"[^\w.@+-]+")

Stamp: TypeAlias = Mapping[str, tuple[int, ...]]
"""How files look from outside, by path."""


class ProjectFolder:
    """A project on disk. See `nurture.ports.ProjectFiles`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def config(self) -> SourceText | Unreadable | None:
        """``config.yaml``; None when there is none."""
        path = self.root / "config.yaml"
        return self._read(path) if path.exists() or path.is_symlink() else None

    def campaigns(self) -> list[SourceText | Unreadable]:
        """``campaigns/*.yaml`` (and ``*.yml``), by name."""
        return self._read_all(self._files("campaigns", _CAMPAIGNS, deep=False))

    def templates(self) -> list[SourceText | Unreadable]:
        """``templates/**/*.md``, ``*.html`` and ``*.mjml``, by name."""
        return self._read_all(self._files("templates", _TEMPLATES, deep=True))

    def read(self, path: str) -> SourceText | Unreadable:
        """One file by its path relative to the project; a path that leads out of the project is `Unreadable`."""
        if "\0" in path or "\\" in path or path.startswith("/") or ".." in path.split("/"):
            return Unreadable(path=path, why="the path leads out of the project")
        return self._read(self.root / path)

    def stamp(self, *more: str) -> Stamp:
        """What the files (and `more`, by their paths) look like from outside: another one means an edit. Never raises."""
        single = [self.root / name for name in ("config.yaml", *more)]
        campaigns = self._files("campaigns", _CAMPAIGNS, deep=False)
        templates = self._files("templates", _TEMPLATES, deep=True)
        return {str(path): _looks(path) for path in (*single, *campaigns, *templates)}

    def _files(self, folder: str, endings: tuple[str, ...], *, deep: bool) -> list[Path]:
        top = self.root / folder
        found: list[Path] = []
        for where, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if not name.startswith(".")) if deep else []
            usable = (name for name in names if name.endswith(endings) and not name.startswith("."))
            found.extend(Path(where) / name for name in usable)
        return sorted(found)

    def _read_all(self, paths: Iterable[Path]) -> list[SourceText | Unreadable]:
        return [self._read(path) for path in paths]

    def _read(self, path: Path) -> SourceText | Unreadable:
        """A file's text: UTF-8, with or without a byte-order mark, any line ends."""
        name = path.relative_to(self.root).as_posix()
        try:
            if not path.resolve().is_relative_to(self.root):
                return Unreadable(path=name, why="the link leads out of the project")
            if not path.is_file():
                return Unreadable(path=name, why="there is no such file")
            with path.open("rb") as file:
                octets = file.read(MAX_OCTETS + 1)
        except OSError as error:
            return Unreadable(path=name, why=f"can't be read: {error.strerror or error}")
        if len(octets) > MAX_OCTETS:
            return Unreadable(path=name, why="is bigger than 1 MB")
        try:
            text = octets.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return _not_utf8(name, octets, error)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return SourceText(path=name, text=text, hash=hashlib.sha256(octets).hexdigest())


def _looks(path: Path) -> tuple[int, ...]:
    """A file that was written, replaced, or is not there looks different each time."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _not_utf8(name: str, octets: bytes, error: UnicodeDecodeError) -> Unreadable:
    """Which encoding it is where that shows, else the place of the first byte that is no UTF-8."""
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Unreadable(path=name, why="is saved as UTF-16; save it as UTF-8")
    # `error.object` begins after a byte-order mark, as an editor's first column does.
    before = re.split(r"\r\n|\r|\n", error.object[: error.start].decode("utf-8"))
    why = f"is not UTF-8 text (the byte 0x{error.object[error.start]:02x} here); save it as UTF-8"
    return Unreadable(path=name, why=why, line=len(before), column=len(before[-1]) + 1)


def write_mail(folder: Path, name: str, raw: bytes) -> Path:
    """Write a mail as ``NAME.eml`` into `folder` (made if missing) and return the path.

    What does not belong in a file name becomes ``-``; an existing file is not overwritten, a number is added.
    """
    stem = _NOT_IN_A_NAME.sub("-", name).strip("-.")[:100] or "mail"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            path = folder / (f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml")
            try:
                with path.open("xb") as file:
                    file.write(raw)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise OutsideError(f"The mail can't be written into {folder}: {error.strerror}") from None
    raise OutsideError(f"There are too many mails named {stem} in {folder}.")
