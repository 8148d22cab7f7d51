"""The sections of config.yaml about forms and questionnaires."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nurture.language.config_values import EventName, FieldName, LangText, Span, Url, Words
from nurture.language.problems import Code
from nurture.language.scalars import Bool, Misfit, Number, Text, one_or_list, short_for
from nurture.language.shape import Shape

InputKind = Literal[
    "text", "email", "phone", "number", "choice", "checkbox", "date", "time", "long", "hidden"
]
QuestionKind = Literal["choice", "long", "text", "date", "checkbox", "number"]


class Choice(Shape):
    """One of several answers. A bare text is both value and label."""

    value: Text
    """What is kept."""
    label: Words | None = None
    """What people read; without it the value."""
    favourable: Bool = False
    """This answer of a refused lead opens the way back."""

    @property
    def words(self) -> LangText:
        """What people read."""
        return self.label or LangText({"": self.value})


Choices = tuple[Annotated[Choice, short_for("value")], ...]


class FormField(Shape):
    """A field of a form. A lead's field sets it; a data key of the raised event goes there."""

    name: FieldName
    """A lead's field or a data key of the event the form raises."""
    label: Words | None = None
    """What people read."""
    required: Bool = False
    """Must it be filled in?"""
    type: InputKind | None = None
    """How it is asked; without it by the field."""
    choices: Choices = ()
    """What can be chosen."""
    value: Text | None = None
    """What a hidden field holds."""

    @model_validator(mode="after")
    def _is_whole(self) -> FormField:
        if self.type == "choice" and not self.choices:
            raise Misfit(
                "A choice needs choices.", "add choices: [a, b]", at=("type",), code=Code.MISSING_KEY
            )
        if self.type == "hidden" and self.value is None:
            raise Misfit("A hidden field needs a value.", "add value: …", at=("type",), code=Code.MISSING_KEY)
        return self


class ConsentAsked(Shape):
    """A box to tick; the ticked wording is kept as proof."""

    topic: Text = "email"
    """What is allowed by it."""
    wording: Words
    """What people tick."""
    required: Bool = False
    """Must it be ticked?"""


class Form(Shape):
    """A form at /f/NAME."""

    title: Words | None = None
    """Its heading."""
    intro: Words | None = None
    """A text above it."""
    button: Words | None = None
    """What stands on the button."""
    thanks: Words | None = None
    """What is said afterwards."""
    redirect: Url | None = None
    """Where people are taken instead."""
    fields: Annotated[tuple[FormField, ...], Field(min_length=1)] = (FormField(name="email", required=True),)
    """What is asked."""
    raises: EventName | None = None
    """The event it records besides form.submitted."""
    data: dict[FieldName, Text] = Field(default_factory=dict)
    """Constants put into the raised event."""
    consent: Annotated[tuple[ConsentAsked, ...], one_or_list()] = ()
    """Boxes to tick."""
    confirm: Bool = False
    """Ask for confirmation by email (double opt-in)."""
    source: Text | None = None
    """The source when the visit tells none."""
    task: Text | None = None
    """A task for the owner, with {{ lead… }}."""
    due: Span | None = None
    """When the task is due."""

    @model_validator(mode="after")
    def _fits(self) -> Form:
        if self.due is not None and self.task is None:
            raise Misfit(
                "due belongs to a task, and there is none.", "add task: …", at=("due",), code=Code.CONFLICT
            )
        names = [field.name for field in self.fields]
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"The field {name} is asked twice."
                raise Misfit(message, at=("fields", index, "name"), code=Code.DUPLICATE_KEY)
        return self


class Question(Shape):
    """A question of a questionnaire."""

    name: FieldName
    """The key its answer gets in `event.answers`."""
    label: Words | None = None
    """What people read."""
    type: QuestionKind = "text"
    """How it is asked."""
    choices: Choices = ()
    """What can be chosen."""
    required: Bool = False
    """Must it be answered?"""
    consent: Text | None = None
    """A ticked box gives consent to this topic, with the label as wording."""
    min: Number | None = None
    """The least number."""
    max: Number | None = None
    """The greatest number."""

    @model_validator(mode="after")
    def _is_whole(self) -> Question:
        if self.type == "choice" and not self.choices:
            raise Misfit(
                "A choice needs choices.", "add choices: [a, b]", at=("type",), code=Code.MISSING_KEY
            )
        if self.consent is not None and (self.type != "checkbox" or self.label is None):
            message = "Consent needs type: checkbox and a label: the label is the proof."
            raise Misfit(message, at=("consent",), code=Code.CONFLICT)
        if self.min is not None and self.max is not None and self.min > self.max:
            raise Misfit("max must be more than min.", at=("max",), code=Code.CONFLICT)
        return self


class Survey(Shape):
    """A questionnaire, reached by a personal link."""

    title: Words | None = None
    """Its heading."""
    intro: Words | None = None
    """A text above it."""
    button: Words | None = None
    """What stands on the button."""
    thanks: Words | None = None
    """What is said afterwards."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    """What is asked."""
    raises: EventName | None = None
    """An event recorded besides survey.answered; questions that are its data keys become its data."""
