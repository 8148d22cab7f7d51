"""What a reply is read as: negation and its reach, politeness, single words, mixed languages, what is not certain."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.read import read_intent
from nurture.inbound.intent.reading import Intent, IntentReading, Reason

WRITTEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def read(text: str, subject: str = "", language: str | None = None) -> IntentReading:
    return read_intent(text, subject, WRITTEN, language)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes", "interested"), ("no", "refused"), ("stop", "unsubscribe"), ("ok", "unclear"), ("?", "unclear"),
        ("ja", "interested"), ("nein", "refused"), ("abmelden", "unsubscribe"), ("vielleicht", "unclear"),
        ("oui", "interested"), ("non", "refused"), ("désinscription", "unsubscribe"), ("bof", "unclear"),
        ("nej", "refused"), ("gerne", "interested"), ("afmeld", "unsubscribe"), ("måske", "unclear"),
        ("да", "interested"), ("нет", "refused"), ("стоп", "unsubscribe"), ("ок", "unclear"), ("потом", "later"),
        ("👍", "interested"), ("", "unclear"), ("  \n ", "unclear"), ("...", "unclear"), ("12345", "unclear"),
    ],
)  # fmt: skip
def test_one_word_answers(text: str, intent: str) -> None:
    assert read(text).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "Please don't unsubscribe me!", "I am not interested in stopping the emails.",
        "Nein, nicht abmelden!", "Nein, keine Abmeldung!", "Bitte tragen Sie mich nicht aus.",
        "Non, ne me désinscrivez pas !", "Nej, I må ikke afmelde mig!", "Нет, не отписывайте меня!",
    ],
)  # fmt: skip
def test_who_asks_to_stay_is_not_taken_off(text: str) -> None:
    assert read(text).intent not in (Intent.UNSUBSCRIBE, Intent.REFUSED)


@pytest.mark.parametrize(
    ("text", "intent", "reason"),
    [
        ("Sounds great but not for us.", "refused", "need"),
        ("Klingt toll, ist aber nichts für uns.", "refused", "need"),
        ("Ça a l'air bien, mais ce n'est pas pour nous.", "refused", "need"),
        ("Lyder godt, men det er ikke noget for os.", "refused", "need"),
        ("Звучит здорово, но нам не подходит.", "refused", "need"),
        ("Das interessiert mich nicht.", "refused", "need"),
        ("det interesserer mig ikke", "refused", "need"),
        ("We are interested, but there is no budget for it.", "refused", "budget"),
        ("No thanks, we already use Salesforce.", "refused", "competitor"),
        ("Danke nein, der Vorstand hat es abgelehnt.", "refused", "authority"),
        ("I'm not interested in the newsletter, but please send me a quote.", "interested", None),
        ("Nicht nur interessant, genau das suchen wir, rufen Sie mich an!", "interested", None),
    ],
)
def test_the_last_word_counts(text: str, intent: str, reason: str | None) -> None:
    reading = read(text)
    assert (reading.intent, reading.reason) == (intent, reason)


@pytest.mark.parametrize(
    "text",
    [
        "kein interesse",
        "Kein Intresse!",
        "KEIN INTERESSE",
        "Kein  Interesse .",
        "Hallo Frau Meier,\n\nkein Interesse.\n\nMfG\nK. Schulz",
    ],
)
def test_the_same_words_however_written(text: str) -> None:
    assert (read(text).intent, read(text).reason) == (Intent.REFUSED, Reason.NEED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Für später vielleicht, nächsten März", "Fuer spaeter vielleicht, naechsten Maerz"),
        ("Désinscrivez-moi s'il vous plaît", "Desinscrivez moi s'il vous plait"),
        ("Jeg ønsker ikke flere mails", "Jeg oensker ikke flere mails"),
        ("Вернёмся к этому в апреле", "Вернемся к этому в апреле"),
    ],
)
def test_umlauts_accents_and_yo_may_be_missing(one: str, other: str) -> None:
    first, second = read(one), read(other)
    assert (first.intent, first.until) == (second.intent, second.until)
    assert first.intent is not Intent.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Hello, thanks for your mail. Bitte melden Sie mich ab.",
        "Bonjour, please unsubscribe me. Merci",
        "Hej, unsubscribe tak",
    ],
)
def test_two_languages_in_one_mail(text: str) -> None:
    assert read(text).intent is Intent.UNSUBSCRIBE


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("Call me in May.", date(2026, 5, 1)),
        ("No budget this year, but call me in January.", date(2027, 1, 1)),
        ("Not now, perhaps later.", None),
        ("Try again when the dust has settled.", None),
    ],
)
def test_later_and_the_date_meant(text: str, until: date | None) -> None:
    reading = read(text)
    assert (reading.intent, reading.until) == (Intent.LATER, until)


def test_a_call_within_days_is_interest_and_not_later() -> None:
    assert read("Call me tomorrow at ten.").intent is Intent.INTERESTED
    assert read("Ruf mich am Donnerstag an!").intent is Intent.INTERESTED


def test_the_date_of_an_event_is_not_the_writers() -> None:
    assert read("Please register me for the webinar on 12 May.").intent is Intent.INTERESTED


def test_without_a_date_of_writing_later_has_no_date() -> None:
    reading = read_intent("Get back to me in two months, please.")
    assert (reading.intent, reading.until) == (Intent.LATER, None)


def test_the_right_person_is_named() -> None:
    reading = read("I left the company. Please write to Anna Berg (Anna.Berg@nordvik.example).")
    assert (reading.intent, reading.wrong_person_address) == (
        Intent.WRONG_PERSON,
        "anna.berg@nordvik.example",
    )
    assert read("Please call me, anna@nordvik.example").wrong_person_address is None


def test_a_subject_of_the_writers_own_counts_and_an_answered_one_does_not() -> None:
    assert read("", subject="Unsubscribe").intent is Intent.UNSUBSCRIBE
    assert read("Yes please!", subject="Re: Unsubscribe link broken?").intent is Intent.INTERESTED


def test_irony_is_left_to_a_person() -> None:
    assert read("Oh great, another newsletter. Just what I needed.").intent in (Intent.UNCLEAR, Intent.OTHER)


def test_the_language_known_is_a_hint_only() -> None:
    assert read("ok", language="da").language == "da"
    assert read("Vielen Dank, wir haben kein Interesse.", language="da-DK").language == "de"
    assert read("xyz").language == "und"


def test_evidence_holds_words_of_the_reply() -> None:
    text = "Vielen Dank, aber wir haben leider kein Budget."
    reading = read(text)
    assert reading.evidence
    assert all(words in text for words in reading.evidence)


def test_a_marketers_own_phrases_are_read_too() -> None:
    extra = "phrases:\n  - meaning: refused\n    reason: budget\n    weight: 3\n    says: |\n      the (piggy bank|kitty) is empty"

    def lexicon(language: str) -> Lexicon:
        return load_lexicon(language, extra if language == "en" else None)

    reading = read_intent("Sorry, the piggy bank is empty.", lexicon=lexicon)
    assert (reading.intent, reading.reason) == (Intent.REFUSED, Reason.BUDGET)


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert reading.intent in Intent
    assert 0.0 <= reading.confidence <= 1.0
    assert (reading.reason is not None) == (reading.intent is Intent.REFUSED)
    assert reading.until is None or reading.intent is Intent.LATER


@pytest.mark.parametrize(
    "text", ["no " * 4000, "a.b" * 3000, "не " * 3000 + "пишите", "(" * 5000, "x@" * 4000, "\n" * 9000]
)
def test_long_nonsense_takes_no_long_time(text: str) -> None:
    assert read(text).confidence <= 1.0
