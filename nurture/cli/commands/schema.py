"""`nurture schema`: JSON Schema, so that editors complete and check YAML."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from nurture.cli import show

_EXAMPLE = "Example: nurture schema campaign > campaign.schema.json"


class Which(StrEnum):
    """The files there is a schema of."""

    CAMPAIGN = "campaign"
    CONFIG = "config"


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema", epilog=_EXAMPLE)(schema)


def schema(which: Annotated[Which, typer.Argument(help="Of which file.")] = Which.CAMPAIGN) -> None:
    """Print the JSON Schema of campaigns or config.yaml, for editors."""
    if which is Which.CAMPAIGN:
        from nurture.language.schema import campaign_schema

        show.as_json(campaign_schema())
    else:
        from nurture.config import config_schema

        show.as_json(config_schema())
