"""The YAML of this package, with every value as text: in a list of phrases `no`, `on` and `12` are words."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml


class _Loader(yaml.CBaseLoader):
    """Values as they are written; a key that stands twice is an error, since the first one would be lost."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key.value}' stands twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_texts(text: str) -> Any:
    """What a YAML text holds. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


def shipped(name: str) -> str:
    """The text of a file that comes with this package."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")
