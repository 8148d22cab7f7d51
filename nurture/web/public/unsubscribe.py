"""`/u/<token>`: end all mail. GET shows a button and changes nothing; POST acts, from the page or from a mail program's
own button (RFC 8058): no cookie, no redirect, whatever the body holds, as often as it comes, for ever.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from nurture.core.tokens import Purpose, sign
from nurture.services.unsubscribe import reader_of, unsubscribe
from nurture.web.render import (
    broken_link,
    every_language,
    masked,
    message,
    office_in,
    tongue_for,
)
from nurture.web.signed import person_in
from nurture.web.visit import address_of

ONE_CLICK = b"List-Unsubscribe=One-Click"


async def unsubscribe_page(request: Request) -> Response:
    """GET and POST."""
    office = office_in(request)
    languages = every_language(office)
    lead_id = person_in(request, Purpose.UNSUBSCRIBE)
    if lead_id is None:
        tongue = tongue_for(request, languages)
        address = office.company.reply_to or office.company.sender.address
        return broken_link(request, tongue, tongue("unsubscribe_help", address=address))
    if request.method == "POST":
        proof = {
            "by": "mail program" if ONE_CLICK in await request.body() else "page",
            "ip": address_of(request, office.trusted_proxies),
        }
        now = office.clock.now()
        if await unsubscribe(office.store, lead_id, now=now, secret=office.key, proof=proof):
            office.wake()
    reader = await reader_of(office.store, lead_id, office.key)
    tongue = tongue_for(request, languages, reader.language if reader else None)
    company = office.company.name
    if request.method == "POST":
        done = tongue("unsubscribed_text", company=company)
        return message(request, tongue, tongue("unsubscribed"), done)
    ask = tongue("unsubscribe_ask_nobody", company=company)
    other = None
    if reader is not None and reader.email:
        ask = tongue("unsubscribe_ask", company=company, address=masked(reader.email))
        preferences = sign(Purpose.PREFERENCES, str(lead_id), office.secret)
        other = (f"{office.root}/p/{preferences}", tongue("unsubscribe_less"))
    return message(
        request,
        tongue,
        tongue("unsubscribe"),
        ask,
        button=tongue("unsubscribe_button"),
        other=other,
        languages=languages,
    )
