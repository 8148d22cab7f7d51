"""What is said of a file that is YAML, and not what its schema wants."""

from __future__ import annotations

from typing import Annotated, Literal

import jsonschema
import pytest
from pydantic import Discriminator, Field, Tag, model_validator

from nurture.core.errors import GrammarError
from nurture.language.problems import Code, Problem, Problems
from nurture.language.scalars import Bool, Int, Misfit, Number, Text, one_or_list, parsed, short_for, whole
from nurture.language.shape import Shape, json_schema, validate
from nurture.language.source import read_source


def parse_span(text: str) -> int:
    if not text.endswith(" days"):
        raise GrammarError(f"`{text}` is not a span", "write 3 days")
    return int(text.removesuffix(" days"))


class Email(Shape):
    email: Annotated[tuple[Text, ...], one_or_list()]
    """The template, or several."""
    wait: Annotated[int | None, parsed(parse_span)] = None


class Task(Shape):
    task: Text
    times: Int = 1
    urgent: Bool = False
    share: Number = 0.5
    port: Annotated[int, whole(1, 65535)] = 25


def _verb(data: object) -> str | None:
    return next((verb for verb in ("email", "task") if isinstance(data, dict) and verb in data), None)


Step = Annotated[Annotated[Email, Tag("email")] | Annotated[Task, Tag("task")], Discriminator(_verb)]


class Kind(Shape):
    type: Literal["text", "number"]


class Campaign(Shape):
    title: Text
    """What people call it."""
    status: Literal["draft", "live"] = "draft"
    condition: Text | None = Field(None, alias="if")
    steps: list[Step] = Field(default_factory=list)
    points: dict[str, Int] = Field(default_factory=dict)
    either: Int | list[Int] = 0
    fields: dict[str, Annotated[Kind, short_for("type")]] = Field(default_factory=dict)
    first: Int = 0
    last: Int = 9

    @model_validator(mode="after")
    def _ordered(self) -> Campaign:
        if self.first > self.last:
            raise Misfit("first is after last.", "turn them round", at=("last",), code=Code.CONFLICT)
        return self


def check(text: str) -> tuple[Campaign | None, list[Problem]]:
    problems = Problems("a.yaml")
    source = read_source(text, "a.yaml", problems)
    assert source is not None
    return validate(Campaign, source, problems), list(problems)


def test_a_right_file_becomes_its_model():
    text = (
        "title: NO\nif: lead.score > 3\nsteps:\n  - email: a\n    wait: 3 days\n  - email: [b, c]\n"
        "  - {task: 007, times: 2, urgent: true, share: 0.25, port: 80}\nfields: {pumps: number, age: {type: text}}\n"
    )
    campaign, problems = check(text)
    assert problems == []
    assert campaign is not None
    assert (campaign.title, campaign.condition) == ("NO", "lead.score > 3")
    assert campaign.steps == [
        Email(email=("a",), wait=3),
        Email(email=("b", "c")),
        Task(task="007", times=2, urgent=True, share=0.25, port=80),
    ]
    assert campaign.fields["pumps"].type == "number"


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "words"),
    [
        ("titel: x\n", 1, 1, "unknown-key", "did you mean title?"),
        ("title: x\nzzz: y\n", 2, 1, "unknown-key", "known here: either"),
        ("status: live\n", 1, 1, "missing-key", "title"),
        ("title:\n", 1, 7, "wrong-type", "no value"),
        ("title: [a]\n", 1, 8, "wrong-type", "not a list"),
        ("title: {a: b}\n", 1, 8, "wrong-type", "not a mapping"),
        ("title: x\nstatus: liev\n", 2, 9, "wrong-choice", "did you mean live?"),
        ("title: x\nstatus: on\n", 2, 9, "wrong-choice", "draft or live"),
        ("title: x\nsteps: email\n", 2, 8, "wrong-type", "A list is wanted"),
        ("title: x\nsteps:\n  - mail: a\n", 3, 5, "wrong-type", "None of the keys"),
        ("title: x\nsteps:\n  - email:a\n", 3, 5, "wrong-type", "space after the colon: email: a"),
        ("title: x\nsteps:\n  - email: a\n    wiat: 3 days\n", 4, 5, "unknown-key", "did you mean wait?"),
        ("title: x\nsteps:\n  - email: a\n    wait: 3 dayz\n", 4, 11, "grammar", "write 3 days"),
        ("title: x\nsteps:\n  - email: [a, {}]\n", 3, 16, "wrong-type", "A text is wanted"),
        ("title: x\nsteps:\n  - task: a\n    times: 1.5\n", 4, 12, "wrong-type", "whole number"),
        ("title: x\nsteps:\n  - task: a\n    times: 5,000\n", 4, 12, "wrong-type", "write 5000"),
        ("title: x\nsteps:\n  - task: a\n    share: 0,5\n", 4, 12, "wrong-type", "write 0.5"),
        ("title: x\nsteps:\n  - task: a\n    urgent: yes\n", 4, 13, "wrong-type", "write true"),
        ("title: x\nsteps:\n  - task: a\n    urgent: True\n", 4, 13, "wrong-type", "write true"),
        ("title: x\nsteps:\n  - task: a\n    port: 99999\n", 4, 11, "out-of-range", "1 to 65535"),
        ("title: x\npoints: {a: 1, b: c}\n", 2, 19, "wrong-type", "whole number"),
        ("title: x\npoints: c\n", 2, 9, "wrong-type", "Keys with values"),
        ("title: x\neither: [1, z]\n", 2, 13, "wrong-type", "whole number"),
        ("title: x\nfields: {a: nmber}\n", 2, 13, "wrong-choice", "did you mean number?"),
        ("title: x\nfirst: 5\nlast: 3\n", 3, 7, "conflict", "turn them round"),
        ("- a\n", 1, 1, "wrong-type", "not a list"),
        ("title:x\n", 1, 1, "wrong-type", "title: x"),
        ("", 1, 1, "missing-key", "add title: …"),
    ],
)
def test_what_does_not_fit_is_placed_and_explained(text, line, column, code, words):
    campaign, problems = check(text)
    assert campaign is None
    assert [(problem.line, problem.column, problem.code) for problem in problems] == [(line, column, code)]
    assert words in f"{problems[0].message} {problems[0].hint}"


def test_all_that_is_wrong_is_told_at_once():
    _, problems = check(
        "titel: x\nstatus: on\nsteps:\n  - email: a\n    wait: x\n  - task: b\n    times: c\n"
    )
    assert [(problem.line, problem.column) for problem in problems] == [(1, 1), (2, 9), (5, 11), (7, 12)]


def test_no_word_of_the_library_reaches_the_author():
    _, problems = check("status: 1\nsteps: [a, {task: }, {email: {}}]\neither: {}\npoints: {a: }\n")
    said = " ".join(f"{problem.message} {problem.hint}" for problem in problems)
    for foreign in ("Input", "input", "pydantic", "dict", "str", "tuple", "validation", "model"):
        assert foreign not in said.replace("string", "")


def refuse(text: str) -> str:
    raise Misfit("Wrong here.", offset=3)


class Ruled(Shape):
    rule: Annotated[str, parsed(refuse)]


def test_a_misfit_can_point_into_a_text():
    problems = Problems("a.yaml")
    source = read_source("rule: 'a  b'\n", "a.yaml", problems)
    assert source is not None
    validate(Ruled, source, problems)
    assert [(problem.line, problem.column) for problem in problems] == [(1, 11)]


def test_the_editor_s_schema_agrees_with_the_reader():
    schema = json_schema(Campaign, "a campaign")
    jsonschema.Draft202012Validator.check_schema(schema)
    right = {
        "title": "x",
        "steps": [{"email": "a"}, {"email": ["b"], "wait": "3 days"}],
        "fields": {"a": "number"},
    }
    jsonschema.validate(right, schema)
    assert schema["properties"]["title"]["description"] == "What people call it."
    for wrong in ({"titel": "x"}, {"title": "x", "status": "liev"}, {"title": "x", "fields": {"a": "nmber"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
