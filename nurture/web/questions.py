"""The questions of a form or a questionnaire as config.yaml has them, in the visitor's language."""

from __future__ import annotations

from typing import Final

from nurture.core.vocabulary import Kind
from nurture.language.config_forms import Form, FormField, InputKind, Question, Survey
from nurture.web.inputs import Ask
from nurture.web.office import Office
from nurture.web.words import Tongue

_BY_NAME: Final[dict[str, InputKind]] = {"email": "email", "phone": "phone"}
_BY_OWN: Final[dict[str, InputKind]] = {
    "number": "number", "boolean": "checkbox", "date": "date", "time": "time", "choice": "choice",
}  # fmt: skip
_BY_KIND: Final[dict[Kind, InputKind]] = {
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "checkbox",
    Kind.TIME: "time",
}
_AUTOCOMPLETE: Final = {
    "email": "email",
    "name": "name",
    "first_name": "given-name",
    "last_name": "family-name",
    "phone": "tel",
    "company": "organization",
    "position": "organization-title",
    "country": "country-name",
    "city": "address-level2",
    "website": "url",
}


def of_form(form: Form, office: Office, tongue: Tongue) -> tuple[Ask, ...]:
    """What a form asks."""
    return tuple(_of_field(field, form, office, tongue) for field in form.fields)


def of_survey(survey: Survey, tongue: Tongue) -> tuple[Ask, ...]:
    """What a questionnaire asks."""
    return tuple(_of_question(question, tongue) for question in survey.questions)


def _of_field(field: FormField, form: Form, office: Office, tongue: Tongue) -> Ask:
    own = office.fields.get(field.name)
    kind = field.type or _kind_of(field, form, office)
    choices = tuple((choice.value, tongue.of(choice.words)) for choice in field.choices)
    if kind == "choice" and not choices and own is not None:
        choices = tuple((choice, choice) for choice in own.choices)
    label = tongue.of(field.label or (own.label if own is not None else None))
    return Ask(
        name=field.name,
        kind=kind,
        label=label or tongue.words.get(f"field_{field.name}") or field.name.replace("_", " ").capitalize(),
        required=field.required,
        choices=choices,
        hidden=field.value if kind == "hidden" else None,
        autocomplete=_AUTOCOMPLETE.get(field.name, "off"),
    )


def _kind_of(field: FormField, form: Form, office: Office) -> InputKind:
    """How a field is asked when its author does not say."""
    if field.choices:
        return "choice"
    own = office.fields.get(field.name)
    if own is not None:
        return _BY_OWN.get(own.type, "text")
    if field.name in _BY_NAME:
        return _BY_NAME[field.name]
    if field.name in office.words.fields:
        return _BY_KIND.get(office.words.fields[field.name].kind, "text")
    data = office.words.data_of("form.submitted", *((form.raises,) if form.raises else ()))
    return _BY_KIND.get(data.get(field.name, Kind.TEXT), "text")


def _of_question(question: Question, tongue: Tongue) -> Ask:
    return Ask(
        name=question.name,
        kind=question.type,
        label=tongue.of(question.label, question.name.replace("_", " ").capitalize()),
        required=question.required,
        choices=tuple((choice.value, tongue.of(choice.words)) for choice in question.choices),
        least=question.min,
        most=question.max,
        future=question.name == "until",
    )
