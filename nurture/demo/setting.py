"""Where the story plays: a project folder of its own, made from the starter, with the dates the story needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nurture.core.errors import NurtureError
from nurture.demo.story import webinars
from nurture.mail.dates import LANGUAGES, write_datetime
from nurture.services import init

FOLDER: Final = "demo-project"
_FIRST_DATE: Final = '          - value: "2027-02-16T10:00:00+01:00"\n'
_AFTER_DATES: Final = "      - name: first_name\n"


def new_project(out: Path | None) -> Path:
    """A new project folder: `out`, else `demo-project` here, with a number when that is there already.

    Raises UsageError where `out` holds a project, OutsideError where it cannot be written.
    """
    folder = out or next(free for free in _names() if not free.exists())
    init.new_project(folder)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(_with_dates(_with_no_relay(text)), encoding="utf-8")
    return folder


def _names() -> Iterator[Path]:
    yield Path(FOLDER)
    for number in range(2, 10_000):
        yield Path(f"{FOLDER}-{number}")


def _with_no_relay(config: str) -> str:
    """Whoever starts the daemon on this project later reaches no real mail server by accident."""
    return config.replace(
        "\n  port: 25\n",
        "\n  port: 2525                     # the demo's own mail server, which is gone\n",
        1,
    )


def _with_dates(config: str) -> str:
    """The webinar's form with the dates of the story."""
    begin = config.find(_FIRST_DATE)
    end = config.find(_AFTER_DATES, begin)
    if begin < 0 or end < 0:
        raise NurtureError("The starter's config.yaml has no webinar dates where the demo looks for them.")
    choices = []
    for starts in webinars():
        choices.append(f'          - value: "{starts.isoformat()}"\n            label:\n')
        for language in LANGUAGES:
            shown = write_datetime(starts, language, "full")
            choices.append(f'              {language}: "{shown} (Berlin)"\n')
    return config[:begin] + "".join(choices) + config[end:]
