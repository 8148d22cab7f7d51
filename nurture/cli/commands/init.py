"""`nurture init`: a new project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli import show
from nurture.cli.show import Json

_EXAMPLE = "Example: nurture init my-project && cd my-project && nurture check && nurture test"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init", epilog=_EXAMPLE)(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The new project's folder.", metavar="DIR")],
    json: Json = False,
) -> None:
    """Make a new project from the starter."""
    from nurture.services.init import new_project

    files = new_project(folder)
    if json:
        show.as_json({"folder": str(folder), "files": list(files)})
        return
    campaigns = sum(file.startswith("campaigns/") for file in files)
    templates = sum(file.startswith("templates/") for file in files)
    show.say(
        f"{folder}: {show.count(campaigns, 'campaign')}, {show.count(templates, 'template file')}, config.yaml."
    )
    show.say("Next:", "bold")
    show.say(f"  cd {folder}")
    show.say("  nurture check      # all is well?")
    show.say("  nurture test       # what happens to a lead, as stories")
    show.say("  nurture run        # the daemon, with forms at http://127.0.0.1:8025/f/report")
