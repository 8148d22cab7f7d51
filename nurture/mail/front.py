"""The front matter of a template: the block between the two `---` lines, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from jinja2 import Template as Compiled

from nurture.mail.allowed import parse
from nurture.mail.names import Use, uses_in
from nurture.mail.problems import TemplateCode, TemplateProblem, did_you_mean
from nurture.mail.sandbox import TEXT, compile_tree
from nurture.mail.texts import CompiledText, compile_text

KEYS: Final = ("subject", "preheader", "from", "attach", "invite")
INVITE_KEYS: Final = ("title", "starts", "ends", "duration", "location", "description", "url")
_ARM: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
_FENCE: Final = re.compile(r"---[ \t]*\n(.*?)(?:\A|(?<=\n))---[ \t]*(?:\n|\Z)", re.DOTALL)


class Said(Protocol):
    """A problem as the strict YAML reader says it (nurture.language.problems.Problem is one)."""

    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def column(self) -> int: ...  # noqa: D102
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def hint(self) -> str | None: ...  # noqa: D102


ReadMapping = Callable[[str], tuple[Any, Iterable[Said]]]
"""Reads a YAML text strictly, every scalar a text: its data, and all problems with places in that text."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the front matter says. `subjects` has one entry, named "", unless the subject is an experiment."""

    subjects: Mapping[str, Compiled]
    preheader: Compiled | None
    sender: str | None
    attach: tuple[str, ...]
    invite: Mapping[str, CompiledText] | None
    uses: tuple[Use, ...]


def split_front(text: str) -> tuple[str, str, int] | None:
    """Front matter (with the same line numbers as the file), body, and the body's first line; None if there is none."""
    found = _FENCE.match(text)
    if found is None:
        return None
    return "\n" + found[1], text[found.end() :], text.count("\n", 0, found.end()) + 1


def read_front(text: str, read_mapping: ReadMapping) -> Front | list[TemplateProblem]:
    """The front matter, understood, or all that is wrong with it. `text` comes from `split_front`."""
    data, said = read_mapping(text)
    problems = [
        TemplateProblem(one.line, one.column, TemplateCode.FRONT_MATTER, one.message, one.hint)
        for one in said
        if getattr(one, "severity", "error") == "error"
    ]
    if problems:
        return problems
    return _Reader(text, data if isinstance(data, Mapping) else {}).front()


class _Reader:
    """Reads one front matter, collecting problems."""

    def __init__(self, text: str, data: Mapping[str, Any]) -> None:
        self._lines = text.split("\n")
        self._data = data
        self._uses: list[Use] = []
        self._problems: list[TemplateProblem] = []

    def front(self) -> Front | list[TemplateProblem]:
        """What it says, or the problems."""
        for key in self._data:
            if key not in KEYS:
                hint = did_you_mean(key, KEYS) or f"Known are {', '.join(KEYS)}."
                self._problem(key, TemplateCode.UNKNOWN_KEY, f"“{key}” is not part of a template.", hint)
        front = Front(
            subjects=self._subjects(),
            preheader=self._compiled("preheader", self._data.get("preheader")),
            sender=self._text("from"),
            attach=self._attach(),
            invite=self._invite(),
            uses=(),
        )
        if self._problems:
            return self._problems
        return Front(
            front.subjects, front.preheader, front.sender, front.attach, front.invite, tuple(self._uses)
        )

    def _subjects(self) -> dict[str, Compiled]:
        subject = self._data.get("subject")
        if not subject:
            message = "An email needs a subject."
            self._problem("subject", TemplateCode.MISSING_SUBJECT, message, "subject: …")
            return {}
        arms = subject if isinstance(subject, Mapping) else {"": subject}
        for arm in arms:
            if arm and not _ARM.fullmatch(arm):
                message = f"“{arm}” cannot name a subject: use small letters and digits."
                self._problem("subject", TemplateCode.WRONG_TYPE, message)
        compiled = {arm: self._compiled(arm or "subject", text) for arm, text in arms.items()}
        return {arm: code for arm, code in compiled.items() if code is not None}

    def _compiled(self, key: str, text: object) -> Compiled | None:
        if text is None:
            return None
        if not isinstance(text, str) or not text.strip():
            self._problem(key, TemplateCode.WRONG_TYPE, f"{key} is a line of text.")
            return None
        line = self._line(key)
        tree = parse(text, line)
        if isinstance(tree, list):
            self._problems.extend(self._moved(problem, key) for problem in tree)
            return None
        self._uses.extend(uses_in(tree, text, line))
        return compile_tree(tree, TEXT)

    def _text(self, key: str) -> str | None:
        value = self._data.get(key)
        if value is None or isinstance(value, str):
            return value or None
        self._problem(key, TemplateCode.WRONG_TYPE, f"{key} is a text.")
        return None

    def _attach(self) -> tuple[str, ...]:
        value = self._data.get("attach")
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if value is not None and (not names or not all(isinstance(name, str) and name for name in names)):
            self._problem("attach", TemplateCode.WRONG_TYPE, "attach is a file's name, or a list of them.")
            return ()
        for name in names:
            if not _is_inside(name):
                message = f"“{name}” is not a file in the project's folder attachments/."
                self._problem("attach", TemplateCode.NOT_ALLOWED, message)
        return tuple(names)

    def _invite(self) -> dict[str, CompiledText] | None:
        value = self._data.get("invite")
        if value is None:
            return None
        if not isinstance(value, Mapping):
            hint = 'invite: {title: …, starts: "{{ entry.starts_at }}", duration: 45 minutes}'
            self._problem("invite", TemplateCode.WRONG_TYPE, "invite names a title and a time.", hint)
            return None
        texts: dict[str, CompiledText] = {}
        for key, text in value.items():
            if key not in INVITE_KEYS:
                hint = did_you_mean(key, INVITE_KEYS) or f"Known are {', '.join(INVITE_KEYS)}."
                self._problem(key, TemplateCode.UNKNOWN_KEY, f"“{key}” is not part of an invitation.", hint)
                continue
            compiled = compile_text(text) if isinstance(text, str) else []
            if isinstance(compiled, list):
                self._problems.extend(self._moved(problem, key) for problem in compiled)
                if not compiled:
                    self._problem(key, TemplateCode.WRONG_TYPE, f"{key} is a text.")
                continue
            line = self._line(key)
            self._uses.extend(Use(use.path, line + use.line - 1, use.column) for use in compiled.uses)
            texts[key] = compiled
        for needed in ("title", "starts"):
            if needed not in value:
                self._problem("invite", TemplateCode.FRONT_MATTER, f"An invitation needs {needed}.")
        return texts

    def _line(self, key: str) -> int:
        known = re.compile(rf"(?:^|[\s{{,]){re.escape(key)}[\"']?\s*:")
        return next((index + 1 for index, line in enumerate(self._lines) if known.search(line)), 1)

    def _moved(self, problem: TemplateProblem, key: str) -> TemplateProblem:
        line = problem.line if problem.line >= self._line(key) else self._line(key) + problem.line - 1
        return TemplateProblem(line, problem.column, problem.code, problem.message, problem.hint)

    def _problem(self, key: str, code: TemplateCode, message: str, hint: str | None = None) -> None:
        line = self._line(key)
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        self._problems.append(TemplateProblem(line, max(1, text.find(key) + 1), code, message, hint))


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return (
        not name.startswith("/")
        and ".." not in parts
        and "" not in parts
        and not re.search(r"[\\\x00-\x1f:{}]", name)
    )
