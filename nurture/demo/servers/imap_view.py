"""An opened folder as one client sees it: mails by sequence number or UID, and what is done with them."""

from __future__ import annotations

import asyncio

from nurture.demo.servers import imap_fetch
from nurture.demo.servers.imap_folders import Account, Folder, Mail
from nurture.demo.servers.imap_syntax import Token, number_set, text
from nurture.demo.servers.lines import Hangup, Wire
from nurture.demo.servers.script import Do, Script


class Refuse(Exception):
    """The command is refused: NO, with this text."""


def found(account: Account, name: Token) -> Folder:
    """The account's folder of that name; raises `Refuse`."""
    folder = account.find(text(name))
    if folder is None:
        raise Refuse("[TRYCREATE] no such folder")
    return folder


class View:
    """The client knows of `mails`, in this order, until it is told of changes."""

    def __init__(
        self, wire: Wire, script: Script, account: Account, folder: Folder, *, read_only: bool
    ) -> None:
        self.folder = folder
        self.mails = list(folder.mails)
        self._wire = wire
        self._script = script
        self._account = account
        self._read_only = read_only

    async def _send(self, line: str) -> None:
        await self._wire.send(line.encode() + b"\r\n")

    def _chosen(self, token: Token, by_uid: bool) -> list[tuple[int, Mail]]:
        """The mails a command names, with their sequence numbers."""
        highest = max((mail.uid for mail in self.mails), default=0) if by_uid else len(self.mails)
        wanted = number_set(token, highest)
        numbered = enumerate(self.mails, start=1)
        return [(number, mail) for number, mail in numbered if wanted(mail.uid if by_uid else number)]

    async def search(self, rest: list[Token], by_uid: bool) -> str:
        """The numbers of the mails that fit."""
        await self.tell_changes()
        keys = rest[2:] if rest and text_or_none(rest[0]) == "CHARSET" else rest
        highest_uid = max((mail.uid for mail in self.mails), default=0)
        test = imap_fetch.search(keys, len(self.mails), highest_uid)
        numbered = [(n, mail) for n, mail in enumerate(self.mails, start=1) if test(n, mail)]
        numbers = " ".join(str(mail.uid if by_uid else number) for number, mail in numbered)
        await self._send(f"* SEARCH {numbers}".rstrip())
        return "OK done"

    async def fetch(self, rest: list[Token], by_uid: bool) -> str:
        """The items asked for of each mail named."""
        items = imap_fetch.items_of(rest[1])
        if by_uid and "UID" not in (item.upper() for item in items):
            items = ["UID", *items]
        for number, mail in self._chosen(rest[0], by_uid):
            if imap_fetch.marks_seen(items) and not self._read_only:
                mail.flags.add("\\Seen")
            shown = b" ".join(imap_fetch.shown(mail, item) for item in items)
            answer = b"* %d FETCH (" % number + shown + b")\r\n"
            fault = self._script.next("MAIL", str(mail.uid)) if b"BODY[" in answer[:80] else None
            if fault is not None and fault.do is Do.DROP:
                await self._wire.send(answer[: fault.octets])
                raise Hangup
            if fault is not None and fault.do is Do.SLOW:
                await asyncio.sleep(fault.seconds)
            await self._wire.send(answer)
        return "OK done"

    async def store(self, rest: list[Token], by_uid: bool) -> str:
        """Set, add or take flags."""
        if self._read_only:
            raise Refuse("[READ-ONLY] look, don't touch")
        how = text(rest[1]).upper()
        flags = {text(flag) for flag in (rest[2] if isinstance(rest[2], list) else rest[2:])}
        for number, mail in self._chosen(rest[0], by_uid):
            if how.startswith("+"):
                mail.flags |= flags
            elif how.startswith("-"):
                mail.flags -= flags
            else:
                mail.flags = set(flags)
            if not how.endswith(".SILENT"):
                uid = f"UID {mail.uid} " if by_uid else ""
                await self._send(f"* {number} FETCH ({uid}FLAGS ({' '.join(sorted(mail.flags))}))")
        return "OK done"

    async def copy(self, rest: list[Token], by_uid: bool) -> str:
        """Copy mails to another folder."""
        return f"OK {self._copied(self._chosen(rest[0], by_uid), found(self._account, rest[1]))} copied"

    async def move(self, rest: list[Token], by_uid: bool) -> str:
        """Move mails to another folder (RFC 6851)."""
        chosen = self._chosen(rest[0], by_uid)
        await self._send(f"* OK {self._copied(chosen, found(self._account, rest[1]))} moved")
        self.folder.remove(mail for _, mail in chosen)
        await self.tell_changes()
        return "OK done"

    def _copied(self, chosen: list[tuple[int, Mail]], to: Folder) -> str:
        if not chosen:
            return "none"
        copies = [(mail, to.add(mail.raw, mail.arrived_at, mail.flags)) for _, mail in chosen]
        old, new = (",".join(str(pair[side].uid) for pair in copies) for side in (0, 1))
        return f"[COPYUID {to.uidvalidity} {old} {new}]"

    async def expunge(self, _: list[Token], by_uid: bool) -> str:
        """Remove what clients have marked as deleted."""
        self.folder.remove([mail for mail in self.mails if "\\Deleted" in mail.flags])
        await self.tell_changes()
        return "OK done"

    async def tell_changes(self) -> None:
        """Tell the client what has gone and what has come in its folder since it last heard."""
        there = set(self.folder.mails)
        for number in range(len(self.mails), 0, -1):
            if self.mails[number - 1] not in there:
                del self.mails[number - 1]
                await self._send(f"* {number} EXPUNGE")
        if len(self.mails) != len(self.folder.mails):
            self.mails = list(self.folder.mails)
            await self._send(f"* {len(self.mails)} EXISTS")


def text_or_none(token: Token) -> str | None:
    """The token in capitals when it is a string."""
    return text(token).upper() if isinstance(token, bytes) else None
