"""What a campaign file may count on outside itself: the other files of the project and its settings, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nurture.core.graph import Send, Text


class TextProblem(Protocol):
    """One thing wrong with a text; line and column count from 1 in the text itself."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The column."""

    @property
    def message(self) -> str:
        """A sentence in the author's words."""

    @property
    def hint(self) -> str | None:
        """What would be right, where one can be guessed."""


CompileText = Callable[[str], Text | Sequence[TextProblem]]
"""Compiles a text with `{{ }}`, or says what is wrong with it. May raise GrammarError instead.

A compiled text may have an attribute `uses`: what it reads, each with `path` (`("lead", "name")`), line and column.
"""


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A name a template reads: `("entry", "report")`; where, in the template's own file."""

    path: tuple[str, ...]
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is known of one template: its languages (`""` is the file without one) and the names it reads."""

    locales: frozenset[str] = frozenset({""})
    uses: tuple[TemplateUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The rest of the project, as far as a campaign may name it. None: not known, so not checked.

    `templates`: name → facts, oldest first. `campaigns`, `webhooks`: their names. `team`: the addresses of colleagues.
    `channels`: whom `notify:` may name besides them. `topics`: consent topics. `holidays`: the project's own,
    beside the well-known ones.
    `languages`: the company's, the first is the default. `postal_address`: whether the footer has one.
    `send`: what config.yaml says for all campaigns; its `overall` are the limits over all of them.
    """

    templates: Mapping[str, TemplateFacts] | None = None
    campaigns: frozenset[str] | None = None
    webhooks: frozenset[str] | None = None
    team: frozenset[str] | None = None
    channels: frozenset[str] = frozenset({"owner", "manager"})
    topics: frozenset[str] | None = None
    holidays: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ("en",)
    postal_address: bool = True
    send: Send = field(default_factory=Send)
