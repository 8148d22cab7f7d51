"""How the cast's mails come into our mailbox: another program's IMAP connection, which only knows APPEND."""

from __future__ import annotations

import imaplib
from datetime import datetime

from nurture.core.errors import OutsideError


class Letterbox:
    """One connection of Python's own IMAP client. Every call blocks: to be made in a thread."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._at = ("127.0.0.1", port)
        self._login = (user, password)
        self._client: imaplib.IMAP4 | None = None

    def put(self, raw: bytes, at: datetime) -> None:
        """Let a mail arrive at that time. Raises OutsideError when the server does not take it."""
        if self._client is None:
            self._client = imaplib.IMAP4(*self._at)
            self._client.login(*self._login)
        answer, data = self._client.append("INBOX", "", imaplib.Time2Internaldate(at), raw)
        if answer != "OK":
            raise OutsideError(f"the mailbox of the demo did not take a mail: {data!r}")

    def close(self) -> None:
        """Log out."""
        client, self._client = self._client, None
        if client is not None:
            client.logout()
