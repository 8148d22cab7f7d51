from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from nurture.core.errors import GrammarError
from nurture.mail.problems import TemplateCode
from nurture.mail.texts import CompiledText, compile_text

VALUES: dict[str, Any] = {
    "lead": {"name": "Ada", "language": "da", "timezone": "Europe/Copenhagen", "score": 7, "company": None},
    "event": {"until": date(2026, 5, 1), "reason": "budget"},
    "entry": {"at": datetime(2026, 3, 3, 9, tzinfo=UTC), "report": "Pumps"},
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("Call them", "Call them"),
        ("", ""),
        ("Call {{ lead.name }} about {{ entry.report }}", "Call Ada about Pumps"),
        ("{{ event.until }}", date(2026, 5, 1)),
        (" {{ event.until }} ", date(2026, 5, 1)),
        ("until {{ event.until }}", "until 1. maj 2026"),
        ("{{ lead.score }}", 7),
        ("{{ lead.score + 3 }}", 10),
        ("{{ lead.score > 3 }}", True),
        ("{{ lead.company }}", None),
        ("{{ event.nothing }}", None),
        ("{{ lead.company | default('none') }}", "none"),
        ("{{ event.reason }}", "budget"),
        ("{{ entry.at | datetime }}", "3. marts 2026 kl. 10.00"),
        ("{% if lead.score > 3 %}warm{% else %}cold{% endif %}", "warm"),
        ("a { b } c", "a { b } c"),
    ],
)
def test_texts_and_values(source: str, value: object) -> None:
    text = compile_text(source)
    assert isinstance(text, CompiledText)
    made = text(VALUES)
    assert made == value
    assert type(made) is type(value)
    assert text.source == source


@pytest.mark.parametrize(
    "source", ["x {{ lead.company }}", "{{ lead.name + 1 }}", "{{ event.a.b }}", "{{ 1 / 0 }}"]
)
def test_what_cannot_be_made_is_a_grammar_error(source: str) -> None:
    text = compile_text(source)
    assert isinstance(text, CompiledText)
    with pytest.raises(GrammarError):
        text(VALUES)


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("Call {{ lead.name", TemplateCode.SYNTAX, 6),
        ("Call {{ lead.name | uper }}", TemplateCode.UNKNOWN_FILTER, 21),
        ("{{ lead.name() }}", TemplateCode.UNKNOWN_FUNCTION, 9),
        ("x" * 20_001, TemplateCode.TOO_LARGE, 1),
    ],
)
def test_what_is_wrong_is_said_with_its_column(source: str, code: TemplateCode, column: int) -> None:
    problems = compile_text(source)
    assert isinstance(problems, list)
    assert [(problem.code, problem.column) for problem in problems] == [(code, column)]


def test_names_are_checked() -> None:
    text = compile_text("Call {{ lead.nmae }}")
    assert isinstance(text, CompiledText)
    (problem,) = text.check_names({"lead": {"name": "text"}})
    assert (problem.column, problem.hint) == (9, "Did you mean name?")
