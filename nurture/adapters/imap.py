"""A `Mailbox` over IMAP. IMAPClient does the protocol, in a thread; nothing is ever deleted.

Mail is always found by polling; where the server offers IDLE, `wait` ends the pause between two polls at once.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from imapclient import IMAPClient, SocketTimeout, exceptions

from nurture.adapters.imap_idle import idle
from nurture.adapters.plaintext import refuse_exposed_password
from nurture.core.errors import OutsideError
from nurture.ports import Fetched, LoginRefused, MailboxLost, Position

KEYWORD = "$NurtureRead"
_WINDOW = 50_000
_LOOK = 500
_GROUP_MAILS = 50
_GROUP_OCTETS = 4_000_000
_TRIES = 3
_REFUSALS = 2
"""A server that refuses to IDLE so often in a row is not asked any more."""
_Result = TypeVar("_Result")
_Fetch = dict[int, dict[bytes, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Which mailbox to read, and what to do with a mail that is dealt with.

    `done`: ``seen`` marks it read, ``flag`` sets the keyword ``$NurtureRead`` and leaves it unread for people,
    ``move`` moves it to `move_to` (made when it is missing), ``nothing``. A mail of more than `whole_octets` is only
    fetched to its first `part_octets`. `every_seconds` is the pause between polls where the server has no IDLE.
    """

    host: str
    port: int = 993
    security: Literal["none", "starttls", "tls"] = "tls"
    username: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    done: Literal["seen", "flag", "move", "nothing"] = "seen"
    move_to: str = "Nurture"
    whole_octets: int = 2_000_000
    part_octets: int = 256_000
    seconds: float = 60
    pause_seconds: float = 1
    every_seconds: float = 60
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    plaintext_login: bool = False

    def __post_init__(self) -> None:
        exposed = self.security == "none" and not self.plaintext_login
        refuse_exposed_password("inbox", self.host, exposed=exposed)


class ImapMailbox:
    """One folder of one account. See `nurture.ports.Mailbox`; for one task at a time."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self.name = f"{account.username}@{account.host}/{account.folder}"
        self._client: IMAPClient | None = None
        self._closed = False
        self._uidvalidity = 0
        self._polled: tuple[int, int] | None = None
        self._refusals = 0

    async def poll(self, position: Position | None) -> AsyncIterator[Fetched]:
        """Every mail after `position`, oldest first; a lost connection is taken up where it broke.

        When it breaks again and again at one mail, that mail is fetched alone, then only its beginning; then
        `MailboxLost` is raised.
        """
        trouble = 0
        while True:
            try:
                async for mail in self._read_on(position, trouble):
                    yield mail
                    position, trouble = mail.position, 0
                return
            except MailboxLost:
                trouble += 1
                if trouble >= _TRIES:
                    raise
            await asyncio.sleep(self.account.pause_seconds)

    async def wait(self, seconds: float) -> bool:
        """Wait until it is time to poll again; False when `seconds` pass and the server told of nothing.

        With IDLE the server tells; without, or while it can't be reached, that is after `every_seconds`.
        """
        news: bool | None = None
        if self._refusals < _REFUSALS:
            try:
                news = await self._in_thread(self._idle, seconds)
                self._refusals = 0
            except MailboxLost:
                pass  # polling will say so if it lasts
            except OutsideError:
                self._refusals += 1
        if news is not None:
            return news
        await asyncio.sleep(min(seconds, self.account.every_seconds))
        return seconds > self.account.every_seconds

    async def end(self) -> Position:
        """The position behind the last mail there is now."""
        uidvalidity, uidnext = await self._in_thread(self._open)
        return Position(uidvalidity, uidnext - 1)

    async def done(self, mail: Fetched) -> None:
        """Mark the mail as the account says."""
        if self.account.done == "nothing":
            return
        try:
            await self._in_thread(self._mark, mail.position)
        except MailboxLost:  # the kept connection may have died since the mail was read
            await self._in_thread(self._mark, mail.position)

    async def close(self) -> None:
        """Log out; a connection that is dead already is no trouble."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(_say_goodbye, client)

    async def _read_on(self, position: Position | None, trouble: int) -> AsyncIterator[Fetched]:
        self._polled = uidvalidity, uidnext = await self._in_thread(self._open)
        known = position is not None and position.uidvalidity == uidvalidity
        start = position.uid + 1 if known and position is not None else 1
        for first in range(start, uidnext, _WINDOW):
            last = min(first + _WINDOW, uidnext) - 1
            uids = await self._in_thread(self._search, first, last)
            for at in range(0, len(uids), _LOOK):
                look = await self._in_thread(self._look, uids[at : at + _LOOK])
                async for mail in self._bodies(uidvalidity, look, trouble):
                    yield mail
                    trouble = 0

    async def _bodies(self, uidvalidity: int, look: _Fetch, trouble: int) -> AsyncIterator[Fetched]:
        """The mails of a look, whole or in part, in groups; after trouble one by one, the first only in part."""
        for group in self._groups(look, alone=trouble > 0):
            part = look[group[0]][b"RFC822.SIZE"] > self.account.whole_octets or trouble > 1
            trouble = min(trouble, 1)
            bodies = await self._in_thread(self._fetch, group, part)
            for uid in group:
                raw = bodies.get(uid, {}).get(b"BODY[]<0>" if part else b"BODY[]")
                if raw is None:
                    continue  # gone since we looked
                yield Fetched(
                    position=Position(uidvalidity, uid),
                    key=f"{uidvalidity}/{uid}",
                    raw=raw,
                    size=look[uid][b"RFC822.SIZE"],
                    flags=frozenset(flag.decode("ascii", "replace") for flag in look[uid][b"FLAGS"]),
                    truncated=part and len(raw) < look[uid][b"RFC822.SIZE"],
                )

    def _groups(self, look: _Fetch, *, alone: bool) -> Iterator[list[int]]:
        """UIDs to be fetched in one command: bounded in number and octets, an oversized mail by itself."""
        group: list[int] = []
        octets = 0
        for uid in sorted(look):
            size = look[uid][b"RFC822.SIZE"]
            big = size > self.account.whole_octets
            full = len(group) >= _GROUP_MAILS or octets + size > _GROUP_OCTETS
            if group and (alone or big or full):
                yield group
                group, octets = [], 0
            group.append(uid)
            octets += size
            if big:
                yield group
                group, octets = [], 0
        if group:
            yield group

    # What runs in the thread.

    async def _in_thread(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Do `work` in a thread, its failures in our own words. Cancelled, it cuts the connection to end the thread."""
        try:
            return await asyncio.to_thread(work, *args)
        except asyncio.CancelledError:
            self._abandon_thread()
            raise
        except OutsideError:
            raise
        except (exceptions.IMAPClientAbortError, exceptions.ProtocolError, OSError, EOFError) as error:
            self._cut()
            raise MailboxLost(f"{self.name}: {_said(error)}") from None
        except exceptions.IMAPClientError as error:
            self._cut()
            raise OutsideError(f"{self.name}: {_said(error)}") from None

    def _cut(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            _shut(client)

    def _abandon_thread(self) -> None:
        """End what the thread waits for. Closing must not be done here: it would wait for the thread's own lock."""
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(OSError):
            client.socket().shutdown(socket.SHUT_RDWR)
        asyncio.get_running_loop().run_in_executor(None, _shut, client)

    def _open(self) -> tuple[int, int]:
        """Connect if need be and select the folder. Returns UIDVALIDITY and UIDNEXT."""
        client = self._client
        if client is not None:
            try:
                return self._select(client)
            except (exceptions.IMAPClientAbortError, OSError):
                self._cut()  # it died while idle: that is no trouble
        client = self._connect()
        if self._closed:
            _shut(client)
            raise MailboxLost(f"{self.name}: closed by us")
        self._client = client
        return self._select(client)

    def _idle(self, seconds: float) -> bool | None:
        """IDLE; None where the server has none. What came since the last poll is news at once."""
        if self._open() != self._polled:
            return True
        client = self._there()
        return idle(client, seconds) if client.has_capability("IDLE") else None

    def _connect(self) -> IMAPClient:
        account = self.account
        context = account.tls or (ssl.create_default_context() if account.security != "none" else None)
        client = IMAPClient(
            account.host,
            port=account.port,
            ssl=account.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(account.seconds, account.seconds),
        )
        try:
            if account.security == "starttls":
                client.starttls(context)
            client.login(account.username, account.password)
        except exceptions.LoginError as error:
            _shut(client)
            said = _said(error).replace(account.password or "\0", "…")
            broke = isinstance(error.__context__, exceptions.IMAPClientAbortError)
            if broke or "UNAVAILABLE" in said or "INUSE" in said:
                raise MailboxLost(f"{self.name} takes no login now: {said}") from None
            raise LoginRefused(f"{self.name} refused the user name or password: {said}") from None
        except BaseException:
            _shut(client)
            raise
        return client

    def _select(self, client: IMAPClient) -> tuple[int, int]:
        try:
            told = client.select_folder(self.account.folder, readonly=self.account.done == "nothing")
        except exceptions.IMAPClientAbortError:
            raise
        except exceptions.IMAPClientError as error:
            there = ", ".join(str(name) for _, _, name in client.list_folders())
            raise OutsideError(
                f"{self.name}: the folder can't be opened ({_said(error)}). There are: {there}"
            ) from None
        self._uidvalidity = int(told[b"UIDVALIDITY"])
        return self._uidvalidity, self._uidnext(client, told)

    def _uidnext(self, client: IMAPClient, told: dict[bytes, Any]) -> int:
        """UIDNEXT, asked for when the server did not tell (RFC 3501 §6.3.1 lets it)."""
        if b"UIDNEXT" in told:
            return int(told[b"UIDNEXT"])
        newest = client.search(["UID", "*"])
        return max(newest, default=0) + 1

    def _search(self, first: int, last: int) -> list[int]:
        found = self._there().search(["UID", f"{first}:{last}"])
        return sorted(uid for uid in found if first <= uid <= last)

    def _look(self, uids: list[int]) -> _Fetch:
        found: _Fetch = self._there().fetch(uids, [b"FLAGS", b"RFC822.SIZE"])
        asked = set(uids)
        return {uid: items for uid, items in found.items() if uid in asked and b"RFC822.SIZE" in items}

    def _fetch(self, uids: list[int], part: bool) -> _Fetch:
        item = f"BODY.PEEK[]<0.{self.account.part_octets}>" if part else "BODY.PEEK[]"
        found: _Fetch = self._there().fetch(uids, [item])
        return found

    def _mark(self, position: Position) -> None:
        if self._client is None:
            self._open()
        if position.uidvalidity != self._uidvalidity:
            return  # the folder was renumbered: the mail will come by again
        client, uid = self._there(), position.uid
        if self.account.done == "move":
            self._move(client, uid)
        else:
            client.add_flags([uid], [KEYWORD if self.account.done == "flag" else "\\Seen"], silent=True)

    def _move(self, client: IMAPClient, uid: int) -> None:
        """MOVE; where the server has none (RFC 6851), a copy is made and the mail stays, marked read."""
        if not client.folder_exists(self.account.move_to):
            client.create_folder(self.account.move_to)
            client.subscribe_folder(self.account.move_to)
        if client.has_capability("MOVE"):
            client.move([uid], self.account.move_to)
        elif b"\\Seen" not in client.get_flags([uid]).get(uid, (b"\\Seen",)):
            client.copy([uid], self.account.move_to)
            client.add_flags([uid], ["\\Seen"], silent=True)

    def _there(self) -> IMAPClient:
        if self._client is None:
            raise MailboxLost(f"{self.name}: the connection is closed")
        return self._client


def _shut(client: IMAPClient) -> None:
    with suppress(OSError):
        client.shutdown()


def _say_goodbye(client: IMAPClient) -> None:
    try:
        client.logout()
    except (exceptions.IMAPClientError, OSError):
        _shut(client)


def _said(error: BaseException) -> str:
    """What a server or library said, without the marks of bytes and without control characters."""
    first = error.args[0] if error.args else error
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
    return "".join(char if char.isprintable() else " " for char in text).strip() or type(error).__name__
