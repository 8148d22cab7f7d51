"""What the tests of outgoing mail share: templates and layouts from text, data of one lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from nurture.language.problems import Problems
from nurture.language.source import read_source
from nurture.mail.front import Said
from nurture.mail.layout import DEFAULT_LAYOUT, Layout, parse_layout
from nurture.mail.template import Suffix, Template, parse_template


def read_mapping(text: str) -> tuple[Any, Iterable[Said]]:
    problems = Problems("template.md")
    source = read_source(text, "template.md", problems)
    return (source.data if source else None), list(problems)


@pytest.fixture
def read() -> Callable[[str], tuple[Any, Iterable[Said]]]:
    return read_mapping


@pytest.fixture
def template() -> Callable[..., Template]:
    """Compiles a body (with a plain front matter unless one is given) and insists that it is good."""

    def make(
        body: str, *, front: str = "subject: A subject", suffix: Suffix = "md", locale: str | None = None
    ) -> Template:
        made = parse_template("mail", locale, suffix, f"---\n{front}\n---\n{body}", read_mapping)
        assert isinstance(made, Template), made
        return made

    return make


@pytest.fixture(scope="session")
def layout() -> Layout:
    made = parse_layout(DEFAULT_LAYOUT)
    assert isinstance(made, Layout), made
    return made


@pytest.fixture
def values() -> dict[str, Any]:
    return {
        "lead": {
            "name": "Ada Lovelace",
            "first_name": "Ada",
            "company": None,
            "language": "en",
            "timezone": "Europe/Berlin",
            "score": 40.0,
            "tags": ["pumps", "water"],
        },
        "owner": {"name": "Anna"},
        "entry": {
            "report": "Pumps",
            "starts_at": "2026-03-03T09:00:00Z",
            "articles": [
                {"title": "One", "url": "https://example.com/1"},
                {"title": "Two", "url": "https://example.com/2"},
            ],
        },
        "event": {},
        "company": {"name": "Example", "timezone": "Europe/Copenhagen"},
        "unsubscribe": "https://mail.example.com/u/abc",
        "confirm": "https://mail.example.com/v/abc",
        "survey": {"farewell": "https://mail.example.com/s/abc"},
        "form": {"webinar": "https://mail.example.com/f/webinar"},
    }
