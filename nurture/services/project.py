"""A project folder, read whole: settings, templates, campaigns, and everything that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from nurture.config import Settings, default_settings, load_config
from nurture.core.graph import Graph, Send
from nurture.core.vocabulary import OWNER, Kind
from nurture.language.campaign_codes import MISSING_LANGUAGE, NEVER_FITS, NOT_YET, POSTAL_ADDRESS
from nurture.language.known import Known, TemplateFacts, TemplateUse
from nurture.language.load import Loaded, load_campaign, name_of
from nurture.language.problems import START, Code, Problem, Problems
from nurture.language.source import read_source
from nurture.language.stories import Story
from nurture.mail.layout import DEFAULT_LAYOUT, Layout, parse_layout
from nurture.mail.names import Known as Names
from nurture.mail.names import Use
from nurture.mail.problems import TemplateProblem
from nurture.mail.template import Template, TemplateSet, check_names, parse_template, read_file_name
from nurture.mail.texts import compile_text
from nurture.ports import ProjectFiles, SourceText, Unreadable

CONFIG: Final = "config.yaml"
_FOLDER: Final = "templates/"
LAYOUT: Final = "templates/_layout.html"

_NEEDS_CONFIG: Final = frozenset(
    {
        Code.UNKNOWN_EVENT,
        Code.UNKNOWN_FIELD,
        Code.UNKNOWN_NAME,
        Code.CONDITION_NAME,
        Code.CONDITION_TYPE,
        Code.TEMPLATE,
        MISSING_LANGUAGE,
        NEVER_FITS,
        POSTAL_ADDRESS,
    }
)
"""What cannot be told of campaigns and templates while config.yaml, which declares the names, cannot be read."""

_WORD_OF: Final[Mapping[Kind, str | None]] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "datetime",
    Kind.LIST: None,
    Kind.ANY: None,
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project as its files say it. `graphs` and `stories` hold the campaigns without errors, by name.

    `settings` are the defaults where config.yaml has errors (`config_ok` False). `loaded` says what became of each
    campaign file, `texts` are those that could be read; `problems` are those of all files, in order of place.
    """

    settings: Settings
    config_ok: bool
    templates: TemplateSet
    layout: Layout
    known: Known
    loaded: Mapping[str, Loaded]
    texts: Mapping[str, SourceText]
    problems: tuple[Problem, ...]

    @property
    def graphs(self) -> dict[str, Graph]:
        """The campaigns that can run, by name."""
        return {name: one.graph for name, one in self.loaded.items() if one.graph is not None}

    @property
    def stories(self) -> dict[str, tuple[Story, ...]]:
        """The tests of the campaigns that can run, by name."""
        return {name: one.stories for name, one in self.loaded.items() if one.graph is not None}

    @property
    def ok(self) -> bool:
        """Whether there is no error. (Warnings stop nothing.)"""
        return not any(problem.severity == "error" for problem in self.problems)

    def compile(self, text: str, file: str) -> Loaded:
        """Another text of a campaign (an applied version, say) as this project understands it."""
        return load_campaign(text, file, self.settings.vocabulary(), compile_text, self.known)


def load_project(files: ProjectFiles, environ: Mapping[str, str]) -> Project:
    """Read the whole project. Never raises for any content of its files."""
    settings, problems = settings_of(files.config(), environ)
    config_ok = settings is not None
    settings = settings or default_settings()
    templates, layout, facts, said = _templates(files.templates(), settings)
    texts, unread = _campaign_texts(files.campaigns())
    known = _known(settings, facts, texts)
    vocabulary = settings.vocabulary()
    loaded = {
        name: load_campaign(text.text, text.path, vocabulary, compile_text, known)
        for name, text in texts.items()
    }
    loaded |= {
        name: Loaded(name, None, (one,)) for one in unread if (name := name_of(one.file)) not in loaded
    }
    others = [*said, *unread, *(problem for one in loaded.values() for problem in one.problems)]
    if not config_ok:
        others = [problem for problem in others if problem.code not in _NEEDS_CONFIG]
        loaded = {name: replace(one, graph=None) for name, one in loaded.items()}
    return Project(
        settings=settings,
        config_ok=config_ok,
        templates=templates,
        layout=layout,
        known=known,
        loaded=loaded,
        texts=texts,
        problems=tuple(sorted({*problems, *others})),
    )


def settings_of(
    file: SourceText | Unreadable | None, environ: Mapping[str, str]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """The settings config.yaml means, None where it has errors; and its problems."""
    if isinstance(file, Unreadable):
        return None, (unreadable(file),)
    return load_config(file.text if file is not None else "", CONFIG, environ)


def unreadable(file: Unreadable) -> Problem:
    """A file that cannot be read, as a problem."""
    code = Code.SYNTAX
    if "UTF-8" in file.why:
        code = Code.ENCODING
    elif "1 MB" in file.why:
        code = Code.TOO_LARGE
    return Problem(file.path, file.line, file.column, code, "error", f"The file {file.why}.")


# -- campaigns ----------------------------------------------------------------------------------------------------


def _campaign_texts(
    files: Iterable[SourceText | Unreadable],
) -> tuple[dict[str, SourceText], list[Problem]]:
    texts: dict[str, SourceText] = {}
    problems: list[Problem] = []
    for file in files:
        name = name_of(file.path)
        if isinstance(file, Unreadable):
            problems.append(unreadable(file))
        elif name in texts:
            message = f"The campaign {name} is in {texts[name].path} already."
            problems.append(
                Problem(file.path, 1, 1, Code.CONFLICT, "error", message, "rename one of the files")
            )
        else:
            texts[name] = file
    return texts, problems


def _known(settings: Settings, facts: Mapping[str, TemplateFacts], campaigns: Iterable[str]) -> Known:
    """What campaigns may count on outside themselves."""
    company, send = settings.company, settings.send
    return Known(
        templates=facts,
        campaigns=frozenset(campaigns),
        webhooks=frozenset(settings.webhooks),
        team=frozenset(colleague.email for colleague in settings.team),
        channels=frozenset({"owner", "manager", *settings.notify}),
        topics=settings.vocabulary().topics,
        holidays=frozenset(day.name for day in settings.holidays.add),
        languages=tuple(company.languages),
        postal_address=bool(company.postal_address),
        send=Send(
            sender=send.sender,
            window=send.window,
            consent=send.consent,
            in_doubt=send.in_doubt,
            thread=send.thread,
            overall=tuple(send.limit),
            overall_gap=send.gap,
        ),
    )


# -- templates ----------------------------------------------------------------------------------------------------


def _templates(
    files: Iterable[SourceText | Unreadable], settings: Settings
) -> tuple[TemplateSet, Layout, dict[str, TemplateFacts], list[Problem]]:
    """The templates that can be used, the layout, what campaigns may know of all of them, and what is wrong."""
    names = names_templates_see(settings)
    problems: list[Problem] = []
    templates: list[Template] = []
    facts: dict[str, TemplateFacts] = {}
    layout = _default_layout()
    for file in files:
        if isinstance(file, Unreadable):
            problems.append(unreadable(file))
            continue
        if file.path == LAYOUT:
            made = parse_layout(file.text)
            if isinstance(made, list):
                problems += placed(made, file.path)
            else:
                layout = made
            continue
        parts = read_file_name(file.path.removeprefix(_FOLDER))
        if file.path.endswith(".mjml"):
            problems.append(_mjml(file.path))
            # Its name is taken: whoever sends it is not told as well that there is no such template.
            facts.setdefault(file.path.removeprefix(_FOLDER).removesuffix(".mjml"), TemplateFacts())
            continue
        if parts is None:
            if not file.path.rpartition("/")[2].startswith("_"):
                message = "This is no name for a template."
                hint = "write name.md, or name.de.md for a language: letters, digits, - and _"
                problems.append(Problem(file.path, 1, 1, Code.TEMPLATE, "error", message, hint))
            continue
        template = parse_template(parts.name, parts.locale, parts.suffix, file.text, read_mapping)
        uses: tuple[Use, ...] = ()
        if isinstance(template, list):
            problems += placed(template, file.path)
        else:
            problems += placed(check_names(template, names), file.path)
            templates.append(template)
            uses = template.uses
        _learn(facts, parts.name, parts.locale, uses, file.path)
    return TemplateSet(templates), layout, facts, problems


def _mjml(path: str) -> Problem:
    """A template this version does not read."""
    message = "Templates in MJML are not there yet."
    hint = f"write {path.removesuffix('.mjml')}.html or .md"
    return Problem(path, 1, 1, NOT_YET, "error", message, hint)


def _learn(
    facts: dict[str, TemplateFacts], name: str, locale: str | None, uses: tuple[Use, ...], file: str
) -> None:
    before = facts.get(name, TemplateFacts(frozenset()))
    more = tuple(TemplateUse(use.path, file, use.line, use.column) for use in uses)
    facts[name] = TemplateFacts(before.locales | {locale or ""}, (*before.uses, *more))


def _default_layout() -> Layout:
    made = parse_layout(DEFAULT_LAYOUT)
    assert isinstance(made, Layout)
    return made


def read_mapping(text: str) -> tuple[Any, Iterable[Problem]]:
    """The strict YAML reader for a template's front matter."""
    problems = Problems("")
    source = read_source(text, "", problems)
    data = source.data if source is not None else None
    if source is not None and not isinstance(data, dict):
        problems.error(START, Code.WRONG_TYPE, "The front matter is keys with values.", "subject: …")
    return data, tuple(problems)


def placed(problems: Iterable[TemplateProblem], file: str) -> list[Problem]:
    """A template's problems as those of the project."""
    return [
        Problem(file, one.line, one.column, cast(Code, one.code), "error", one.message, one.hint)
        for one in problems
    ]


def names_templates_see(settings: Settings) -> Names:
    """Every name a template may use, with the kinds of its fields. What `entry` and `event` hold, a campaign knows."""
    vocabulary = settings.vocabulary()
    return {
        "lead": {name: _WORD_OF[field.kind] for name, field in vocabulary.fields.items()},
        "owner": {name: _WORD_OF[kind] for name, kind in OWNER.items()},
        "entry": None,
        "event": None,
        "company": dict.fromkeys(company_values(settings), "text"),
        "now": "datetime",
        **dict.fromkeys(("unsubscribe", "preferences", "confirm"), "text"),
        "survey": dict.fromkeys(settings.surveys, "text"),
        "form": dict.fromkeys(settings.forms, "text"),
    }


def company_values(settings: Settings) -> dict[str, Any]:
    """The company as texts and templates see it."""
    company = settings.company
    return {
        "name": company.name,
        "from": str(company.sender),
        "postal_address": company.postal_address,
        "phone": company.phone,
        "website": company.website,
        "privacy": company.privacy,
        "imprint": company.imprint,
        "timezone": company.timezone,
        "country": company.country,
        "language": company.languages[0],
    }
