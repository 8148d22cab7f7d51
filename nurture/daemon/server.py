"""The web server in the daemon's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from nurture.core.errors import OutsideError


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process before anything is tidied up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Any, host: str, port: int, stop: asyncio.Event, how: Mapping[str, Any]) -> None:
    """Serve `app` until `stop`; `how` are uvicorn's options. Raises OutsideError when the port is taken."""
    config = uvicorn.Config(app, host=host, port=port, log_config=None, timeout_graceful_shutdown=10, **how)
    server = _Server(config)
    try:
        socket = config.bind_socket()
    except SystemExit:
        raise OutsideError(f"the web server cannot listen on {host}:{port}: is the port taken?") from None
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
