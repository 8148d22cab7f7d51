"""The examples in the docs: every YAML block loads, every template compiles, every command exists."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from nurture.adapters.folder import ProjectFolder
from nurture.config import load_config
from nurture.services.own_words import words_of
from nurture.services.project import load_project, read_mapping
from tests.docs.places import ROOT, Block, blocks

CAMPAIGN = "title: An example\nenter: { on: report.downloaded }\n"
REST = "steps: [ { stage: nurturing } ]\n"


def campaign_text(block: Block) -> str:
    """The whole file a block is a part of."""
    kind = block.kind.removeprefix("yaml").strip()
    if kind == "campaign":
        return block.text
    if kind == "steps":
        paths = "paths:\n  keep-warm: [ { stage: nurturing } ]\n  qualified: [ { stage: mql } ]\n"
        return f"{CAMPAIGN}steps:\n" + "".join(f"  {line}\n" for line in block.text.splitlines()) + paths
    if kind == "keys":
        rest = "" if re.search("^steps:", block.text, re.M) else REST
        head = CAMPAIGN.splitlines()[0] if re.search("^enter:", block.text, re.M) else CAMPAIGN
        return f"{head.rstrip()}\n{block.text}{rest}"
    raise AssertionError(f"{block}: say what it is: yaml campaign, yaml steps, yaml keys or yaml config")


@pytest.mark.parametrize("block", list(blocks("yaml")), ids=str)
def test_yaml_in_the_docs_loads(block: Block, tmp_path: Path) -> None:
    if block.kind == "yaml config":
        environ = {"SMTP_PASSWORD": "x", "IMAP_PASSWORD": "x", "DATABASE_PASSWORD": "x", "CRM_SECRET": "x"}
        _, problems = load_config(block.text, "config.yaml", environ)
        assert [str(problem) for problem in problems] == []
        return
    if block.kind == "yaml words":
        assert words_of(block.text)
        return
    for name in ("templates", "campaigns"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    text = campaign_text(block)
    for named in re.findall(r"email: ([a-z_]+)", text):
        made = tmp_path / "templates" / f"{named}.md"
        if not made.exists():
            made.write_text("---\nsubject: An example\n---\nHello.\n")
    (tmp_path / "campaigns" / "an-example.yaml").write_text(text)
    project = load_project(ProjectFolder(tmp_path), {})
    wrong = [
        one for one in project.problems if one.file.endswith("an-example.yaml") and one.severity == "error"
    ]
    assert [f"{one.line}:{one.column} {one.message} ({one.hint})" for one in wrong] == [], text
    assert "an-example" in project.graphs


def test_the_campaign_of_the_readme_is_the_one_that_ships() -> None:
    shown = next(block for block in blocks("yaml campaign") if block.page.name == "README.md")
    ships = yaml.safe_load((ROOT / "campaigns" / "report-download.yaml").read_text())
    ships.pop("tests")
    assert yaml.safe_load(shown.text) == ships


@pytest.mark.parametrize("block", list(blocks("markdown")), ids=str)
def test_templates_in_the_docs_compile(block: Block) -> None:
    from nurture.mail.template import parse_template

    made = parse_template("example", None, "md", block.text, read_mapping)
    assert not isinstance(made, list), made


def commands() -> dict[str, Any]:
    """Every command of the command line by its words, without `nurture`."""
    from nurture.cli.main import app

    found: dict[str, Any] = {}

    def walk(command: Any, words: str) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            if not inner.hidden:
                found[f"{words} {name}".strip()] = inner
                walk(inner, f"{words} {name}".strip())

    walk(typer.main.get_command(app), "")
    return found


COMMANDS = commands()


def examples() -> list[tuple[str, list[str]]]:
    """Every line of the docs that calls nurture, in blocks and in running text."""
    found = []
    for block in blocks("sh", "console"):
        text = block.text.replace("\\\n", " ")
        for line in text.splitlines():
            for called in re.findall(
                r"(?:^|\$ |&& |\| |\bsudo -u nurture )(?:\S*/)?nurture ([^|&>#]*)", line
            ):
                found.append((f"{block}: {line}", shlex.split(called)))
    return found


@pytest.mark.parametrize(
    ("place", "words"), examples(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_commands_in_the_docs_exist(place: str, words: list[str]) -> None:
    while words and words[0] == "--project":
        words = words[2:]
    if words in (["--version"], ["--help"]):
        return
    used = max((n for n in (1, 2, 3) if " ".join(words[:n]) in COMMANDS), default=0)
    command = COMMANDS.get(" ".join(words[:used]))
    assert command is not None, f"{place}: there is no such command"
    assert not getattr(command, "commands", None), f"{place}: which one?"
    command.make_context(place, words[used:])  # raises where an argument or option is wrong


def test_make_targets_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    used = {
        target for block in blocks("sh") for target in re.findall(r"^make ([a-z]+)", block.text, re.MULTILINE)
    }
    assert {"demo", "test"} <= used <= targets


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name: str) -> None:
    command = COMMANDS[name]
    assert command.help, f"nurture {name} says nothing of itself"
    if not getattr(command, "commands", None):
        shown = re.search(
            f"Example.*nurture( --project \\S+)? {name}", f"{command.help} {command.epilog}", re.DOTALL
        )
        assert shown, f"nurture {name} --help has no example"
        assert f"nurture {name}" in (ROOT / "docs" / "reference" / "cli.md").read_text()
