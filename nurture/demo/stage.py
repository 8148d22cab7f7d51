"""Everything one performance of the demo stands on: the application, its mail servers, the clock, the cast's letterbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from nurture.adapters.clock import VirtualClock
from nurture.adapters.folder import write_mail
from nurture.core.place import Place
from nurture.demo.browser import Browser, WebApp
from nurture.demo.letterbox import Letterbox
from nurture.demo.servers.imap_server import ImapServer
from nurture.demo.servers.script import Do, Fault, Script
from nurture.demo.servers.smtp_server import SmtpServer
from nurture.demo.story import Actor, Meant
from nurture.wiring import App

MAILS: Final = "mail"
"""The folder of the project the mails are kept in, one folder a person."""

OpenWeb = Callable[[App], WebApp]
"""Opens the web application of an application; the demo does not know which one there is."""

_UNKNOWN_MAILBOX: Final = "550 5.1.1 no such mailbox here"
_GREYLISTED: Final = "451 4.7.1 greylisted, please try again in five minutes"


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail the cast put into our mailbox: whose it is, and what a reply of theirs means."""

    actor: Actor
    meant: Meant | None


@dataclass(slots=True)
class Stage:
    """One performance. `posted` holds what the cast sent, by Message-ID; `came` who left their data with us."""

    app: App
    web: WebApp
    clock: VirtualClock
    relay: SmtpServer
    post: ImapServer
    box: Letterbox
    cast: tuple[Actor, ...]
    posted: dict[str, Posted] = field(default_factory=dict)
    came: set[str] = field(default_factory=set)

    def who(self, email: str | None) -> Actor | None:
        """The one of the cast with this address."""
        return next((one for one in self.cast if email and email in (one.email, one.really)), None)

    @property
    def folder(self) -> Path:
        """Where the mails are kept."""
        return self.app.folder / MAILS

    def place_of(self, actor: Actor) -> Place:
        """Where somebody of the cast lives."""
        return self.app.catalog.place_of(dict(actor.fields))

    def local(self, actor: Actor | None) -> datetime:
        """The present on somebody's own clock, or on the company's."""
        place = self.place_of(actor) if actor is not None else self.app.catalog.company_place
        return place.to_local(self.clock.now())

    def browser(self, actor: Actor) -> Browser:
        """Their browser, set to their language."""
        home = self.app.settings.web.public_url or self.app.settings.web.url
        return Browser(self.web, home.rstrip("/"), actor.language)

    def keep(self, actor: Actor, raw: bytes, what: str) -> Path:
        """Keep a mail as a file, in the folder of the person it is from or to."""
        local = self.local(actor)
        return write_mail(self.folder / actor.name.replace(" ", "-"), f"{local:%Y-%m-%d %H%M} {what}", raw)


def faults() -> Script:
    """What goes wrong at the relay in this story: an unknown mailbox, a greylisting, and an answer that gets lost."""
    return Script(
        [
            Fault(at="RCPT", do=Do.SAY, answer=_UNKNOWN_MAILBOX, about="oliver.prat@*"),
            Fault(at="RCPT", do=Do.SAY, answer=_GREYLISTED, about="*@hopital-jura.example", times=1),
            # The mail is taken, and the connection breaks before we hear so: to be resent would be a second copy.
            Fault(at="DOT", do=Do.DROP, about="silke.ahrens@*", skip=1, times=1, accept=True),
        ]
    )
