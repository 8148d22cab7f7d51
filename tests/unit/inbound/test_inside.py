"""Answers that stand in a quoted mail without any mark, with the mail they answer at hand and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.inbound.quotes import cut_quotes

BLOCK = "From: Anna Berg <anna@berg.example>\nSent: Monday, August 3, 2026 10:04 AM\nTo: Otto\nSubject: Your hall\n\n"
OURS = (
    "Dear Otto,\n\ntwo questions before we make the offer. How high is the hall,\n"
    "from the floor to the crane?\n\nIs there a gate on the north side?\n\nPrices: https://berg.example/prices\n\n"
    "Kind regards\nAnna\n"
)
ANSWERED = (
    "Dear Otto,\n\ntwo questions before we make the offer. How high is the hall, from the floor to the crane?\n\n"
    "7.20 m.\n\nIs there a gate on the north side?\nNo, only in the south.\nFour metres wide.\n\n"
    "Prices: <https://berg.example/prices>\n\nKind regards\nAnna\n"
)


def test_what_our_mail_does_not_say_is_the_persons() -> None:
    cut = cut_quotes(f"Hello Anna,\n\n{BLOCK}{ANSWERED}", ours=OURS)
    assert cut.text == "Hello Anna,\n\n7.20 m.\n\nNo, only in the south.\nFour metres wide."
    assert cut.interleaved


def test_an_older_mail_below_ours_is_not() -> None:
    older = "From: Otto\nSent: Sunday, August 2, 2026 10:04 AM\nTo: Anna\nSubject: Hall\n\nPlease make an offer.\n"
    cut = cut_quotes(f"Fine.\n\n{BLOCK}{OURS}\n{older}", ours=OURS)
    assert cut.text == "Fine."


def test_another_mail_than_ours_is_quoted_whole() -> None:
    other = "Dear Otto,\n\nthe lift will be serviced on Tuesday.\n\nPlease keep the keys at the desk.\n"
    assert cut_quotes(f"Fine.\n\n{BLOCK}{other}", ours=OURS).text == "Fine."


@pytest.mark.parametrize(
    "announced",
    [
        "Hello Anna,\n\nmy answers below in red.",
        "Hi Anna, see my replies inline.",
        "Hallo Anna,\n\nmeine Antworten stehen unten in Blau.",
        "Bonjour Anna, je réponds dans le texte.",
        "Hej Anna\n\nJeg har svaret nede i din mail.",
        "Здравствуйте, Анна! Отвечаю ниже, в тексте.",
        "Hola Anna: te contesto entre líneas.",
        "Ciao Anna, ti rispondo sotto in rosso.",
        "Dag Anna, zie mijn antwoorden hieronder.",
        "Pani Anno, odpowiadam poniżej na czerwono.",
        "Hej Anna, svaren står i texten nedan.",
        "Olá Anna, respondo abaixo a azul.",
    ],
)
def test_answers_that_are_announced_are_below_the_questions(announced: str) -> None:
    cut = cut_quotes(f"{announced}\n\n{BLOCK}{ANSWERED}")
    assert cut.text == f"{announced}\n\n7.20 m.\n\nNo, only in the south.\nFour metres wide."


@pytest.mark.parametrize(
    "said", ["Not now, thank you.", "Please see below.", "We bought one below that price.", "Let us talk."]
)
def test_where_nothing_is_announced_a_quote_is_a_quote(said: str) -> None:
    assert cut_quotes(f"{said}\n\n{BLOCK}{ANSWERED}").text == said


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_read_beside_any_mail(text: str, ours: str) -> None:
    cut_quotes(f"Hello.\n\n{BLOCK}{text}", ours=ours)
