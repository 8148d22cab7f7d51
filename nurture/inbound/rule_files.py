"""The YAML files of this package: words and regular expressions, one a line, that detectors and readers are made from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load(name: str) -> dict[str, Any]:
    """A data file of this package, read once per process."""
    text = files("nurture.inbound").joinpath(name).read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return data


def any_of(data: Mapping[str, Any], block: str) -> str:
    """The lines of a block as alternatives of one regular expression, without brackets around them."""
    return "|".join(line.strip() for line in data[block].splitlines() if line.strip())
