"""Emails as they will look, before anybody gets one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from nurture.core.errors import OutsideError, UsageError
from nurture.mail.replies import Reply, reply
from nurture.services.preview import Preview, Previewer, send_test, wanted_of
from nurture.services.project import Project
from tests.conftest import NOW
from tests.unit.services.small_project import UPDATE, project


def made(found: Project, name: str, locale: str | None = None, to: str | None = None) -> list[Preview]:
    previewer = Previewer(found, NOW, lambda _name: None)
    return [previewer.make(wanted, to) for wanted in wanted_of(found, name, locale)]


def test_every_email_of_a_campaign_in_every_language() -> None:
    found = made(project(), "report")
    assert [(one.template, one.locale, one.step) for one in found] == [
        ("welcome", None, "welcome"),
        ("welcome", "de", "welcome"),
        ("update", None, "news"),
    ]
    welcome, german, _ = found
    assert welcome.subject == "Your report Pumps", "what the tests of the campaign tell is taken as a sample"
    assert "Guten Tag Ada" in german.text
    assert "https://pumpwerk.example/report" in welcome.html, "links stand as they were written"
    assert dict(welcome.headers)["From"] == "Pumpwerk <hello@pumpwerk.example>"
    assert "Am Wasserturm 4" in welcome.text
    assert [one.file for one in found] == ["welcome.html", "welcome.de.html", "update.html"]


@pytest.mark.parametrize(
    ("name", "locale", "files"),
    [
        ("update", None, ["update.html"]),
        ("report", "de", ["welcome.de.html", "update.html"]),
        ("welcome", "de-AT", ["welcome.de.html"]),
        ("welcome", "fr", ["welcome.html"]),
    ],
)
def test_one_template_or_one_language(name: str, locale: str | None, files: list[str]) -> None:
    assert [one.file for one in made(project(), name, locale)] == files


def test_a_fault_is_told_and_stops_no_other() -> None:
    broken = UPDATE.replace("lead.name", "lead.phone")
    *_, update = made(project({"templates/update.md": broken}), "report")
    assert update.fault is not None
    assert "phone" in update.fault


def test_a_name_that_is_nothing() -> None:
    with pytest.raises(UsageError, match="Did you mean report"):
        wanted_of(project(), "reprot")


@dataclass
class Relay:
    """A mailer that keeps what it is offered and answers with `said`."""

    said: Reply
    offered: list[tuple[str, bytes]] = field(default_factory=list)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Relay]:
        yield self

    async def offer(self, envelope_from: str, recipient: str, raw: bytes) -> Relay:
        self.offered.append((recipient, raw))
        return self

    async def finish(self) -> Reply:
        return self.said

    def abandon(self) -> None:
        return None

    async def close(self) -> None:
        return None


async def test_sent_to_oneself_it_is_marked_as_a_test() -> None:
    relay = Relay(reply(250, "ok"))
    (update,) = made(project(), "update", to="me@pumpwerk.example")
    await send_test(relay, update)  # type: ignore[arg-type]
    ((recipient, raw),) = relay.offered
    head = raw.split(b"\r\n\r\n")[0]
    assert recipient == "me@pumpwerk.example"
    assert head.startswith(b"X-Nurture-Test: yes\r\n")
    assert b"Subject: [Test]\r\n News\r\n" in head


async def test_a_relay_that_refuses_is_told() -> None:
    (update,) = made(project(), "update", to="me@pumpwerk.example")
    with pytest.raises(OutsideError, match="was not sent"):
        await send_test(Relay(reply(550, "no")), update)  # type: ignore[arg-type]
