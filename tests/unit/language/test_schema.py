"""The JSON Schema editors use agrees with what load_campaign accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from campaign_bench import HEAD
from campaign_sample import SAMPLE
from jsonschema import Draft202012Validator
from test_wrong_campaigns import FILES, STEPS
from test_wrong_campaigns import unmarked as without_marks

from nurture.language.schema import campaign_schema
from nurture.language.verbs import VERBS

SCHEMA = dict(campaign_schema())
VALIDATOR = Draft202012Validator(SCHEMA)


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as yaml-language-server reads a file."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":int", ":float", ":null"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def read(text: str) -> Any:
    return yaml.load(text, Core)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


CAMPAIGNS = sorted((Path(__file__).parents[3] / "campaigns").glob("*.yaml"))


@pytest.mark.parametrize("text", [SAMPLE, *(file.read_text(encoding="utf-8") for file in CAMPAIGNS)])
def test_good_campaigns_are_good_in_the_editor(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(text))] == []


@pytest.mark.parametrize("name", STEPS)
def test_what_is_wrong_only_in_meaning_is_good_in_the_editor(name: str) -> None:
    text, _ = without_marks(f"{HEAD}steps:\n{STEPS[name]}")
    assert [error.message for error in VALIDATOR.iter_errors(read(text))] == []


@pytest.mark.parametrize(
    "name",
    [
        "no steps",
        "unknown key",
        "unknown status",
        "a step is a text",
        "an empty step",
        "two verbs",
        "a verb misspelt",
        "a key misspelt",
    ],
)
def test_what_is_wrong_in_form_is_wrong_in_the_editor(name: str) -> None:
    text, _ = without_marks(FILES[name])
    assert list(VALIDATOR.iter_errors(read(text)))


def test_every_verb_is_a_variant_with_its_own_keys_and_words() -> None:
    variants = {}
    for option in SCHEMA["$defs"]["AnyStep"]["oneOf"]:
        variant = SCHEMA["$defs"][option["$ref"].split("/")[-1]]
        assert variant["additionalProperties"] is False
        assert variant["description"]
        variants[variant["title"]] = variant
    assert set(variants) == {*VERBS, "if"}
    for verb, variant in variants.items():
        assert verb in variant["required"]
        for key, value in variant["properties"].items():
            assert "description" in value, f"{verb}.{key}"
