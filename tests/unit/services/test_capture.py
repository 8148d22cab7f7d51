"""Forms that were filled in, as stories on both databases (rows I1, I4, H7, Q5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nurture.core.duration import Duration
from nurture.core.errors import GrammarError, UsageError
from nurture.core.holiday_book import HolidayBook
from nurture.core.place import Place
from nurture.services.capture import Agreed, Captured, Submission, TaskAsked, capture
from nurture.store.engine import Store
from tests.web.books import NOW, SECRET, Books

BERLIN = Place(ZoneInfo("Europe/Berlin"), "DE", HolidayBook())
MAIL = Agreed("email", "You may write to me.")


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store)


async def send(books: Books, now: datetime = NOW, **changes: Any) -> Captured:
    fields: Mapping[str, Any] = {"email": "ada@example.org", "first_name": "Ada", "last_name": "Lund"}
    sent: dict[str, Any] = {
        "form": "report",
        "language": "de",
        "fields": fields,
        "answers": {**fields, "report": "Pumps"},
        "raises": "report.downloaded",
        "raised": {"report": "Pumps"},
        "source": "newsletter",
        "visit": {"utm_source": "news"},
        "proof": {"form": "report", "ip": "192.0.2.7", "language": "de"},
        **changes,
    }
    return await capture(books.store, Submission(**sent), now=now, secret=SECRET)


async def test_somebody_new(books: Books) -> None:
    captured = await send(books, agreed=(MAIL,))
    assert (captured.new, captured.recorded, captured.asked) == (True, True, False)
    (lead,) = await books.rows("lead")
    assert (lead["email"], lead["name"], lead["language"], lead["source"]) == (
        "ada@example.org",
        "Ada Lund",
        "de",
        "newsletter",
    )
    assert await books.events() == ["consent.given", "form.submitted", "report.downloaded"]
    assert await books.data("report.downloaded") == {"form": "report", "report": "Pumps"}
    submitted = await books.data("form.submitted")
    assert submitted["answers"]["report"] == "Pumps"
    assert (submitted["source"], submitted["visit"]) == ("newsletter", {"utm_source": "news"})


async def test_the_wording_is_kept_as_proof(books: Books) -> None:
    await send(books, agreed=(MAIL,))
    (kept,) = await books.rows("consent")
    assert (kept["given"], kept["wording"], kept["at"]) == (True, "You may write to me.", NOW)
    assert kept["proof"] == {"form": "report", "ip": "192.0.2.7", "language": "de"}


async def test_what_was_not_ticked_is_not_allowed(books: Books) -> None:
    await send(books)
    assert await books.consents() == []


async def test_a_later_form_fills_in_and_overwrites_nothing(books: Books) -> None:
    first = await send(books)
    fields = {"email": "ADA@example.org", "first_name": "Eve", "company": "Lund AG", "phone": "+49 30 123456"}
    second = await send(books, NOW + timedelta(days=9), fields=fields, answers=fields, language="fr")
    assert (second.lead_id, second.new) == (first.lead_id, False)
    (lead,) = await books.rows("lead")
    assert (lead["first_name"], lead["company"], lead["phone"], lead["language"]) == (
        "Ada",
        "Lund AG",
        "+49 30 123456",
        "de",
    )


async def test_the_same_page_sent_twice_is_once(books: Books) -> None:
    await send(books, once="n1:a", agreed=(MAIL,))
    again = await send(books, once="n1:a", agreed=(MAIL,))
    assert not again.recorded
    assert await books.events() == ["consent.given", "form.submitted", "report.downloaded"]
    assert len(await books.consents()) == 1
    await send(books, once="n2:a")
    assert (await books.events()).count("report.downloaded") == 2


async def test_without_a_stamp_each_time_counts(books: Books) -> None:
    await send(books)
    await send(books)
    assert (await books.events()).count("form.submitted") == 2


async def test_a_telephone_number_is_enough(books: Books) -> None:
    fields = {"name": "Ada", "phone": "+49 30 123456"}
    captured = await send(books, fields=fields, answers=fields, raises="callback.requested", raised={})
    (lead,) = await books.rows("lead", id=captured.lead_id)
    assert (lead["email"], lead["phone"]) == (None, "+49 30 123456")
    assert await books.events() == ["form.submitted", "callback.requested"]


@pytest.mark.parametrize(
    ("fields", "error"), [({"name": "Ada"}, UsageError), ({"email": "ada"}, GrammarError)]
)
async def test_nobody_to_reach_is_nobody(
    books: Books, fields: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await send(books, fields=fields)
    assert await books.rows("lead") == []


async def test_what_looks_odd_is_noted_and_taken(books: Books) -> None:
    fields = {"email": "info@lund.example", "name": "asdf"}
    await send(books, fields=fields)
    assert (await books.data("form.submitted"))["doubts"] == ["joke_name", "role_address"]
    assert len(await books.rows("lead")) == 1


# -- tasks ----------------------------------------------------------------------------------------------------------


def call(at: datetime | None = None, text: str | None = None) -> TaskAsked:
    def make(values: Mapping[str, Any]) -> str:
        if text is not None:
            raise UsageError(text)
        return f"Call {values['lead']['name']} on {values['lead']['phone']}"

    return TaskAsked(make, Duration(minutes=5), "call", BERLIN, at)


CALLER = {"name": "Ada", "phone": "+49 30 123456"}


async def test_a_callback_is_a_task(books: Books) -> None:
    await send(books, fields=CALLER, answers=CALLER, task=call())
    (task,) = await books.rows("task")
    assert (task["text"], task["kind"], task["who"]) == ("Call Ada on +49 30 123456", "call", "owner")
    assert task["due_at"] == NOW + timedelta(minutes=5)


async def test_a_wished_time_decides_when_it_is_due(books: Books) -> None:
    wished = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
    await send(books, fields=CALLER, answers=CALLER, task=call(at=wished))
    (task,) = await books.rows("task")
    assert task["due_at"] == wished


async def test_asking_twice_is_one_task_while_it_is_open(books: Books) -> None:
    await send(books, fields=CALLER, task=call())
    await send(books, fields=CALLER, task=call())
    assert len(await books.rows("task")) == 1


async def test_a_task_text_that_cannot_be_made_costs_no_contact(books: Books) -> None:
    await send(books, fields=CALLER, task=call(text="no such name"))
    (task,) = await books.rows("task")
    assert task["text"] == "Ada sent the form report."


# -- abuse ----------------------------------------------------------------------------------------------------------


async def test_a_robots_form_is_kept_as_junk_and_raises_nothing(books: Books) -> None:
    await send(books, robot="it filled in what nobody sees", agreed=(MAIL,), task=call())
    assert await books.events() == ["lead.stage_changed", "form.submitted"]
    assert (await books.data("lead.stage_changed"))["to"] == "junk"
    assert await books.rows("task") == []
    assert await books.consents() == []


async def test_a_robot_changes_nothing_about_somebody_known(books: Books) -> None:
    lead_id = await books.lead()
    fields = {"email": "ada@example.org", "company": "SPAM"}
    captured = await send(books, fields=fields, robot="it filled in what nobody sees")
    assert captured.lead_id == lead_id
    (lead,) = await books.rows("lead")
    assert lead["company"] is None
    assert await books.events() == ["form.submitted"]


async def test_many_at_the_same_moment_make_one_lead(books: Books) -> None:
    sent = [send(books, once=f"n{number}:a") for number in range(6)]
    captured = await asyncio.gather(*sent)
    assert len({one.lead_id for one in captured}) == 1
    assert len(await books.rows("lead")) == 1
    assert (await books.events()).count("form.submitted") == 6
