"""The tables (architecture.md, What is stored). Every time is UTC. Rows hold no logic; core values are made in `cases.py`.

Hot paths are Core statements over many rows in `queries/`; these classes give them their columns and the migrations
their target.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from nurture.store.types import BigId, Json, UtcTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """The base of all rows, with a metadata of its own."""

    metadata = MetaData(naming_convention=NAMING)


def _id() -> Any:
    return Field(default=None, sa_column=Column("id", BigId, primary_key=True, autoincrement=True))


def _lead(*, index: bool = True, nullable: bool = False) -> Any:
    column = Column("lead_id", BigId, ForeignKey("lead.id"), nullable=nullable, index=index)
    return Field(default=None, sa_column=column)


def _time(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_type=UtcTime, nullable=nullable)


def _json(default: str | None = "{}") -> Any:
    return Field(
        default=None, sa_type=Json, nullable=default is None, sa_column_kwargs={"server_default": default}
    )


def _only(rows: str) -> dict[str, Any]:
    """A partial index: only these rows are in it."""
    return {"sqlite_where": text(rows), "postgresql_where": text(rows)}


def _flag() -> Any:
    return Field(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})


class Lead(Row, table=True):
    """A person. `wake_at` is when something comes due for them by itself; `score` as last computed."""

    id: int = _id()
    seed: str
    email: str | None = Field(default=None, index=True)
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    company: str | None = None
    company_size: float | None = None
    position: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    language: str | None = None
    timezone: str | None = None
    interest: str | None = None
    website: str | None = None
    source: str | None = None
    owner: str | None = Field(default=None, index=True)
    stage: str = Field(default="new", index=True)
    temperature: str = "cold"
    score: int = 0
    behaviour: float = 0.0
    behaviour_at: datetime | None = _time()
    profile: int = 0
    score_topics: Any = _json()
    mql_fired: bool = _flag()
    consent: str = "unknown"
    topics: Any = _json()
    tags: Any = _json("[]")
    own: Any = _json()
    refused_at: datetime | None = _time()
    refusal_reason: str | None = None
    postponed_until: datetime | None = _time()
    absent_until: datetime | None = _time()
    wake_at: datetime | None = _time()
    created_at: datetime = _time(nullable=False)
    erased_at: datetime | None = _time()

    __table_args__ = (Index("ix_lead_wake", "wake_at", **_only("wake_at IS NOT NULL")),)


class Address(Row, table=True):
    """An email or phone of a lead: `value` normalised and unique, `written` as it was given, `domain` of an email."""

    id: int = _id()
    lead_id: int = _lead()
    kind: str
    value: str
    domain: str | None = None
    written: str
    verified_at: datetime | None = _time()
    verified_how: str | None = None
    bounce: str | None = None
    bounced_at: datetime | None = _time()
    soft_bounces: int = 0
    created_at: datetime = _time(nullable=False)

    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index("ix_address_domain", "domain", **_only("domain IS NOT NULL")),
    )


class Event(Row, table=True):
    """Something that happened; append-only. `handled_at` is null until the daemon has acted on it."""

    id: int = _id()
    lead_id: int = _lead(index=False)
    type: str
    at: datetime = _time(nullable=False)
    learned_at: datetime = _time(nullable=False)
    data: Any = _json()
    key: str | None = Field(default=None, unique=True)
    depth: int = 0
    handled_at: datetime | None = _time()

    __table_args__ = (
        Index("ix_event_lead_id_type", "lead_id", "type"),
        Index("ix_event_unhandled", "learned_at", **_only("handled_at IS NULL")),
    )


class ScoreEntry(Row, table=True):
    """Points given, and why."""

    __tablename__ = "score_entry"
    id: int = _id()
    lead_id: int = _lead()
    points: int
    kind: str
    rule: str = ""
    reason: str
    at: datetime = _time(nullable=False)
    event_id: int | None = None
    withdrawn_at: datetime | None = _time()


class Version(Row, table=True):
    """A campaign's text as it was applied, by content hash. `current`: what new runs begin on."""

    __tablename__ = "version"
    id: int = _id()
    campaign: str = Field(index=True)
    hash: str
    text: str
    applied_at: datetime = _time(nullable=False)
    current: bool = _flag()

    __table_args__ = (UniqueConstraint("campaign", "hash"),)


class Enrolment(Row, table=True):
    """A lead's run through a campaign. `rest` holds rounds, trail, reactions' times, hold, own stages."""

    id: int = _id()
    lead_id: int = _lead(index=False)
    run: str
    campaign: str
    version: str
    entered_version: str
    each: str = ""
    state: str = "active"
    step: str | None = None
    waiting: bool = _flag()
    entered_at: datetime = _time(nullable=False)
    arrived_at: datetime | None = _time()
    due_at: datetime | None = _time()
    entry: Any = _json()
    last_event: Any = _json()
    rest: Any = _json()
    ended_at: datetime | None = _time()
    why: str | None = None

    __table_args__ = (
        UniqueConstraint("lead_id", "run"),
        Index("ix_enrolment_due", "due_at", **_only("due_at IS NOT NULL")),
        Index("ix_enrolment_standing", "campaign", "state", "step"),
    )


class Message(Row, table=True):
    """One email to one person: the outbox and the record (semantics.md, Emails and gates).

    `send_key` is unique among all rows that are not withdrawn. `next_at` is when it may be claimed (null: not by
    itself). `raw` are the bytes, made once. `marked_at` is the durable marker before the final dot.
    """

    id: int = _id()
    lead_id: int = _lead()
    run: str = ""
    campaign: str
    version: str
    step: str
    template: str
    locale: str | None = None
    occurrence: str = ""
    occasion: str = ""
    send_key: str
    state: str = "queued"
    planned_at: datetime = _time(nullable=False)
    next_at: datetime | None = _time()
    service: str | None = None
    sender: str = "company"
    thread_first: bool = _flag()
    in_doubt: str = "assume_sent"
    latest: datetime | None = _time()
    window_open_until: datetime | None = _time()
    stages: str | None = None
    values: Any = _json()
    recipient: str | None = None
    recipient_hash: str | None = None
    envelope_from: str | None = None
    message_id: str | None = Field(default=None, unique=True)
    references: Any = _json("[]")
    subject: str | None = None
    raw: bytes | None = Field(default=None, sa_type=LargeBinary)
    owner: str | None = None
    lease_until: datetime | None = _time()
    attempt: int = 0
    first_tried_at: datetime | None = _time()
    marked_at: datetime | None = _time()
    sent_at: datetime | None = _time()
    reply_code: int | None = None
    reply_text: str | None = None
    assumed: bool = _flag()
    opened_at: datetime | None = _time()
    clicked_at: datetime | None = _time()
    replied_at: datetime | None = _time()
    why: str | None = None
    created_at: datetime = _time(nullable=False)

    __table_args__ = (
        Index("uq_message_send_key", "send_key", unique=True, **_only("state <> 'withdrawn'")),
        Index("ix_message_next", "next_at", **_only("next_at IS NOT NULL")),
        Index("ix_message_state", "state", **_only("state NOT IN ('sent', 'withdrawn', 'failed')")),
    )


class Received(Row, table=True):
    """One mail we got: raw beside the verdict and its evidence; acted on once per mailbox and content."""

    id: int = _id()
    mailbox: str
    content: str
    uid: int | None = None
    raw: bytes | None = Field(default=None, sa_type=LargeBinary)
    received_at: datetime = _time(nullable=False)
    state: str = "new"
    failures: int = 0
    kind: str | None = None
    intent: str | None = None
    verdict: Any = _json()
    lead_id: int | None = _lead(nullable=True)
    message_ref: int | None = None
    matched_by: str | None = None
    sender: str | None = None
    handled_at: datetime | None = _time()

    __table_args__ = (
        UniqueConstraint("mailbox", "content"),
        Index("ix_received_waiting", "id", **_only("state = 'new'")),
        Index("ix_received_state", "state", "id", **_only("state NOT IN ('new', 'done')")),
        Index("ix_received_sender", "sender", "handled_at", **_only("sender IS NOT NULL")),
        Index("ix_received_received_at", "received_at"),
    )


class Task(Row, table=True):
    """Work for a colleague. `once` makes it unique per lead while it is open; `releases` a held run when done."""

    id: int = _id()
    lead_id: int | None = _lead(nullable=True)
    run: str = ""
    step: str = ""
    text: str
    who: str = "owner"
    colleague: str | None = Field(default=None, index=True)
    kind: str = "task"
    state: str = "open"
    due_at: datetime | None = _time()
    results: Any = _json("[]")
    releases: bool = _flag()
    once: str | None = None
    data: Any = _json()
    result: str | None = None
    note: str | None = None
    created_at: datetime = _time(nullable=False)
    done_at: datetime | None = _time()

    __table_args__ = (
        Index("uq_task_once", "lead_id", "once", unique=True, **_only("once IS NOT NULL AND state = 'open'")),
        Index("ix_task_due", "due_at", **_only("state = 'open'")),
    )


class Colleague(Row, table=True):
    """Somebody of ours who works with leads."""

    key: str = Field(primary_key=True)
    name: str
    email: str | None = None
    phone: str | None = None
    data: Any = _json()
    active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})


class Customer(Row, table=True):
    """What a lead became; its own record, linked with the lead."""

    id: int = _id()
    lead_id: int = _lead()
    name: str
    owner: str | None = None
    since: datetime = _time(nullable=False)
    data: Any = _json()


class Deal(Row, table=True):
    """Money with a customer or lead."""

    id: int = _id()
    lead_id: int = _lead()
    customer_id: int | None = Field(
        default=None, sa_column=Column("customer_id", BigId, ForeignKey("customer.id"))
    )
    state: str = "open"
    amount: float | None = None
    margin: float | None = None
    currency: str | None = None
    reason: str | None = None
    at: datetime = _time(nullable=False)


class Cost(Row, table=True):
    """What a source cost in a month, or how many visitors it brought."""

    id: int = _id()
    source: str
    month: date
    amount: float | None = None
    visitors: int | None = None

    __table_args__ = (UniqueConstraint("source", "month"),)


class Consent(Row, table=True):
    """What a person allowed or withdrew, with the wording they saw and the proof."""

    id: int = _id()
    lead_id: int = _lead()
    topic: str
    given: bool
    wording: str | None = None
    proof: Any = _json()
    at: datetime = _time(nullable=False)


class Suppression(Row, table=True):
    """Who must not be mailed: a keyed hash of the address, which outlives erasure."""

    id: int = _id()
    hash: str = Field(unique=True)
    address: str | None = None
    lead_id: int | None = _lead(nullable=True)
    reason: str
    at: datetime = _time(nullable=False)


class Trace(Row, table=True):
    """Why the engine did or did not do something."""

    id: int = _id()
    lead_id: int = _lead()
    run: str = ""
    step: str = ""
    at: datetime = _time(nullable=False)
    word: str
    text: str = ""


class Audit(Row, table=True):
    """What a user or command changed."""

    id: int = _id()
    at: datetime = _time(nullable=False)
    who: str
    what: str
    lead_id: int | None = _lead(nullable=True, index=False)
    data: Any = _json()


class Delivery(Row, table=True):
    """A webhook or notification to make."""

    id: int = _id()
    kind: str
    target: str
    payload: Any = _json()
    state: str = "queued"
    attempts: int = 0
    next_at: datetime | None = _time()
    lead_id: int | None = _lead(nullable=True, index=False)
    answer: str | None = None
    created_at: datetime = _time(nullable=False)

    __table_args__ = (Index("ix_delivery_next", "next_at", **_only("next_at IS NOT NULL")),)


class Mailbox(Row, table=True):
    """Where reading a mailbox stands."""

    name: str = Field(primary_key=True)
    uidvalidity: int | None = Field(default=None, sa_type=BigId)
    uid: int = 0
    read_at: datetime | None = _time()


class Link(Row, table=True):
    """A link target clicks lead to."""

    id: int = _id()
    hash: str = Field(unique=True)
    url: str


class Bell(Row, table=True):
    """When a bell rang last."""

    name: str = Field(primary_key=True)
    rang_at: datetime = _time(nullable=False)


class Pause(Row, table=True):
    """What is paused and why: a campaign's name, or `everything`."""

    scope: str = Field(primary_key=True)
    why: str = ""
    at: datetime = _time(nullable=False)


class Membership(Row, table=True):
    """For whom a segment (`enter.when`) was true when last looked at."""

    campaign: str = Field(primary_key=True)
    lead_id: int = Field(sa_column=Column("lead_id", BigId, ForeignKey("lead.id"), primary_key=True))


class Schema(Row, table=True):
    """One row: what this database belongs to, its secret for tokens and hashes."""

    __tablename__ = "project"
    id: int = Field(default=1, primary_key=True)
    secret: str
    made_by: str
    created_at: datetime = _time(nullable=False)
