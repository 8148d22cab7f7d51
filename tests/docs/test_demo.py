"""`nurture demo` as a visitor sees it: readable where nobody looks at a terminal, and what it tells one to try works."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NURTURE = [sys.executable, "-m", "nurture"]
DAYS = 12


@dataclass(frozen=True)
class Shown:
    """What one demo printed, and where."""

    folder: Path
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands below “To try next”, without the program's name."""
        below = self.text.partition("To try next")[2].splitlines()
        lines = [line.strip() for line in below if line.startswith("  ") and not line.startswith("      ")]
        return [line.partition("nurture ")[2] for line in lines]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("visitor")
    command = [*NURTURE, "demo", "--days", str(DAYS), "--out", "demo-project"]
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    done = subprocess.run(
        command, cwd=folder, env=plain, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Shown(folder, done.stdout)


def test_it_is_readable_without_a_terminal(shown: Shown) -> None:
    assert "\x1b" not in shown.text
    assert "\r" not in shown.text
    assert "Day 1 · Monday 2 November 2026" in shown.text
    assert f"{DAYS} days" in shown.text


@pytest.mark.parametrize(
    "line",
    [
        "asks for the report “Energy in pumping stations”",
        "webinar_invite to ",
        "is a marketing qualified lead",
        "interested ✓",
        "later (1 Mar 2027) ✓",
        "Nobody was mailed twice",
        "Nobody was lost",
        "demo-project/mail/",
    ],
)
def test_it_shows_the_job(shown: Shown, line: str) -> None:
    assert line in shown.text


def test_what_to_try_next_works(shown: Shown) -> None:
    assert len(shown.commands) >= 5
    for command in shown.commands:
        words = shlex.split(command)
        assert words[:2] == ["--project", "demo-project"]
        if words[-1] == "run":
            words.append("--once")
        done = subprocess.run(
            [*NURTURE, *words], cwd=shown.folder, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, (command, done.stdout[-500:], done.stderr[-500:])


def test_each_person_has_a_folder_of_emails(shown: Shown) -> None:
    mails = list((shown.folder / "demo-project" / "mail" / "Ada-Whitmore").glob("*.eml"))
    assert len(mails) >= 5
    assert all(
        mail.read_bytes().startswith((b"From:", b"Return-Path:", b"Message-ID:", b"Date:")) for mail in mails
    )
