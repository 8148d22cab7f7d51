"""The pages in a real Chromium at phone width: filled in by hand, in two languages, light and dark."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from nurture.adapters.clock import VirtualClock
from nurture.core.tokens import Purpose
from nurture.store.engine import Store, open_store
from nurture.store.migrate import upgrade
from nurture.web.app import build_web
from tests.web.books import NOW, Books
from tests.web.conftest import STARTER, office_at, token

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("NURTURE_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
WIDTH = 360


@dataclass
class Site:
    """The starter project's pages, served; `ada` is lead 1 with message 1."""

    url: str
    store: Store
    loop: asyncio.AbstractEventLoop

    def books(self, work: Any) -> Any:
        """What the books say; `work` is a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def events(self, lead_id: int) -> list[str]:
        return list(self.books(Books(self.store).events(lead_id)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The pages on a free port, in a thread with a loop of its own."""
    store = open_store(f"sqlite:///{tmp_path / 'nurture.db'}")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    office = office_at(store, VirtualClock(NOW), STARTER)
    office = replace(office, framing=(url.replace("127.0.0.1", "localhost"),))

    async def shop(request: Request) -> HTMLResponse:
        frame = f"<iframe src='{url}/f/report?embed=1&lang=en' width=340 height=900></iframe>"
        return HTMLResponse(
            f"<title>A shop</title><link rel=icon href=data:,>{frame}",
            headers={"content-security-policy": ""},
        )

    app = build_web(office, also=[Route("/shop", shop)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    found: dict[str, asyncio.AbstractEventLoop] = {}

    async def serve() -> None:
        found["loop"] = asyncio.get_running_loop()
        await upgrade(store, NOW)
        books = Books(store)
        await books.message(await books.lead(language="de", first_name="Ada"))
        await server.serve(sockets=[listening])
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(url, store, found["loop"])
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium; left out, and said so, where there is none."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; NURTURE_TEST_CHROMIUM names another")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone's page. Whatever the policy forbids, and every script, would show as a complaint."""
    context = chromium.new_context(viewport={"width": WIDTH, "height": 740}, color_scheme=request.param)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [one for one in complaints if "422" not in one] == []
    context.close()


def fits(page: Page) -> None:
    """Nothing sticks out to the right, and everything one taps is large enough for a finger."""
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    heights = page.evaluate(
        "[...document.querySelectorAll('button, select, input[name]:not([type=hidden], [type=radio], [type=checkbox])')]"
        ".filter(one => !one.closest('.elsewhere')).map(one => one.getBoundingClientRect().height)"
    )
    assert all(height >= 44 for height in heights)


def test_the_report_form_in_german(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/f/report?lang=de")
    fits(phone)
    assert (
        not phone.locator("[name=_homepage]").is_visible()
        or phone.locator(".elsewhere").bounding_box()["x"] < 0
    )  # type: ignore[index]
    phone.get_by_label("E-Mail", exact=True).fill("keine Adresse")
    phone.get_by_label("Vorname").fill("Grete")
    phone.get_by_role("button", name="Report zusenden").click()
    expect(phone.locator("#q-email-wrong")).to_contain_text("Das sieht nicht wie eine E-Mail-Adresse aus")
    fits(phone)
    assert phone.get_by_label("Vorname").input_value() == "Grete"
    phone.get_by_label("Energy in pumping stations").check()
    phone.get_by_label("E-Mail", exact=True).fill("grete@firma.example")
    phone.get_by_label("Pumpwerk darf mir per E-Mail").check()
    phone.get_by_role("button", name="Report zusenden").click()
    expect(phone.locator("h1")).to_have_text("Vielen Dank. Der Link ist unterwegs in Ihr Postfach.")
    fits(phone)
    assert site.events(2) == ["consent.given", "form.submitted", "report.downloaded"]


def test_the_callback_form_in_russian(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/f/callback?lang=ru")
    fits(phone)
    phone.get_by_label("Имя").fill("Анна")
    phone.get_by_label("Телефон").fill("+7 495 123-45-67")
    phone.locator("[name=wished_at]").fill("2026-03-03T11:00")
    phone.get_by_role("button", name="Перезвоните мне").click()
    expect(phone.locator("h1")).to_contain_text("Спасибо")
    (task,) = site.books(Books(site.store).rows("task"))
    assert task["text"] == "Call Анна back on +7 495 123-45-67"


@pytest.mark.parametrize(
    ("language", "button", "choice"),
    [("fr", "Envoyer", "Pas de budget pour le moment"), ("da", "Send", "Der er ikke budget til det lige nu")],
)
def test_the_farewell_questionnaire(site: Site, phone: Page, language: str, button: str, choice: str) -> None:
    phone.goto(f"{site.url}/s/{token(Purpose.SURVEY, '1.farewell')}?lang={language}&reason=budget")
    fits(phone)
    assert phone.get_by_label(choice).is_checked()
    phone.locator("[name=until]").fill("2026-09-01")
    phone.locator("[name=greetings]").check()
    phone.get_by_role("button", name=button, exact=True).click()
    expect(phone.locator("h1.said")).to_be_visible()
    fits(phone)
    assert site.events(1) == ["consent.given", "survey.answered"]


def test_the_feedback_scale_by_keyboard(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/s/{token(Purpose.SURVEY, '1.feedback')}?lang=en")
    phone.locator("[name=rating][value='1']").focus()
    for _ in range(3):
        phone.keyboard.press("ArrowRight")
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("h1.said")).to_be_visible()
    data = site.books(Books(site.store).data("feedback.given"))
    assert data["rating"] == 4


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        ("de", "Ja, bitte abmelden", "Sie sind abgemeldet"),
        ("en", "Yes, unsubscribe me", "You are unsubscribed"),
    ],
)
def test_unsubscribing(site: Site, phone: Page, language: str, button: str, said: str) -> None:
    phone.goto(f"{site.url}/u/{token(Purpose.UNSUBSCRIBE, 1)}?lang={language}")
    fits(phone)
    assert site.events(1) == []
    phone.get_by_role("button", name=button).click()
    expect(phone.locator("h1")).to_have_text(said)
    fits(phone)
    assert site.events(1) == ["unsubscribed"]


def test_from_unsubscribing_to_choosing_less(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/u/{token(Purpose.UNSUBSCRIBE, 1)}")
    phone.get_by_role("link", name="Oder auswählen, welche E-Mails Sie möchten").click()
    phone.get_by_label("Ein Gruß von Pumpwerk").check()
    fits(phone)
    phone.get_by_role("button", name="Speichern").click()
    expect(phone.get_by_role("status")).to_have_text("Gespeichert. Es gilt ab sofort.")
    assert phone.get_by_label("Ein Gruß von Pumpwerk").is_checked()
    assert site.events(1) == ["consent.given"]


def test_changing_the_language_by_hand(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/f/webinar?lang=en&utm_source=fair")
    phone.get_by_role("link", name="Русский").click()
    expect(phone.locator("h1")).to_have_text("Регистрация на вебинар")
    assert "utm_source=fair" in phone.url
    fits(phone)


def test_a_form_inside_the_page_of_a_named_site(site: Site, phone: Page) -> None:
    phone.goto(site.url.replace("127.0.0.1", "localhost") + "/shop")
    form = phone.frame_locator("iframe")
    form.get_by_label("Sizing pumps").check()
    assert form.locator("header").count() == 0
    form.get_by_label("Email", exact=True).fill("grete@firma.example")
    form.get_by_role("button", name="Send me the report").click()
    expect(form.locator("h1")).to_contain_text("on its way")
    assert site.events(2) == ["form.submitted", "report.downloaded"]


def test_nobody_else_may_show_it_inside(site: Site, chromium: Browser) -> None:
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.url.replace("127.0.0.1", "evil.localhost") + "/shop")
    page.wait_for_timeout(300)
    assert any("frame-ancestors" in one for one in said)
    page.close()
