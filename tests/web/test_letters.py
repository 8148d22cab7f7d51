"""The links our letters hold lead to our pages: the starter's emails, written as they are sent, followed one by one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from nurture.adapters.folder import ProjectFolder
from nurture.services.desk import WritingDesk, house_of
from nurture.services.letters import Letter, Order, write_letter
from nurture.services.project import Project, load_project
from nurture.services.world import empty_catalog
from nurture.store.queries import leads, links
from nurture.web.app import build_web
from tests.web.books import NOW, SECRET
from tests.web.conftest import STARTER, Web, client_of, office_at

STEPS = {"farewell": "farewell", "confirmation": "confirm_address", "after-purchase": "feedback_request"}


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ProjectFolder(Path(STARTER).parent), {})


async def letter_of(web: Web, project: Project, campaign: str, template: str) -> Letter:
    """The letter of a template, to Ada, with its links stored."""
    settings = project.settings
    catalog = empty_catalog(settings)
    house = house_of(settings, SECRET, lambda name: b"")
    desk = WritingDesk(catalog, settings, project.templates, project.layout, house)
    lead_id = await web.books.lead(language="en", first_name="Ada")
    message = await web.books.message(lead_id, campaign=campaign, step=template, template=template)
    async with web.books.store.write() as conn:
        row = await leads.get(conn, lead_id)
        assert row is not None
        order = Order(message, campaign, template, template, "r", False, "company", {}, NOW)
        letter = write_letter(
            order,
            desk.addressee(row),
            replace(house, url="http://pages.example"),
            desk.templates,
            desk.layout,
        )
        await links.keep(conn, letter.links)
    return letter


@pytest.mark.parametrize(("campaign", "template"), list(STEPS.items()))
async def test_every_link_of_a_letter_leads_somewhere(
    web: Web, project: Project, campaign: str, template: str
) -> None:
    letter = await letter_of(web, project, campaign, template)
    office = office_at(web.books.store, web.clock, STARTER)
    ours = sorted(set(re.findall(r"http://pages\.example[^\s>)\"]+", letter.text)))
    assert {"u"} <= {urlsplit(url).path[1] for url in ours}
    async with client_of(build_web(office)) as client:
        for url in ours:
            answer = await client.get(url.replace("&amp;", "&"))
            kind = urlsplit(url).path[1]
            assert answer.status_code == (302 if kind == "c" else 200), url
            assert kind == "c" or "<button" in answer.text
        await client.post(next(url for url in ours if "/u/" in url), data={"List-Unsubscribe": "One-Click"})
    assert await web.books.suppressed()


async def test_the_mail_that_asks_to_confirm_confirms(web: Web, project: Project) -> None:
    letter = await letter_of(web, project, "confirmation", "confirm_address")
    url = next(one for one in re.findall(r"http://\S+?(?=[>)\s])", letter.text) if "/v/" in one)
    answer: Any = await web.client.post(url)
    assert answer.status_code == 200
    assert await web.books.events() == ["lead.verified"]
