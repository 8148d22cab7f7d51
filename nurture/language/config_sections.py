"""The sections of config.yaml about machines and sending: who we are, where mail goes, what is kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from nurture.core.duration import parse_duration
from nurture.core.limit import parse_limit
from nurture.core.window import parse_window
from nurture.language.config_values import (
    Address,
    Addresses,
    Countries,
    CountryCode,
    DatabaseUrl,
    DayOfYear,
    Domain,
    EventNames,
    Hours,
    Keeping,
    Languages,
    Limits,
    Mailbox,
    OneLimit,
    Sender,
    Span,
    Texts,
    Url,
    Zone,
)
from nurture.language.problems import Code
from nurture.language.scalars import Bool, Misfit, Number, Text, whole
from nurture.language.shape import Shape

Security = Literal["none", "starttls", "tls"]
InDoubt = Literal["assume_sent", "hold", "resend"]
ConsentLevel = Literal["not_withdrawn", "given", "confirmed"]
Port = Annotated[int, whole(1, 65535)]


class Company(Shape):
    """Who writes: name and address stand in every footer."""

    name: Text = "Our company"
    """The name recipients know you by."""
    sender: Sender = Field(Mailbox("", "hello@localhost.localdomain"), alias="from")
    """Whom emails come from: Name <address>. A campaign may say `from: owner` instead."""
    reply_to: Address | None = None
    """Where answers go when there is no responsible colleague."""
    postal_address: Text | None = None
    """Stands in the footer of every email; the law wants it nearly everywhere."""
    phone: Text | None = None
    """Telephone number, for templates."""
    website: Url | None = None
    """Your site."""
    privacy: Url | None = None
    """The page about privacy, linked from forms and footers."""
    imprint: Url | None = None
    """The page that says who is responsible, linked from forms and footers."""
    timezone: Zone = "UTC"
    """IANA time zone, for leads whose own and country's are unknown."""
    country: CountryCode | None = None
    """ISO 3166 code, for the company's own public holidays."""
    languages: Annotated[Languages, Field(min_length=1)] = ("en",)
    """BCP 47 tags; the first is used when a lead's language is unknown."""


class Database(Shape):
    """Where everything is kept."""

    url: DatabaseUrl = Field("sqlite:///nurture.db", repr=False)
    """sqlite:///FILE (relative to the project) or postgresql://user:password@host/database."""


class Dkim(Shape):
    """Signing emails ourselves, when the relay does not."""

    domain: Domain
    """The domain that signs."""
    selector: Text
    """The name of the key in DNS."""
    key_file: Text
    """The private key, a PEM file relative to the project."""


_PORT_OF: dict[Any, int] = {"none": 25, "starttls": 587, "tls": 465}


class Smtp(Shape):
    """The mail server that takes our emails."""

    host: Text = "localhost"
    """Its name."""
    security: Security = "none"
    """none, starttls (usually port 587) or tls (usually port 465)."""
    port: Port = Field(default_factory=lambda known: _PORT_OF[known["security"]])
    """25, 587 or 465 by security, unless given."""
    username: Text | None = None
    """Login name."""
    password: Text | None = Field(None, repr=False)
    """Login password: write ${SMTP_PASSWORD} and set it in the environment."""
    connections: Annotated[int, whole(1, 100)] = 2
    """How many connections are used at once."""
    dkim: Dkim | None = None
    """Sign emails ourselves; without it the relay signs."""

    @model_validator(mode="after")
    def _login_is_whole(self) -> Smtp:
        if self.password is not None and self.username is None:
            raise Misfit(
                "There is a password and no username.",
                "add username: …",
                at=("password",),
                code=Code.CONFLICT,
            )
        return self


class Inbox(Shape):
    """A mailbox in which answers and returned mail arrive."""

    kind: Literal["imap", "maildir", "lmtp"] = "imap"
    """imap: a mail server; maildir: a folder on this machine; lmtp: a mail server on this machine hands mail to the daemon."""
    host: Text | None = None
    """The IMAP server; for lmtp the address to listen on, 127.0.0.1 unless given."""
    security: Security = "tls"
    """none, starttls or tls."""
    port: Port = Field(
        default_factory=lambda known: (
            8024 if known["kind"] == "lmtp" else 993 if known["security"] == "tls" else 143
        )
    )
    """993 with tls, else 143, unless given; 8024 for lmtp."""
    username: Text | None = None
    """Login name."""
    password: Text | None = Field(None, repr=False)
    """Login password: write ${IMAP_PASSWORD} and set it in the environment."""
    folder: Text = "INBOX"
    """The folder to read."""
    path: Text | None = None
    """The folder of a maildir, relative to the project."""
    every: Span = parse_duration("1 minute")
    """How often it is looked into when the server does not tell of new mail."""
    after: Literal["keep", "seen", "move"] = "seen"
    """What happens with a mail that was read: left as it is, marked as seen, or moved."""
    move_to: Text | None = None
    """The folder for `after: move`."""

    @model_validator(mode="after")
    def _is_whole(self) -> Inbox:
        needed = {"imap": "host", "maildir": "path"}.get(self.kind)
        if self.kind == "lmtp" and not (self.host or "127.0.0.1").startswith(("127.", "::1", "localhost")):
            raise Misfit(
                "LMTP has no login: it is served on this machine only.",
                "host: 127.0.0.1",
                at=("host",),
                code=Code.WRONG_CHOICE,
            )
        if needed is not None and getattr(self, needed) is None:
            message = f"The key {needed} is missing: {self.kind} needs it."
            raise Misfit(message, f"add {needed}: …", code=Code.MISSING_KEY)
        if self.after == "move" and self.move_to is None:
            raise Misfit(
                "after: move needs move_to.", "add move_to: FOLDER", at=("after",), code=Code.MISSING_KEY
            )
        return self


class Web(Shape):
    """Where the console, the forms and the links of emails are found."""

    host: Text = "127.0.0.1"
    """The address this machine listens on."""
    port: Annotated[int, whole(0, 65535)] = 8025
    """The port it listens on; 0 takes any free one."""
    url: Url = Field(default_factory=lambda known: f"http://{known['host']}:{known['port']}")
    """The address people reach it by."""
    public_url: Url = Field(default_factory=lambda known: str(known["url"]))
    """Forms, clicks and unsubscribing on a host name of their own."""
    allow_framing_from: Texts = ()
    """Sites that may show the forms inside their pages."""
    trusted_proxies: Texts = ()
    """Addresses or networks of proxies whose X-Forwarded-For is believed."""


class WarmUp(Shape):
    """A new sending address begins slowly."""

    first_day: Annotated[int, whole(1, 10_000_000)] = 50
    """Emails on the first day."""
    grow: Number = 1.4
    """Each day so many times more than the day before."""
    full: Annotated[int, whole(1, 100_000_000)] = 5000
    """Emails a day at which the warming up ends."""

    @model_validator(mode="after")
    def _grows(self) -> WarmUp:
        if not 1 < self.grow <= 10:
            raise Misfit(
                f"{self.grow} does not warm up.", "write 1.2 to 2", at=("grow",), code=Code.OUT_OF_RANGE
            )
        return self


class Send(Shape):
    """What holds for all campaigns together."""

    window: Hours = parse_window("mon-fri 08:00-18:00")
    """When emails go out, in the lead's own time zone."""
    limit: Limits = parse_limit("3 per week")
    """At most so many to one person, over all campaigns."""
    gap: Span | None = None
    """At least this between two emails to one person, over all campaigns."""
    consent: ConsentLevel = "not_withdrawn"
    """What a person must have allowed: not_withdrawn, given, or confirmed (double opt-in)."""
    in_doubt: InDoubt = "assume_sent"
    """When a mail server's answer got lost: assume_sent, hold (a person decides) or resend."""
    sender: Literal["owner", "company"] = Field("company", alias="from")
    """Whose name emails bear unless the campaign says."""
    thread: Literal["new", "first"] = "new"
    """Each email a thread of its own, or all of a campaign one thread."""
    at_most: OneLimit | None = None
    """The emergency brake: more than this to everybody together stops sending until a person looks."""
    warm_up: WarmUp | None = None
    """For a new sending address."""
    domains: dict[Domain, OneLimit] = Field(default_factory=dict)
    """At most so many to one mail provider."""


class CampaignSettings(Shape):
    """How edited campaigns are taken up."""

    apply: Literal["auto", "manual"] = "auto"
    """auto: as soon as they are valid; manual: by `nurture apply`."""


class AddedDay(Shape):
    """A day of yours that counts as a public holiday."""

    date: DayOfYear
    """2026-12-24, or 12-24 for every year."""
    name: Text
    """What it is called."""
    countries: Countries = ()
    """Where; without it everywhere."""


class SkippedDay(Shape):
    """A public holiday on which you work."""

    date: DayOfYear
    """2026-12-24, or 12-24 for every year."""
    name: Text | None = None
    """What it is called, for readers of this file."""
    countries: Countries = ()
    """Where; without it everywhere."""


class Holidays(Shape):
    """Public holidays: those of each country are known; here come regions and your own days."""

    regions: dict[CountryCode, Text] = Field(default_factory=dict)
    """Country → region whose holidays count: DE: BE."""
    add: tuple[AddedDay, ...] = ()
    """Days of yours."""
    skip: tuple[SkippedDay, ...] = ()
    """Holidays on which you work."""


class Webhook(Shape):
    """Another system that hears what happens."""

    url: Url
    """Where it is called."""
    secret: Text | None = Field(None, repr=False)
    """Calls are signed with it: write ${NAME}."""
    events: EventNames = ()
    """Events sent by themselves; others only by the step `webhook:`."""


class Notify(Shape):
    """A name for `notify:`."""

    to: Addresses = ()
    """Email addresses."""
    url: Url | None = Field(None, repr=False)
    """A chat's incoming address."""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Notify:
        if not self.to and self.url is None:
            raise Misfit("It is not said where to.", "add to: address, or url: …", code=Code.MISSING_KEY)
        return self


class Tracking(Shape):
    """What is watched."""

    opens: Bool = False
    """Opened emails; machines open more of them than people do."""
    clicks: Bool = True
    """Followed links."""
    ignore_scanners: Bool = True
    """Clicks of mail scanners do not count."""
    pages: Bool = False
    """Pages of your site; needs the small script there and your visitors' consent."""
    cookie: Span = parse_duration("30 days")
    """How long a visitor is recognised."""


class Retention(Shape):
    """How long things are kept: a duration, or never deleted. People stay until you erase them."""

    raw_mail: Keeping = parse_duration("1 year")
    """Mail as it came in."""
    events: Keeping = None
    """What happened."""
    messages: Keeping = parse_duration("2 years")
    """Texts of sent emails; that they were sent stays."""
    traces: Keeping = parse_duration("1 year")
    """Why things were done."""
    junk: Keeping = parse_duration("90 days")
    """Leads that are none."""


ReplyDefault = Literal["refuse", "postpone", "qualify", "ask", "task", "nothing"]


class Replies(Shape):
    """What an answer does that no campaign takes."""

    below: Number = 0.6
    """Less sure than this (0 to 1), and a person reads it."""
    postpone: Span = parse_duration("90 days")
    """So long for a "later" without a date."""
    hold: Span = parse_duration("5 business days")
    """So long a campaign waits for a colleague to answer a question."""
    words: Text | None = None
    """A YAML file with words of your own for understanding answers."""
    interested: ReplyDefault = "qualify"
    """qualify: stage mql and a task."""
    later: ReplyDefault = "postpone"
    """postpone: to the date meant, or by `postpone`."""
    refused: ReplyDefault = "refuse"
    """refuse: with the reason."""
    question: ReplyDefault = "ask"
    """ask: a task with the text, and the campaign waits for it."""
    wrong_person: ReplyDefault = "ask"
    """As for question."""
    other: ReplyDefault = "ask"
    """As for question."""
    unclear: ReplyDefault = "ask"
    """As for question."""

    @model_validator(mode="after")
    def _is_share(self) -> Replies:
        if not 0 <= self.below <= 1:
            raise Misfit(f"{self.below} is not from 0 to 1.", at=("below",), code=Code.OUT_OF_RANGE)
        return self
