"""`/healthz`: the process lives. `/readyz`: the database answers. Neither says more than that."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from nurture.core.errors import NurtureError
from nurture.services.track import target_of
from nurture.web.render import office_in


async def healthz(request: Request) -> Response:
    """Always well."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """200 when a look-up by an index, in a table of ours, is answered within two seconds; else 503."""
    try:
        async with asyncio.timeout(2):
            await target_of(office_in(request).store, "")
    except (NurtureError, TimeoutError):
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("ready\n")
