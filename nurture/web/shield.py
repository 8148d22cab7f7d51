"""What stands before every page: a limit on what is sent to us, and headers that keep browsers from being misused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 64 * 1024
MOST_SECONDS: Final = 15

HEADERS: Final = {
    "content-security-policy": "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}
"""Sent with every answer that does not say otherwise."""

PUBLIC: Final = ("/f/", "/u/", "/c/", "/o/", "/s/", "/v/", "/p/")
"""The paths of the public pages, whose bodies are small."""

Refuse = Callable[[Request, int], Awaitable[Response]]


class Shield:
    """ASGI middleware. A public page's body is read whole before the page is asked: at most 64 KB, in 15 seconds."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        dressed = _dressed(scope, send)
        if scope["method"] != "POST" or not scope["path"].startswith(PUBLIC):
            await self.app(scope, receive, dressed)
            return
        try:
            async with asyncio.timeout(MOST_SECONDS):
                body = await _body(receive)
        except TimeoutError:
            await (await self.refuse(Request(scope), 408))(scope, receive, dressed)
            return
        if body is None:
            await (await self.refuse(Request(scope), 413))(scope, receive, dressed)
            return
        await self.app(scope, _once(body, receive), dressed)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large, or broke off."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _once(body: bytes, receive: Receive) -> Receive:
    given = False

    async def give() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give


def _dressed(scope: Scope, send: Send) -> Send:
    async def dress(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if scope["app"].state.office.url.startswith("https:"):
                headers.setdefault("strict-transport-security", "max-age=31536000")
        await send(message)

    return dress
