"""`nurture demo`: the whole job, on a virtual clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli import place
from nurture.cli.show import Json

_EXAMPLE = "Example: nurture demo   (or: nurture demo --days 30 --out demo-project)"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=_EXAMPLE)(demo)


def demo(
    days: Annotated[int, typer.Option("--days", help="So many days are lived through.", min=1, max=400)] = 120,
    out: Annotated[
        Path | None, typer.Option("--out", help="Keep the project, its database and its mail in this folder.")
    ] = None,
    json: Json = False,
) -> int:
    """Watch some thirty leads live through four months in a minute.

    A mail server of its own, on this machine only; the daemon's own code; nothing is sent to anybody.
    """
    place.quiet("warning")
    from nurture.demo.run import main

    return main(out=out, days=days, json=json)
