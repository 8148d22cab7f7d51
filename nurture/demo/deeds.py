"""What the people of the cast do, done: over the web application, by mail into our mailbox, or as our own colleagues.

Only three things are told to the engine directly, as other programs of a company would by its API: who came to a
webinar, which pages of the website were read, and what came of a colleague's talk.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any, Final

from nurture.core.errors import NurtureError
from nurture.demo.browser import Page
from nurture.demo.machines import abuse_report, returned
from nurture.demo.stage import Posted, Stage
from nurture.demo.story import WEBINAR, Actor, Doing, Verb, webinar_on
from nurture.demo.writing import Got, absence_note, answer, introduction
from nurture.services.record import record
from nurture.store.queries import leads

Later = list[tuple[datetime, Callable[[], Awaitable[None]]]]
"""What comes of a deed by itself later, with its instant (UTC)."""

TYPING: Final = timedelta(seconds=40)
"""How long somebody needs for a form."""

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"', re.IGNORECASE)
_WEBINAR_LASTS: Final = timedelta(minutes=50)


async def do(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> Later:
    """Do it now, on the email it answers where it answers one. Answers what comes of it later."""
    return await _DEEDS[doing.verb](stage, actor, doing, got) or []


async def tell(stage: Stage, actor: Actor, type: str, data: Mapping[str, Any]) -> None:
    """Another program records an event of a lead."""
    async with stage.app.store.write() as conn:
        lead_id = await leads.find_by_email(conn, actor.email)
        if lead_id is None:
            raise NurtureError(f"{actor.name} is no lead yet, and {type} was told of them.")
        now = stage.clock.now()
        await record(conn, lead_id, type, data, now=now, secret=stage.app.secret)


# -- on the website -----------------------------------------------------------------------------------------------


async def _downloads(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    page = await stage.browser(actor).open("/f/report")
    await _fill_in(stage, actor, page, {"report": doing.value, "consent:email": "on"})


async def _registers(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> Later:
    starts = webinar_on(doing.value)
    page = await _follow(stage, actor, _mail(got), "/f/webinar")
    await _fill_in(stage, actor, page, {"starts_at": starts.isoformat()})
    stays = int(doing.details["stays"])

    async def report() -> None:
        if stays:
            data = {"webinar": WEBINAR, "starts_at": starts.isoformat(), "minutes": stays}
            await tell(stage, actor, "webinar.attended", data)
        else:
            await tell(stage, actor, "webinar.missed", {"webinar": WEBINAR, "starts_at": starts.isoformat()})

    return [(starts + _WEBINAR_LASTS, report)]


async def _recommended(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    page = await stage.browser(actor).open("/f/referral")
    await _fill_in(stage, actor, page, {**doing.details, "referred_by": doing.value})


async def _asks_for_a_call(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    page = await stage.browser(actor).open("/f/callback")
    await _fill_in(stage, actor, page, {"phone": doing.value})


async def _fill_in(stage: Stage, actor: Actor, page: Page, filled: Mapping[str, str]) -> None:
    """Type what the form asks of a lead and what this one asks besides, and send it."""
    person = {**actor.fields, "first_name": actor.first_name, "last_name": actor.last_name}
    asked = page.asks()
    stage.clock.advance_to(stage.clock.now() + TYPING)
    known = {name: value for name, value in person.items() if name in asked}
    await stage.browser(actor).send(page, {**known, **filled})
    stage.came.add(actor.name)


async def _answers(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    reason = doing.details.get("reason")
    page = await _follow(stage, actor, _mail(got), f"reason={reason}" if reason else "/s/")
    stage.clock.advance_to(stage.clock.now() + TYPING)
    await stage.browser(actor).send(page, doing.details)


async def _clicks(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    await stage.browser(actor).open(_links(_mail(got))[int(doing.value) - 1])


async def _looks_at(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    await tell(stage, actor, "page.viewed", {"path": doing.value})


async def _unsubscribes(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    url = _mail(got).unsubscribe_url
    if url is None:
        raise NurtureError(f"The email to {actor.name} has no unsubscribe button.")
    await stage.browser(actor).post(url, {"List-Unsubscribe": "One-Click"})


async def _follow(stage: Stage, actor: Actor, got: Got, to: str) -> Page:
    """Follow the first link of an email that leads to a page of ours with `to` in its address."""
    browser = stage.browser(actor)
    for link in _links(got):
        if to in link:
            return await browser.open(link)
    for link in _links(got):
        page = await browser.open(link)
        if to in page.url:
            return page
    raise NurtureError(f"No link of “{got.subject}” leads to {to}.")


def _links(got: Got) -> list[str]:
    """The links of an email's HTML, in their order."""
    return [unescape(link) for link in _LINK.findall(got.html)]


# -- by mail ------------------------------------------------------------------------------------------------------


async def _writes(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    raw = answer(actor, _mail(got), doing.text, stage.local(actor))
    await _post(stage, actor, raw, f"from {actor.first_name} {doing.value}", Posted(actor, doing.meant))


async def _is_away(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    raw = absence_note(actor, _mail(got), doing.text, stage.local(actor))
    await _post(stage, actor, raw, f"from {actor.first_name} absence note", Posted(actor, None))


async def _comes_back(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    mail = _mail(got)
    raw = returned(actor, mail, mail.answer_to, stage.local(actor))
    await _post(stage, actor, raw, "from the mail server returned", Posted(actor, None))


async def _complains(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    mail = _mail(got)
    raw = abuse_report(actor, mail, doing.value, mail.answer_to, stage.local(actor))
    await _post(stage, actor, raw, f"from {doing.value} spam report", Posted(actor, None))


async def _passes_on(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    colleague = next(one for one in stage.cast if one.name == doing.value)
    raw = introduction(actor, colleague, _mail(got), doing.text, stage.local(actor))
    await _post(stage, actor, raw, f"from {actor.first_name} passed on", Posted(actor, None))


async def _post(stage: Stage, actor: Actor, raw: bytes, what: str, posted: Posted) -> None:
    """Let a mail arrive in our mailbox, by another program's IMAP."""
    stage.posted[Got(raw).identity] = posted
    stage.keep(actor, raw, what)
    await asyncio.to_thread(stage.box.put, raw, stage.clock.now())


# -- our own colleagues -------------------------------------------------------------------------------------------


async def _sales(stage: Stage, actor: Actor, doing: Doing, got: Got | None) -> None:
    if doing.value == "qualified":
        bant = dict.fromkeys(("budget", "authority", "need", "timing"), "yes")
        await tell(stage, actor, "lead.qualified", {"by": "sales", **bant})
    else:
        await tell(stage, actor, "lead.converted", {"by": "sales"})


def _mail(got: Got | None) -> Got:
    if got is None:
        raise NurtureError("The story lets somebody answer an email without having got one.")
    return got


_Deed = Callable[[Stage, Actor, Doing, Got | None], Awaitable[Later | None]]
_DEEDS: Final[Mapping[Verb, _Deed]] = {
    Verb.DOWNLOADS: _downloads,
    Verb.REGISTERS: _registers,
    Verb.RECOMMENDED: _recommended,
    Verb.ASKS_FOR_A_CALL: _asks_for_a_call,
    Verb.CLICKS: _clicks,
    Verb.LOOKS_AT: _looks_at,
    Verb.WRITES: _writes,
    Verb.IS_AWAY_UNTIL: _is_away,
    Verb.ANSWERS: _answers,
    Verb.UNSUBSCRIBES: _unsubscribes,
    Verb.COMPLAINS: _complains,
    Verb.COMES_BACK: _comes_back,
    Verb.PASSES_ON_TO: _passes_on,
    Verb.SALES: _sales,
}
