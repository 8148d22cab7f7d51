"""What the demo's IMAP server keeps: accounts, folders, mails. In memory; nothing here knows the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, eq=False)
class Mail:
    """One mail in one folder."""

    uid: int
    raw: bytes
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)


class Folder:
    """Mails in the order of their UIDs (RFC 9051 §2.3.1.1)."""

    def __init__(self, name: str, uidvalidity: int) -> None:
        self.name = name
        self.uidvalidity = uidvalidity
        self.uidnext = 1
        self.mails: list[Mail] = []
        self.changed = asyncio.Event()

    def add(self, raw: bytes, arrived_at: datetime, flags: Iterable[str] = ()) -> Mail:
        """Put a mail at the end and wake whoever idles on the folder."""
        mail = Mail(self.uidnext, raw, arrived_at, set(flags))
        self.uidnext += 1
        self.mails.append(mail)
        self.touch()
        return mail

    def remove(self, gone: Iterable[Mail]) -> None:
        """Take mails out; their UIDs are never used again."""
        out = set(gone)
        self.mails = [mail for mail in self.mails if mail not in out]
        self.touch()

    def touch(self) -> None:
        """Wake whoever idles on the folder."""
        self.changed.set()
        self.changed = asyncio.Event()

    def renumber(self, uidvalidity: int) -> None:
        """What a restored or rebuilt folder does: a new UIDVALIDITY, and UIDs from 1."""
        self.uidvalidity = uidvalidity
        for uid, mail in enumerate(self.mails, start=1):
            mail.uid = uid
        self.uidnext = len(self.mails) + 1


class Account:
    """One user's folders."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.folders: dict[str, Folder] = {}
        self.create("INBOX")

    def create(self, name: str) -> Folder:
        """A new, empty folder, or the one there is."""
        name = folder_name(name)
        if name not in self.folders:
            self.folders[name] = Folder(name, uidvalidity=1000 + len(self.folders))
        return self.folders[name]

    def find(self, name: str) -> Folder | None:
        """The folder of that name."""
        return self.folders.get(folder_name(name))


def folder_name(name: str) -> str:
    """INBOX is the one name without case (RFC 9051 §5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name
