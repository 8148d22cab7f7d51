"""`nurture check`: all problems of a project, and `--fix`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import OutsideError, UsageError

_EXAMPLE = "Example: nurture check campaigns/report-download.yaml --fix"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog=_EXAMPLE)(check)


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Only what is wrong in these files.", metavar="FILE")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Write missing ids into the campaign files.")] = False,
    json: Json = False,
) -> None:
    """Find everything that is wrong with the project.

    All problems of config.yaml, campaigns, templates and your own words for answers (replies.words) are shown at once,
    each with its place; the campaigns' own tests are run as well.
    """
    from nurture.services.check import check_project
    from nurture.services.own_words import words_problems

    folder = place.folder()
    wanted = [_inside(folder, file) for file in files or ()]
    mended = _mend(folder, wanted) if fix else []
    project = place.project()
    words = project.settings.replies.words
    asked_for = not wanted or words in wanted
    checked = check_project(project, wanted, words_problems(folder, words) if asked_for else ())
    if json:
        show.as_json({**checked.as_json(), "fixed": mended} if fix else checked.as_json())
    else:
        for path in mended:
            show.say(f"{path}: ids are written in.", "green")
        show.problems(checked.problems, _lines(folder, {problem.file for problem in checked.problems}))
        _sum_up(checked.problems, len(checked.outcomes), len(project.texts), len(project.templates.names()))
    if not checked.ok:
        raise typer.Exit(1)


def _sum_up(problems: Sequence[object], tests: int, campaigns: int, templates: int) -> None:
    errors = sum(getattr(problem, "severity", "") == "error" for problem in problems)
    warnings = len(problems) - errors
    if errors:
        more = f" and {show.count(warnings, 'warning')}" if warnings else ""
        show.say(f"{show.count(errors, 'error')}{more}.", "bold red")
        return
    parts = (show.count(campaigns, "campaign"), show.count(templates, "template"), show.count(tests, "test"))
    more = f", {show.count(warnings, 'warning')}" if warnings else ""
    show.say(f"All is well: {', '.join(parts)}{more}.", "bold green")


def _inside(folder: Path, file: Path) -> str:
    """A file's path in the project, however the user wrote it."""
    for candidate in (file, folder / file):
        if candidate.exists():
            try:
                return candidate.resolve().relative_to(folder.resolve()).as_posix()
            except ValueError:
                raise UsageError(f"The file {file} is not part of the project.") from None
    raise UsageError(f"There is no file {file}.")


def _mend(folder: Path, wanted: Sequence[str]) -> list[str]:
    """Write missing ids into campaign files; every other byte stays. Answers the files that changed."""
    from nurture.services.check import fixed_texts

    texts = {}
    for path in sorted((folder / "campaigns").glob("*.y*ml")):
        name = path.relative_to(folder).as_posix()
        if wanted and name not in wanted:
            continue
        try:
            texts[name] = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    changed = fixed_texts(texts)
    for name, text in changed.items():
        _replace(folder / name, text)
    return sorted(changed)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(text.encode("utf-8"))
        beside.replace(path)
    except OSError as error:
        raise OutsideError(f"{path} can't be written: {error.strerror}") from None


def _lines(folder: Path, files: set[str]) -> Mapping[str, Sequence[str]]:
    lines = {}
    for file in files:
        try:
            lines[file] = (folder / file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
    return lines
