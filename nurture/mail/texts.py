"""The short texts with `{{ }}` in campaigns: task texts, reasons, field values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Template as Compiled
from jinja2 import nodes

from nurture.mail.allowed import parse
from nurture.mail.dates import base_language
from nurture.mail.filters import is_missing
from nurture.mail.names import Known, Use, check_uses, uses_in
from nurture.mail.problems import TemplateCode, TemplateProblem
from nurture.mail.sandbox import TEXT, Voice, compile_tree, run, value_of

MAX_SOURCE = 20_000


# Not frozen: nurture.core.graph.Text declares `source` as a plain attribute.
@dataclass(slots=True, eq=False)
class CompiledText:
    """A text, ready to be made for one person. Called with plain data by name (lead, owner, entry …).

    Gives the text; for a source that is a single `{{ expression }}` its value as it is, a date or number stays one, and
    a missing value is None. Raises TemplateFault (a GrammarError) when it cannot be made.
    """

    source: str
    uses: tuple[Use, ...]
    _code: Compiled | None
    _native: bool

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The text, or the value, made with these data; dates are told in the lead's language and zone."""
        if self._code is None:
            return self.source
        voice = voice_of(values)
        if not self._native:
            return run(self._code, values, voice)
        value = value_of(self._code, values, voice, "value")
        return None if is_missing(value) else value

    def check_names(self, known: Known) -> list[TemplateProblem]:
        """What it uses and nobody declared; lines and columns count in the text itself."""
        return check_uses(self.uses, known)


def compile_text(source: str) -> CompiledText | list[TemplateProblem]:
    """A campaign's text, compiled, or all that is wrong with it (lines and columns from 1 in the text itself)."""
    if len(source) > MAX_SOURCE:
        message = f"The text has more than {MAX_SOURCE} characters."
        return [TemplateProblem(1, 1, TemplateCode.TOO_LARGE, message)]
    if "{" not in source:
        return CompiledText(source, (), None, False)
    tree = parse(source)
    if isinstance(tree, list):
        return tree
    uses = uses_in(tree, source)
    expression = _single_expression(tree)
    if expression is not None:
        target = nodes.Name("value", "store", lineno=1)
        tree = nodes.Template([nodes.Assign(target, expression, lineno=1)], lineno=1)
    return CompiledText(source, uses, compile_tree(tree, TEXT), expression is not None)


def _single_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression of a source that is one `{{ }}` and white space, else None."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return None
    parts = [
        part
        for part in tree.body[0].nodes
        if not (isinstance(part, nodes.TemplateData) and not part.data.strip())
    ]
    only = parts[0] if len(parts) == 1 else None
    return None if isinstance(only, nodes.TemplateData) else only


def voice_of(values: Mapping[str, Any], language: str | None = None, zone: str | None = None) -> Voice:
    """The language and zone to write in: those given, else the lead's, else the company's, else English and UTC."""
    lead, company = values.get("lead"), values.get("company")
    tag = language or _field(lead, "language") or _field(company, "language")
    name = zone or _field(lead, "timezone") or _field(company, "timezone")
    return Voice(base_language(tag), zone_named(name))


def zone_named(name: str | None) -> tzinfo:
    """The zone of an IANA name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _field(group: object, name: str) -> str | None:
    value = group.get(name) if isinstance(group, Mapping) else None
    return value if isinstance(value, str) and value else None
