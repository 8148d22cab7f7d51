"""Bare answers to a question of ours that the mail quotes: what "No" means is said by the question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.question import question_in
from nurture.inbound.quotes import cut_quotes

MAIL = """From: Otto Kunde <otto@kunde.example>
To: Anna Berg <anna@berg.example>
Subject: Re: Our talk
Date: Mon, 3 Aug 2026 09:10:00 +0200
In-Reply-To: <1@berg.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

"""


def read(body: str) -> tuple[str | None, str | None]:
    verdict = classify((MAIL + body).encode())
    return verdict.intent, None if verdict.until is None else verdict.until.isoformat()


@pytest.mark.parametrize(
    ("question", "answer", "intent", "until"),
    [
        ("May we go on writing to you?", "No.", "unsubscribe", None),
        ("May we go on writing to you?", "sure", "other", None),
        ("Shall we take you off the list?", "Yes please", "unsubscribe", None),
        ("Shall we take you off the list?", "No", "unclear", None),
        ("If you'd rather not hear from us, just reply.", "I'd rather not.", "unsubscribe", None),
        ("If you want no more mails, reply NO.", "NO", "unsubscribe", None),
        ("Are you the right person to talk to?", "No, that's Carol.", "wrong_person", None),
        ("Would autumn be better?", "Yes.", "later", "2026-09-01"),
        ("Would Thursday be better?", "Yes.", "interested", None),
        ("Shall I ring you in November?", "ok", "later", "2026-11-01"),
        ("When may we ask again?", "February", "later", "2027-02-01"),
        ("When may we ask again?", "Thursday", "interested", None),
        ("Tuesday or Thursday?", "Thursday please", "interested", None),
        ("Tuesday or Thursday?", "Yes", "unclear", None),
        ("Shall we talk, or close the file?", "Yes", "unclear", None),
        ("Did the report reach you?", "Yes, thanks", "other", None),
        ("Did you have time to look at it?", "No", "unclear", None),
        ("Shall I send you the price list?", "Please do", "interested", None),
        ("Shall I send you the price list?", "No thanks", "refused", None),
        ("Dürfen wir Ihnen weiterhin schreiben?", "Lieber nicht.", "unsubscribe", None),
        ("Möchten Sie weiterhin Post von uns bekommen?", "Nein, möchte ich nicht. Danke fürs Fragen.", "unsubscribe", None),
        ("Passt Ihnen ein Termin in dieser Woche?", "Leider nicht, vielleicht in fünf Wochen?", "later", "2026-09-07"),
        ("May I ring you tomorrow?", "You may indeed.", "interested", None),
        ("Sollen wir Ihre Adresse löschen?", "Ja bitte", "unsubscribe", None),
        ("Sind Sie dafür zuständig?", "Nein", "wrong_person", None),
        ("Passt es im Oktober besser?", "Ja, bitte", "later", "2026-10-01"),
        ("Soll ich Ihnen ein Angebot machen?", "Gern", "interested", None),
        ("Souhaitez-vous continuer à recevoir nos actualités ?", "Non merci", "unsubscribe", None),
        ("Voulez-vous que nous effacions votre adresse ?", "Oui merci", "unsubscribe", None),
        ("Êtes-vous la bonne personne ?", "Non", "wrong_person", None),
        ("Pouvons-nous vous recontacter en janvier ?", "Oui", "later", "2027-01-01"),
        ("Må vi fortsat sende dig nyheder?", "Nej, helst ikke", "unsubscribe", None),
        ("Ønsker du at blive afmeldt?", "Ja tak", "unsubscribe", None),
        ("Er det dig, der er ansvarlig for IT?", "Nej", "wrong_person", None),
        ("Ville det passe bedre i november?", "Ja", "later", "2026-11-01"),
        ("Продолжать присылать вам письма?", "Нет.", "unsubscribe", None),
        ("Удалить ваш адрес из списка?", "Да", "unsubscribe", None),
        ("Вы отвечаете за закупки?", "Нет", "wrong_person", None),
        ("Вернуться к разговору в январе?", "Да", "later", "2027-01-01"),
    ],
)  # fmt: skip
def test_the_question_says_what_a_bare_answer_means(
    question: str, answer: str, intent: str, until: str | None
) -> None:
    above = read(f"> {question}\n\n{answer}\n")
    below = read(f"{answer}\n\n> Hello Otto,\n> {question}\n")
    assert above == (intent, until)
    # An offer to stop at the foot of a mail is no question that the whole mail's answer is to.
    assert below == (intent, until) or not question.endswith("?")


def test_an_answer_in_words_of_its_own_speaks_for_itself() -> None:
    said = "No need to ask, I would like to see a demo next week with my two colleagues."
    assert read(f"> May we go on writing to you?\n\n{said}\n")[0] == "interested"


def test_what_a_mail_is_about_is_not_asked_by_its_footer() -> None:
    quoted = (
        "> Our new price list is out.\n> If you no longer want to hear from us, tell us.\n> Anna\n> Berg AG\n"
    )
    assert read(f"Thanks, got it.\n\nOn 1 Aug 2026, Anna Berg wrote:\n{quoted}")[0] == "other"


@pytest.mark.parametrize(
    ("quoted", "above", "asked"),
    [
        (["> Hello,", "> shall we talk?"], False, "Hello, shall we talk?"),
        (["> Good to meet you on Monday.", "> Would you like to see it at work?"], False, "Would you like to see it at work?"),
        (["> We'd like to write once a month. OK with you?"], True, "We'd like to write once a month. OK with you?"),
        (["> Passer kl. 14 dig bedst eller kl. 10?", "> Hilsen"], True, "Passer kl. 14 dig bedst eller kl. 10?"),
        (["> Just say so."], True, "Just say so."),
        (["> Just say so."], False, ""),
        ([], True, ""),
    ],
)  # fmt: skip
def test_the_question_is_found(quoted: list[str], above: bool, asked: str) -> None:
    assert question_in(quoted, above=above) == asked


def test_the_only_words_of_a_mail_are_never_taken_for_a_wrapped_quote() -> None:
    long = "> If the subject is no longer of any interest to you, please simply answer with the word no."
    assert cut_quotes(f"{long}\nno\n").text == "no"


def test_dates_are_counted_from_the_day_of_the_answer() -> None:
    verdict = classify((MAIL + "> Shall I come back to you in half a year?\n\nYes\n").encode())
    assert (verdict.intent, verdict.until) == ("later", datetime(2027, 2, 3, tzinfo=UTC).date())
