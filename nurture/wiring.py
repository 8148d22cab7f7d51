"""The only file that picks adapters: a project folder becomes a running application."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog

from nurture.adapters.clock import SystemClock
from nurture.core.errors import UsageError
from nurture.services.catalog import Catalog
from nurture.store.engine import Store, open_store

if TYPE_CHECKING:
    # Imported where they are made: commands that only need the database start quicker for it.
    from nurture.adapters.folder import Stamp
    from nurture.adapters.lmtp import LmtpServer
    from nurture.adapters.sandbox import Sandbox
    from nurture.adapters.smtp import SmtpMailer
    from nurture.config import Settings
    from nurture.inbound.verdict import Verdict
    from nurture.language.config_sections import Inbox
    from nurture.language.problems import Problem
    from nurture.ports import Clock, Incoming, Mailbox, Mailer
    from nurture.services.advance import Advancer
    from nurture.services.apply import Applied, Applier
    from nurture.services.bells import Belfry
    from nurture.services.deliver import Deliverer
    from nurture.services.desk import WritingDesk
    from nurture.services.project import Project
    from nurture.services.receive import Receiver
    from nurture.services.tell import Teller

log = structlog.get_logger(__name__)

_DONE: Mapping[str, Literal["seen", "move", "nothing"]] = {"keep": "nothing", "seen": "seen", "move": "move"}

_FOLLOW_EVERY = timedelta(seconds=2)
"""How often the daemon looks for campaigns that another process has applied."""


@dataclass(slots=True)
class App:
    """One project, open: everything a command, the daemon or the demo works with. Close it at the end."""

    folder: Path
    environ: Mapping[str, str]
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
    teller: Teller
    mailer: Mailer
    mailboxes: Mapping[str, Mailbox]
    sandbox: Sandbox
    applied: Applied
    followed: Mapping[str, str] | None = None
    followed_at: datetime | None = None
    complained: frozenset[Problem] = frozenset()
    stamp: Stamp | None = None

    @property
    def settings(self) -> Settings:
        """The project's settings."""
        return self.project.settings

    async def take_up(self) -> Applied:
        """Read the project's files anew and take up what is valid; the rest runs on as it was.

        With `campaigns.apply: manual` only what `nurture apply` took up runs. Sections about machines (`database`,
        `smtp`, `inbox`, `web`) hold from the next start on.
        """
        from nurture.store.queries import messages

        stamp = look_at(self.folder, self.settings)
        project = read_project(self.folder, self.environ)
        self._complain(project)
        if project.config_ok:
            self.project = project
            self._settle_in(project)
        self.applied = await self._apply(project)
        await self._reword()
        self.desk.lay_out(project)
        async with self.store.write() as conn:
            await messages.release_held(conn, "template", self.clock.now())
        self.stamp = stamp
        return self.applied

    def edited(self) -> Stamp | None:
        """What the project's files look like from outside; None while they are as they were taken up."""
        stamp = look_at(self.folder, self.settings)
        return None if stamp == self.stamp else stamp

    async def follow(self) -> None:
        """Take up what another process has applied meanwhile (`nurture apply`, another daemon)."""
        from nurture.store.queries import versions

        now = self.clock.now()
        if self.followed_at is not None and now - self.followed_at < _FOLLOW_EVERY:
            return
        self.followed_at = now
        async with self.store.read() as conn:
            current = {name: str(row["hash"]) for name, row in (await versions.current(conn)).items()}
        if current == self.followed:
            return
        mine = {name: graph.version for name, graph in self.catalog.campaigns.items()}
        self.followed = current
        if current != mine:
            await self.take_up()

    async def _apply(self, project: Project) -> Applied:
        if self.settings.campaigns.apply == "manual":
            return await self.applier.stand_by(project, self.clock.now())
        return await self.applier.apply(project, self.clock.now())

    def _complain(self, project: Project) -> None:
        """Say in the log what is wrong with the files, once for each problem as long as it lasts."""
        wrong = frozenset(problem for problem in project.problems if problem.severity == "error")
        for problem in sorted(wrong - self.complained):
            place = f"{problem.file}:{problem.line}:{problem.column}"
            log.error("project.problem", place=place, message=problem.message, hint=problem.hint)
        for problem in sorted(self.complained - wrong):
            log.info("project.mended", file=problem.file, message=problem.message)
        self.complained = wrong

    async def _reword(self) -> None:
        """Let the project's own words for answers hold; where they cannot be read, the last ones do."""
        from nurture.services.own_words import words_in

        try:
            words = words_in(self.folder, self.settings.replies.words)
        except UsageError as error:
            log.warning("words.refused", error=str(error))
            return
        await asyncio.to_thread(self.sandbox.reword, words)

    def _settle_in(self, project: Project) -> None:
        """Let changed settings hold: rules, team, places, who we are."""
        from nurture.services.assign import Assigner
        from nurture.services.desk import house_of
        from nurture.services.world import empty_catalog

        fresh = empty_catalog(project.settings)
        for name in ("rules", "company_place", "place_of", "owner_of", "company"):
            setattr(self.catalog, name, getattr(fresh, name))
        self.desk.settings = project.settings
        self.desk.house = house_of(project.settings, self.secret, self.desk.house.read_file)
        self.advancer.assigner = Assigner(project.settings)
        self.belfry.settle_in(project.settings)
        self.receiver.below = float(project.settings.replies.below)

    async def close(self) -> None:
        """Let everything go."""
        await self.mailer.close()
        for mailbox in self.mailboxes.values():
            await mailbox.close()
        await asyncio.to_thread(self.sandbox.close)
        await self.store.close()


@dataclass(slots=True)
class Records:
    """A project's settings and database, open: enough for commands that look or record. Close it at the end."""

    folder: Path
    settings: Settings
    store: Store
    secret: str
    clock: Clock

    async def close(self) -> None:
        """Let the database go."""
        await self.store.close()


class SandboxReader:
    """Reads mail in the sandbox, beside the event loop. See `ports.MailReader`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def read(self, mails: Sequence[Incoming]) -> list[Verdict | None]:
        """A verdict for each mail; None where the limits did not allow one."""
        from nurture.adapters.sandbox import Failure

        found = await asyncio.to_thread(self._sandbox.read, list(mails))
        return [None if isinstance(one, Failure) else one for one in found]


@contextmanager
def mail_reader(words: Mapping[str, str] | None = None) -> Iterator[SandboxReader]:
    """A reader of mails, in a child process that ends with the `with`; `words` are a project's own, by language."""
    from nurture.adapters.sandbox import Sandbox

    with Sandbox(words=words) as sandbox:
        yield SandboxReader(sandbox)


def database_url(folder: Path, url: str) -> str:
    """A relative SQLite path is meant from the project's folder."""
    from sqlalchemy import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return url
    return parsed.set(database=str(folder / parsed.database)).render_as_string(hide_password=False)


def read_project(folder: Path, environ: Mapping[str, str]) -> Project:
    """The project in `folder`, read whole; what is wrong with it is in it."""
    from nurture.adapters.folder import ProjectFolder
    from nurture.services.project import load_project

    return load_project(ProjectFolder(folder), environ)


def look_at(folder: Path, settings: Settings) -> Stamp:
    """What the project's files look like from outside; see `ProjectFolder.stamp`."""
    from nurture.adapters.folder import ProjectFolder

    words = settings.replies.words
    return ProjectFolder(folder).stamp(*(() if words is None else (words,)))


def read_settings(folder: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in `folder`. Raises UsageError where config.yaml cannot be used."""
    from nurture.adapters.folder import ProjectFolder
    from nurture.config import load_config
    from nurture.ports import Unreadable

    file = ProjectFolder(folder).config()
    if isinstance(file, Unreadable):
        raise UsageError(f"config.yaml:{file.line}:{file.column}: The file {file.why}.")
    settings, problems = load_config(file.text if file is not None else "", "config.yaml", environ)
    if settings is None:
        wrong = [str(problem) for problem in problems if problem.severity == "error"]
        raise UsageError("config.yaml cannot be used:\n" + "\n".join(wrong[:10]))
    return settings


async def open_records(
    folder: Path, environ: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> Records:
    """Open the settings and the database of a project; the database is made or brought up to date.

    Raises UsageError where config.yaml cannot be used, OutsideError where the database cannot be opened.
    """
    clock = clock or SystemClock()
    settings = read_settings(folder, os.environ if environ is None else environ)
    store = open_store(database_url(folder, settings.database.url))
    try:
        return Records(folder, settings, store, await ready(store, clock.now()), clock)
    except BaseException:
        await store.close()
        raise


async def open_app(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    mailer: Mailer | None = None,
    mailboxes: Mapping[str, Mailbox] | None = None,
    take_up: bool = True,
) -> App:
    """Open the project in `folder`: its database is made or brought up to date, its campaigns taken up.

    Without `take_up` the campaigns are those applied before, whatever the files say now. Raises UsageError where
    config.yaml cannot be used, OutsideError where the database cannot be opened.
    """
    environ = os.environ if environ is None else environ
    clock = clock or SystemClock()
    settings = read_settings(folder, environ)
    store = open_store(database_url(folder, settings.database.url))
    try:
        secret = await ready(store, clock.now())
        stamp = look_at(folder, settings)
        project = read_project(folder, environ)
        app = _put_together(
            folder, environ, project, store, secret, clock, mailer or mailer_of(settings), mailboxes
        )
        app.applied = await (app._apply(project) if take_up else app.applier.stand_by(project))
        app.stamp = stamp
    except BaseException:
        await store.close()
        raise
    return app


async def ready(store: Store, now: datetime) -> str:
    """Make the database ready for this program; answers its secret."""
    from nurture.store.migrate import is_current, secret_of, upgrade

    if not await is_current(store):
        await upgrade(store, now)
    return await secret_of(store)


def _put_together(
    folder: Path,
    environ: Mapping[str, str],
    project: Project,
    store: Store,
    secret: str,
    clock: Clock,
    mailer: Mailer,
    mailboxes: Mapping[str, Mailbox] | None,
) -> App:
    from nurture.adapters.journal import FileJournal
    from nurture.adapters.sandbox import Sandbox
    from nurture.adapters.webhook import HttpCaller
    from nurture.services.advance import Advancer
    from nurture.services.apply import Applied, Applier
    from nurture.services.assign import Assigner
    from nurture.services.deliver import Deliverer
    from nurture.services.desk import WritingDesk, house_of
    from nurture.services.marking import Marker
    from nurture.services.own_words import words_in
    from nurture.services.receive import Receiver
    from nurture.services.tell import Teller
    from nurture.services.world import empty_catalog

    settings = project.settings
    catalog = empty_catalog(settings)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    house = house_of(settings, secret, attachments(folder))
    desk = WritingDesk(catalog, settings, project.templates, project.layout, house)
    journal = FileJournal(_beside(folder, store, ".journal"))
    marker = Marker(store, owner, clock.now, journal)
    deliverer = Deliverer(store, mailer, desk, clock.now, owner, marker, settings.smtp.connections)
    sandbox = Sandbox(words=words_in(folder, settings.replies.words))
    return App(
        folder=folder,
        environ=environ,
        project=project,
        store=store,
        secret=secret,
        clock=clock,
        catalog=catalog,
        desk=desk,
        advancer=Advancer(store, catalog, secret, Assigner(settings)),
        applier=Applier(store, catalog, secret),
        belfry=_belfry(settings, store, catalog, secret, deliverer),
        receiver=Receiver(store, SandboxReader(sandbox), secret, float(settings.replies.below)),
        deliverer=deliverer,
        teller=Teller(store, mailer, HttpCaller(), lambda: desk.settings, lambda: desk.house),
        mailer=mailer,
        mailboxes=_mailboxes(folder, settings) if mailboxes is None else mailboxes,
        sandbox=sandbox,
        applied=Applied(),
    )


def _belfry(settings: Settings, store: Store, catalog: Catalog, secret: str, deliverer: Deliverer) -> Belfry:
    from nurture.services.bells import Belfry, Bell

    async def settle(_last: object, now: object) -> int:
        return await deliverer.settle_doubts(deliverer.clock())

    async def recover(_last: object, now: object) -> int:
        return sum(await deliverer.recover(deliverer.clock()))

    belfry = Belfry(
        store,
        catalog,
        secret,
        housekeeping=(
            Bell("doubts", timedelta(minutes=10), settle),
            Bell("leases", timedelta(minutes=1), recover),
        ),
    )
    belfry.settle_in(settings)
    return belfry


def mailer_of(settings: Settings) -> SmtpMailer:
    """The way to the project's relay."""
    from nurture.adapters.smtp import SmtpMailer
    from nurture.adapters.smtp_link import Relay

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
        if one.kind == "lmtp":
            continue
        mailbox = _mailbox(folder, one)
        found[mailbox.name] = mailbox
    return found


def _mailbox(folder: Path, one: Inbox) -> Mailbox:
    if one.kind == "maildir":
        from nurture.adapters.maildir import MaildirFolder, MaildirMailbox

        return MaildirMailbox(MaildirFolder(folder=folder / (one.path or ""), every_seconds=_every(one)))
    from nurture.adapters.imap import ImapAccount, ImapMailbox

    account = ImapAccount(
        host=one.host or "localhost",
        port=one.port,
        security=one.security,
        username=one.username or "",
        password=one.password or "",
        folder=one.folder,
        done=_DONE[one.after],
        move_to=one.move_to or "Nurture",
        every_seconds=_every(one),
    )
    return ImapMailbox(account)


def _every(one: Inbox) -> float:
    return max(1.0, one.every.nominal.total_seconds())


def lmtp_servers(app: App) -> list[LmtpServer]:
    """The servers that mail is handed to on this machine (`inbox: [{kind: lmtp}]`), not yet running."""
    from nurture.adapters.lmtp import LmtpServer

    async def keep(raw: bytes, mailbox: str) -> None:
        await app.receiver.keep(raw, app.clock.now(), mailbox)

    return [
        LmtpServer(one.host or "127.0.0.1", one.port, keep)
        for one in app.settings.inbox
        if one.kind == "lmtp"
    ]


def attachments(folder: Path) -> Callable[[str], bytes | None]:
    """Reads files of the project's folder `attachments/`; None for what is not in it."""

    def read(name: str) -> bytes | None:
        path = (folder / "attachments" / name).resolve()
        if not path.is_relative_to((folder / "attachments").resolve()) or not path.is_file():
            return None
        return path.read_bytes()

    return read


def _beside(folder: Path, store: Store, ending: str) -> Path:
    """A file beside the database, or in the project's folder where the database is a server's."""
    return store.path.with_name(store.path.name + ending) if store.path else folder / f"nurture{ending}"
