"""A small project in memory or in a folder, for tests of services and commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nurture.ports import SourceText, Unreadable
from nurture.services.project import Project, load_project

CONFIG = """\
company:
  name: Pumpwerk
  from: Pumpwerk <hello@pumpwerk.example>
  postal_address: Am Wasserturm 4, Berlin
  timezone: Europe/Berlin
  languages: [en, de]
team:
  - { email: anna@pumpwerk.example, name: Anna Becker }
fields:
  pumps: number
scoring:
  events: { report.downloaded: 10, webinar.attended: 25 }
"""

CAMPAIGN = """\
title: Report
status: live
enter: { on: report.downloaded, stage: nurturing }
on:
  reply.interested: { goto: talk }
steps:
  - email: welcome
    service: asked for the report
  - id: news
    email: update
    after: 3 days
paths:
  talk:
    - stage: mql
    - id: call
      task: "Call {{ lead.name }}"
      for: 2 days
      results: { reached: [ { tag: reached } ], not_reached: [ { tag: missed } ] }
tests:
  - name: two emails
    lead: { email: ada@example.org, name: Ada, country: GB }
    start: monday 10:00
    story:
      - day 1 10:00: { report.downloaded: { report: Pumps } }
    expect:
      - day 1 10:00: email welcome
      - day 4 10:00: email update
"""

WELCOME = """\
---
subject: Your report {{ entry.report }}
---
Hello{% if lead.first_name %} {{ lead.first_name }}{% endif %},

[here it is](https://pumpwerk.example/report).
"""

UPDATE = """\
---
subject: News
---
News for {{ lead.name }}.
"""

FILES = {
    "config.yaml": CONFIG,
    "campaigns/report.yaml": CAMPAIGN,
    "templates/welcome.md": WELCOME,
    "templates/welcome.de.md": WELCOME.replace("Hello", "Guten Tag").replace("Your report", "Ihr Report"),
    "templates/update.md": UPDATE,
}
"""The project: a campaign of two emails and a path to a colleague."""


class Files:
    """A project's files in memory. A value that is no text is a file that cannot be read, and why."""

    def __init__(self, files: Mapping[str, str | Unreadable]) -> None:
        self.files = files

    def _of(self, folder: str) -> list[SourceText | Unreadable]:
        return [self._one(path) for path in sorted(self.files) if path.startswith(folder)]

    def _one(self, path: str) -> SourceText | Unreadable:
        text = self.files[path]
        if isinstance(text, Unreadable):
            return text
        return SourceText(path=path, text=text, hash=hashlib.sha256(text.encode()).hexdigest())

    def config(self) -> SourceText | Unreadable | None:
        return self._one("config.yaml") if "config.yaml" in self.files else None

    def campaigns(self) -> list[SourceText | Unreadable]:
        return self._of("campaigns/")

    def templates(self) -> list[SourceText | Unreadable]:
        return self._of("templates/")


def project(changes: Mapping[str, str | Unreadable | None] | None = None) -> Project:
    """The small project with some files changed, added, or (None) taken away."""
    files = {**FILES, **(changes or {})}
    return load_project(Files({path: text for path, text in files.items() if text is not None}), {})


def write(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """The small project in a folder."""
    for path, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return folder
