"""How mail programs introduce what they quote, in the five languages of the cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Attribution:
    """The words of one language. Patterns take `{day}`, `{time}`, `{name}` and `{address}`.

    `headings` are Outlook's lines above what it quotes: from, sent, to, subject. `away` begins the subject of an absence
    note, `answer` that of an answer, `phone` is what a telephone puts below.
    """

    gmail: str
    apple: str
    headings: tuple[str, str, str, str]
    answer: str
    away: str
    phone: str


ATTRIBUTIONS: Final[Mapping[str, Attribution]] = {
    "en": Attribution(
        gmail="On {day} at {time}, {name} <{address}> wrote:",
        apple="On {day}, at {time}, {name} <{address}> wrote:",
        headings=("From", "Sent", "To", "Subject"),
        answer="RE",
        away="Automatic reply",
        phone="Sent from my iPhone",
    ),
    "de": Attribution(
        gmail="Am {day} um {time} schrieb {name} <{address}>:",
        apple="Am {day} um {time} schrieb {name} <{address}>:",
        headings=("Von", "Gesendet", "An", "Betreff"),
        answer="AW",
        away="Automatische Antwort",
        phone="Von meinem iPhone gesendet",
    ),
    "fr": Attribution(
        gmail="Le {day} à {time}, {name} <{address}> a écrit :",
        apple="Le {day} à {time}, {name} <{address}> a écrit :",
        headings=("De", "Envoyé", "À", "Objet"),
        answer="RE",
        away="Réponse automatique",
        phone="Envoyé de mon iPhone",
    ),
    "da": Attribution(
        gmail="Den {day} kl. {time} skrev {name} <{address}>:",
        apple="Den {day} kl. {time} skrev {name} <{address}>:",
        headings=("Fra", "Sendt", "Til", "Emne"),
        answer="SV",
        away="Automatisk svar",
        phone="Sendt fra min iPhone",
    ),
    "ru": Attribution(
        gmail="{day} в {time}, {name} <{address}>:",
        apple="{day}, в {time}, {name} <{address}> написал(а):",
        headings=("От", "Отправлено", "Кому", "Тема"),
        answer="RE",
        away="Автоматический ответ",
        phone="Отправлено с iPhone",
    ),
}
