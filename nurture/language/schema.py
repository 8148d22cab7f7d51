"""A campaign file as models: every key of language.md, and the JSON Schema editors use (`nurture schema`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from nurture.language.problems import Code
from nurture.language.scalars import Bool, Int, Misfit
from nurture.language.schema_steps import Steps
from nurture.language.schema_values import (
    AgainText,
    ClockText,
    Condition,
    DurationText,
    EveryText,
    LimitList,
    LimitText,
    MomentText,
    Name,
    NameList,
    SpanText,
    WindowText,
    WordList,
    Words,
)
from nurture.language.shape import Shape
from nurture.language.verbs import VERBS


class HolidayEnter(Shape):
    """Enter before a public holiday of the lead's country."""

    model_config = ConfigDict(title="holiday")

    only: WordList | None = None
    """Which holidays; without it all public holidays."""
    ahead: DurationText | None = None
    """How long before."""
    at: ClockText | None = None
    """At what time of that day, in the lead's own time zone."""


class YearlyEnter(Shape):
    """Enter once a year, on the day and month of a date."""

    model_config = ConfigDict(title="yearly")

    field: Words
    """The field that holds the date: `lead.birthday`."""
    at: ClockText | None = None
    """At what time of that day, in the lead's own time zone."""


class EnterBlock(Shape):
    """Who comes in: exactly one of on, when, holiday, yearly, every, once, manual."""

    model_config = ConfigDict(title="enter")

    on: WordList | None = None
    """The event, or a list of events, that lets a lead in."""
    condition: Condition | None = Field(None, alias="if")
    """Only those for whom this holds."""
    each: Words | None = None
    """One run per value: `event.report`."""
    again: AgainText | None = None
    """When the same lead may come in again, counted from leaving: never, always, or `after 180 days`."""
    stage: Words | None = None
    """The stage set on entering."""
    when: Condition | None = None
    """A condition: who enters when it becomes true."""
    existing: Bool = False
    """With when: also those for whom it is true already."""
    at_most: LimitText | None = None
    """With when: how many at most, such as `200 per day`."""
    holiday: HolidayEnter | None = None
    """Before a public holiday of the lead's country."""
    yearly: YearlyEnter | None = None
    """Once a year, on the date in a field of the lead."""
    every: EveryText | None = None
    """Again and again: `first tuesday 09:30`."""
    once: MomentText | None = None
    """All who match at one time: `2026-12-01 10:00`."""
    manual: Bool = False
    """By hand only: `nurture enrol`, the console, or `start:` in another campaign."""


class SendBlock(Shape):
    """What holds for all emails of the campaign."""

    model_config = ConfigDict(title="send")

    sender: Words | None = Field(None, alias="from")
    """Who they come from: owner, company (default), or an address."""
    window: WindowText | None = None
    """When they may go out, in the lead's own time zone: `mon-fri 08:00-18:00`."""
    limit: LimitList | None = None
    """How many at most: `2 per week`; a list for several."""
    gap: DurationText | None = None
    """At least this between two."""
    consent: Literal["not_withdrawn", "given", "confirmed"] | None = None
    """The consent they need."""
    in_doubt: Literal["assume_sent", "hold", "resend"] | None = None
    """What to do when nobody knows whether one was sent."""
    thread: Literal["new", "first"] | None = None
    """Each a thread of its own, or answers to the first."""
    topic: Words | None = None
    """What they are about, as consents name it; the refused get only what they allowed."""


class ReactionBlock(Shape):
    """A reaction that happens only so often."""

    model_config = ConfigDict(title="reaction")

    once: DurationText | None = None
    """React at most once in this time."""
    steps: Steps | None = None
    """What to do."""
    then: Steps | None = None
    """What to do."""

    @model_validator(mode="before")
    @classmethod
    def _steps_stand_below(cls, data: Any) -> Any:
        if isinstance(data, dict) and (verbs := [key for key in data if key in VERBS]):
            hint = f"write then: {{ {verbs[0]}: … }}"
            message = f"Beside once: the steps stand under then:, {verbs[0]} too."
            raise Misfit(message, hint, code=Code.UNKNOWN_KEY, at=(verbs[0],), on_key=True)
        return data


def _reaction_form(value: Any) -> str:
    block = isinstance(value, Mapping) and (
        "once" in value or "steps" in value or ("then" in value and "if" not in value)
    )
    return "as reaction" if block else "as steps"


AnyReaction = Annotated[
    Annotated[Steps, Tag("as steps")] | Annotated[ReactionBlock, Tag("as reaction")],
    Discriminator(_reaction_form),
]

StoryValue = str | None | list[Any] | dict[str, Any]


class StoryBlock(Shape):
    """A test: what happens to one lead, and what the campaign should do."""

    model_config = ConfigDict(title="test")

    name: Words
    """What the test shows, in words."""
    lead: dict[str, StoryValue] = Field(default_factory=dict)
    """The lead's fields: `{email: ada@example.org, country: GB}`."""
    start: Words | None = None
    """When day 1 begins: `tuesday 10:00`, `2026-12-21 09:00`."""
    story: list[StoryValue] = Field(default_factory=list)
    """What happens and when: `- day 5 15:00: webinar.attended`."""
    expect: list[StoryValue] | None = None
    """Every email in order, and the effects one names: `- day 3 09:30: email webinar_invite`."""
    others: NameList | None = Field(None, alias="with")
    """Other campaigns that take part when this one starts them."""
    scoring: Literal["on", "off"] = "on"
    """Whether events give points as config.yaml says."""


class CampaignFile(Shape):
    """A nurture campaign: who enters, what happens, step by step."""

    model_config = ConfigDict(title="nurture campaign")

    title: Words
    """The campaign's name for people."""
    about: Words | None = None
    """What it is for."""
    language: Words | None = None
    """The templates' default language, such as `en`."""
    status: Literal["draft", "live", "paused"] = "draft"
    """draft: nobody enters. live. paused: nobody enters and those inside are held."""
    runs: SpanText | None = None
    """From when to when people may enter: `2027-04-01 .. 2027-06-30`."""
    enter: EnterBlock
    """Who comes in."""
    stages: NameList | None = None
    """Whom it is for; the default is new, nurturing, mql. Others do not enter, and leave."""
    goal: Condition | None = None
    """The moment it holds, the lead leaves as a success."""
    group: Name | None = None
    """Of the campaigns of one group a lead is in one at a time."""
    priority: Int = 0
    """The higher goes first within the group."""
    send: SendBlock | None = None
    """What holds for all its emails."""
    on: dict[str, AnyReaction] = Field(default_factory=dict)
    """Reactions: event → steps, wherever the lead stands."""
    steps: Steps = Field(min_length=1)
    """The main path."""
    paths: dict[str, Steps] = Field(default_factory=dict)
    """Other paths, reached by goto."""
    moved: dict[str, Name] = Field(default_factory=dict)
    """Where leads stand now whose step has a new id: `old-id: new-id`."""
    was: Name | None = None
    """The file's former name."""
    tests: list[StoryBlock] = Field(default_factory=list)
    """Stories with the timelines they should have."""


@cache
def campaign_schema() -> Mapping[str, Any]:
    """The JSON Schema (draft 2020-12) of a campaign file, for yaml-language-server and other editors."""
    schema = CampaignFile.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
