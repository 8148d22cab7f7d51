"""The steps of a campaign file, one model a verb (language.md, Steps).

The docstrings and titles are what `nurture schema` gives to editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from nurture.language.problems import did_you_mean
from nurture.language.scalars import Int, whole
from nurture.language.schema_values import (
    Condition,
    DelayText,
    DurationText,
    EveryText,
    Name,
    PointText,
    Template,
    WindowText,
    WordList,
    Words,
)
from nurture.language.shape import Shape
from nurture.language.verbs import form_of, one_or_more, one_verb, tag_of


class Step(Shape):
    """What any step may have."""

    id: Name | None = None
    """The step's name: where leads stand, and what goto names. Never change it while leads stand here."""
    condition: Condition | None = Field(None, alias="if")
    """Looked at when the step's time has come; where it does not hold, the step is passed."""
    window: WindowText | None = None
    """When this step may happen, in the lead's own time zone."""
    after: DelayText | None = None
    """How long after the step before: `3 days`, `1 week at 09:30`."""
    at: PointText | None = None
    """When: `day 3 09:30`, `tuesday 09:00`, `1 day before entry.starts_at`."""
    within: DurationText | None = None
    """As soon as possible; when it took longer, the delay is reported."""
    missed: Literal["pass", "send"] = "pass"
    """What to do when `at` is over already: pass the step, or send all the same."""


class EmailStep(Step):
    """Sends an email."""

    model_config = ConfigDict(title="email")

    email: WordList
    """The template's name. A list, or `digest/*`, rotates: the next one this person has not had."""
    pick: Literal["next", "newest"] = "next"
    """Which one of a rotation: the next in the list's order, or the newest."""
    when_empty: Literal["pass", "wait"] = "pass"
    """What to do when this person had all of a rotation."""
    latest: PointText | None = None
    """Not handed over by then: withdrawn."""
    otherwise: Steps | None = Field(None, alias="else")
    """Steps for the case that `latest` or `within` was missed."""
    service: Words | None = None
    """What the person just asked for, in words: such mail needs no consent and waits for no window."""
    sender: Words | None = Field(None, alias="from")
    """Who it comes from: owner, company, or an address."""
    thread: Literal["new", "first"] | None = None
    """A thread of its own, or an answer to the first email of the campaign."""
    occasion: Template | None = None
    """The same email may be had again for another occasion: `2027-01`."""
    in_doubt: Literal["assume_sent", "hold", "resend"] | None = None
    """What to do when nobody knows whether it was sent."""


EventForms = Annotated[
    Annotated[Words, Tag("as text")]
    | Annotated[list[Words], Tag("as list"), Field(min_length=1)]
    | Annotated[dict[str, "Steps"], Tag("as mapping"), Field(min_length=1)],
    Discriminator(form_of),
]


class WaitForStep(Step):
    """Rests until an event happens, for so long at most."""

    model_config = ConfigDict(title="wait_for")

    wait_for: EventForms
    """The event, a list of events, or event → steps."""
    where: Condition | None = None
    """A condition on the event's data: `event.webinar == entry.webinar`."""
    patience: DurationText | None = Field(None, alias="for")
    """How long to wait."""
    until: PointText | None = None
    """Until when to wait."""
    otherwise: Steps | None = Field(None, alias="else")
    """Steps when the event did not come. Without it: go on."""
    since: Literal["here", "entry", "ever"] = "here"
    """From when on the event counts: since this step was reached, since entry, or ever."""


class IfStep(Step):
    """A branch: some steps when a condition holds, others when not."""

    model_config = ConfigDict(title="if")

    condition: Condition = Field(alias="if")
    """The condition."""
    then: Steps | None = None
    """Steps when it holds."""
    otherwise: Steps | None = Field(None, alias="else")
    """Steps when it does not."""


class Case(Shape):
    """One case of `choose`: a condition and steps."""

    model_config = ConfigDict(title="case")

    condition: Condition = Field(alias="if")
    """The condition of this case."""
    then: Steps
    """Steps when it is the first that holds."""


class LastCase(Shape):
    """The last case of `choose`: what to do when none holds."""

    model_config = ConfigDict(title="last case")

    otherwise: Steps = Field(alias="else")
    """Steps when no condition holds."""


def _case(value: Any) -> str:
    keys = frozenset(value) if isinstance(value, Mapping) else frozenset[str]()
    last = not keys & {"if", "then"} and any(did_you_mean(key, ("else",)) for key in keys)
    return "the last case" if last else "a case"


Cases = Annotated[
    Annotated[Case, Tag("a case")] | Annotated[LastCase, Tag("the last case")], Discriminator(_case)
]


class ChooseStep(Step):
    """Many branches: the first whose condition holds."""

    model_config = ConfigDict(title="choose")

    choose: list[Cases] = Field(min_length=1)
    """A list of `{if, then}`, the last may be `{else}`."""


class Winner(Shape):
    """How an experiment would end by itself. Not yet."""

    by: Words
    """What counts: clicked, replied, an event."""
    after: Words | None = None
    """After how many people."""
    judged: DurationText | None = None
    """How long each has to answer."""


class SplitStep(Step):
    """An experiment: shares of the leads go different ways and meet again after the block."""

    model_config = ConfigDict(title="split")

    split: dict[str, Annotated[int, whole(0, 1000)]] = Field(min_length=2)
    """Arm → share, such as `{a: 50, b: 50}`."""
    paths: dict[str, Steps] = Field(default_factory=dict)
    """Arm → steps. An arm without steps goes on at once."""
    winner: Winner | None = None
    """Not yet: an arm that wins by itself."""


class Rounds(Shape):
    """Steps that come again and again."""

    model_config = ConfigDict(title="rounds")

    every: EveryText
    """From the beginning of one round to the next: `3 weeks`, `first tuesday 10:00`."""
    times: Annotated[int, whole(1, 1000)] | None = None
    """How many rounds; without it for ever."""
    until: Condition | None = None
    """Looked at before each round; when it holds, the rounds are over."""
    steps: Steps = Field(min_length=1)
    """The steps of a round."""


class RepeatStep(Step):
    """Rounds: the first at once, each next one `every` after the last began."""

    model_config = ConfigDict(title="repeat")

    repeat: Rounds
    """How often, and what."""


class GotoStep(Step):
    """Goes on elsewhere."""

    model_config = ConfigDict(title="goto")

    goto: Name
    """A path, or the id of a step of `steps` or of a path."""


class OtherCampaign(Shape):
    """Another campaign, by name."""

    campaign: Name
    """Its file's name without `.yaml`."""


Stopped = Annotated[
    Annotated[Template, Tag("as text")] | Annotated[OtherCampaign, Tag("as mapping")],
    Discriminator(lambda value: "as mapping" if isinstance(value, Mapping | OtherCampaign) else "as text"),
]


class StopStep(Step):
    """Ends this campaign for the lead; or takes the lead out of another."""

    model_config = ConfigDict(title="stop")

    stop: Stopped
    """The reason; or `{campaign: NAME}`."""


class StartStep(Step):
    """Puts the lead into another campaign."""

    model_config = ConfigDict(title="start")

    start: Name
    """The campaign's name."""


class StageStep(Step):
    """Moves the lead to a stage."""

    model_config = ConfigDict(title="stage")

    stage: Words
    """The stage: nurturing, mql, sql …"""


class ScoreStep(Step):
    """Gives or takes points."""

    model_config = ConfigDict(title="score")

    score: Int
    """How many points; less than 0 takes them."""


class SetStep(Step):
    """Sets fields of the lead."""

    model_config = ConfigDict(title="set")

    values: dict[str, Template | None] = Field(alias="set", min_length=1)
    """Field → value."""


class TagStep(Step):
    """Gives the lead tags."""

    model_config = ConfigDict(title="tag")

    tag: WordList
    """One tag or a list."""


class UntagStep(Step):
    """Takes tags from the lead."""

    model_config = ConfigDict(title="untag")

    untag: WordList
    """One tag or a list."""


class RefuseStep(Step):
    """Marks the lead refused: no more campaigns, everything known is kept."""

    model_config = ConfigDict(title="refuse")

    refuse: Template
    """The reason: budget, timing, need, competitor, trust, authority, other."""


class PostponeStep(Step):
    """Marks the lead postponed: to be resumed later."""

    model_config = ConfigDict(title="postpone")

    postpone: Template
    """A duration, a date, or `{{ event.until }}`."""
    reason: Template | None = None
    """Why."""


class ReopenStep(Step):
    """Takes a refused or postponed lead back into nurturing."""

    model_config = ConfigDict(title="reopen")

    reopen: Template
    """Why."""


class TaskStep(Step):
    """A task for a colleague; with `results` it waits for the outcome."""

    model_config = ConfigDict(title="task")

    task: Template
    """What is to be done."""
    due: DurationText | None = None
    """By when: `4 business hours`."""
    who: Words = "owner"
    """Whose it is: owner, or a colleague's address."""
    kind: Words = "task"
    """What kind of work: call, review, meeting …"""
    results: dict[str, Steps] | None = Field(None, min_length=1)
    """Outcome → steps; the lead waits until one is reported."""
    patience: DurationText | None = Field(None, alias="for")
    """How long to wait for the outcome."""
    otherwise: Steps | None = Field(None, alias="else")
    """Steps when no outcome was reported in time. Without it: go on."""


class NotifyStep(Step):
    """Tells a person or a channel something."""

    model_config = ConfigDict(title="notify")

    notify: Words
    """Who: owner, manager, an address, or a name under `notify:` in config.yaml."""
    text: Template
    """What."""


class WebhookStep(Step):
    """Calls a webhook of the project."""

    model_config = ConfigDict(title="webhook")

    webhook: Words
    """Its name under `webhooks:` in config.yaml."""


AnyStep = TypeAliasType(
    "AnyStep",
    Annotated[
        Annotated[EmailStep, Tag("email step")]
        | Annotated[WaitForStep, Tag("wait_for step")]
        | Annotated[IfStep, Tag("if step")]
        | Annotated[ChooseStep, Tag("choose step")]
        | Annotated[SplitStep, Tag("split step")]
        | Annotated[RepeatStep, Tag("repeat step")]
        | Annotated[GotoStep, Tag("goto step")]
        | Annotated[StopStep, Tag("stop step")]
        | Annotated[StartStep, Tag("start step")]
        | Annotated[StageStep, Tag("stage step")]
        | Annotated[ScoreStep, Tag("score step")]
        | Annotated[SetStep, Tag("set step")]
        | Annotated[TagStep, Tag("tag step")]
        | Annotated[UntagStep, Tag("untag step")]
        | Annotated[RefuseStep, Tag("refuse step")]
        | Annotated[PostponeStep, Tag("postpone step")]
        | Annotated[ReopenStep, Tag("reopen step")]
        | Annotated[TaskStep, Tag("task step")]
        | Annotated[NotifyStep, Tag("notify step")]
        | Annotated[WebhookStep, Tag("webhook step")],
        Discriminator(tag_of),
        BeforeValidator(one_verb),
    ],
)
"""One step of a campaign: one verb, and what goes with it."""

Steps = Annotated[list[AnyStep], BeforeValidator(one_or_more, json_schema_input_type=list[AnyStep] | AnyStep)]
"""A list of steps, or one step."""

for _model in (
    EmailStep, WaitForStep, IfStep, Case, LastCase, ChooseStep, SplitStep, Rounds, RepeatStep, TaskStep,
):  # fmt: skip
    _model.model_rebuild()
