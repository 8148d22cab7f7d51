"""The only file that picks adapters: a project folder becomes a running application."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url

from nurture.adapters.clock import SystemClock
from nurture.adapters.folder import ProjectFolder
from nurture.adapters.imap import ImapAccount, ImapMailbox
from nurture.adapters.journal import FileJournal
from nurture.adapters.maildir import MaildirFolder, MaildirMailbox
from nurture.adapters.sandbox import Failure, Sandbox
from nurture.adapters.smtp import SmtpMailer
from nurture.adapters.smtp_link import Relay
from nurture.config import Settings
from nurture.core.errors import UsageError
from nurture.inbound.verdict import Verdict
from nurture.language.config_sections import Inbox
from nurture.ports import Clock, Mailbox, Mailer
from nurture.services.advance import Advancer
from nurture.services.apply import Applied, Applier
from nurture.services.assign import Assigner
from nurture.services.bells import Belfry, Bell
from nurture.services.catalog import Catalog
from nurture.services.deliver import Deliverer
from nurture.services.desk import WritingDesk, house_of
from nurture.services.marking import Marker
from nurture.services.project import Project, load_project
from nurture.services.receive import Receiver
from nurture.services.world import empty_catalog
from nurture.store.engine import Store, open_store
from nurture.store.migrate import secret_of, upgrade
from nurture.store.queries import messages

_DONE: Mapping[str, Literal["seen", "move", "nothing"]] = {"keep": "nothing", "seen": "seen", "move": "move"}


@dataclass(slots=True)
class App:
    """One project, open: everything a command, the daemon or the demo works with. Close it at the end."""

    folder: Path
    project: Project
    store: Store
    secret: str
    clock: Clock
    catalog: Catalog
    desk: WritingDesk
    advancer: Advancer
    applier: Applier
    belfry: Belfry
    receiver: Receiver
    deliverer: Deliverer
    mailer: Mailer
    mailboxes: Mapping[str, Mailbox]
    sandbox: Sandbox
    applied: Applied = field(default_factory=Applied)

    @property
    def settings(self) -> Settings:
        """The project's settings."""
        return self.project.settings

    async def take_up(self) -> Applied:
        """Read the project's files anew and take up what is valid; the rest runs on as it was."""
        project = load_project(ProjectFolder(self.folder), os.environ)
        self.applied = await self.applier.apply(project, self.clock.now())
        if project.config_ok:
            self.project = project
        self.desk.lay_out(project)
        async with self.store.write() as conn:
            await messages.release_held(conn, "template", self.clock.now())
        return self.applied

    async def close(self) -> None:
        """Let everything go."""
        await self.mailer.close()
        for mailbox in self.mailboxes.values():
            await mailbox.close()
        await asyncio.to_thread(self.sandbox.close)
        await self.store.close()


class SandboxReader:
    """Reads mail in the sandbox, beside the event loop. See `services.receive.Reader`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def read(self, raws: Sequence[bytes]) -> list[Verdict | None]:
        """A verdict for each mail; None where the limits did not allow one."""
        found = await asyncio.to_thread(self._sandbox.read, list(raws))
        return [None if isinstance(one, Failure) else one for one in found]


def database_url(folder: Path, url: str) -> str:
    """A relative SQLite path is meant from the project's folder."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return url
    return parsed.set(database=str(folder / parsed.database)).render_as_string(hide_password=False)


async def open_app(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    mailer: Mailer | None = None,
    mailboxes: Mapping[str, Mailbox] | None = None,
) -> App:
    """Open the project in `folder`: its database is made or brought up to date, its campaigns taken up.

    Raises UsageError where config.yaml cannot be used, OutsideError where the database cannot be opened.
    """
    environ = os.environ if environ is None else environ
    clock = clock or SystemClock()
    project = load_project(ProjectFolder(folder), environ)
    if not project.config_ok:
        wrong = [str(problem) for problem in project.problems if problem.severity == "error"]
        raise UsageError("config.yaml cannot be used:\n" + "\n".join(wrong[:10]))
    settings = project.settings
    store = open_store(database_url(folder, settings.database.url))
    try:
        await upgrade(store, clock.now())
        secret = await secret_of(store)
        app = _put_together(folder, project, store, secret, clock, mailer or _mailer(settings), mailboxes)
        app.applied = await app.applier.apply(project, clock.now())
    except BaseException:
        await store.close()
        raise
    return app


def _put_together(
    folder: Path,
    project: Project,
    store: Store,
    secret: str,
    clock: Clock,
    mailer: Mailer,
    mailboxes: Mapping[str, Mailbox] | None,
) -> App:
    settings = project.settings
    catalog = empty_catalog(settings)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    house = house_of(settings, secret, lambda name: _attachment(folder, name))
    desk = WritingDesk(catalog, settings, project.templates, project.layout, house)
    journal = FileJournal(_beside(folder, store, ".journal"))
    marker = Marker(store, owner, clock.now, journal)
    deliverer = Deliverer(store, mailer, desk, clock.now, owner, marker, settings.smtp.connections)
    sandbox = Sandbox()
    return App(
        folder=folder,
        project=project,
        store=store,
        secret=secret,
        clock=clock,
        catalog=catalog,
        desk=desk,
        advancer=Advancer(store, catalog, secret, Assigner(settings)),
        applier=Applier(store, catalog, secret),
        belfry=_belfry(settings, store, catalog, secret, deliverer),
        receiver=Receiver(store, SandboxReader(sandbox), secret),
        deliverer=deliverer,
        mailer=mailer,
        mailboxes=_mailboxes(folder, settings) if mailboxes is None else mailboxes,
        sandbox=sandbox,
    )


def _belfry(settings: Settings, store: Store, catalog: Catalog, secret: str, deliverer: Deliverer) -> Belfry:
    keep = settings.retention
    manager = next((one.email for one in settings.team if one.manager), None)

    async def settle(_last: object, now: object) -> int:
        return await deliverer.settle_doubts(deliverer.clock())

    async def recover(_last: object, now: object) -> int:
        return sum(await deliverer.recover(deliverer.clock()))

    return Belfry(
        store,
        catalog,
        secret,
        retention={
            "raw_mail": keep.raw_mail,
            "messages": keep.messages,
            "traces": keep.traces,
            "events": keep.events,
        },
        manager=manager,
        housekeeping=(
            Bell("doubts", timedelta(minutes=10), settle),
            Bell("leases", timedelta(minutes=1), recover),
        ),
    )


def _mailer(settings: Settings) -> SmtpMailer:
    smtp = settings.smtp
    return SmtpMailer(
        Relay(
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password,
            connections=smtp.connections,
        )
    )


def _mailboxes(folder: Path, settings: Settings) -> dict[str, Mailbox]:
    found: dict[str, Mailbox] = {}
    for one in settings.inbox:
        mailbox = _mailbox(folder, one)
        found[mailbox.name] = mailbox
    return found


def _mailbox(folder: Path, one: Inbox) -> Mailbox:
    if one.kind == "maildir":
        return MaildirMailbox(MaildirFolder(folder=folder / (one.path or "")))
    account = ImapAccount(
        host=one.host or "localhost",
        port=one.port,
        security=one.security,
        username=one.username or "",
        password=one.password or "",
        folder=one.folder,
        done=_DONE[one.after],
        move_to=one.move_to or "Nurture",
    )
    return ImapMailbox(account)


def _attachment(folder: Path, name: str) -> bytes | None:
    path = (folder / "attachments" / name).resolve()
    if not path.is_relative_to((folder / "attachments").resolve()) or not path.is_file():
        return None
    return path.read_bytes()


def _beside(folder: Path, store: Store, ending: str) -> Path:
    """A file beside the database, or in the project's folder where the database is a server's."""
    return store.path.with_name(store.path.name + ending) if store.path else folder / f"nurture{ending}"
