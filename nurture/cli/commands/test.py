"""`nurture test`: the stories written in the campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli import place, show
from nurture.cli.show import Json

if TYPE_CHECKING:
    from nurture.services.stories import Outcome

_EXAMPLE = "Example: nurture test report-download"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test", epilog=_EXAMPLE)(run_tests)


def run_tests(
    campaigns: Annotated[
        list[str] | None, typer.Argument(help="Only these campaigns' tests.", metavar="CAMPAIGN")
    ] = None,
    json: Json = False,
) -> None:
    """Run the stories written under tests: in the campaigns."""
    from nurture.services.stories import known_campaign, run_story

    project = place.project()
    wanted = [name.removesuffix(".yaml").rpartition("/")[2] for name in campaigns or project.stories]
    for name in wanted:
        known_campaign(project, name)
    outcomes = [run_story(project, name, story) for name in wanted for story in project.stories[name]]
    failed = [outcome for outcome in outcomes if not outcome.ok]
    broken = [] if campaigns else sorted(project.loaded.keys() - project.graphs.keys())
    if json:
        tests = [outcome.as_json() for outcome in outcomes]
        show.as_json(
            {"passed": len(outcomes) - len(failed), "failed": len(failed), "tests": tests, "broken": broken}
        )
    else:
        _tell(outcomes)
        for name in broken:
            show.say(f"{name}: has errors and was not tested; nurture check shows them.", "red")
        passed = len(outcomes) - len(failed)
        text = f"{show.count(passed, 'test')} passed" + (f", {len(failed)} failed" if failed else "") + "."
        show.say(text, "bold red" if failed or broken else "bold green")
    if failed or broken:
        raise typer.Exit(1)


def _tell(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        mark, style = ("✓", "green") if outcome.ok else ("✗", "bold red")
        show.say(f"{mark} {outcome.campaign}: {outcome.name}", style)
        if outcome.ok:
            continue
        for line in outcome.missing:
            show.say(f"    expected, but did not happen: {line}", "red")
        for line in outcome.unexpected:
            show.say(f"    happened, but was not expected: {line}", "red")
        show.say("    what happened:")
        for line in outcome.actual or ("nothing",):
            show.say(f"      - {line}", "dim")
        for line in outcome.notes:
            show.say(f"      ({line})", "dim")
