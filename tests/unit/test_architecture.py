"""The rules of the architecture that a tool can check, and proof that breaking one fails."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "nurture"

LONG = {
    "store/migrations/versions/0001_first_schema.py": "made by Alembic from the tables; nobody writes it by hand",
    "store/tables.py": "all tables in one place, so that the schema can be read at a sitting",
    "wiring.py": "every adapter is picked here and nowhere else",
}
"""Files over the limit of lines, each with its reason."""

CLOCK = {
    "adapters/clock.py": "the only reader of the time",
    "demo/run.py": "says at the end how long the performance took",
}
"""Files that read the time, each with its reason."""

READS_TIME = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|perf_counter|localtime|gmtime))\("
)


def modules() -> Iterator[Path]:
    return (path for path in sorted(PACKAGE.rglob("*.py")) if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the package in `folder` against the contracts of its pyproject.toml."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as main; main()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_every_contract_of_the_layers_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        ("core/decide.py", "import nurture.services", "Imports point down the layers"),
        ("language/load.py", "import nurture.mail.template", "Imports point down the layers"),
        ("store/engine.py", "import nurture.adapters.clock", "Imports point down the layers"),
        ("core/decide.py", "import random", "The deciding half does no I/O"),
        ("inbound/classify.py", "import logging", "The deciding half does no I/O"),
        ("services/record.py", "import aiosmtplib", "Only adapters speak with mail servers"),
    ],
)
def test_a_forbidden_import_fails(module: str, statement: str, contract: str, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "nurture", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / "nurture" / module
    broken.write_text(f"{broken.read_text()}\n{statement}\n")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


@pytest.mark.slow
def test_a_new_package_without_a_layer_fails(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "nurture", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "nurture" / "extras.py").write_text("")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
    found = [name_of(path) for path in modules() if drawers & {path.stem, *path.relative_to(PACKAGE).parts}]
    assert found == []


def test_package_files_are_empty() -> None:
    full = [name_of(path) for path in modules() if path.name == "__init__.py" and path.read_text().strip()]
    assert full == ["__init__.py"], "only nurture/__init__.py holds something: the version"


def test_only_the_clock_reads_the_time() -> None:
    found = {name_of(path) for path in modules() if READS_TIME.search(path.read_text())}
    assert found == set(CLOCK)


def test_files_can_be_read_at_a_sitting() -> None:
    long = {name_of(path): count for path in modules() if (count := len(path.read_text().splitlines())) > 450}
    unexplained = {name: count for name, count in long.items() if name not in LONG}
    assert unexplained == {}, "split them, or give a reason in LONG"


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if path.name != "__init__.py" and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert [name for name in silent if "migrations/" not in name] == []


DISTRIBUTION = {
    "flufl": "flufl.bounce",
    "markdown-it": "markdown-it-py",
    "multipart": "python-multipart",
    "yaml": "pyyaml",
}
UNSEEN = {
    "aiosqlite": "SQLAlchemy's driver for SQLite",
    "asyncpg": "SQLAlchemy's driver for PostgreSQL",
    "python-multipart": "Starlette reads forms with it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
"""Packages that are declared and not imported by us, each with its reason."""


def test_every_package_that_is_imported_is_declared_and_the_other_way_round() -> None:
    declared = {re.split(r"[<>=\[]", line)[0].lower().replace("_", "-") for line in dependencies()}
    imported = {DISTRIBUTION.get(name, name) for path in modules() for name in imports(path)}
    assert imported - declared == set()
    assert declared - imported - set(UNSEEN) == set()


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return list(project["dependencies"])


def imports(path: Path) -> Iterator[str]:
    """The packages, not of the standard library and not ours, that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        for name in names:
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top != "nurture":
                yield top.lower().replace("_", "-")
