"""Is it really them, and can they be reached? Phone numbers, likely slips in addresses, double opt-in (row Q6).

A confirmation mail goes out at most once a day to one person whatever forms they fill in, and to the unsubscribed only
when they newly ask for mail, once (semantics.md, Emails and gates, Service mail).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.address import phone_key
from nurture.core.consequences import GENERAL
from nurture.core.duration import Duration
from nurture.core.errors import GrammarError
from nurture.core.words import Word
from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import consents, leads, suppressions
from nurture.store.queries.messages import CONFIRMATION

AT_MOST_EVERY: Final = timedelta(hours=24)
"""The least time between two confirmation mails to one person."""

ASK_AGAIN: Final = ("unsubscribed", "consent.withdrawn", "consent withdrawn")
"""Suppressions after which somebody who asks for mail again may be asked to confirm it. A complaint is none."""

_PHONE = re.compile(r"\+?[\d\s().\-/\u2010-\u2015\u00a0]+(?:\s*(?:x|ext\.?|-)\s*\d{1,6})?", re.IGNORECASE)

_PROVIDER_NAMES: Final = """
gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com aol.com proton.me protonmail.com
gmx.de gmx.net web.de t-online.de freenet.de yahoo.de outlook.de hotmail.de bluewin.ch
orange.fr wanadoo.fr laposte.net free.fr yahoo.fr outlook.fr hotmail.fr live.dk mail.dk mail.ru yandex.ru rambler.ru
"""
_PROVIDERS: Final = tuple(_PROVIDER_NAMES.split())
"""Mail domains so common that a near miss is a slip."""

_ROLE_NAMES: Final = """
info office contact kontakt sales vertrieb service support admin webmaster postmaster post mail hello hallo bonjour
zentrale einkauf marketing team buchhaltung firma noreply no-reply
"""
_ROLES: Final = frozenset(_ROLE_NAMES.split())

_JOKE = re.compile(
    r"(.)\1{2,}|asdf\w*|qwert[zy]?\w*|test(er|name|user|ing)?\d*|abc(de?f?)?\d*|xyz|foo|bar|foobar|none|nobody|n/?a"
    r"|anonym\w*|noname|(mickey|micky) mouse|donald duck|(max|erika) mustermann|(john|jane) doe|вася пупкин",
    re.IGNORECASE,
)


class Doubt(Word):
    """What makes one look twice at somebody; no reason to turn them away."""

    JOKE = "joke_name", "The name looks made up."
    SAME = "same_names", "First name and last name are the same."
    PHONE = "odd_phone", "The telephone number is one digit over and over, or counts up."
    ROLE = "role_address", "Several people may read mail to this address."
    SITE = "other_site", "The mail address is not of the web site they named."


class Outcome(Word):
    """What came of following a confirmation link."""

    CONFIRMED = "confirmed", "The address is theirs, now or before."
    TOO_OLD = "too_old", "The link's time is over; a new one must be asked for."
    NOBODY = "nobody", "The person was erased, or has no address."


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The project's confirmation mail: its template, and how long its link works."""

    template: str = "confirm_address"
    valid: Duration = Duration(days=7)  # noqa: RUF009


def parse_phone(written: str) -> str:
    """The number as it was written, with its white space put in order. Raises GrammarError.

    Only the form is looked at: 5 to 15 digits (E.164), and what people put between them.
    """
    text = " ".join(written.split())
    digits = sum(character.isdecimal() for character in phone_key(text))
    if not _PHONE.fullmatch(text) or not 5 <= digits <= 15 or not text.isprintable():
        raise GrammarError(f"`{text[:60]}` is not a telephone number", "write +49 30 1234567")
    return text


def doubts(fields: Mapping[str, Any]) -> tuple[Doubt, ...]:
    """What does not go together, or is seldom true, in what somebody said of themselves (rows Q5, Q6)."""
    said = {name: str(value).strip().lower() for name, value in fields.items() if value}
    names = [said[name] for name in ("name", "first_name", "last_name") if name in said]
    local, _, domain = said.get("email", "").rpartition("@")
    digits = "".join(character for character in said.get("phone", "") if character.isdecimal()).lstrip("0")
    site = re.sub(r"^(https?://)?(www\.)?|[/?#].*$", "", said.get("website", ""))
    own_mail = bool(domain) and domain not in _PROVIDERS
    holds = {
        Doubt.JOKE: any(_JOKE.fullmatch(name) or not any(map(str.isalpha, name)) for name in names),
        Doubt.SAME: "first_name" in said and said["first_name"] == said.get("last_name"),
        Doubt.PHONE: bool(digits) and (len(set(digits)) == 1 or digits in "1234567890123456"),
        Doubt.ROLE: local in _ROLES,
        Doubt.SITE: bool(site) and own_mail and not _one_within(site, domain),
    }
    return tuple(doubt for doubt, is_so in holds.items() if is_so)


def _one_within(site: str, domain: str) -> bool:
    """Whether one is the other or a part of it: shop.company.example and company.example."""
    return f".{site}".endswith(f".{domain}") or f".{domain}".endswith(f".{site}")


def suggestion(email: str) -> str | None:
    """The address somebody probably meant when they slipped in the name of a common mail provider; else None."""
    local, _, domain = email.rpartition("@")
    domain = domain.lower()
    if not local or domain in _PROVIDERS:
        return None
    near = [known for known in _PROVIDERS if _one_slip(domain, known)]
    return f"{local}@{near[0]}" if near else None


def _one_slip(written: str, meant: str) -> bool:
    """Whether one letter was left out, doubled, mistaken, or changed places with the next."""
    if abs(len(written) - len(meant)) > 1 or written[:1] != meant[:1]:
        return False
    if len(written) == len(meant):
        wrong = [index for index, pair in enumerate(zip(written, meant, strict=True)) if pair[0] != pair[1]]
        if len(wrong) == 1:
            # Other short names are names of their own: gmx.de and gmx.at, web.de and wea.de.
            return meant.index(".") > 3 and wrong[0] < meant.index(".")
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return swapped and written[wrong[0]] == meant[wrong[1]] and written[wrong[1]] == meant[wrong[0]]
    short, long = sorted((written, meant), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


async def ask(
    conn: AsyncConnection,
    lead_id: int,
    form: str,
    wording: Confirmation,
    *,
    now: datetime,
    secret: str,
    opts_in: bool,
) -> bool:
    """Queue a confirmation mail where one may go; answers whether it did. The caller holds the lead's lock.

    `opts_in`: the person asks for mail as such in this very form.
    """
    last = await consents.last_confirmation(conn, lead_id)
    went = last["created_at"] if last is not None and last["state"] != "withdrawn" else None
    if went is not None and now - went < AT_MOST_EVERY:
        return False
    stands = await consents.standing(conn, lead_id, secret)
    if stands.since is not None:
        asked_since = went is not None and went >= stands.since
        if not opts_in or asked_since or stands.reason not in ASK_AGAIN:
            return False
    values = {
        "lead_id": lead_id,
        "run": f"confirmation:{now:%Y%m%d%H%M%S}",
        "campaign": CONFIRMATION,
        "version": "",
        "step": wording.template,
        "template": wording.template,
        "send_key": f"{lead_id}|{CONFIRMATION}|{now.isoformat()}",
        "planned_at": now,
        "next_at": now,
        "service": CONFIRMATION,
        "in_doubt": "resend",
        "latest": now + wording.valid.nominal,
        "values": {"entry": {"form": form}, "event": {"form": form}},
        "created_at": now,
    }
    return await consents.queue_confirmation(conn, values)


async def confirm(
    store: Store, lead_id: int, *, valid: Duration, now: datetime, secret: str, proof: Mapping[str, Any]
) -> Outcome:
    """The person followed the link and pressed the button: their address is verified, what they ticked counts now.

    Where they asked for mail again in a form after they had ended it, the suppression is lifted. Repeating it is
    harmless.
    """
    async with store.write() as conn:
        lead = await leads.lock(conn, lead_id)
        if lead is None or lead["erased_at"] is not None or not lead["email"]:
            return Outcome.NOBODY
        email = str(lead["email"])
        last = await consents.last_confirmation(conn, lead_id)
        before = await consents.verified_at(conn, lead_id, email)
        if last is not None and now > last["created_at"] + valid.nominal:
            return Outcome.CONFIRMED if before is not None else Outcome.TOO_OLD
        agreed = await _agree(conn, lead_id, now, secret, proof)
        if before is None:
            await leads.mark_verified(conn, lead_id, email, "double opt-in", now)
        if before is None or agreed:
            key = f"verified:{lead_id}:{last['id'] if last else 0}"
            await record(
                conn, lead_id, "lead.verified", {"by": "double opt-in"}, now=now, secret=secret, key=key
            )
        return Outcome.CONFIRMED


async def _agree(
    conn: AsyncConnection, lead_id: int, now: datetime, secret: str, proof: Mapping[str, Any]
) -> bool:
    """Let what was ticked in forms and waits for confirmation count; answers whether there was any."""
    stands = await consents.standing(conn, lead_id, secret)
    latest = {row["topic"]: row for row in await suppressions.consents_of(conn, lead_id)}
    agreed: set[str] = set()
    for submission in await consents.submissions(conn, lead_id):
        asked_at, data = submission["learned_at"], submission["data"]
        for asked in data.get("pending", ()):
            topic = asked["topic"]
            ended_since = topic in GENERAL and stands.since is not None and asked_at < stands.since
            if topic in agreed or ended_since or _settled(latest.get(topic), asked_at):
                continue
            agreed.add(topic)
            kept = {**asked.get("proof", {}), "confirmed": dict(proof)}
            await suppressions.keep_consent(conn, lead_id, topic, True, now, asked["wording"], kept)
            said = {
                "topic": topic,
                "wording": asked["wording"],
                "proof": f"form {data.get('form')}, confirmed",
            }
            await record(conn, lead_id, "consent.given", said, now=now, secret=secret)
    if stands.reason is not None and agreed.intersection(topic for topic in GENERAL if topic):
        for address in stands.addresses:
            await suppressions.lift(conn, address, secret, lead_id)
    return bool(agreed)


def _settled(kept: Mapping[str, Any] | None, asked_at: datetime) -> bool:
    """Whether something newer is on record for the topic: given already, or taken back since it was asked."""
    return kept is not None and (kept["at"] > asked_at or (kept["given"] and kept["at"] == asked_at))
