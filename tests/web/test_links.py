"""The links of emails over HTTP, on both databases: only a POST acts, no scanner does, no token is guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from nurture.core.tokens import Purpose
from nurture.store.queries import links
from tests.web.conftest import Web, token

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URL = "https://www.nordwind.example/prices?for=boats&x=%2F#now"


@pytest.fixture
async def lead_id(web: Web) -> int:
    return await web.books.lead(language="de", first_name="Ada")


@pytest.fixture
async def message(web: Web, lead_id: int) -> int:
    async with web.books.store.write() as conn:
        await links.keep(
            conn, [URL, "https://a.example", "https://b.example", "https://c.example", "javascript:x"]
        )
    return await web.books.message(lead_id)


# -- unsubscribe ----------------------------------------------------------------------------------------------------


async def test_following_the_link_changes_nothing(web: Web, lead_id: int) -> None:
    path = f"/u/{token(Purpose.UNSUBSCRIBE, lead_id)}"
    for method in ("GET", "HEAD", "GET"):
        assert (await web.client.request(method, path)).status_code == 200
    page = await web.get(path)
    assert "Keine E-Mails von Nordwind mehr an a***@example.org?" in page.text
    assert "ada@example.org" not in page.text
    assert page.text.count("<button") == 1
    assert not await web.books.suppressed()
    assert await web.books.events() == []


@pytest.mark.parametrize("packed", ["form", "multipart", "empty", "garbage"])
async def test_one_click_acts_whatever_the_body(web: Web, lead_id: int, packed: str) -> None:
    path = f"/u/{token(Purpose.UNSUBSCRIBE, lead_id)}"
    if packed == "multipart":
        answer = await web.client.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    elif packed == "garbage":
        kind = {"content-type": "multipart/form-data; boundary=x"}
        answer = await web.client.post(path, content=b"--nonsense", headers=kind)
    else:
        answer = await web.post(path, ONE_CLICK if packed == "form" else None)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert await web.books.suppressed()


async def test_again_and_for_ever_it_is_200(web: Web, lead_id: int) -> None:
    path = f"/u/{token(Purpose.UNSUBSCRIBE, lead_id)}"
    for days in (0, 1, 4000):
        web.clock.advance_to(web.clock.now() + timedelta(days=days))
        assert (await web.post(path, ONE_CLICK)).status_code == 200
    await web.books.erase(lead_id)
    assert (await web.post(path, ONE_CLICK)).status_code == 200
    assert (await web.get(path)).status_code == 200
    assert (await web.post(f"/u/{token(Purpose.UNSUBSCRIBE, 4711)}", ONE_CLICK)).status_code == 200
    assert await web.books.events() == ["unsubscribed"]


async def test_who_pressed_is_noted(web: Web, lead_id: int) -> None:
    await web.post(f"/u/{token(Purpose.UNSUBSCRIBE, lead_id)}", ONE_CLICK)
    (kept,) = await web.books.rows("consent")
    assert kept["proof"] == {"by": "mail program", "ip": "198.51.100.7"}


async def test_a_broken_link_still_says_how_to_leave(web: Web, lead_id: int) -> None:
    good = token(Purpose.UNSUBSCRIBE, lead_id)
    for wrong in (
        good[:-1],
        good + "a",
        "x",
        token(Purpose.CONFIRM, lead_id),
        "%00",
        "ä",
        good.replace(good[3], "7"),
    ):
        for method in ("GET", "POST"):
            answer = await web.client.request(method, f"/u/{quote(wrong, safe='%')}")
            assert answer.status_code == 404
            assert "hello@nordwind.example" in answer.text
    assert await web.books.events() == []


async def test_a_slash_too_many_is_no_redirect(web: Web, lead_id: int) -> None:
    answer = await web.post(f"/u/{token(Purpose.UNSUBSCRIBE, lead_id)}/", ONE_CLICK)
    assert answer.status_code == 404


# -- clicks ---------------------------------------------------------------------------------------------------------


def click_path(message: int, url: str = URL) -> str:
    return f"/c/{token(Purpose.CLICK, f'{message}.{links.hash_of(url)}')}"


async def test_a_click_leads_on_and_is_noted_once(web: Web, message: int) -> None:
    for _ in range(2):
        answer = await web.get(click_path(message))
        assert (answer.status_code, answer.headers["location"]) == (302, URL)
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert await web.books.events() == ["email.clicked"]
    assert (await web.books.data("email.clicked"))["link"] == URL


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "Barracuda Sentinel (EE)"},
        {"user-agent": "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5"},
        {"user-agent": ""},
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
async def test_a_machine_is_led_on_and_not_noted(web: Web, message: int, headers: dict[str, str]) -> None:
    answer = await web.get(click_path(message), headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (302, URL)
    assert (await web.client.head(click_path(message))).status_code == 302
    assert await web.books.events() == []


async def test_nobody_follows_every_link_at_once(web: Web, message: int) -> None:
    for url in ("https://a.example", "https://b.example", "https://c.example", URL):
        assert (await web.get(click_path(message, url))).status_code == 302
    assert (await web.books.events()).count("email.clicked") == 3
    web.clock.advance_to(web.clock.now() + timedelta(seconds=30))
    await web.get(click_path(message))
    assert (await web.books.events()).count("email.clicked") == 4


async def test_no_link_leads_where_nothing_is_stored(web: Web, message: int) -> None:
    wrong = [
        click_path(message)[:-1],
        click_path(message) + "a",
        click_path(message, "https://evil.example"),
        click_path(message, "javascript:x"),
        f"/c/{token(Purpose.OPEN, f'{message}.{links.hash_of(URL)}')}",
        f"/c/{token(Purpose.CLICK, message)}",
        "/c/https:%2F%2Fevil.example?url=https://evil.example",
    ]
    for path in wrong:
        answer = await web.get(f"{path}?url=https://evil.example" if "?" not in path else path)
        assert answer.status_code == 404
        assert "location" not in answer.headers
        assert "evil" not in answer.text


async def test_a_link_outlives_the_erased(web: Web, message: int, lead_id: int) -> None:
    await web.books.erase(lead_id)
    assert (await web.get(click_path(message))).headers["location"] == URL
    assert await web.books.events() == []


async def test_the_picture(web: Web, message: int) -> None:
    answer = await web.get(f"/o/{token(Purpose.OPEN, message)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert await web.books.events() == ["email.opened"]
    assert (await web.get(f"/o/{token(Purpose.CLICK, message)}")).status_code == 404


# -- confirm --------------------------------------------------------------------------------------------------------


async def test_the_whole_double_opt_in(web: Web) -> None:
    await web.post("/f/news?lang=fr", {"email": "bo@example.org", "consent": "on"})
    (lead,) = await web.books.rows("lead")
    path = f"/v/{token(Purpose.CONFIRM, lead['id'])}"
    page = await web.get(path)
    assert "Oui, c&#39;est mon adresse" in page.text
    assert await web.books.events() == ["form.submitted"], "a scanner that follows the link confirms nothing"
    web.clock.advance_to(web.clock.now() + timedelta(hours=2))
    for _ in range(2):
        answer = await web.post(path)
        assert answer.status_code == 200
        assert "b***@example.org est confirmée" in answer.text
    assert await web.books.events() == ["form.submitted", "consent.given", "lead.verified"]
    (kept,) = await web.books.rows("consent")
    assert kept["wording"] == "Vous pouvez m'écrire."
    assert kept["proof"]["confirmed"]["ip"] == "198.51.100.7"


async def test_a_link_too_old_asks_to_start_again(web: Web) -> None:
    await web.post("/f/news", {"email": "bo@example.org", "consent": "on"})
    (lead,) = await web.books.rows("lead")
    web.clock.advance_to(web.clock.now() + timedelta(days=8))
    answer = await web.post(f"/v/{token(Purpose.CONFIRM, lead['id'])}")
    assert "too old" in answer.text
    assert "lead.verified" not in await web.books.events()


# -- preferences ----------------------------------------------------------------------------------------------------


async def test_choosing_topics(web: Web, lead_id: int) -> None:
    path = f"/p/{token(Purpose.PREFERENCES, lead_id)}"
    page = await web.get(path)
    boxes = dict(re.findall(r'name="topic" value="(\w+)"\s*(checked)?', page.text))
    assert boxes == {"email": "checked", "greetings": ""}
    answer = await web.post(path, {"save": "1", "topic": ["email", "greetings"]})
    assert "Gespeichert" in answer.text
    assert await web.books.events() == ["consent.given"]
    await web.post(path, {"save": "1"})
    assert await web.books.suppressed()


async def test_a_mail_programs_button_takes_nothing_back_here(web: Web, lead_id: int) -> None:
    answer = await web.post(f"/p/{token(Purpose.PREFERENCES, lead_id)}", ONE_CLICK)
    assert answer.status_code == 200
    assert await web.books.events() == []


# -- questionnaires -------------------------------------------------------------------------------------------------


def survey_path(message: int, name: str = "farewell") -> str:
    return f"/s/{token(Purpose.SURVEY, f'{message}.{name}')}"


async def test_opening_a_questionnaire_answers_nothing(web: Web, message: int) -> None:
    page = await web.get(survey_path(message) + "?reason=timing&words=%3Cb%3E")
    assert "Eine Frage" in page.text
    assert re.search(r'value="timing"\s+checked', page.text)
    assert "&lt;b&gt;" in page.text
    assert await web.books.events() == []


async def test_an_answer_with_everything(web: Web, message: int) -> None:
    sent = {"reason": "timing", "until": "2026-09-01", "words": "Later.", "greetings": "on"}
    answer = await web.post(survey_path(message) + "?reason=budget", sent)
    assert answer.status_code == 200
    assert "Wir halten uns daran." in answer.text
    assert await web.books.events() == ["consent.given", "survey.answered"]
    data = await web.books.data("survey.answered")
    assert (data["reason"], data["until"], data["campaign"]) == ("timing", date(2026, 9, 1), "farewell")
    (kept,) = await web.books.rows("consent")
    assert kept["wording"] == "Ein Gruß ist willkommen."


async def test_coming_back_is_favourable(web: Web, message: int) -> None:
    await web.post(survey_path(message), {"reason": "come_back"})
    assert (await web.books.data("survey.answered"))["favourable"] is True


async def test_a_wrong_answer_is_shown_again(web: Web, message: int) -> None:
    sent = {"reason": "spite", "until": "2026-03-02", "words": "As typed"}
    answer = await web.post(survey_path(message) + "?lang=en", sent)
    assert answer.status_code == 422
    assert "still to come" in answer.text
    assert "one of these" in answer.text
    assert "As typed" in answer.text
    assert await web.books.events() == []


async def test_answers_become_the_data_of_the_raised_event(web: Web, message: int) -> None:
    path = survey_path(message, "feedback")
    assert (await web.post(path, {"rating": "6"})).status_code == 422
    assert (await web.post(path, {"rating": "5", "share": "12,5"})).status_code == 200
    data = await web.books.data("feedback.given")
    assert (data["rating"], data["share"]) == (5, 12.5)


async def test_sent_twice_it_is_one_answer(web: Web, message: int) -> None:
    for _ in range(2):
        assert (await web.post(survey_path(message), {"reason": "budget"})).status_code == 200
    assert await web.books.events() == ["survey.answered"]


async def test_a_closed_questionnaire_says_so(web: Web, message: int, lead_id: int) -> None:
    assert "geschlossen" in (await web.get(survey_path(message, "gone"))).text
    await web.books.erase(lead_id)
    answer = await web.post(survey_path(message) + "?lang=en", {"reason": "budget"})
    assert "closed" in answer.text
    assert await web.books.events() == []


async def test_the_clock_of_the_project_counts(web: Web, message: int) -> None:
    web.clock.advance_to(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    answer = await web.post(survey_path(message), {"reason": "budget", "until": "2026-03-03"})
    assert answer.status_code == 422, "in Berlin that is today already"
