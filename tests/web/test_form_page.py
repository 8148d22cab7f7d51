"""`/f/<form>` over HTTP, on both databases: what is typed, what is wrong with it, what becomes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from nurture.core.errors import OutsideError
from nurture.store.engine import Store
from nurture.web.app import build_web
from nurture.web.limits import Limits
from nurture.web.stamp import make_stamp, read_stamp
from tests.web.books import KEY, NOW
from tests.web.conftest import Web, client_of, office_at

ADA = {"email": "ada@example.org", "first_name": "Ada", "last_name": "Lund"}


def problems(page: str) -> dict[str, str]:
    """The sentences beside the questions, by question."""
    found = re.findall(r'<p class="problem" id="q-(.+?)-wrong">(.*?)</p>', page)
    return {name: unescape(sentence) for name, sentence in found}


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(.+?)" value="(.*?)">', page))


async def test_looking_at_a_form_changes_nothing(web: Web) -> None:
    page = await web.get("/f/trial")
    assert (page.status_code, page.headers["content-language"]) == (200, "en")
    assert "A week on the water" in page.text
    assert await web.books.rows("lead") == []
    assert await web.books.rows("event") == []


async def test_everything_typed_arrives_as_what_it_is(web: Web) -> None:
    sent = {
        **ADA,
        "country": "Danmark",
        "website": "www.lund.example",
        "sails": "2,5",
        "boats": "2",
        "begins": "2026-07-01T08:30",
        "insured": "on",
        "interest": "Two lines\r\nof text\x00",
        "consent:greetings": "on",
    }
    answer = await web.post("/f/trial?utm_source=fair&utm_campaign=boot", sent)
    assert answer.status_code == 200
    assert "See you soon." in answer.text
    (lead,) = await web.books.rows("lead")
    assert (lead["name"], lead["country"], lead["website"]) == ("Ada Lund", "DK", "www.lund.example")
    assert (lead["own"], lead["source"], lead["owner"]) == ({"sails": 2.5}, "fair", "eva@nordwind.example")
    assert lead["interest"] == "Two lines\nof text"
    assert await web.books.events() == ["consent.given", "form.submitted", "trial.asked"]
    assert await web.books.data("trial.asked") == {
        "form": "trial", "boats": 2, "begins": datetime(2026, 7, 1, 6, 30, tzinfo=UTC), "insured": True, "port": "Kiel",
    }  # fmt: skip
    assert (await web.books.data("form.submitted"))["visit"] == {"utm_source": "fair", "utm_campaign": "boot"}
    (kept,) = await web.books.rows("consent")
    assert (kept["topic"], kept["wording"]) == ("greetings", "A greeting is welcome.")
    assert (kept["proof"]["ip"], kept["proof"]["form"], kept["proof"]["language"]) == (
        "198.51.100.7",
        "trial",
        "en",
    )
    assert kept["proof"]["at"] == NOW


async def test_multipart_is_as_good(web: Web) -> None:
    fields = {name: (None, value) for name, value in ADA.items()}
    answer = await web.client.post("/f/trial", files=fields)
    assert answer.status_code == 200
    assert len(await web.books.rows("lead")) == 1


@pytest.mark.parametrize(
    ("language", "missing"),
    [
        ("en", "Please fill this in."),
        ("de", "Bitte ausfüllen."),
        ("fr", "Merci de remplir ce champ."),
        ("da", "Udfyld venligst dette felt."),
        ("ru", "Заполните, пожалуйста, это поле."),
    ],
)
async def test_what_is_wrong_is_said_beside_it_in_their_language(
    web: Web, language: str, missing: str
) -> None:
    answer = await web.post("/f/news", {"email": ""}, headers={"accept-language": f"{language}-XX, en;q=0.5"})
    assert answer.status_code == 422
    assert problems(answer.text)["email"] == missing
    assert "consent:email" in problems(answer.text)
    assert await web.books.rows("lead") == []


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"email": "ada@@example"}, {"email": "email"}),
        ({**ADA, "country": "Atlantis"}, {"country": "country"}),
        ({**ADA, "website": "none of your business"}, {"website": "web address"}),
        ({**ADA, "sails": "many"}, {"sails": "number"}),
        ({**ADA, "boats": "7"}, {"boats": "one of these"}),
        ({**ADA, "begins": "soon"}, {"begins": "date and a time"}),
        ({**ADA, "first_name": "Win at http://casino.example"}, {"first_name": "only your name"}),
        ({**ADA, "last_name": "x" * 201}, {"last_name": "at most 200"}),
        ({**ADA, "email": "ada@gmial.com"}, {"email": "Did you mean ada@gmail.com?"}),
    ],
)
async def test_what_cannot_be_right(web: Web, typed: dict[str, str], wrong: dict[str, str]) -> None:
    answer = await web.post("/f/trial", typed)
    assert answer.status_code == 422
    said = problems(answer.text)
    assert said.keys() == wrong.keys()
    for name, part in wrong.items():
        assert part in said[name]
    for value in typed.values():
        assert value.replace("&", "&amp;") in answer.text, "what was typed is still there"
    assert await web.books.rows("lead") == []


async def test_a_slip_is_asked_about_once_and_then_believed(web: Web) -> None:
    first = await web.post("/f/trial", {"email": "ada@gmial.com"})
    assert first.status_code == 422
    second = await web.post("/f/trial", {"email": "ada@gmial.com", **hidden(first.text)})
    assert second.status_code == 200
    assert (await web.books.rows("lead"))[0]["email"] == "ada@gmial.com"


NASTY = '"><script>alert(1)</script>{{ 7*7 }}'


async def test_markup_in_a_name_is_only_text(web: Web) -> None:
    answer = await web.post("/f/trial", {"email": "no address", "first_name": NASTY})
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert (await web.post("/f/trial", {**ADA, "first_name": NASTY})).status_code == 200
    assert (await web.books.rows("lead"))[0]["first_name"] == NASTY


async def test_a_line_end_in_a_name_forges_no_header(web: Web) -> None:
    await web.post("/f/trial", {**ADA, "first_name": "Ada\r\nBcc: all@example.org\u2028x"})
    (lead,) = await web.books.rows("lead")
    assert lead["first_name"] == "Ada Bcc: all@example.org x"


async def test_what_was_not_asked_is_not_taken(web: Web) -> None:
    extra = {
        "stage": "customer",
        "score": "999",
        "tags": "vip",
        "owner": "me@evil.example",
        "consent": "confirmed",
    }
    await web.post("/f/trial", {**ADA, **extra})
    (lead,) = await web.books.rows("lead")
    assert (lead["stage"], lead["score"], lead["tags"], lead["owner"]) == (
        "new",
        0,
        [],
        "eva@nordwind.example",
    )
    assert await web.books.consents() == []


async def test_a_telephone_number_or_an_address_is_needed(web: Web) -> None:
    assert problems((await web.post("/f/callback", {"name": "Ada"})).text) == {
        "phone": "Please fill this in."
    }
    assert (await web.post("/f/callback", {"name": "Ada", "phone": "+45 12345678"})).status_code == 200
    assert (await web.post("/f/callback", {"email": "bo@example.org"})).status_code == 200
    assert len(await web.books.rows("lead")) == 2


async def test_a_callback_is_a_task_at_the_wished_time(web: Web) -> None:
    sent = {"name": "Ada", "phone": "+49 30 123456", "wished_at": "2026-03-02T15:00"}
    await web.post("/f/callback", sent)
    (task,) = await web.books.rows("task")
    assert (task["text"], task["kind"]) == ("Call Ada on +49 30 123456", "call")
    assert task["due_at"] == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    assert (await web.books.data("callback.requested"))["wished_at"] == task["due_at"]


async def test_a_later_form_adds_to_the_same_person(web: Web) -> None:
    await web.post("/f/trial", ADA)
    await web.post("/f/callback", {"email": "ada@example.org", "phone": "+49 30 123456", "name": "Somebody"})
    (lead,) = await web.books.rows("lead")
    assert (lead["name"], lead["phone"]) == ("Ada Lund", "+49 30 123456")


# -- languages, sources, embedding ----------------------------------------------------------------------------------


async def test_the_forms_own_languages_are_offered(web: Web) -> None:
    page = await web.get("/f/news", headers={"accept-language": "pt, da;q=0.8, de;q=0.9"})
    assert "Neues von uns" in page.text
    assert page.text.count("hreflang=") == 4
    assert "Vores nyheder" in (await web.get("/f/news?lang=da")).text
    only_one = await web.get("/f/trial?lang=da", headers={"accept-language": "ru"})
    assert only_one.headers["content-language"] == "en", "no page mixes two languages"
    assert "hreflang=" not in only_one.text


async def test_the_language_of_the_form_becomes_theirs(web: Web) -> None:
    await web.post("/f/news?lang=ru", {"email": "ada@example.org", "consent": "on"})
    assert (await web.books.rows("lead"))[0]["language"] == "ru"


@pytest.mark.parametrize(
    ("query", "referer", "source"),
    [
        ("?utm_source=fair", "", "fair"),
        ("?utm_source=google&utm_medium=cpc-3", "https://www.google.com/", "search"),
        ("?utm_source=Google&utm_medium=CPC", "", "paid"),
        ("", "https://www.google.de/search?q=boats", "search"),
        ("", "https://blog.example/", "website"),
        ("?utm_source=else", "", "website"),
    ],
)
async def test_where_they_came_from(web: Web, query: str, referer: str, source: str) -> None:
    page = await web.get(f"/f/trial{query}", headers={"referer": referer} if referer else None)
    await web.post(f"/f/trial{query}", {**ADA, **hidden(page.text)})
    assert (await web.books.rows("lead"))[0]["source"] == source


async def test_what_the_address_says_is_filled_in(web: Web) -> None:
    page = await web.get("/f/trial?first_name=Ada%22%3E&boats=2&insured=on&owner=eve")
    assert 'name="first_name" type="text" value="Ada&#34;&gt;"' in page.text
    assert re.search(r'value="2"\s+checked', page.text)
    assert 'value="eve"' not in page.text


async def test_only_named_sites_may_show_the_form_inside_theirs(web: Web) -> None:
    alone = (await web.get("/f/trial")).headers["content-security-policy"]
    inside = await web.get("/f/trial?embed=1")
    assert "frame-ancestors 'none'" in alone
    assert "frame-ancestors https://www.nordwind.example" in inside.headers["content-security-policy"]
    assert '<header class="brand">' not in inside.text


async def test_taking_people_elsewhere_is_allowed_by_the_policy(web: Web) -> None:
    page = await web.get("/f/elsewhere")
    assert "form-action 'self' https://www.nordwind.example;" in page.headers["content-security-policy"]
    answer = await web.post("/f/elsewhere", {"email": "ada@example.org"})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.nordwind.example/thanks")
    assert len(await web.books.rows("lead")) == 1


# -- double opt-in --------------------------------------------------------------------------------------------------


async def test_the_answer_is_the_same_whoever_it_is(web: Web) -> None:
    await web.books.lead(email="known@example.org")
    unsubscribed = await web.books.lead(email="gone@example.org")
    await web.books.happened(unsubscribed, "unsubscribed")
    said = set()
    for address in ("new@example.org", "known@example.org", "gone@example.org", "new@example.org"):
        answer = await web.post("/f/news", {"email": address, "consent": "on"})
        said.add((answer.status_code, answer.text))
    assert len(said) == 1
    assert await web.books.confirmations() == 3


# -- robots, haste, floods ------------------------------------------------------------------------------------------


async def test_a_robot_that_fills_in_everything(web: Web) -> None:
    person = await web.post("/f/trial", {**ADA, "email": "bo@example.org"})
    robot = await web.post("/f/trial", {**ADA, "_homepage": "http://casino.example"})
    assert (robot.status_code, robot.text) == (person.status_code, person.text)
    assert (await web.books.data("lead.stage_changed"))["to"] == "junk"
    assert (await web.books.events()).count("trial.asked") == 1


async def test_sending_a_page_twice_counts_once(web: Web) -> None:
    stamp = hidden((await web.get("/f/trial")).text)
    for _ in range(2):
        assert (await web.post("/f/trial", {**ADA, **stamp})).status_code == 200
    assert (await web.books.events()).count("trial.asked") == 1
    await web.post("/f/trial", {**ADA, **stamp, "boats": "3"})
    assert (await web.books.events()).count("trial.asked") == 2


async def flood(web: Web, limits: Limits, sent: list[dict[str, Any]], ip: str = "198.51.100.7") -> list[int]:
    app = build_web(office_at(web.books.store, web.clock, limits=limits))
    async with client_of(app, ip) as client:
        return [(await client.post("/f/trial", data=data)).status_code for data in sent]


async def test_one_network_sends_so_many(web: Web) -> None:
    sent = [{"email": f"ada{number}@example.org"} for number in range(5)]
    assert await flood(web, Limits(per_network=3), sent) == [200, 200, 200, 429, 429]
    assert len(await web.books.rows("lead")) == 3


async def test_one_person_is_sent_for_so_often(web: Web) -> None:
    sent = [{"email": address} for address in ("ada@example.org", "ADA@Example.org", "ada@example.org")]
    assert await flood(web, Limits(per_person=2), sent) == [200, 200, 429]


async def test_haste_is_let_pass_a_few_times(web: Web) -> None:
    quick = make_stamp("trial", NOW, KEY)
    slow = make_stamp("trial", NOW - timedelta(seconds=9), KEY)
    sent = [{"email": f"ada{number}@example.org", "_stamp": quick} for number in range(3)]
    sent.append({"email": "bo@example.org", "_stamp": slow})
    assert await flood(web, Limits(in_haste=2), sent) == [200, 200, 429, 200]


async def test_visitors_behind_an_unnamed_proxy_are_not_taken_for_one(web: Web) -> None:
    sent = [{"email": f"ada{number}@example.org"} for number in range(5)]
    assert await flood(web, Limits(per_network=3), sent, ip="127.0.0.1") == [200] * 5


async def test_what_is_refused_stays_on_the_page(web: Web) -> None:
    app = build_web(office_at(web.books.store, web.clock, limits=Limits(per_network=0)))
    async with client_of(app) as client:
        answer = await client.post("/f/trial", data={**ADA, "interest": "A long story"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "A long story" in answer.text
    assert "wait a minute" in answer.text


def test_a_stamp_is_bound_to_its_form() -> None:
    stamp = make_stamp("trial", NOW, KEY)
    read = read_stamp(stamp, "trial", KEY)
    assert read is not None
    assert read.made_at == NOW
    damaged = stamp[:-1] + ("0" if stamp[-1] != "0" else "1")
    for text, form in (
        (stamp, "news"),
        (damaged, "trial"),
        ("", "trial"),
        ("ä.b.c", "trial"),
        ("..", "trial"),
    ):
        assert read_stamp(text, form, KEY) is None


# -- our own faults -------------------------------------------------------------------------------------------------


async def test_when_it_cannot_be_saved_nothing_typed_is_lost(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store) -> Any:
        raise OutsideError("the disk is full")

    monkeypatch.setattr(Store, "write", full)
    answer = await web.post("/f/trial", {**ADA, "interest": "A long story"})
    assert answer.status_code == 503
    assert "A long story" in answer.text
    assert "could not save" in answer.text
    assert "disk" not in answer.text
