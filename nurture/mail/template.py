"""One email as its author wrote it: front matter and body, read, checked and compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple, cast

from jinja2 import Template as Compiled

from nurture.mail.allowed import parse
from nurture.mail.front import Front, ReadMapping, read_front, split_front
from nurture.mail.html_check import check_html, judge_link
from nurture.mail.markdown import convert
from nurture.mail.marks import Lifted, lift, without_stray_braces
from nurture.mail.names import Known, Use, check_uses, uses_in
from nurture.mail.problems import TemplateCode, TemplateProblem
from nurture.mail.sandbox import TEXT, compile_tree

Suffix = Literal["md", "html"]
MAX_SOURCE: Final = 200_000
_LOCALE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:/[A-Za-z0-9_][A-Za-z0-9_-]*)*")


class FileName(NamedTuple):
    """What a template's file name says: `digest/news.de.md` is ("digest/news", "de", "md")."""

    name: str
    locale: str | None
    suffix: Suffix


def read_file_name(path: str) -> FileName | None:
    """The parts of a path below `templates/` (with `/`); None when it is no template's: hidden, `_layout`, other suffix."""
    pure = PurePosixPath(path)
    suffix = pure.suffix[1:]
    if suffix not in ("md", "html"):
        return None
    stem, _, tag = pure.stem.partition(".")
    name = str(pure.with_name(stem)) if stem else ""
    if not _NAME.fullmatch(name) or pure.name.startswith("_") or (tag and not _LOCALE.fullmatch(tag)):
        return None
    return FileName(name, tag or None, cast(Suffix, suffix))


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """An email, compiled. Made by `parse_template`; compared by identity.

    `html` is the source of the HTML part without layout, its Jinja lifted into marks; `text` the compiled text part, or
    None where the text is made from the rendered HTML. `locale` is None for the plain file.
    """

    name: str
    locale: str | None
    suffix: Suffix
    source: str
    front: Front
    html: str
    marks: Lifted
    text: Compiled | None
    body: str
    body_line: int
    uses: tuple[Use, ...]

    @property
    def file(self) -> str:
        """The file's name below `templates/`."""
        return ".".join(part for part in (self.name, self.locale, self.suffix) if part)


def parse_template(
    name: str, locale: str | None, suffix: Suffix, text: str, read_mapping: ReadMapping
) -> Template | list[TemplateProblem]:
    """A template's file, compiled, or all that is wrong with it, in order of place.

    `read_mapping` is the strict YAML reader (every scalar text, problems with places). Lines count in the whole file.
    """
    if len(text) > MAX_SOURCE:
        message = f"A template has at most {MAX_SOURCE} characters."
        return [TemplateProblem(1, 1, TemplateCode.TOO_LARGE, message)]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    split = split_front(text)
    if split is None:
        hint = "Begin the file with ---, subject: …, ---."
        return [
            TemplateProblem(1, 1, TemplateCode.FRONT_MATTER, "A template begins with its front matter.", hint)
        ]
    head, body, body_line = split
    front = read_front(head, read_mapping)
    problems = front if isinstance(front, list) else []
    tree = parse(body, body_line)
    if isinstance(tree, list):
        problems = [*problems, *tree]
    elif not body.strip():
        problems = [
            *problems,
            TemplateProblem(body_line, 1, TemplateCode.EMPTY_BODY, "The email has no text."),
        ]
    if problems or isinstance(front, list) or isinstance(tree, list):
        return _sorted(problems)
    marks = lift(body)
    if suffix == "html":
        html, text_source = marks.text, None
        problems = check_html(marks, body_line)
    else:
        made = convert(marks)
        html, text_source = made.html, marks.lower(without_stray_braces(made.text))
        problems = [*_judge(made.links, marks, body_line), *_table_loops(marks, body_line)]
    if problems:
        return _sorted(problems)
    uses = (*front.uses, *uses_in(tree, body, body_line))
    compiled = _compiled(text_source, body_line) if text_source is not None else None
    if isinstance(compiled, list):
        return compiled
    return Template(name, locale, suffix, text, front, html, marks, compiled, body, body_line, uses)


def _compiled(source: str, body_line: int) -> Compiled | list[TemplateProblem]:
    # The source that is run is checked itself: nothing Markdown makes of a body gets past the allow-list.
    tree = parse(source)
    if isinstance(tree, list):
        return [
            TemplateProblem(body_line, 1, problem.code, problem.message, problem.hint) for problem in tree
        ]
    return compile_tree(tree, TEXT)


def _judge(links: Iterable[object], marks: Lifted, body_line: int) -> list[TemplateProblem]:
    problems = []
    for link in links:
        target, line = str(getattr(link, "target", "")), int(getattr(link, "line", 1))
        wrong = judge_link(target, marks)
        if wrong:
            hint = "Write the whole address, as in https://example.com/page."
            problems.append(TemplateProblem(line + body_line - 1, 1, TemplateCode.LINK, wrong, hint))
    return problems


def _table_loops(marks: Lifted, body_line: int) -> list[TemplateProblem]:
    lines = marks.text.split("\n")
    alone = re.compile(rf"\s*{marks.prefix}s[0-9]+z\s*")
    message = "A table cannot have a {% %} between its rows."
    hint = "Make a list of it, or an .html template."
    return [
        TemplateProblem(body_line + index, 1, TemplateCode.NOT_ALLOWED, message, hint)
        for index, (before, line) in enumerate(zip(["", *lines], lines, strict=False))
        if alone.fullmatch(before) and line.lstrip().startswith("|")
    ]


def _sorted(problems: Iterable[TemplateProblem]) -> list[TemplateProblem]:
    return sorted(
        dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column, problem.message)
    )


def variables(template: Template) -> dict[str, tuple[Use, ...]]:
    """The dotted names a template uses (`lead.first_name`), each with its places."""
    found: dict[str, list[Use]] = {}
    for use in template.uses:
        found.setdefault(use.dotted, []).append(use)
    return {dotted: tuple(places) for dotted, places in found.items()}


def check_names(template: Template, known: Known) -> list[TemplateProblem]:
    """The names a template uses and nobody declared, in order of place, with the nearest known one."""
    seen = {**dict.fromkeys(("subject", "preheader", "footer", "language"), "text"), **known}
    return _sorted(check_uses(template.uses, seen if template.suffix == "html" else known))


class TemplateSet:
    """The templates of a project, found by name and language. Immutable."""

    def __init__(self, templates: Iterable[Template]) -> None:
        found: dict[str, dict[str | None, Template]] = {}
        for template in templates:
            found.setdefault(template.name, {})[template.locale.lower() if template.locale else None] = (
                template
            )
        self._found: Mapping[str, Mapping[str | None, Template]] = found

    def pick(self, name: str, language: str | None, default: str | None = None) -> Template | None:
        """The template of that name for a reader of `language` (BCP 47), or None when there is none of the name.

        Tried in turn: the language, its shorter forms (`de-AT`, `de`), the campaign's `default` likewise, the plain
        file, and then any, in order of its locale.
        """
        locales = self._found.get(name)
        if not locales:
            return None
        for tag in (language, default):
            words = (tag or "").replace("_", "-").lower().split("-")
            for length in range(len(words), 0, -1):
                exact = locales.get("-".join(words[:length]))
                if exact is not None:
                    return exact
        plain = locales.get(None)
        return plain if plain is not None else locales[min(locale for locale in locales if locale)]

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._found))

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The names a rotation's pattern means (`digest/*`), sorted. A name without `*` means itself."""
        return tuple(name for name in self.names() if fnmatchcase(name, pattern))

    def locales(self, name: str) -> tuple[str | None, ...]:
        """The locales a template of that name has, the plain file (None) first."""
        return tuple(sorted(self._found.get(name, {}), key=lambda locale: locale or ""))

    def __iter__(self) -> Iterator[Template]:
        for name in self.names():
            for locale in self.locales(name):
                yield self._found[name][locale]

    def __len__(self) -> int:
        return sum(map(len, self._found.values()))
