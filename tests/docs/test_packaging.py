"""What is shipped: the wheel holds the package, its data and the starter project, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from tests.docs.places import ROOT


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from what git knows."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git repository")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=100,
    )
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def committed(folder: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_package_and_its_data_are_shipped(shipped: set[str]) -> None:
    assert committed("nurture") - shipped == set()


@pytest.mark.parametrize("name", ["campaigns", "templates", "config.yaml"])
def test_the_starter_project_is_shipped(name: str, shipped: set[str]) -> None:
    assert {f"nurture/starter/{file}" for file in committed(name)} - shipped == set()


def test_nothing_else_is_shipped(shipped: set[str]) -> None:
    assert {name for name in shipped if not name.startswith("nurture")} == set()
