"""What holds for every page: the headers, the limits, the languages, and what a wrong address gets."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nurture.adapters.clock import VirtualClock
from nurture.core.errors import OutsideError
from nurture.core.tokens import Purpose
from nurture.store.engine import Store, open_store
from nurture.web import shield
from nurture.web.app import build_web
from nurture.web.words import accepted, choose, tongues
from tests.web.books import NOW
from tests.web.conftest import STARTER, office_at, settings_in, token

LANGUAGES = ("en", "de", "fr", "da", "ru")
FUZZ = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def all_pages() -> list[str]:
    return [
        "/f/trial",
        "/f/news?lang=ru",
        f"/u/{token(Purpose.UNSUBSCRIBE, 1)}",
        f"/v/{token(Purpose.CONFIRM, 1)}",
        f"/p/{token(Purpose.PREFERENCES, 1)}",
        f"/s/{token(Purpose.SURVEY, '1.farewell')}",
        "/nothing/here",
        "/u/broken",
        "/c/broken",
    ]


@pytest.mark.parametrize("path", all_pages(), ids=lambda path: path[:3])
def test_every_page_has_its_headers(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    headers = answer.headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'self'",
        "script-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "set-cookie" not in headers
    assert not re.search(r"<script|style=|\son\w+=|javascript:", answer.text)
    assert pages.get(re.search(r'rel="stylesheet" href="(.+?)"', answer.text)[1]).status_code == 200  # type: ignore[index]


def test_a_page_over_https_says_so_for_a_year(tmp_path: Any) -> None:
    office = office_at(open_store(f"sqlite:///{tmp_path / 'n.db'}"), VirtualClock(NOW))
    secure = build_web(replace(office, url="https://pages.example/sub"))
    answer = TestClient(secure).get("/nothing")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert 'href="/sub/static/pages.css' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_address_in_every_language(pages: TestClient, language: str) -> None:
    answer = pages.get("/nothing", headers={"accept-language": language})
    assert answer.status_code == 404
    assert tongues()[language]("not_found") in unescape(answer.text)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/f/trial"), ("DELETE", "/u/x"), ("POST", "/c/x"), ("OPTIONS", "/u/x"), ("TRACE", "/")],
)
def test_other_methods_get_a_page(pages: TestClient, method: str, path: str) -> None:
    answer = pages.request(method, path)
    assert answer.status_code in (404, 405)
    assert "<h1>" in answer.text


def test_too_much_is_refused_before_it_is_read(pages: TestClient) -> None:
    answer = pages.post("/f/trial", data={"email": "ada@example.org", "interest": "x" * 70_000})
    assert answer.status_code == 413
    assert "shorten" in answer.text
    in_pieces = pages.post("/f/trial", content=(b"x" * 1000 for _ in range(100)))
    assert in_pieces.status_code == 413


async def test_who_sends_too_slowly_is_not_waited_for(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shield, "MOST_SECONDS", 0.05)
    app = build_web(office_at(open_store(f"sqlite:///{tmp_path / 'n.db'}"), VirtualClock(NOW)))
    said: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/f/trial",
        "headers": [],
        "query_string": b"",
        "client": None,
    }
    await app(scope, receive, send)
    assert said[0]["status"] == 408


def test_what_is_no_form_is_refused(pages: TestClient) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert pages.post("/f/trial", content=b"--nonsense", headers=kind).status_code == 400
    file = {"email": ("a.txt", b"data")}
    assert pages.post("/f/trial", files=file).status_code == 400
    many = {f"field{number}": "x" for number in range(500)}
    assert pages.post("/f/trial", data=many).status_code == 400


def test_health(pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (pages.get("/healthz").status_code, pages.get("/readyz").text) == (200, "ready\n")

    def gone(self: Store) -> Any:
        raise OutsideError("no server")

    monkeypatch.setattr(Store, "read", gone)
    assert pages.get("/healthz").status_code == 200
    assert pages.get("/readyz").status_code == 503
    page = pages.get(f"/u/{token(Purpose.UNSUBSCRIBE, 1)}")
    assert page.status_code == 503
    assert "Please try again" in page.text


def test_an_unforeseen_error_is_a_page_too(tmp_path: Any) -> None:
    async def fails(request: Request) -> Response:
        raise ZeroDivisionError("secret inside")

    office = office_at(open_store(f"sqlite:///{tmp_path / 'n.db'}"), VirtualClock(NOW))
    app = build_web(office, also=[Route("/fails", fails)])
    answer = TestClient(app).get("/fails", headers={"accept-language": "da"})
    assert answer.status_code == 500
    assert "Noget gik galt hos os" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


# -- tokens ---------------------------------------------------------------------------------------------------------


@FUZZ
@given(st.sampled_from("ucosvp"), st.text(max_size=80))
def test_no_text_is_a_token(pages: TestClient, kind: str, text: str) -> None:
    for method in ("GET", "POST"):
        answer = pages.request(method, f"/{kind}/{quote(text, safe='')}", follow_redirects=False)
        assert answer.status_code in (404, 405)
        assert "location" not in answer.headers


@FUZZ
@given(
    st.sampled_from([("u", Purpose.UNSUBSCRIBE), ("v", Purpose.CONFIRM), ("p", Purpose.PREFERENCES)]),
    st.data(),
)
def test_a_changed_token_is_none(pages: TestClient, kind: tuple[str, Purpose], data: st.DataObject) -> None:
    good = token(kind[1], 1)
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from([one for one in "abcdefghijklmnopqrstuvwxyz234567" if one != good[at]]))
    assert pages.get(f"/{kind[0]}/{good[:at]}{other}{good[at + 1 :]}").status_code == 404


@pytest.mark.parametrize("kind", "ucosvp")
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_token_is_good_for_its_own_page_only(pages: TestClient, kind: str, purpose: Purpose) -> None:
    pairs = {Purpose.SURVEY: "1.farewell", Purpose.CLICK: "1.abc"}
    answer = pages.get(f"/{kind}/{token(purpose, pairs.get(purpose, 1))}", follow_redirects=False)
    own = {"u": "unsubscribe", "o": "open", "s": "survey", "v": "confirm", "p": "preferences"}
    assert answer.status_code == (200 if own.get(kind) == purpose else 404)


# -- words ----------------------------------------------------------------------------------------------------------


def test_every_language_has_the_same_words() -> None:
    english = tongues()["en"].words
    for tag in LANGUAGES:
        words = tongues()[tag].words
        assert words.keys() == english.keys()
        for key, text in words.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), (tag, key)
            assert text.strip() == text != ""


@pytest.mark.parametrize(
    ("offered", "wished", "accept", "chosen"),
    [
        (("en", "de"), (None,), "de-AT,de;q=0.9,en;q=0.5", "de"),
        (("en", "de"), ("fr",), "", "en"),
        (("en", "de"), ("de_CH",), "en", "de"),
        (("de", "en"), (), "*, ja;q=0.5", "de"),
        (("de", "en"), (), "en;q=0, fr", "de"),
        (("de", "en"), (), "fr;q=1, en;q=x", "de"),
        (("pt", "nl"), ("pt",), "", "en"),
        ((), (), "", "en"),
        (("de-AT",), (), "", "de"),
    ],
)
def test_which_language(
    offered: tuple[str, ...], wished: tuple[str | None, ...], accept: str, chosen: str
) -> None:
    assert choose(offered, *wished, accept=accept).tag == chosen


@given(st.text(max_size=100))
def test_any_accept_language_is_survived(header: str) -> None:
    assert all(tag.strip() for tag in accepted(header))


STARTER_SETTINGS = settings_in(STARTER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_starters_forms_and_questionnaires_speak_every_language(
    starter: TestClient, language: str
) -> None:
    paths = [f"/f/{name}" for name in STARTER_SETTINGS.forms]
    paths += [f"/s/{token(Purpose.SURVEY, f'1.{name}')}" for name in STARTER_SETTINGS.surveys]
    for path in paths:
        answer = starter.get(f"{path}?lang={language}")
        assert answer.status_code == 200
        assert answer.headers["content-language"] == language
        assert answer.text.count("hreflang=") == len(LANGUAGES) - 1
