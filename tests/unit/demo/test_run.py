"""The demo, performed once: what it shows is so, and what it promises is kept."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nurture.demo.run import main
from nurture.demo.story import load_cast
from nurture.web.app import build_web
from nurture.web.office import office_of
from nurture.wiring import App

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{4})-(to|from)-\S+?-(\w+)(?:-\d+)?\.eml")
SERVICE = {"report_link", "webinar_confirmed", "webinar_starting"}
"""What people asked for a moment before, and the link an hour before a webinar: they go at any time of the day."""


@dataclass(frozen=True)
class File:
    """One .eml file: whose folder it is in, its day and time on their clock, its direction, what it is."""

    path: Path
    person: str
    day: str
    time: str
    way: str
    what: str


@dataclass(frozen=True)
class Done:
    """One performance."""

    code: int
    told: dict[str, Any]
    files: list[File]


def web(app: App) -> Any:
    return build_web(office_of(app.settings, app.store, app.clock, bytes.fromhex(app.secret)))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("demo") / "project"
    out = io.StringIO()
    code = main(out=folder, days=120, web=web, as_json=True, console=Console(file=out))
    files = []
    for path in sorted((folder / "mail").rglob("*.eml")):
        found = _NAME.fullmatch(path.name)
        assert found, path.name
        files.append(File(path, path.parent.name, *found.groups()))
    return Done(code, json.loads(out.getvalue()), files)


def test_the_promise_is_kept(done: Done) -> None:
    promise = done.told["promise"]
    assert promise["broken"] == []
    assert (done.code, promise["kept"]) == (0, True)
    assert promise["leads"] == len(load_cast())
    assert promise["taken"] == sum(file.way == "to" for file in done.files) > 150
    assert promise["lost_answers"] == 1


def test_leads_come_all_the_way_through_the_funnel(done: Done) -> None:
    funnel = done.told["funnel"]
    assert funnel["leads"] > funnel["mql"] > funnel["sql"] >= funnel["customers"] >= 1
    assert funnel["mql"] >= 7
    assert funnel["refused"] >= 5
    assert funnel["came_back"] >= 1
    assert funnel["resumed"] >= 5
    assert funnel["unsubscribed"] >= 2
    assert (funnel["complained"], funnel["unreachable"]) == (1, 1)


@pytest.mark.parametrize(
    ("template", "at_least"),
    [
        ("report_link", 30),
        ("webinar_invite", 25),
        ("follow_up", 4),
        ("next_webinar", 8),
        ("farewell", 5),
        ("holiday_greeting", 15),
        ("resume_hello", 5),
        ("feedback_request", 1),
        ("referral_request", 1),
    ],
)
def test_every_kind_of_email_goes_out(done: Done, template: str, at_least: int) -> None:
    assert done.told["emails"]["by_template"].get(template, 0) >= at_least


def test_everybody_is_written_to_in_their_language(done: Done) -> None:
    assert set(done.told["emails"]["by_language"]) == {"en", "de", "fr", "da", "ru"}
    assert min(done.told["emails"]["by_language"].values()) >= 15


def test_replies_are_understood(done: Done) -> None:
    replies = done.told["replies"]
    wrong = [reply for reply in replies if not reply["right"]]
    assert len(replies) >= 25
    assert {reply["language"] for reply in replies} == {"en", "de", "fr", "da", "ru"}
    assert len(wrong) <= len(replies) // 8, wrong
    assert {"auto_reply", "bounce", "complaint"} <= set(done.told["other_mail"])


def test_emails_keep_to_office_hours_on_the_readers_clock(done: Done) -> None:
    late = [
        file.path.name
        for file in done.files
        if file.way == "to" and file.what not in SERVICE and not "0800" <= file.time < "1800"
    ]
    assert late == []


def test_nobody_is_flooded(done: Done) -> None:
    a_day = Counter(
        (file.person, file.day) for file in done.files if file.way == "to" and file.what not in SERVICE
    )
    assert a_day.most_common(1)[0][1] <= 2


@pytest.mark.parametrize("person", ["Dieter-Kolb", "Marcus-Doyle", "Ben-Carver"])
def test_after_a_farewell_for_good_nothing_is_sent(done: Done, person: str) -> None:
    theirs = [file for file in done.files if file.person == person]
    assert theirs[-1].day < "2026-11-20"


def test_who_refused_without_allowing_it_gets_no_greeting(done: Done) -> None:
    greeted = {file.person for file in done.files if file.what == "holiday_greeting"}
    assert "Jürgen-Holzapfel" in greeted
    assert "Lone-Frandsen" not in greeted


def test_a_slip_in_an_address_is_corrected_and_mail_arrives(done: Done) -> None:
    to = [
        message_from_bytes(file.path.read_bytes(), policy=default)["To"].addresses[0].addr_spec
        for file in done.files
        if file.person == "Oliver-Pratt" and file.way == "to"
    ]
    assert to
    assert set(to) == {"oliver.pratt@kelham-engineering.example"}


def test_every_task_is_somebodys(done: Done) -> None:
    assert "unassigned" not in done.told["tasks"]
    assert sum(one["opened"] for one in done.told["tasks"].values()) >= 20


def test_the_project_is_left_paused(done: Done) -> None:
    from nurture.cli.main import main as nurture

    assert nurture(["--project", done.told["folder"], "status", "--json"]) == 0


def test_nothing_went_wrong_inside(done: Done) -> None:
    log = (Path(done.told["folder"]) / "demo.log").read_text()
    assert "level='error'" not in log
