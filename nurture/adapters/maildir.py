"""A `Mailbox` over a Maildir on this machine's disk. Mails are taken from ``new`` and, when done, lie in ``cur``.

There are no UIDs: the position is (0, 0) always, and what is not marked done comes again at the next poll.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from nurture.core.errors import OutsideError
from nurture.ports import Fetched, Position

_NOWHERE = Position(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirFolder:
    """Where the Maildir is; a mail of more than `whole_octets` is only read to its first `part_octets`.

    It is looked into every `every_seconds`.
    """

    folder: Path
    whole_octets: int = 2_000_000
    part_octets: int = 256_000
    every_seconds: float = 60


class MaildirMailbox:
    """One Maildir. See `nurture.ports.Mailbox`."""

    def __init__(self, place: MaildirFolder) -> None:
        self.place = place
        self.name = str(place.folder)

    async def poll(self, position: Position | None) -> AsyncIterator[Fetched]:
        """Every mail in ``new``, oldest first; `position` says nothing here."""
        for path in await asyncio.to_thread(self._waiting):
            mail = await asyncio.to_thread(self._read, path)
            if mail is not None:
                yield mail

    async def end(self) -> Position:
        """A Maildir has no positions; whoever does not want the old mail moves it to ``cur``."""
        return _NOWHERE

    async def done(self, mail: Fetched) -> None:
        """Move the mail to ``cur`` as read (flag S)."""
        await asyncio.to_thread(self._move, mail.key)

    async def wait(self, seconds: float) -> bool:
        """Wait until it is time to look again; False when that is only because `seconds` are over."""
        await asyncio.sleep(min(seconds, self.place.every_seconds))
        return seconds > self.place.every_seconds

    async def close(self) -> None:
        """Nothing is open."""

    def _waiting(self) -> list[Path]:
        """The mails in ``new``, by time of delivery, then name."""
        try:
            with os.scandir(self.place.folder / "new") as entries:
                found = [(entry.stat().st_mtime_ns, entry.name) for entry in entries if entry.is_file()]
        except OSError as error:
            raise OutsideError(f"The maildir {self.name} can't be read: {error.strerror}") from None
        return [self.place.folder / "new" / name for _, name in sorted(found) if not name.startswith(".")]

    def _read(self, path: Path) -> Fetched | None:
        try:
            with path.open("rb") as mail:
                size = os.fstat(mail.fileno()).st_size
                whole = size <= self.place.whole_octets
                raw = mail.read(self.place.whole_octets if whole else self.place.part_octets)
        except FileNotFoundError:
            return None  # another program has taken it
        except OSError as error:
            raise OutsideError(f"The mail {path} can't be read: {error.strerror}") from None
        return Fetched(position=_NOWHERE, key=path.name, raw=raw, size=size, truncated=not whole)

    def _move(self, key: str) -> None:
        if "/" in key or key in ("", ".", ".."):
            raise ValueError(f"not the name of a mail: {key!r}")
        try:
            (self.place.folder / "cur").mkdir(exist_ok=True)
            (self.place.folder / "new" / key).rename(self.place.folder / "cur" / f"{key}:2,S")
        except FileNotFoundError:
            return  # done before
        except OSError as error:
            raise OutsideError(f"The mail {key} can't be moved in {self.name}: {error.strerror}") from None
