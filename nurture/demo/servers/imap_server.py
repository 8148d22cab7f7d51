"""A small IMAP server (RFC 3501, RFC 9051) for the demo and the tests: real protocol, scripted faults.

Other programs put mails there by APPEND, the demo by `ImapServer.put`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from nurture.adapters.clock import SystemClock
from nurture.demo.servers.imap_folders import Account, Folder, Mail
from nurture.demo.servers.imap_session import CAPABILITIES, ImapSession
from nurture.demo.servers.lines import LoopbackServer, Wire
from nurture.demo.servers.script import Script


class ImapServer(LoopbackServer):
    """``async with ImapServer(users={"hello": "secret"}) as post: post.port, post.put(raw)``.

    `without` takes capabilities away (``{"MOVE", "IDLE"}``); `starttls` and `tls` as for the SMTP server.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        users: Mapping[str, str] | None = None,
        script: Script | None = None,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        without: Iterable[str] = (),
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(port, tls)
        self.accounts = {name: Account(password) for name, password in (users or {"demo": "demo"}).items()}
        self.script = script or Script()
        self.starttls = starttls
        self.now = now or SystemClock().now
        self.capabilities = [name for name in CAPABILITIES if name not in set(without)]
        self.commands: list[str] = []

    def folder(self, name: str = "INBOX", user: str | None = None) -> Folder:
        """A folder, made when it does not exist; without `user` the first account's."""
        account = self.accounts[user] if user is not None else next(iter(self.accounts.values()))
        return account.create(name)

    def put(self, raw: bytes, folder: str = "INBOX", user: str | None = None) -> Mail:
        """Let a mail arrive."""
        return self.folder(folder, user).add(raw, self.now())

    def change_uidvalidity(self, uidvalidity: int, folder: str = "INBOX", user: str | None = None) -> None:
        """Renumber a folder, as after a restored backup; connections are cut as by the restart that goes with it."""
        self.folder(folder, user).renumber(uidvalidity)
        self.hang_up()

    async def _session(self, wire: Wire) -> None:
        await ImapSession(self, wire).run()
