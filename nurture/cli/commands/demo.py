"""`nurture demo`: the whole job, on a virtual clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.show import Json

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from nurture.wiring import App

_EXAMPLE = "Example: nurture demo   (or: nurture demo --days 30 --out demo-project)"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=_EXAMPLE)(demo)


def demo(
    days: Annotated[
        int, typer.Option("--days", help="So many days are lived through.", min=1, max=400)
    ] = 120,
    out: Annotated[
        Path | None, typer.Option("--out", help="Keep the project, its database and its mail in this folder.")
    ] = None,
    json: Json = False,
) -> int:
    """Watch some thirty leads live through four months in a minute.

    A mail server of its own, on this machine only; the daemon's own code; nothing is sent to anybody.
    """
    from nurture.demo.run import main
    from nurture.web.app import build_web
    from nurture.web.office import office_of

    def web(app: App) -> Starlette:
        return build_web(office_of(app.settings, app.store, app.clock, bytes.fromhex(app.secret)))

    return main(out=out, days=days, web=web, as_json=json)
