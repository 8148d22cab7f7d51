"""Where the story plays: a project folder of its own, made from the starter, with the dates the story needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nurture.core.errors import NurtureError, UsageError
from nurture.demo.story import webinars
from nurture.mail.dates import LANGUAGES, write_datetime

FOLDER: Final = "demo-project"
_PARTS: Final = ("campaigns", "templates")
_FIRST_DATE: Final = '          - value: "2027-02-16T10:00:00+01:00"\n'
_AFTER_DATES: Final = "      - name: first_name\n"
_COMPANY: Final = (
    "      - name: company\n"
    "        label: { en: Company, de: Firma, fr: Entreprise, da: Virksomhed, ru: Компания }\n"
)
_COUNTRY: Final = (
    "      - name: country\n        label: { en: Country, de: Land, fr: Pays, da: Land, ru: Страна }\n"
)


def new_project(out: Path | None) -> Path:
    """A new project folder: `out`, else `demo-project` here, with a number when that is there already.

    Raises UsageError where `out` exists and is not empty.
    """
    folder = out or next(free for free in _names() if not free.exists())
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder for the demo's project")
    folder.mkdir(parents=True, exist_ok=True)
    origin = starter()
    for part in _PARTS:
        shutil.copytree(origin / part, folder / part)
    config = (origin / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(_with_countries(_with_dates(config)), encoding="utf-8")
    return folder


def starter() -> Path:
    """The starter project: in the installed package, or where the sources lie."""
    package = Path(__file__).parents[1]
    for folder in (package / "starter", package.parent):
        if (folder / "config.yaml").is_file() and (folder / "campaigns").is_dir():
            return folder
    raise NurtureError("The starter project is not part of this installation.")


def _names() -> Iterator[Path]:
    yield Path(FOLDER)
    for number in range(2, 10_000):
        yield Path(f"{FOLDER}-{number}")


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


def _with_countries(config: str) -> str:
    """Forms that ask for the country as well: it decides on zone, language, holidays and colleague."""
    return config if "- name: country\n" in config else config.replace(_COMPANY, _COMPANY + _COUNTRY)
