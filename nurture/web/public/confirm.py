"""`/v/<token>`: confirm an address (double opt-in). GET shows a button, since scanners follow links; POST confirms."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from nurture.core.tokens import Purpose
from nurture.services.unsubscribe import reader_of
from nurture.services.verify import Outcome, confirm
from nurture.web.render import broken_link, every_language, masked, message, office_in, tongue_for
from nurture.web.signed import person_in
from nurture.web.visit import address_of


async def confirm_page(request: Request) -> Response:
    """GET and POST."""
    office = office_in(request)
    lead_id = person_in(request, Purpose.CONFIRM)
    if lead_id is None:
        return broken_link(request)
    reader = await reader_of(office.store, lead_id, office.key)
    languages = every_language(office)
    tongue = tongue_for(request, languages, reader.language if reader else None)
    address = masked(reader.email if reader else None)
    outcome = Outcome.CONFIRMED if address else Outcome.NOBODY
    if request.method == "POST":
        outcome = await confirm(
            office.store,
            lead_id,
            valid=office.confirmation.valid,
            now=office.clock.now(),
            secret=office.key,
            proof={
                "by": "double opt-in",
                "ip": address_of(request, office.trusted_proxies),
                "language": tongue.tag,
            },
        )
        office.wake()
    if outcome is not Outcome.CONFIRMED:
        return message(
            request, tongue, tongue("confirm_old"), tongue("confirm_old_text"), languages=languages
        )
    if request.method == "POST":
        done = tongue("confirmed_text", address=address)
        return message(request, tongue, tongue("confirmed"), done)
    return message(
        request,
        tongue,
        tongue("confirm"),
        tongue("confirm_ask", address=address),
        button=tongue("confirm_button"),
        languages=languages,
    )
