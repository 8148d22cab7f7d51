"""Waiting on a mailbox for news: IDLE (RFC 2177), renewed in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from imapclient import IMAPClient, exceptions

RENEW_SECONDS: Final = 25 * 60
"""IDLE is begun anew after so long: a server may end it after 29 minutes (RFC 2177 section 3)."""

SLICE_SECONDS: Final = 60
"""One look at the connection."""

_NEWS: Final = (b"EXISTS", b"RECENT")


def idle(client: IMAPClient, seconds: float, *, slice_seconds: float = SLICE_SECONDS) -> bool:
    """Wait in the selected folder until the server tells of new mail; False when `seconds` pass without.

    Whatever else it tells (a flag, a mail gone) is no news and shortens the wait by one slice at most. Blocks its thread.
    Raises what imapclient raises when the connection ends or the server refuses.
    """
    waited = since_renewal = 0.0
    client.idle()
    while waited < seconds:
        piece = min(slice_seconds, seconds - waited)
        if _is_news(client.idle_check(timeout=piece)):
            client.idle_done()
            return True
        waited, since_renewal = waited + piece, since_renewal + piece
        if since_renewal >= RENEW_SECONDS:
            if _is_news(client.idle_done()[1]):
                return True
            client.idle()
            since_renewal = 0.0
    return _is_news(client.idle_done()[1])


def _is_news(said: Iterable[Any]) -> bool:
    found = False
    for one in said:
        if one and one[0] == b"BYE":
            raise exceptions.IMAPClientAbortError("the server said BYE")
        found = found or (len(one) > 1 and one[1] in _NEWS)
    return found
