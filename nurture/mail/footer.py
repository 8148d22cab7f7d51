"""The footer the engine puts under every email: who writes, why, and how to end it. A template cannot leave it out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from nurture.mail.dates import base_language


@dataclass(frozen=True, slots=True)
class Footer:
    """The same words for the HTML part and for the text part."""

    html: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    why: str
    unsubscribe: str
    preferences: str
    imprint: str


_WORDS: Final = {
    "en": _Words(
        why="You receive this email because you gave us your address.",
        unsubscribe="Unsubscribe",
        preferences="Choose what you receive",
        imprint="Sent by",
    ),
    "de": _Words(
        why="Sie erhalten diese E-Mail, weil Sie uns Ihre Adresse gegeben haben.",
        unsubscribe="Abmelden",
        preferences="Auswählen, was Sie erhalten",
        imprint="Absender:",
    ),
    "fr": _Words(
        why="Vous recevez cet e-mail parce que vous nous avez donné votre adresse.",
        unsubscribe="Se désabonner",
        preferences="Choisir ce que vous recevez",
        imprint="Expéditeur :",
    ),
    "da": _Words(
        why="Du modtager denne e-mail, fordi du har givet os din adresse.",
        unsubscribe="Afmeld",
        preferences="Vælg, hvad du modtager",
        imprint="Afsender:",
    ),
    "ru": _Words(
        why="Вы получили это письмо, потому что оставили нам свой адрес.",
        unsubscribe="Отписаться",
        preferences="Выбрать, что получать",
        imprint="Отправитель:",
    ),
}
_STYLE: Final = "margin:24px 0 0;font-size:12px;line-height:18px;color:#6b7280"
_LINK: Final = "color:#6b7280;text-decoration:underline"


def footer(
    language: str | None,
    *,
    company: str,
    address: str,
    unsubscribe: str | None,
    preferences: str | None = None,
    why: str | None = None,
) -> Footer:
    """The footer in a language (BCP 47; English where we do not write it).

    `address` is the company's postal address, lines allowed. `unsubscribe` and `preferences` are whole URLs; None only
    for mail that has nothing to end (a message to a colleague). `why` replaces the usual reason.
    """
    words = _WORDS[base_language(language)]
    postal = ", ".join(line.strip(" ,") for line in address.splitlines() if line.strip(" ,"))
    sender = ", ".join(part for part in (company.strip(), postal) if part)
    links = [(words.preferences, preferences), (words.unsubscribe, unsubscribe)]
    given = [(label, url) for label, url in links if url]
    reason = why or words.why
    anchors = [f'<a href="{escape(url)}" style="{_LINK}">{escape(label)}</a>' for label, url in given]
    lines = [escape(reason), f"{escape(words.imprint)} {escape(sender)}", " · ".join(anchors)]
    html = f'<p style="{_STYLE}">' + "<br>".join(line for line in lines if line) + "</p>"
    texts = [reason, f"{words.imprint} {sender}", *(f"{label}: {url}" for label, url in given)]
    return Footer(html, "-" * 30 + "\n" + "\n".join(texts) + "\n")
