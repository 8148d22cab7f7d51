"""A new project is whole, sound, and never put over another."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.adapters.folder import ProjectFolder
from nurture.core.errors import UsageError
from nurture.services.check import check_project
from nurture.services.init import new_project
from nurture.services.project import load_project


def test_a_new_project_has_no_problem_and_its_tests_pass(tmp_path: Path) -> None:
    files = new_project(tmp_path / "new")
    assert "config.yaml" in files
    checked = check_project(load_project(ProjectFolder(tmp_path / "new"), {}))
    assert checked.problems == ()
    assert len(checked.outcomes) > 40


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        new_project(tmp_path)
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "campaigns").exists()


def test_a_folder_with_other_things_is_fine(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    new_project(tmp_path)
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine"
