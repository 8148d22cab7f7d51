"""The web application: the public pages, and whatever is mounted beside them; one error handler for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurture.core.errors import OutsideError
from nurture.web.limits import Bursts, Counter
from nurture.web.office import Office
from nurture.web.public.click import click_link, open_pixel
from nurture.web.public.confirm import confirm_page
from nurture.web.public.forms import form_page
from nurture.web.public.health import healthz, readyz
from nurture.web.public.preferences import preferences_page
from nurture.web.public.survey import survey_page
from nurture.web.public.unsubscribe import unsubscribe_page
from nurture.web.render import STATIC, every_language, message, office_in, tongue_for
from nurture.web.shield import Shield

log = structlog.get_logger(__name__)

SERVER: Final[Mapping[str, Any]] = {
    "access_log": False,
    "lifespan": "off",
    "limit_concurrency": 1000,
    "proxy_headers": False,
    "server_header": False,
    "timeout_keep_alive": 10,
}
"""How uvicorn serves the application: addresses hold tokens that act for people, so they are not logged; proxies are
believed by the pages themselves, and only named ones."""

_BOTH = ["GET", "POST"]
_SAID = {
    400: ("unreadable", "unreadable_text"),
    405: ("wrong_method", "not_found_text"),
    408: ("unreadable", "unreadable_text"),
    413: ("too_large", "too_large_text"),
    500: ("broken", "broken_text"),
    503: ("unavailable", "unavailable_text"),
}


def build_web(office: Office, *, also: Sequence[BaseRoute] = ()) -> Starlette:
    """The application, which speaks for `office`; set `app.state.office` to exchange it while it runs.

    `also` are routes of others (console, API); they are asked after the public ones.
    """
    app = Starlette(
        routes=[*public_routes(), *also],
        middleware=[Middleware(Shield, refuse=refuse), Middleware(Guard)],
        exception_handlers={HTTPException: failed, OutsideError: failed},
    )
    # A redirect for a slash would lose the POST of a mail program's unsubscribe button (RFC 8058 §3.1).
    app.router.redirect_slashes = False
    app.state.office = office
    app.state.counter = Counter()
    app.state.bursts = Bursts()
    return app


def public_routes() -> list[BaseRoute]:
    """Everything people reach without a login."""
    return [
        Route("/f/{form}", form_page, methods=_BOTH),
        Route("/u/{token}", unsubscribe_page, methods=_BOTH),
        Route("/s/{token}", survey_page, methods=_BOTH),
        Route("/v/{token}", confirm_page, methods=_BOTH),
        Route("/p/{token}", preferences_page, methods=_BOTH),
        Route("/c/{token}", click_link),
        Route("/o/{token}", open_pixel),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Mount("/static", _Static(directory=STATIC)),
    ]


class Guard:
    """ASGI middleware: an error nobody foresaw is logged, and the visitor gets a page that says so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            if started:
                raise
            answer = await failed(Request(scope, receive), error)
            await answer(scope, receive, send)


async def failed(request: Request, error: Exception) -> Response:
    """The page for every error. Says nothing of what happened inside."""
    if isinstance(error, HTTPException):
        return _page_for(request, error.status_code, dict(error.headers or {}))
    if isinstance(error, OutsideError):
        log.error("web.outside", path=_kind_of_page(request), error=str(error))
        return _page_for(request, 503, {"retry-after": "60"})
    log.exception("web.failed", path=_kind_of_page(request), exc_info=error)
    return _page_for(request, 500, {})


async def refuse(request: Request, status: int) -> Response:
    """The page for a request that was not even read."""
    return _page_for(request, status, {"connection": "close"})


def _page_for(request: Request, status: int, headers: dict[str, str]) -> Response:
    tongue = tongue_for(request, every_language(office_in(request)))
    title, text = _SAID.get(status, ("not_found", "not_found_text"))
    answer = message(request, tongue, tongue(title), tongue(text), status)
    answer.headers.update(headers)
    return answer


def _kind_of_page(request: Request) -> str:
    """`/u/…`: a log holds no token, which would act for a person."""
    first = request.url.path.split("/")[1] if "/" in request.url.path else ""
    return f"/{first[:20]}/…"


class _Static(StaticFiles):
    """Our own files; their address changes when they do."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """A file, kept by browsers for a day."""
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=86400"
        return answer
