"""Holds a `Source` against a pydantic model and says what does not fit, in the author's words and at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError

from nurture.core.errors import GrammarError
from nurture.language.problems import Code, Place, Problem, Problems, did_you_mean
from nurture.language.scalars import Misfit, described
from nurture.language.source import Data, Path, Source

_KNOWN = "nurture.known_keys"


class Shape(BaseModel):
    """Base of everything written in YAML: frozen, unknown keys are errors, hover texts are the docstrings."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _note_known_keys(cls, data: Any, info: ValidationInfo) -> Any:
        """Remember which keys this mapping might have had, for suggestions."""
        if isinstance(data, dict) and info.context is not None:
            info.context.setdefault(_KNOWN, {}).setdefault(id(data), {}).update(dict.fromkeys(keys_of(cls)))
        return data


S = TypeVar("S", bound=BaseModel)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model as they are written in YAML."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def knows_all(model: type[BaseModel], data: Iterable[str]) -> bool:
    """Whether all keys are the model's. Where one is not, what is missing may be meant by it."""
    return frozenset(data) <= frozenset(keys_of(model))


def validate(
    model: type[S],
    source: Source,
    problems: Problems,
    *,
    path: Path = (),
    data: Data | None = None,
    context: Mapping[str, Any] | None = None,
) -> S | None:
    """The model made from the data at `path`; None when something does not fit, which `problems` then says.

    `data` may be given when it is not what stands in the file (after overrides). `context` is handed to the
    model's validators. An empty file counts as an empty mapping.
    """
    given = data if data is not None else source.get(path)
    shared: dict[str, Any] = {**(context or {}), _KNOWN: {}}
    try:
        return model.model_validate({} if given is None and path == () else given, context=shared)
    except ValidationError as error:
        found = [_Finding.of(details) for details in error.errors(include_url=False)]
        found = [finding for finding in found if not _follows_from_others(finding, found)]
        known: dict[int, dict[str, None]] = shared[_KNOWN]
        told = [(each, _problem(source, path, each, known)) for each in _one_branch(source, path, found)]
        misspelt = {problem.hint for each, problem in told if each.kind == "extra_forbidden"}
        for each, problem in told:
            if each.kind != "missing" or f"did you mean {each.loc[-1]}?" not in misspelt:
                problems.add(problem)
        return None


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema of a model for editors: keys as they are written, docstrings as hover texts."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_EditorSchema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


class _EditorSchema(GenerateJsonSchema):
    """Shows only defaults that an author could write as one text."""

    ignored_warning_kinds = frozenset({"skipped-choice", "non-serializable-default"})  # type: ignore[assignment]

    def encode_default(self, dft: Any) -> Any:
        if dft is None or isinstance(dft, (str, bool, int, float)):
            return dft
        if "__str__" in vars(type(dft)) and not isinstance(dft, BaseModel):
            return str(dft)
        raise PydanticSerializationError("not one text")


class _Finding(NamedTuple):
    """One line of a ValidationError."""

    kind: str
    loc: tuple[str | int, ...]
    input: Any
    context: dict[str, Any]

    @classmethod
    def of(cls, details: Any) -> _Finding:
        return cls(details["type"], tuple(details["loc"]), details.get("input"), details.get("ctx", {}))

    @property
    def path_loc(self) -> tuple[str | int, ...]:
        """Where it is; for a missing key, where the key should be."""
        return self.loc[:-1] if self.kind == "missing" or self.of_key else self.loc

    @property
    def of_key(self) -> bool:
        """Is it a key of a mapping that does not fit, not its value?"""
        return self.loc[-1:] == ("[key]",)

    @property
    def misfit(self) -> Misfit | None:
        error = self.context.get("error")
        if isinstance(error, Misfit):
            return error
        if isinstance(error, GrammarError):
            return Misfit(_sentence(str(error)), error.hint, code=Code.GRAMMAR)
        if isinstance(error, ValueError) and str(error):
            return Misfit(_sentence(str(error)))
        return None


def _follows_from_others(finding: _Finding, found: list[_Finding]) -> bool:
    """Is it only said because something else is wrong: a default not computed, a list short of its wrong items?"""
    if finding.kind == "default_factory_not_called":
        return True
    depth = len(finding.loc)
    return finding.kind == "too_short" and any(
        other.loc[:depth] == finding.loc and len(other.loc) > depth for other in found
    )


def _problem(source: Source, base: Path, finding: _Finding, known: Mapping[int, Iterable[str]]) -> Problem:
    misfit = finding.misfit
    wants_mapping = finding.kind == "missing"
    path = follow(source, base, finding.path_loc, wants_mapping=wants_mapping)
    place = source.value_place(path)
    if misfit is not None:
        path = follow(source, path, misfit.at)
        place = source.key_place(path) if misfit.on_key or finding.of_key else source.value_place(path)
        if misfit.offset is not None:
            place = source.text_place(path, misfit.offset)
        return _at(source, place, misfit.code, str(misfit), misfit.hint)
    if finding.kind == "extra_forbidden":
        return _unknown_key(source, path, known)
    if finding.kind == "missing":
        name = str(finding.loc[-1])
        where = f" in {path[-1]}" if path and isinstance(path[-1], str) else ""
        message = f"The key {name} is missing{where}."
        return _at(source, source.key_place(path), Code.MISSING_KEY, message, f"add {name}: …")
    code, message, hint = _in_words(finding)
    return _at(source, place, code, message, hint)


def _at(source: Source, place: Place, code: Code, message: str, hint: str | None) -> Problem:
    return Problem(source.file, place.line, place.column, code, "error", message, hint)


def follow(source: Source, base: Path, loc: Iterable[str | int], *, wants_mapping: bool = False) -> Path:
    """The path in the file that a pydantic `loc` means: parts that are tags of a union, not keys, are left out."""
    return _align(source, base, tuple(loc), wants_mapping).path


class _Aligned(NamedTuple):
    """A path in the file, and the first part of `loc` that was left out: where, and its name."""

    path: Path
    branch_at: Path | None = None
    branch: str | int | None = None


def _align(source: Source, base: Path, loc: tuple[str | int, ...], wants_mapping: bool) -> _Aligned:
    """Try `loc` as it is and with each name left out; the last part must be found, then most parts.

    A number at the end may be missing in the file: one value stood where a list could stand.
    """
    best, best_score = _Aligned(base), (-1, -1)
    for left_out in (None, *(index for index, part in enumerate(loc) if isinstance(part, str))):
        path, matched, last = base, 0, True
        branch_at: Path | None = None
        branch: str | int | None = None
        for index, part in enumerate(loc):
            if index != left_out and (*path, part) in source.marks:
                path, matched, last = (*path, part), matched + 1, True
            elif isinstance(part, str) or isinstance(source.get(path), list):
                last = False
                if branch_at is None:
                    branch_at, branch = path, part
        fits = isinstance(source.get(path), dict) if wants_mapping else last
        if (score := (int(fits), matched)) > best_score:
            best, best_score = _Aligned(path, branch_at, branch), score
    return best


def _one_branch(source: Source, base: Path, found: list[_Finding]) -> Iterator[_Finding]:
    """Of a union without tags keep the branch that got furthest; of several complaints at one place the first."""
    aligned = [_align(source, base, finding.path_loc, finding.kind == "missing") for finding in found]
    depths: dict[Path | None, dict[str | int | None, int]] = {}
    for where in aligned:
        depth = depths.setdefault(where.branch_at, {})
        depth[where.branch] = max(depth.get(where.branch, 0), len(where.path))
    seen: set[tuple[Path, str]] = set()
    for finding, where in zip(found, aligned, strict=True):
        depth = depths[where.branch_at]
        if where.branch_at is not None and where.branch != max(depth, key=lambda name: depth[name]):
            continue
        name = str(finding.loc[-1]) if finding.kind == "missing" else ""
        if (where.path, name) not in seen:
            seen.add((where.path, name))
            yield finding


def _unknown_key(source: Source, path: Path, known: Mapping[int, Iterable[str]]) -> Problem:
    key = str(path[-1]) if path else ""
    candidates = tuple(known.get(id(source.get(path[:-1])), ()))
    near = did_you_mean(key, candidates)
    place = source.key_place(path)
    if near is not None:
        hint: str | None = f"did you mean {near}?"
    elif candidates:
        hint = f"known here: {', '.join(sorted(candidates))}"
    else:
        hint = None
    where = f" in {path[-2]}" if len(path) > 1 and isinstance(path[-2], str) else ""
    return _at(source, place, Code.UNKNOWN_KEY, f"There is no key {described(key)}{where}.", hint)


def _in_words(finding: _Finding) -> tuple[Code, str, str | None]:
    kind, value, context = finding.kind, finding.input, finding.context
    if kind in ("literal_error", "enum"):
        return _wrong_choice(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return Code.WRONG_TYPE, f"Keys with values are wanted here, not {described(value)}.", _key_hint(value)
    if kind in ("list_type", "tuple_type", "set_type"):
        return (
            Code.WRONG_TYPE,
            f"A list is wanted here, not {described(value)}.",
            "begin each item with a - and a space",
        )
    if kind.startswith("union_tag"):
        message = (
            "None of the keys here says what this is."
            if isinstance(value, dict)
            else f"{described(value)} cannot stand here."
        )
        return Code.WRONG_TYPE, message, _key_hint(value)
    if kind in ("too_short", "string_too_short"):
        return (
            Code.OUT_OF_RANGE,
            f"This is empty or too short: at least {context.get('min_length', 1)}.",
            None,
        )
    if kind in ("too_long", "string_too_long"):
        return Code.OUT_OF_RANGE, f"This is too long: at most {context.get('max_length')}.", None
    if kind.startswith(("greater_than", "less_than")):
        words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
        limits = " and ".join(f"{words[name]} {limit}" for name, limit in context.items() if name in words)
        return Code.OUT_OF_RANGE, f"This must be {limits}, not {described(value)}.", None
    wanted = next((said for part, said in _WANTED.items() if kind.startswith(part)), None)
    if wanted is not None:
        return Code.WRONG_TYPE, f"{wanted} is wanted here, not {described(value)}.", None
    return Code.WRONG_TYPE, f"{described(value)} does not fit here.", None


_WANTED = {
    "int": "A whole number",
    "float": "A number",
    "decimal": "A number",
    "bool": "true or false",
    "string": "A text",
    "date": "A date",
    "none_required": "Nothing",
}


def _wrong_choice(value: Any, allowed: list[str]) -> tuple[Code, str, str | None]:
    listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}" if len(allowed) > 1 else "".join(allowed)
    near = did_you_mean(value, allowed) if isinstance(value, str) else None
    hint = f"did you mean {near}?" if near else None
    return Code.WRONG_CHOICE, f"{described(value)} is not one of {listed}.", hint


def _key_hint(value: Any) -> str | None:
    """`a:1` is a text to YAML."""
    if isinstance(value, str) and (glued := re.match(r"([\w.-]+):(\S.*)$", value)):
        return f"put a space after the colon: {glued.group(1)}: {glued.group(2)[:40]}"
    return None


def _sentence(message: str) -> str:
    text = message.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
