"""Types for the keys of campaigns and of config.yaml: each makes its value from the text as it was written.

Use them as annotations in a `shape.Shape`. What does not fit raises a `Misfit`, which `shape.validate` places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import core_schema

from nurture.core.errors import GrammarError
from nurture.language.problems import Code

_INT = re.compile(r"[+-]?\d{1,15}$")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?$")
_SCALAR_SCHEMA: Final = {"type": ["string", "number", "boolean"]}


class Misfit(GrammarError):
    """A value does not fit where it stands.

    `at` is the path of the culprit below the value or model being validated, `offset` the character in its
    text (from 0), `on_key` whether the key rather than the value is to be pointed at.
    """

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        code: Code = Code.WRONG_TYPE,
        at: tuple[str | int, ...] = (),
        offset: int | None = None,
        on_key: bool = False,
    ) -> None:
        super().__init__(message, hint)
        self.code = code
        self.at = at
        self.offset = offset
        self.on_key = on_key


def described(value: object) -> str:
    """What a value is, for a message: `the text "3 day"`, `a list`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping (keys with values)"
    text = " ".join(str(value).split())
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'


def _scalar(value: Any, wanted: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        raise Misfit(f"There is no value here; {wanted} is wanted.")
    raise Misfit(f"{wanted[0].upper()}{wanted[1:]} is wanted here, not {described(value)}.")


def _text(value: Any) -> str:
    return _scalar(value, "a text")


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _scalar(value, "true or false")
    if text in ("true", "false"):
        return text == "true"
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text.lower())
    hint = f"write {meant}" if meant in ("true", "false") else None
    raise Misfit(f"true or false is wanted here, not {described(text)}.", hint)


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _scalar(value, "a whole number")
    if _INT.match(text):
        return int(text)
    bare = re.sub(r"[ ,._']", "", text)
    hint = f"write {bare}" if _INT.match(bare) and not re.search(r"[.,]\d{1,2}$", text) else None
    raise Misfit(f"A whole number is wanted here, not {described(text)}.", hint)


def _number(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = _scalar(value, "a number")
    if _NUMBER.match(text):
        return float(text)
    pointed = text.replace(",", ".")
    hint = f"write {pointed}" if _NUMBER.match(pointed) else None
    raise Misfit(f"A number is wanted here, not {described(text)}.", hint)


Text = Annotated[str, PlainValidator(_text), WithJsonSchema(dict(_SCALAR_SCHEMA))]
"""Any text; numbers, dates and words like `no` stay as they are written."""

Bool = Annotated[bool, PlainValidator(_bool), WithJsonSchema({"type": "boolean"})]
"""`true` or `false`, nothing else."""

Int = Annotated[int, PlainValidator(_int), WithJsonSchema({"type": "integer"})]
"""A whole number."""

Number = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A number, with a point if it has decimals."""


def whole(least: int, most: int) -> Any:
    """Annotation of a whole number from `least` to `most`: `port: Annotated[int, whole(1, 65535)]`."""

    def read(value: Any) -> int:
        number = _int(value)
        if least <= number <= most:
            return number
        raise Misfit(f"{number} is not from {least} to {most}.", code=Code.OUT_OF_RANGE)

    return Marks(PlainValidator(read), {"type": "integer", "minimum": least, "maximum": most})


def parsed(parse: Callable[[str], Any], wanted: str = "a text", schema: dict[str, Any] | None = None) -> Any:
    """Annotation of a text that `parse` reads: `after: Annotated[Duration, parsed(parse_duration)]`.

    A GrammarError of `parse` becomes a placed problem with its hint. `wanted` is said when it is no text at all.
    """

    def read(value: Any) -> Any:
        if not isinstance(value, (str, list, dict)) and value is not None:
            return value  # a default, already of its type
        return parse(_scalar(value, wanted))

    return Marks(PlainValidator(read), schema or dict(_SCALAR_SCHEMA))


def one_or_list() -> Any:
    """Annotation of a tuple that may be written as one value: `Annotated[tuple[Text, ...], one_or_list()]`."""

    def read(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return value
        if value is None:
            raise Misfit("There is no value here; one value or a list is wanted.")
        return [value]

    return Sugar(read, lambda array: array.get("items", {}))


def short_for(key: str) -> Any:
    """Annotation of a model that may be written as the one text of its `key`: `pumps: number`."""
    return Sugar(
        lambda value: {key: value} if isinstance(value, str) else value,
        lambda model: model.get("properties", {}).get(key, dict(_SCALAR_SCHEMA)),
    )


class Sugar:
    """A shorter form of a value: `expand` makes the whole form, `describe` its schema out of the whole form's."""

    def __init__(
        self, expand: Callable[[Any], Any], describe: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        self.expand = expand
        self.describe = describe

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        whole_form = handler(schema)
        return {"anyOf": [self.describe(handler.resolve_ref_schema(whole_form)), whole_form]}


class Marks:
    """A validator and its JSON Schema as one annotation."""

    def __init__(self, validator: PlainValidator, schema: dict[str, Any]) -> None:
        self.validator = validator
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return self.validator.__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return dict(self.schema)
