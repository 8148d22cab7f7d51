"""`nurture simulate`: a lead's months in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli import place, show
from nurture.cli.show import Json
from nurture.core.errors import UsageError

if TYPE_CHECKING:
    from nurture.services.simulate import Simulation

_EXAMPLE = "Example: nurture simulate report-download --story story.yaml"
_STYLES = {
    "email": "cyan",
    "task": "yellow",
    "stage": "green",
    "refuse": "red",
    "stop": "dim",
    "score": "dim",
}


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", epilog=_EXAMPLE)(simulate)


def simulate(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.")],
    story: Annotated[
        Path,
        typer.Option(
            "--story", help="A file with one entry of tests:, its expect may be missing.", metavar="FILE"
        ),
    ],
    json: Json = False,
) -> None:
    """Play a story: a lead's months in a moment.

    The engine's own code runs on a virtual clock; everything that would happen is shown, nothing does.
    """
    from nurture.language.stories import load_story
    from nurture.services.simulate import simulate as play
    from nurture.services.stories import known_campaign

    project = place.project()
    name = campaign.removesuffix(".yaml").rpartition("/")[2]
    known_campaign(project, name)
    try:
        text = story.read_bytes()
    except OSError as error:
        raise UsageError(f"The story {story} can't be read: {error.strerror}.") from None
    made, problems = load_story(text, str(story), project.settings.vocabulary(), project.graphs[name])
    if made is None:
        if json:
            show.as_json({"ok": False, "problems": [problem.as_json() for problem in problems]})
        else:
            lines = text.decode("utf-8", "replace").splitlines()
            show.problems(problems, {str(story): lines})
        raise typer.Exit(1)
    played = play(project, name, made)
    if json:
        show.as_json(played.as_json())
    else:
        _tell(played)


def _tell(played: Simulation) -> None:
    for entry in played.timeline:
        day = played.day_of(entry.at)
        line = f"day {day:<4} {entry.at:%a %Y-%m-%d %H:%M}  {entry.kind:<8} {entry.name}"
        why = f"   ({entry.because})" if entry.because else ""
        show.say(line + why, _STYLES.get(entry.kind))
    for note in played.notes:
        show.say(
            f"day {played.day_of(note.at):<4} {note.at:%a %Y-%m-%d %H:%M}  ({note.text or note.word})", "dim"
        )
    end = played.final
    where = f", in step {end.step}" if end.step else ""
    run = f"the run is {end.state}{where}" if end.state else "the lead never came in"
    show.say(f"In the end: stage {end.stage}, {end.temperature}, {end.score} points; {run}.", "bold")
