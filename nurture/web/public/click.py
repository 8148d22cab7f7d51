"""`/c/<token>`, a link in an email, and `/o/<token>`, the picture in it. A link leads only to what is stored for it."""

from __future__ import annotations

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nurture.core.errors import OutsideError
from nurture.core.tokens import Purpose
from nurture.services.track import click, opened, target_of
from nurture.web.limits import Bursts
from nurture.web.render import broken_link, office_in
from nurture.web.signed import pair_in, person_in
from nurture.web.visit import is_machine

log = structlog.get_logger(__name__)

PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


async def click_link(request: Request) -> Response:
    """Lead on to the stored target, and note that a person followed the link; a scanner's click is nothing."""
    office = office_in(request)
    found = pair_in(request, Purpose.CLICK)
    url = await target_of(office.store, found[1]) if found is not None else None
    if found is None or url is None or not url.lower().startswith(("http://", "https://")):
        return broken_link(request)
    message, link = found
    now = office.clock.now()
    bursts: Bursts = request.app.state.bursts
    ignored = office.tracking.ignore_scanners and (is_machine(request) or bursts.too_fast(message, link, now))
    if office.tracking.clicks and request.method != "HEAD" and not ignored:
        try:
            if await click(office.store, message, link, url, now=now, secret=office.key):
                office.wake()
        except OutsideError as error:
            # The person wants to read on; that we could not note it is our affair.
            log.error("click.not_recorded", message=message, error=str(error))
    return RedirectResponse(url, 302)


async def open_pixel(request: Request) -> Response:
    """The picture; the opening is noted only where the project watches openings."""
    office = office_in(request)
    message = person_in(request, Purpose.OPEN)
    if message is None:
        return broken_link(request)
    if office.tracking.opens and request.method != "HEAD":
        try:
            if await opened(office.store, message, now=office.clock.now(), secret=office.key):
                office.wake()
        except OutsideError as error:
            log.error("open.not_recorded", message=message, error=str(error))
    return Response(PIXEL, media_type="image/gif")
