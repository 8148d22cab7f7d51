"""What the tests of campaigns share: a vocabulary, a small project around, a stand-in for texts, marked YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nurture.core.errors import GrammarError
from nurture.core.limit import parse_limit
from nurture.core.vocabulary import BUILTIN, EventType, Field, Kind
from nurture.core.window import parse_window
from nurture.language.known import Known, TemplateFacts, TemplateUse
from nurture.language.load import Loaded, load_campaign

VOCABULARY = BUILTIN.extend(
    fields={"sector": Field(Kind.TEXT, "", own=True), "trial_ends": Field(Kind.TIME, "", own=True)},
    events={"feedback.given": EventType("", {"rating": Kind.NUMBER, "quote": Kind.BOOLEAN}, own=True)},
)

TEMPLATES = {
    name: TemplateFacts()
    for name in (
        [
            "report_link",
            "webinar_invite",
            "follow_up",
            "next_webinar",
            "article",
            "podcast",
            "a",
            "b",
            "c",
            "digest/one",
            "digest/two",
        ]
    )
} | {
    "german": TemplateFacts(frozenset({"de"})),
    "slip_mail": TemplateFacts(uses=(TemplateUse(("entry", "reprot")), TemplateUse(("lead", "nmae")))),
    "webinar_mail": TemplateFacts(
        uses=(TemplateUse(("entry", "starts_at"), "templates/webinar_mail.md", 7, 4),)
    ),
}

KNOWN = Known(
    templates=TEMPLATES,
    campaigns=frozenset({"farewell", "test"}),
    webhooks=frozenset({"crm"}),
    team=frozenset({"jo@example.org"}),
    topics=frozenset({"greetings", "later"}),
)


@dataclass(frozen=True)
class Use:
    path: tuple[str, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Wrong:
    line: int
    column: int
    message: str
    hint: str | None = None


@dataclass
class Plain:
    """A text that knows what it reads and makes nothing of it."""

    source: str
    uses: tuple[Use, ...] = field(default=())

    def __call__(self, values: Mapping[str, Any]) -> Any:
        return self.source


def plain_text(source: str) -> Plain | list[Wrong]:
    """Enough of a template language for these tests: `{{ a.b }}`, and `{{` that is never closed."""
    if source.count("{{") > source.count("}}"):
        line = source[: source.index("{{")].count("\n") + 1
        return [Wrong(line, source.index("{{") - source.rfind("\n", 0, source.index("{{")), "Never closed.")]
    if "{{ 1/0 }}" in source:
        raise GrammarError("this cannot be")
    uses = [
        Use(
            tuple(found[1].split(".")),
            source[: found.start()].count("\n") + 1,
            found.start(1) - source.rfind("\n", 0, found.start()),
        )
        for found in re.finditer(r"\{\{ ([a-z_.]+)", source)
    ]
    return Plain(source, tuple(uses))


def load(text: str | bytes, file: str = "campaigns/test.yaml", known: Known = KNOWN) -> Loaded:
    """Load a campaign within the small project."""
    return load_campaign(text, file, VOCABULARY, plain_text, known)


def with_send(**changes: Any) -> Known:
    """The small project with other settings under `send:`."""
    read = {"window": parse_window, "overall": parse_limit}
    made = {key: read[key](value) if key in read else value for key, value in changes.items()}
    return replace(KNOWN, send=replace(KNOWN.send, **made))


HEAD = "title: Test\nenter: { on: report.downloaded }\n"

_MARK = re.compile(r"«([a-z-]+)»")


def unmarked(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """`- goto: «unknown-target»nowhere` → the text without marks, and where each stood (line, column, code)."""
    marks = []
    while found := _MARK.search(text):
        before = text[: found.start()]
        marks.append((before.count("\n") + 1, len(before) - before.rfind("\n"), found[1]))
        text = before + text[found.end() :]
    return text, marks
