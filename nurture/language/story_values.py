"""The values of a story's events and leads, each of the kind it is declared with."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from nurture.core.vocabulary import Field, Kind
from nurture.language.problems import Code, Problems, did_you_mean
from nurture.language.scalars import described
from nurture.language.source import Path, Source

_WANTED = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.TIME: "a date or time such as 2026-03-02 or 2026-03-02 10:00",
    Kind.LIST: "a list",
}


def typed(value: Any, declared: Field, path: Path, source: Source, problems: Problems) -> Any:
    """The value of its declared kind: numbers and booleans become such, times stay ISO 8601 texts.

    What does not fit is said, and stays as it is written.
    """
    made, fits = _read(value, declared.kind)
    place = source.value_place(path)
    if not fits:
        wanted = _WANTED[declared.kind]
        message = f"{wanted[0].upper()}{wanted[1:]} is wanted here, not {described(value)}."
        problems.error(place, Code.WRONG_TYPE, message)
        return value
    if declared.choices and isinstance(made, str) and made not in declared.choices:
        near = did_you_mean(made, declared.choices)
        hint = f"did you mean {near}?" if near else f"one of {', '.join(declared.choices)}"
        problems.error(place, Code.WRONG_CHOICE, f"It can never be {described(made)}.", hint)
    return made


def _read(value: Any, kind: Kind) -> tuple[Any, bool]:
    """The value as its kind, and whether it is of that kind at all. Nothing is of every kind."""
    if value is None or kind is Kind.ANY:
        return value, True
    if kind is Kind.LIST:
        return (
            [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        ), not isinstance(value, dict)
    if not isinstance(value, str):
        return value, False
    if kind is Kind.NUMBER:
        return _number(value)
    if kind is Kind.BOOLEAN:
        return value == "true", value in ("true", "false")
    if kind is Kind.TIME:
        return value, _is_time(value)
    return value, True


def _number(text: str) -> tuple[Any, bool]:
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text), True
    if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", text):
        return float(text), True
    return text, False


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
