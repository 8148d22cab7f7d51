"""Calling other systems over HTTP: one POST with a time limit, no redirects, a bounded answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from nurture.core.errors import OutsideError

_SECONDS = 10
_MOST = 64 * 1024


class _NoRedirect(HTTPRedirectHandler):
    """A receiver that has moved is a matter of settings, not of following it anywhere."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class HttpCaller:
    """See `nurture.ports.Caller`."""

    def __init__(self) -> None:
        self._opener: OpenerDirector = build_opener(_NoRedirect)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST and answer the status. Raises OutsideError when there is no answer."""
        return await asyncio.to_thread(self._post, url, body, dict(headers))

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        request = Request(url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                answer.read(_MOST)
                return int(answer.status)
        except HTTPError as refusal:
            refusal.close()
            return int(refusal.code)
        except (OSError, HTTPException, ValueError) as error:
            raise OutsideError(f"no answer: {error}") from error
