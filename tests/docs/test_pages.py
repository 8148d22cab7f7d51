"""The pages themselves: links that lead somewhere, a reference that is up to date, nothing private in them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.places import PAGES, ROOT, headings

LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE: Any = generator()


@pytest.mark.parametrize("name", GENERATE.PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text() == GENERATE.page(name), "run `make docs`"


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
        for found in LINK.finditer(text):
            yield page, found[1] or found[2]


def test_links_lead_somewhere() -> None:
    dead = []
    for page, target in links():
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in headings(file)):
            dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    while True:
        more = {
            (page.parent / target.split("#")[0]).resolve()
            for page, target in links()
            if page in reached and not re.match(r"[a-z]+:|#", target)
        }
        more |= {page for folder in more if folder.is_dir() for page in folder.glob("*.md")}
        if more <= reached:
            break
        reached |= more
    assert [page.relative_to(ROOT).as_posix() for page in PAGES if page not in reached] == []


def test_no_page_promises_what_smtp_cannot_give() -> None:
    assert [page.name for page in PAGES if re.search("exactly[ -]once", page.read_text(), re.I)] == []


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository, as git knows them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git repository")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        try:
            yield name, path.read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


# Written in parts, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "deb." + "debian.org",
    "index" + "-url",
]
MACHINE = re.compile("(?<![\\w/.])/(" + "|".join(["wo" + "rk", "ro" + "ot", "home/[a-z]+"]) + ")/[a-z.]")


def test_no_registry_is_named_anywhere() -> None:
    assert [f"{name}: {host}" for name, text in texts() for host in REGISTRIES if host in text] == []


def test_no_path_of_a_machine_stands_in_a_file() -> None:
    found = [f"{name}: {match[0]}" for name, text in texts() for match in MACHINE.finditer(text)]
    assert found == []


def test_every_constraint_is_exact() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    wrong = [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[^\s;@]+( ; .+)?", line)]
    assert wrong == []
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))
