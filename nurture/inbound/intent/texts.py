"""The YAML of this package, with every value as text: in a list of phrases `no`, `on` and `12` are words."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml


def read_texts(text: str) -> Any:
    """What a YAML text holds. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=yaml.CBaseLoader)


def shipped(name: str) -> str:
    """The text of a file that comes with this package."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")
