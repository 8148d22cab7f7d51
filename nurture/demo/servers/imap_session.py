"""One connection to the demo's IMAP server: reads commands, answers them, or does what the script wants."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from nurture.demo.servers.imap_folders import Account, Folder
from nurture.demo.servers.imap_syntax import BadCommand, Token, quoted, read_command, text
from nurture.demo.servers.imap_view import Refuse, View, found
from nurture.demo.servers.lines import Hangup, Wire
from nurture.demo.servers.script import Do, Fault, Script

CAPABILITIES = (
    "IMAP4rev1",
    "LITERAL+",
    "SASL-IR",
    "ID",
    "IDLE",
    "MOVE",
    "NAMESPACE",
    "UIDPLUS",
    "UNSELECT",
)
_BEGIN_TLS = "OK begin TLS"
_FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"


class Server(Protocol):
    """What a session needs of its server."""

    accounts: dict[str, Account]
    script: Script
    starttls: ssl.SSLContext | None
    capabilities: list[str]
    commands: list[str]
    now: Callable[[], datetime]


class ImapSession:
    """The state of one connection: who, which folder, and which mails the client knows of."""

    def __init__(self, server: Server, wire: Wire) -> None:
        self._server = server
        self._wire = wire
        self._account: Account | None = None
        self._view: View | None = None

    async def run(self) -> None:
        """Greet, then answer command after command."""
        fault = self._server.script.next("CONNECT")
        if fault is not None and fault.do is Do.SAY:
            await self._send(f"* {fault.answer}")
            raise Hangup
        await self._misbehave(fault)
        await self._send(f"* OK [CAPABILITY {self._capabilities()}] the demo's mailbox")
        while True:
            await self._one_command()

    async def _one_command(self) -> None:
        tag = "*"
        try:
            tokens = await read_command(self._wire)
            if len(tokens) < 2:
                raise BadCommand("a tag and a command")
            tag, verb = text(tokens[0]), text(tokens[1]).upper()
            by_uid = verb == "UID" and len(tokens) > 2
            if by_uid:
                verb = text(tokens.pop(2)).upper()
            self._server.commands.append(f"UID {verb}" if by_uid else verb)
            answer = await self._carry_out(verb, tokens[2:], by_uid)
        except BadCommand as problem:
            answer = f"BAD {problem}"
        except (IndexError, ValueError):
            answer = "BAD something is missing or out of place"
        except Refuse as refusal:
            answer = f"NO {refusal}"
        await self._send(f"{tag} {answer}")
        if answer == _BEGIN_TLS and self._server.starttls is not None:
            await self._wire.start_tls(self._server.starttls)
        if answer.startswith("OK bye"):
            raise Hangup

    async def _carry_out(self, verb: str, rest: list[Token], by_uid: bool) -> str:
        fault = self._server.script.next(verb, " ".join(text(t) for t in rest if isinstance(t, bytes)))
        if fault is not None and fault.do is Do.SAY:
            return fault.answer
        if fault is not None and not (verb == "FETCH" and fault.octets):
            await self._misbehave(fault)
        if verb in _ANY_STATE:
            return await _ANY_STATE[verb](self, rest)
        if self._account is None:
            raise BadCommand(
                "log in first" if verb in _WITH_ACCOUNT or verb in _WITH_FOLDER else "what is that"
            )
        if verb in _WITH_ACCOUNT:
            return await _WITH_ACCOUNT[verb](self, rest)
        if verb not in _WITH_FOLDER or (verb == "MOVE" and "MOVE" not in self._server.capabilities):
            raise BadCommand("what is that")
        if self._view is None:
            raise BadCommand("select a folder first")
        return await _WITH_FOLDER[verb](self._view, rest, by_uid)

    async def _misbehave(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.do is Do.SLOW:
            await asyncio.sleep(fault.seconds)
            return
        if fault.do is Do.HANG:
            await asyncio.sleep(fault.seconds)
        elif fault.do is Do.GARBLE:
            await self._send(fault.answer)
        elif fault.do is Do.HALF:
            await self._wire.send(b"* OK hal")
        raise Hangup

    async def _send(self, line: str) -> None:
        await self._wire.send(line.encode() + b"\r\n")

    def _capabilities(self) -> str:
        extra = ["STARTTLS"] if self._server.starttls and not self._wire.tls else ["AUTH=PLAIN"]
        return " ".join([*self._server.capabilities, *extra])

    # Before and after the login.

    async def _capability(self, _: list[Token]) -> str:
        await self._send(f"* CAPABILITY {self._capabilities()}")
        return "OK done"

    async def _noop(self, _: list[Token]) -> str:
        await self._tell_changes()
        return "OK done"

    async def _id(self, _: list[Token]) -> str:
        await self._send('* ID ("name" "nurture demo")')
        return "OK done"

    async def _logout(self, _: list[Token]) -> str:
        await self._send("* BYE until next time")
        return "OK bye"

    async def _starttls(self, _: list[Token]) -> str:
        if self._server.starttls is None or self._wire.tls:
            raise BadCommand("no TLS here")
        return _BEGIN_TLS

    async def _login(self, rest: list[Token]) -> str:
        if len(rest) != 2:
            raise BadCommand("LOGIN name password")
        return self._enter(text(rest[0]), text(rest[1]))

    async def _authenticate(self, rest: list[Token]) -> str:
        if not rest or text(rest[0]).upper() != "PLAIN":
            raise Refuse("only PLAIN")
        if len(rest) < 2:
            await self._send("+ ")
        initial = rest[1] if len(rest) > 1 else await self._wire.line()
        try:
            _, name, password = base64.b64decode(text(initial), validate=True).decode().split("\0")
        except (ValueError, binascii.Error):
            raise BadCommand("not base64") from None
        return self._enter(name, password)

    def _enter(self, name: str, password: str) -> str:
        if self._server.starttls and not self._wire.tls:
            raise Refuse("[PRIVACYREQUIRED] begin TLS first")
        account = self._server.accounts.get(name)
        if account is None or account.password != password:
            raise Refuse("[AUTHENTICATIONFAILED] wrong name or password")
        self._account = account
        return f"OK [CAPABILITY {self._capabilities()}] welcome"

    # Folders.

    def _found(self, token: Token) -> Folder:
        assert self._account is not None
        return found(self._account, token)

    async def _list(self, rest: list[Token]) -> str:
        assert self._account is not None
        pattern = text(rest[-1]) if rest else "*"
        if pattern == "":
            await self._send('* LIST (\\Noselect) "/" ""')
            return "OK done"
        for name in sorted(self._account.folders):
            if pattern in ("*", "%", name):
                await self._send(f'* LIST () "/" {quoted(name).decode()}')
        return "OK done"

    async def _namespace(self, _: list[Token]) -> str:
        await self._send('* NAMESPACE (("" "/")) NIL NIL')
        return "OK done"

    async def _create(self, rest: list[Token]) -> str:
        assert self._account is not None
        if self._account.find(text(rest[0])) is not None:
            raise Refuse("[ALREADYEXISTS] it is there")
        self._account.create(text(rest[0]).rstrip("/"))
        return "OK done"

    async def _subscribe(self, rest: list[Token]) -> str:
        self._found(rest[0])
        return "OK done"

    async def _status(self, rest: list[Token]) -> str:
        folder = self._found(rest[0])
        unseen = sum("\\Seen" not in mail.flags for mail in folder.mails)
        known = {
            "MESSAGES": len(folder.mails),
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": unseen,
            "RECENT": 0,
        }
        items = rest[-1] if isinstance(rest[-1], list) else []
        asked = [text(item).upper() for item in items]
        shown = " ".join(f"{item} {known[item]}" for item in asked if item in known)
        await self._send(f"* STATUS {quoted(folder.name).decode()} ({shown})")
        return "OK done"

    async def _select(self, rest: list[Token]) -> str:
        return await self._open(rest, read_only=False)

    async def _examine(self, rest: list[Token]) -> str:
        return await self._open(rest, read_only=True)

    async def _open(self, rest: list[Token], *, read_only: bool) -> str:
        assert self._account is not None
        self._view = None
        folder = self._found(rest[0])
        view = View(self._wire, self._server.script, self._account, folder, read_only=read_only)
        lasting = "" if read_only else f"{_FLAGS} \\*"
        for line in (
            f"FLAGS ({_FLAGS})",
            f"{len(view.mails)} EXISTS",
            "0 RECENT",
            f"OK [UIDVALIDITY {folder.uidvalidity}] valid",
            f"OK [UIDNEXT {folder.uidnext}] next",
            f"OK [PERMANENTFLAGS ({lasting})] these",
        ):
            await self._send(f"* {line}")
        self._view = view
        return "OK [READ-ONLY] open" if read_only else "OK [READ-WRITE] open"

    async def _unselect(self, _: list[Token]) -> str:
        self._view = None
        return "OK done"

    async def _append(self, rest: list[Token]) -> str:
        if len(rest) < 2 or not isinstance(rest[-1], bytes):
            raise BadCommand("APPEND folder (flags) date literal")
        folder = self._found(rest[0])
        flags = [text(flag) for entry in rest[1:-1] if isinstance(entry, list) for flag in entry]
        mail = folder.add(rest[-1], self._server.now(), flags)
        await self._tell_changes()
        return f"OK [APPENDUID {folder.uidvalidity} {mail.uid}] there"

    async def _idle(self, _: list[Token]) -> str:
        await self._send("+ idling")
        done = asyncio.ensure_future(self._wire.line())
        try:
            while not done.done():
                changed = asyncio.ensure_future(self._changed())
                await asyncio.sleep(0)  # it listens before we look, so that nothing is missed in between
                await self._tell_changes()
                await asyncio.wait({done, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            done.result()
        finally:
            done.cancel()
        return "OK done"

    async def _changed(self) -> None:
        """Until something happens in the folder; without one, for ever."""
        await (asyncio.Event() if self._view is None else self._view.folder.changed).wait()

    async def _tell_changes(self) -> None:
        if self._view is not None:
            await self._view.tell_changes()


Handler = Callable[[ImapSession, list[Token]], Awaitable[str]]
MailHandler = Callable[[View, list[Token], bool], Awaitable[str]]
_ANY_STATE: dict[str, Handler] = {
    "CAPABILITY": ImapSession._capability,
    "NOOP": ImapSession._noop,
    "ID": ImapSession._id,
    "LOGOUT": ImapSession._logout,
    "STARTTLS": ImapSession._starttls,
    "LOGIN": ImapSession._login,
    "AUTHENTICATE": ImapSession._authenticate,
}
_WITH_ACCOUNT: dict[str, Handler] = {
    "LIST": ImapSession._list,
    "NAMESPACE": ImapSession._namespace,
    "CREATE": ImapSession._create,
    "SUBSCRIBE": ImapSession._subscribe,
    "UNSUBSCRIBE": ImapSession._subscribe,
    "STATUS": ImapSession._status,
    "SELECT": ImapSession._select,
    "EXAMINE": ImapSession._examine,
    "UNSELECT": ImapSession._unselect,
    "CLOSE": ImapSession._unselect,
    "APPEND": ImapSession._append,
    "IDLE": ImapSession._idle,
    "CHECK": ImapSession._noop,
}
_WITH_FOLDER: dict[str, MailHandler] = {
    "SEARCH": View.search,
    "FETCH": View.fetch,
    "STORE": View.store,
    "COPY": View.copy,
    "MOVE": View.move,
    "EXPUNGE": View.expunge,
}
