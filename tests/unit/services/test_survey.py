"""A questionnaire's answers, as stories on both databases (row R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nurture.services.survey import Answered, answer, origin_of
from nurture.store.engine import Store
from nurture.store.queries.origins import Origin
from tests.web.books import NOW, SECRET, Books

REFUSED = Answered(
    survey="farewell",
    language="en",
    answers={"reason": "budget", "until": date(2026, 9, 1), "words": "Next year.", "greetings": True},
    agreed={"greetings": "A greeting is welcome."},
    favourable=False,
    raised={},
    once="1",
    proof={"ip": "192.0.2.7"},
)


@pytest.fixture
async def books(store: Store) -> Books:
    return Books(store)


@pytest.fixture
async def origin(books: Books) -> Origin:
    message = await books.message(await books.lead(language="de"))
    found = await origin_of(books.store, message)
    assert found is not None
    return found


async def test_the_answers_are_kept_with_the_mail_they_answer(books: Books, origin: Origin) -> None:
    assert await answer(books.store, origin, REFUSED, None, now=NOW, secret=SECRET)
    data = await books.data("survey.answered")
    assert data["answers"] == REFUSED.answers
    assert (data["survey"], data["reason"], data["until"]) == ("farewell", "budget", date(2026, 9, 1))
    assert (data["campaign"], data["run"], data["step"]) == ("farewell", "farewell-1", "letter")
    assert "favourable" not in data


async def test_what_is_allowed_is_known_before_the_answers(books: Books, origin: Origin) -> None:
    await answer(books.store, origin, REFUSED, None, now=NOW, secret=SECRET)
    assert await books.events() == ["consent.given", "survey.answered"]
    (kept,) = await books.rows("consent")
    assert (kept["topic"], kept["wording"], kept["proof"]) == (
        "greetings",
        "A greeting is welcome.",
        {"ip": "192.0.2.7"},
    )


async def test_the_same_twice_is_once_and_a_change_of_mind_counts(books: Books, origin: Origin) -> None:
    await answer(books.store, origin, REFUSED, None, now=NOW, secret=SECRET)
    assert not await answer(books.store, origin, REFUSED, None, now=NOW, secret=SECRET)
    other = replace(REFUSED, answers={"reason": "come_back"}, agreed={}, favourable=True, once="2")
    assert await answer(books.store, origin, other, None, now=NOW, secret=SECRET)
    assert await books.events() == ["consent.given", "survey.answered", "survey.answered"]
    assert await books.consents() == [("greetings", True)]
    assert (await books.rows("event", type="survey.answered"))[1]["data"]["favourable"] is True


async def test_it_raises_the_questionnaires_own_event(books: Books, origin: Origin) -> None:
    feedback = Answered("feedback", "en", {"rating": 5}, {}, False, {"rating": 5}, "1", {})
    await answer(books.store, origin, feedback, "feedback.given", now=NOW, secret=SECRET)
    await answer(books.store, origin, feedback, "feedback.given", now=NOW, secret=SECRET)
    assert await books.events() == ["survey.answered", "feedback.given"]
    assert (await books.data("feedback.given"))["rating"] == 5


async def test_there_is_no_questionnaire_for_the_erased(books: Books, origin: Origin) -> None:
    await books.erase(origin.lead_id)
    assert await origin_of(books.store, origin.message) is None
    assert await origin_of(books.store, 4711) is None
