from __future__ import annotations

import pytest

from nurture.mail.footer import footer

URL = "https://mail.example.com/u/abc?x=1&y=2"


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("en", "Unsubscribe"),
        ("de-AT", "Abmelden"),
        ("fr", "Se désabonner"),
        ("da", "Afmeld"),
        ("ru", "Отписаться"),
        ("pt", "Unsubscribe"),
        (None, "Unsubscribe"),
    ],
)
def test_the_footer_speaks_the_readers_language(language: str | None, word: str) -> None:
    made = footer(language, company="Example", address="1 Road\n\nTown,", unsubscribe=URL)
    assert f"{word}: {URL}" in made.text
    assert f">{word}</a>" in made.html
    assert 'href="https://mail.example.com/u/abc?x=1&amp;y=2"' in made.html
    for part in (made.html, made.text):
        assert "Example, 1 Road, Town" in part


def test_what_the_company_is_called_is_never_markup() -> None:
    made = footer("en", company="<b>A & B</b>", address="<i>", unsubscribe=URL, why="Because <you> asked.")
    assert "<b>" not in made.html
    assert "<i>" not in made.html
    assert "Because &lt;you&gt; asked." in made.html
    assert "Because <you> asked." in made.text


def test_a_choice_of_topics_stands_beside_the_end() -> None:
    made = footer(
        "en", company="E", address="A", unsubscribe=URL, preferences="https://mail.example.com/p/abc"
    )
    assert made.html.count("<a ") == 2
    assert "https://mail.example.com/p/abc" in made.text
