"""config.yaml as a whole: all its sections, each with a default good enough to start."""

from __future__ import annotations

from pydantic import Field

from nurture.language.config_forms import Form, Survey
from nurture.language.config_sales import (
    AnyOwnField,
    Assignment,
    Colleague,
    LeadSource,
    OwnEvent,
    Qualification,
    Scoring,
)
from nurture.language.config_sections import (
    CampaignSettings,
    Company,
    Database,
    Holidays,
    Inbox,
    Notify,
    Replies,
    Retention,
    Send,
    Smtp,
    Tracking,
    Web,
    Webhook,
)
from nurture.language.config_values import EventName, FieldName, Slug
from nurture.language.shape import Shape


class ConfigFile(Shape):
    """Settings of a nurture project. Every key may be left out."""

    company: Company = Company()
    """Who writes: name and address stand in every footer."""
    database: Database = Database()
    """Where everything is kept."""
    smtp: Smtp = Smtp()
    """The mail server that takes our emails."""
    inbox: tuple[Inbox, ...] = ()
    """The mailboxes in which answers and returned mail arrive."""
    web: Web = Web()
    """Where the console, the forms and the links of emails are found."""
    send: Send = Send()
    """What holds for all campaigns together."""
    campaigns: CampaignSettings = CampaignSettings()
    """How edited campaigns are taken up."""
    scoring: Scoring = Scoring()
    """Points for what people do and who they are."""
    qualification: Qualification = Qualification()
    """When a lead is ready for sales, and who is no lead at all."""
    team: tuple[Colleague, ...] = ()
    """Your colleagues."""
    assignment: Assignment = Assignment()
    """Who gets a new lead."""
    fields: dict[FieldName, AnyOwnField] = Field(default_factory=dict)
    """What you want to know of a lead beyond the usual."""
    events: dict[EventName, OwnEvent] = Field(default_factory=dict)
    """Your own events, with the data they carry."""
    sources: dict[Slug, LeadSource] = Field(default_factory=dict)
    """Where leads come from."""
    forms: dict[Slug, Form] = Field(default_factory=dict)
    """The forms on your website, each at /f/NAME."""
    surveys: dict[Slug, Survey] = Field(default_factory=dict)
    """Questionnaires, reached by a personal link."""
    holidays: Holidays = Holidays()
    """Regions and days of your own."""
    webhooks: dict[Slug, Webhook] = Field(default_factory=dict)
    """Other systems that hear what happens."""
    notify: dict[Slug, Notify] = Field(default_factory=dict)
    """Names for `notify:`; owner and manager are known already."""
    tracking: Tracking = Tracking()
    """What is watched."""
    retention: Retention = Retention()
    """How long things are kept."""
    replies: Replies = Replies()
    """What an answer does that no campaign takes."""
