"""The sections of config.yaml about leads and those who work with them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nurture.core.duration import parse_duration
from nurture.core.window import parse_window
from nurture.language.config_values import (
    Address,
    Countries,
    Domain,
    EventName,
    FieldName,
    Hours,
    Languages,
    OneLimit,
    Span,
    Texts,
    TimeAway,
    Words,
    Zone,
)
from nurture.language.problems import Code
from nurture.language.scalars import Bool, Int, Misfit, Number, Text, one_or_list, parsed, short_for, whole
from nurture.language.shape import Shape

OwnKind = Literal["text", "number", "boolean", "date", "time", "list", "choice"]


class Temperatures(Shape):
    """From how many points on a lead is warm, and hot."""

    warm: Annotated[int, whole(1, 1_000_000)] = 30
    """Points for warm."""
    hot: Annotated[int, whole(1, 1_000_000)] = 70
    """Points for hot."""

    @model_validator(mode="after")
    def _rises(self) -> Temperatures:
        if self.warm >= self.hot:
            message = f"A lead cannot be warm at {self.warm} points and hot at {self.hot}."
            raise Misfit(message, "hot must be more than warm", at=("hot",), code=Code.CONFLICT)
        return self


class EventPoints(Shape):
    """Points for an event. A bare number is enough where nothing else is to be said."""

    points: Int
    """How many; less than 0 takes points away."""
    where: Text | None = None
    """Only where this condition over `event` and `lead` holds."""
    limit: OneLimit | None = None
    """At most so often for one person."""
    topic: Text | None = None
    """What the points are for: score_of("…") adds them up."""
    because: Text = ""
    """Why, for the ledger."""


class ProfilePoints(Shape):
    """Points for who a lead is; they hold while the condition does."""

    condition: Text = Field(alias="if")
    """A condition over `lead`."""
    points: Int
    """How many; less than 0 takes points away."""
    because: Text = ""
    """Why, for the ledger."""


def _no_mql(text: str) -> int | None:
    if text == "never":
        return None
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise Misfit("A number of points is wanted here, or never.", "write 100")
    return int(text)


Rule = Annotated[EventPoints, short_for("points")]


class Scoring(Shape):
    """Points for what people do and who they are."""

    half_life: Span = parse_duration("30 days")
    """Points for what people do fade by half in this time; those for who they are do not."""
    temperature: Temperatures = Temperatures()
    """From how many points on a lead is warm, and hot."""
    mql: Annotated[int | None, parsed(_no_mql, "a number of points", {"type": ["integer", "string"]})] = 100
    """From how many points on a lead is marketing qualified; never: only by other ways."""
    events: dict[EventName, Annotated[tuple[Rule, ...], one_or_list()]] = Field(default_factory=dict)
    """Event → a number of points, a rule, or a list of rules which all count."""
    profile: tuple[ProfilePoints, ...] = ()
    """Points for who a lead is."""


class Bant(Shape):
    """The four questions sales asks."""

    budget: Words | None = None
    """Is there money?"""
    authority: Words | None = None
    """Who decides?"""
    need: Words | None = None
    """What is needed?"""
    timing: Words | None = None
    """When?"""


class Junk(Shape):
    """Who is not a lead: kept, and not written to."""

    competitors: tuple[Domain, ...] = ()
    """Mail domains of competitors."""
    own_staff: tuple[Domain, ...] = ()
    """Your own mail domains."""
    disposable: Bool = True
    """Throw-away mail addresses."""


class Confirm(Shape):
    """The email that asks people to confirm their address (double opt-in)."""

    forms: Bool = False
    """For all forms; or per form by `confirm: true`."""
    template: Text = "confirm_address"
    """The email's template."""
    valid: Span = parse_duration("7 days")
    """How long its link works."""


class Qualification(Shape):
    """When a lead is ready for sales, what its card must hold, and who is no lead at all."""

    bant: Bant = Bant()
    """The four questions sales asks."""
    lead_card: tuple[FieldName, ...] = ("email", "last_name", "company")
    """Fields a lead's card needs to be complete (3 to 5)."""
    customer_card: tuple[FieldName, ...] = (
        "email", "first_name", "last_name", "phone", "company", "company_size", "position", "country", "city", "website",
    )  # fmt: skip
    """Fields a customer's card needs (10 to 15)."""
    first_contact: Span = parse_duration("5 minutes")
    """A later first contact is reported."""
    junk: Junk = Junk()
    """Who is not a lead."""
    confirm: Confirm = Confirm()
    """Double opt-in."""


class Colleague(Shape):
    """A colleague: leads have one of them each."""

    email: Address
    """Their address."""
    name: Text
    """Their name."""
    phone: Text | None = None
    """Their telephone."""
    title: Words | None = None
    """What they are, for signatures."""
    languages: Languages = ()
    """What they speak."""
    regions: Countries = ()
    """The countries they look after."""
    skills: Texts = ()
    """What they know about."""
    experience: Annotated[int, whole(0, 10)] = 0
    """0 to 10; hot leads go to the most experienced."""
    capacity: Annotated[int, whole(0, 1_000_000)] | None = None
    """How many open leads they can have."""
    hours: Hours = parse_window("mon-fri 09:00-17:00")
    """When they work: due times of tasks count in it."""
    timezone: Zone | None = None
    """Without it the company's."""
    manager: Bool = False
    """Gets what is left lying."""
    away: Annotated[tuple[TimeAway, ...], one_or_list()] = ()
    """When they get nothing new: 2026-12-24 .. 2027-01-02."""

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split()[0] if self.name.split() else ""


class AssignmentRule(Shape):
    """Who gets a lead when the condition holds."""

    condition: Text = Field(alias="if")
    """A condition over `lead`."""
    to: Texts
    """An address, several (by load among them), experienced, region, language, or skill:NAME."""


class Escalate(Shape):
    """What happens with a task that is left lying."""

    after: Span = parse_duration("4 business hours")
    """How long after it was due."""
    to: Text = "manager"
    """manager, or an address."""


class Assignment(Shape):
    """Who gets a new lead."""

    rules: tuple[AssignmentRule, ...] = ()
    """The first that holds decides."""
    otherwise: Text = "load"
    """load (fewest open leads), rotate, or an address."""
    escalate: Escalate = Escalate()
    """A task left lying."""


class OwnField(Shape):
    """A field of your own. The bare type is enough where nothing else is to be said."""

    type: OwnKind = "text"
    """text, number, boolean, date, time, list or choice."""
    label: Words | None = None
    """What people read."""
    choices: Texts = ()
    """What it can be, for choice."""

    @model_validator(mode="after")
    def _has_choices(self) -> OwnField:
        if self.type == "choice" and not self.choices:
            raise Misfit(
                "A choice needs choices.", "add choices: [a, b]", at=("type",), code=Code.MISSING_KEY
            )
        return self


AnyOwnField = Annotated[OwnField, short_for("type")]


class OwnEvent(Shape):
    """An event of your own, or more data for one there is."""

    about: Text = "An event of this project."
    """What it means."""
    data: dict[FieldName, OwnKind] = Field(default_factory=dict)
    """The data it carries, with their types."""


class Match(Shape):
    """How a visit shows where it comes from; each may hold * for anything."""

    utm_source: Text | None = None
    """?utm_source=…"""
    utm_medium: Text | None = None
    """?utm_medium=…"""
    utm_campaign: Text | None = None
    """?utm_campaign=…"""
    referrer: Text | None = None
    """The host of the page before."""


class LeadSource(Shape):
    """Where leads come from."""

    about: Text | None = None
    """What it is."""
    channel: Literal[
        "search", "ads", "social", "email", "referral", "fair", "telephone", "content", "other"
    ] = "other"
    """The kind of source."""
    match: Match = Match()
    """All of it must hold; the first source that matches wins."""
    cost_per_month: Number | None = None
    """What it costs every month."""
