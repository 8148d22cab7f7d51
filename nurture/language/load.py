"""A campaign's text → its graph, or everything that is wrong with it (language.md; architecture.md, rule 6)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

from nurture.core.errors import GrammarError
from nurture.core.graph import Graph
from nurture.core.vocabulary import Vocabulary
from nurture.language.bench import Bench
from nurture.language.checks.run import run_checks
from nurture.language.compile import compile_campaign
from nurture.language.known import CompileText, Known
from nurture.language.problems import START, Code, Problem, Problems
from nurture.language.salvage import read_model
from nurture.language.schema_values import parse_name
from nurture.language.source import Source, read_source
from nurture.language.stories import Story, read_stories


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a campaign file is. `graph` is None when there is an error among `problems`, which are in order of place.

    `stories` are its tests, those that could be read.
    """

    name: str
    graph: Graph | None
    problems: tuple[Problem, ...]
    stories: tuple[Story, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it can run."""
        return self.graph is not None


def name_of(file: str) -> str:
    """The campaign's name: the file's stem."""
    return PurePath(file).stem


def version_of(text: str) -> str:
    """The version of a campaign's text: the same text is the same version."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load_campaign(
    text: str | bytes,
    file: str,
    vocabulary: Vocabulary,
    compile_text: CompileText,
    known: Known | None = None,
) -> Loaded:
    """Read, check and compile one campaign file. Never raises on bad input; all problems are reported.

    `file` is the path shown in problems; `compile_text` compiles texts with `{{ }}`; `known` is the rest of the
    project.
    """
    known = known or Known()
    name = name_of(file)
    problems = Problems(file)
    _check_name(name, problems)
    source = read_source(text, file, problems)
    if source is None:
        return Loaded(name, None, tuple(problems))
    model, whole = read_model(source, problems)
    if model is None:
        return Loaded(name, None, tuple(problems))
    bench = Bench(source, problems, model, _with_names(vocabulary, known), known, compile_text, whole=whole)
    graph = compile_campaign(bench, name, version_of(source.text))
    run_checks(bench, graph)
    stories = read_stories(bench, graph)
    _say_empty(source, problems)
    return Loaded(name, None if problems.errors else graph, tuple(problems), stories)


def _check_name(name: str, problems: Problems) -> None:
    try:
        parse_name(name)
    except GrammarError as error:
        message = "The file's name cannot be written in other campaigns: it is not a name."
        problems.warning(START, Code.GRAMMAR, message, error.hint)


def _say_empty(source: Source, problems: Problems) -> None:
    """`for:` with nothing behind it, where nothing else has been said of it. An event in a test needs no data."""
    told = {(problem.line, problem.column) for problem in problems}
    for path, mark in source.marks.items():
        if mark.kind != "empty" or mark.key is None or (path[0] == "tests" and len(path) > 3):
            continue
        if not {mark.key[:2], mark.value[:2]} & told:
            message = f"{path[-1]} has no value, and counts as not written."
            problems.warning(mark.key, Code.NO_VALUE, message, "write one, or delete the line")


def _with_names(vocabulary: Vocabulary, known: Known) -> Vocabulary:
    """The vocabulary with the names of templates and campaigns, for `got("…")` and the like."""
    return vocabulary.extend(
        templates=None if vocabulary.templates is not None else known.templates,
        campaigns=None if vocabulary.campaigns is not None else known.campaigns,
        topics=None if vocabulary.topics is not None else known.topics,
    )
