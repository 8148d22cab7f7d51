"""The commands as a shell sees them: names, JSON shapes, exit codes, words (interfaces.md, Command line)."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nurture.cli import place
from nurture.cli.main import app, main
from nurture.core.errors import NurtureError
from nurture.daemon.lock import DaemonLock
from tests.unit.services.small_project import CAMPAIGN, CONFIG, write

Run = Callable[..., tuple[int, str, str]]

STORY = "lead: { email: ada@example.org, name: Ada, country: GB }\nstart: monday 10:00\nstory:\n  - day 1 10:00: report.downloaded\n"
DSN = (
    b"From: MAILER-DAEMON@mx.example.org\r\nTo: hello@pumpwerk.example\r\nSubject: Undelivered\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; eve@example.org\r\nAction: failed\r\n"
    b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Runs a command on the small project in `tmp_path`; answers exit code, output and errors."""

    def command(*words: str, project: Path | None = tmp_path) -> tuple[int, str, str]:
        arguments = [*words] if project is None else ["--project", str(project), *words]
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    yield command
    place.choose(Path())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path)


def answer(run: Run, *words: str) -> Any:
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return json.loads(out)


# -- everywhere ---------------------------------------------------------------------------------------------------


def commands() -> list[tuple[str, ...]]:
    """All commands, with their groups."""
    names: list[tuple[str, ...]] = []
    for one in app.registered_commands:
        names.append((str(one.name),))
    for group in app.registered_groups:
        assert group.typer_instance is not None
        names += [(str(group.name), str(one.name)) for one in group.typer_instance.registered_commands]
    return names


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, words: tuple[str, ...]) -> None:
    code, out, _ = run(*words, "--help", project=None)
    assert code == 0
    assert "Example" in out


def test_the_commands_of_this_version_are_there() -> None:
    names = {" ".join(words) for words in commands()}
    assert names >= {
        *(
            "init",
            "check",
            "test",
            "simulate",
            "preview",
            "plan",
            "apply",
            "schema",
            "run",
            "status",
            "event",
        ),
        *("enrol", "stop", "read", "receive", "lead add", "lead show", "lead list", "lead find", "lead set"),
        *("lead refuse", "lead postpone", "lead why", "campaign list", "campaign show", "campaign pause"),
        *("campaign resume", "message list", "message show", "message settle", "message withdraw"),
        *("suppress add", "suppress remove", "suppress list", "task list", "task done", "task assign"),
        *("db upgrade", "db status", "db backup"),
    }


def test_help_imports_nothing_heavy() -> None:
    """What makes it quick: 0.14 seconds on a machine with nothing else to do."""
    heavy = (
        "pydantic",
        "sqlalchemy",
        "jinja2",
        "rich.console",
        "asyncio",
        "nurture.config",
        "nurture.wiring",
    )
    code = (
        "import sys; from nurture.cli.main import main; main(['--help']);"
        f"sys.exit(' '.join(name for name in {heavy} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("frobnicate",), 2, "No such command"),
        (("simulate",), 2, "Missing argument"),
        (("check", "nowhere.yaml"), 2, "There is no file nowhere.yaml"),
        (("test", "reprot"), 2, "Did you mean report"),
        (("simulate", "report", "--story", "nowhere.yaml"), 2, "can't be read"),
        (("preview", "reprot"), 2, "Did you mean report"),
        (("lead", "show", "nobody@example.org"), 2, "There is no lead nobody@example.org"),
        (("lead", "add", "no-address"), 2, "is not an email address"),
        (("lead", "add", "a@example.org", "sage=3"), 2, "Did you mean stage"),
        (("lead", "add", "a@example.org", "pumps=many"), 2, "pumps is a number"),
        (("lead", "add", "a@example.org", "pumps"), 2, "write FIELD=VALUE"),
        (("event", "a@example.org", "x"), 2, "There is no lead a@example.org"),
        (("message", "show", "7"), 2, "There is no message 7"),
        (("message", "list", "--state", "sended"), 2, "There is no state sended"),
        (("task", "done", "7"), 2, "There is no task 7"),
        (("enrol", "a@example.org", "reprot"), 2, "Did you mean report"),
        (("campaign", "pause", "reprot"), 2, "Did you mean report"),
        (("campaign", "resume", "report"), 2, "not paused"),
        (("suppress", "remove", "a@example.org", "--because", "x"), 2, "is not suppressed"),
        (("stop", "a@example.org"), 2, "Who leaves which campaign?"),
        (("run", "--workers", "2", "--no-web"), 2, "needs PostgreSQL"),
    ],
)
@pytest.mark.usefixtures("project")
def test_wrong_use_is_told_in_the_users_words(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    got, out, err = run(*words)
    assert (got, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_folder_without_a_project(run: Run, tmp_path: Path) -> None:
    code, _, err = run("check")
    assert code == 2
    assert "nurture init" in err
    assert run("check", project=tmp_path / "nowhere")[0] == 2


@pytest.mark.usefixtures("project")
def test_the_project_may_be_named_anywhere(run: Run, tmp_path: Path) -> None:
    assert run("check", "--project", str(tmp_path), project=None)[0] == 0
    assert run("check", f"--project={tmp_path}", project=None)[0] == 0


def test_a_broken_config_is_told_with_its_place(run: Run, project: Path) -> None:
    (project / "config.yaml").write_text("compny: {}\n", encoding="utf-8")
    code, _, err = run("lead", "list")
    assert code == 2
    assert "config.yaml:1:1" in err


def test_no_database_is_the_outside_worlds_fault(run: Run, project: Path) -> None:
    (project / "nurture.db").mkdir()
    code, _, err = run("lead", "list")
    assert code == 4
    assert "database" in err


def test_a_fault_of_ours_says_so(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise KeyError("wheels")

    monkeypatch.setattr(place, "project", fails)
    monkeypatch.delenv("NURTURE_TRACE", raising=False)
    code, _, err = run("check")
    assert code == 3
    assert "our fault: KeyError" in err
    assert "Traceback" not in err
    monkeypatch.setattr(place, "project", lambda: (_ for _ in ()).throw(NurtureError("odd")))
    assert run("check")[0] == 3
    monkeypatch.setattr(place, "project", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert run("check")[0] == 130


# -- the project --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("project")
def test_check_and_test_of_a_sound_project(run: Run) -> None:
    assert answer(run, "check") == {"ok": True, "problems": []}
    told = answer(run, "test")
    assert (told["passed"], told["failed"]) == (1, 0)
    assert told["tests"][0] | {"actual": []} == {
        "campaign": "report",
        "name": "two emails",
        "ok": True,
        "expected": ["day 1 10:00: email welcome", "day 4 10:00: email update"],
        "actual": [],
        "missing": [],
        "unexpected": [],
        "notes": [],
    }
    code, out, _ = run("check")
    assert (code, out) == (0, "All is well: 1 campaign, 2 templates, 1 test.\n")


def test_problems_are_shown_with_place_line_and_hint(run: Run, project: Path) -> None:
    write(project, {"campaigns/report.yaml": CAMPAIGN.replace("email: update", "email: upgrade")})
    code, out, _ = run("check")
    assert code == 1
    assert "campaigns/report.yaml:10:12: error: There is no template upgrade." in out
    assert "            email: upgrade" not in out
    assert "        email: upgrade\n               ^" in out
    code, out, _ = run("check", "--json")
    assert code == 1
    (problem, *_) = json.loads(out)["problems"]
    assert set(problem) == {"file", "line", "column", "code", "severity", "message", "hint"}
    assert run("test")[0] == 1, "a campaign that cannot be tested is no success"
    assert run("check", str(project / "templates" / "update.md"))[0] == 0


def test_check_reads_the_words_of_ones_own(run: Run, project: Path) -> None:
    write(project, {"words.yaml": "en:\n  phrases:\n    - meaning: intrested\n      says: [x]\n"})
    with (project / "config.yaml").open("a") as config:
        config.write("replies: {words: words.yaml}\n")
    code, out, _ = run("check")
    assert code == 1
    assert "words.yaml:3:16: error: phrases: group 1: there is no meaning 'intrested'" in out
    assert run("check", str(project / "words.yaml"))[0] == 1
    assert run("check", str(project / "templates" / "update.md"))[0] == 0


def test_fix_writes_ids_and_keeps_every_other_byte(run: Run, project: Path) -> None:
    path = project / "campaigns" / "report.yaml"
    broken = CAMPAIGN.replace("    - id: call\n      task", "    - task").replace("\n", "\r\n")
    path.write_bytes(broken.encode())
    assert run("check")[0] == 1
    code, out, _ = run("check", "--fix")
    assert code == 0, out
    fixed = path.read_bytes().decode()
    assert fixed.count("\r\n") == fixed.count("\n") == broken.count("\n") + 1
    assert "ids are written in" in out


def test_a_failing_test_shows_what_happened(run: Run, project: Path) -> None:
    write(project, {"campaigns/report.yaml": CAMPAIGN.replace("day 4 10:00: email", "day 5 10:00: email")})
    code, out, _ = run("test")
    assert code == 1
    assert "expected, but did not happen: day 5 10:00: email update" in out
    assert "- day 4 10:00: email update" in out


def test_simulate(run: Run, project: Path) -> None:
    (project / "story.yaml").write_text(STORY, encoding="utf-8")
    told = answer(run, "simulate", "report", "--story", str(project / "story.yaml"))
    assert {one["kind"] for one in told["timeline"]} >= {"email", "stage"}
    assert all(set(one) >= {"at", "kind", "name", "step", "because"} for one in told["timeline"])
    assert set(told["final"]) == {"stage", "temperature", "score", "state", "step"}
    assert re.search(
        r"day 4 .*email +update", run("simulate", "report", "--story", str(project / "story.yaml"))[1]
    )


def test_a_story_with_errors(run: Run, project: Path) -> None:
    (project / "story.yaml").write_text(STORY.replace("downloaded", "downloded"), encoding="utf-8")
    code, out, _ = run("simulate", "report", "--story", str(project / "story.yaml"))
    assert code == 1
    assert "did you mean report.downloaded?" in out


def test_preview_writes_html_and_shows_the_text(run: Run, project: Path) -> None:
    code, out, _ = run("preview", "report")
    assert code == 0
    assert "Subject: Your report Pumps" in out
    assert "<html" in (project / "preview" / "welcome.html").read_text(encoding="utf-8")
    emails = answer(run, "preview", "update")["emails"]
    assert [one["template"] for one in emails] == ["update"]


@pytest.mark.usefixtures("project")
def test_a_preview_for_a_lead_and_a_relay_that_is_not_there(run: Run) -> None:
    assert run("lead", "add", "eva@example.org", "name=Eva", "first_name=Eva", "language=de")[0] == 0
    (email,) = answer(run, "preview", "welcome", "--lead", "eva@example.org")["emails"]
    assert "Guten Tag Eva" in email["text"]
    code, _, err = run("preview", "update", "--send-to", "me@example.org")
    assert code == 4
    assert "was not sent" in err


@pytest.mark.parametrize("which", ["campaign", "config"])
def test_schema(run: Run, which: str) -> None:
    code, out, _ = run("schema", which, project=None)
    assert code == 0
    assert json.loads(out)["type"] == "object"


def test_init(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", str(tmp_path / "new"), project=None)
    assert code == 0
    assert "nurture check" in out
    assert run("init", str(tmp_path / "new"), project=None)[0] == 2


# -- leads --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("project")
def test_a_lead_from_the_first_day_to_the_why(run: Run) -> None:
    added = answer(
        run, "lead", "add", "ada@example.org", "name=Ada Lovelace", "country=GB", "pumps=12", "--consent"
    )
    assert added == {"id": 1, "email": "ada@example.org", "new": True}
    assert answer(run, "lead", "add", "ada@example.org", "company=Engines")["new"] is False
    recorded = answer(
        run, "event", "ada@example.org", "report.downloaded", "--data", '{"report": "Pumps"}', "--key", "d1"
    )
    assert recorded["recorded"] is True
    again = answer(run, "event", "ada@example.org", "report.downloaded", "--key", "d1")
    assert again["recorded"] is False
    assert answer(run, "run", "--once", "--no-web") == {"left": {"deferred": 1}}, "there is no relay here"

    card = answer(run, "lead", "show", "ada@example.org")
    assert set(card) >= {
        *("id", "email", "name", "stage", "temperature", "score", "owner", "source"),
        *("enrolments", "events", "messages", "tasks"),
    }
    assert (card["stage"], card["score"], card["owner"]) == ("nurturing", 10, "anna@pumpwerk.example")
    assert card["fields"]["pumps"] == 12
    assert [(one["campaign"], one["state"], one["step"]) for one in card["enrolments"]] == [
        ("report", "active", "news")
    ]
    assert [(one["template"], one["state"]) for one in card["messages"]] == [("welcome", "deferred")]
    assert [one["email"] for one in answer(run, "lead", "find", "lovelace")] == ["ada@example.org"]
    assert answer(run, "lead", "list", "--stage", "mql") == []

    _, out, _ = run("lead", "why", "ada@example.org")
    assert "Ada Lovelace is nurturing, cold, with 10 points. anna@pumpwerk.example is responsible." in out
    assert re.search(r"report: the email update is due on \w{3} \d{4}-\d\d-\d\d \d\d:\d\d \(step news\)", out)
    assert "the email welcome was put off by the mail server" in out


@pytest.mark.usefixtures("project")
def test_stages_by_hand(run: Run) -> None:
    run("lead", "add", "ada@example.org")
    assert run("lead", "refuse", "ada@example.org", "--reason", "bugdet")[0] == 2
    assert run("lead", "refuse", "ada@example.org", "--reason", "budget")[0] == 0
    card = answer(run, "lead", "show", "ada@example.org")
    assert (card["stage"], card["refusal_reason"]) == ("refused", "budget")
    types = [one["type"] for one in card["events"]]
    assert types[-2:] == ["lead.stage_changed", "lead.refused"]
    assert run("lead", "postpone", "ada@example.org", "--until", "yesterday")[0] == 2
    assert run("lead", "postpone", "ada@example.org", "--until", "3 months")[0] == 0
    assert answer(run, "lead", "show", "ada@example.org")["postponed_until"] is not None
    code, _, err = run("lead", "set", "ada@example.org", "stage=new")
    assert (code, "cannot be made new" in err) == (2, True)
    assert run("lead", "set", "ada@example.org", "stage=nurturing", "tags=a,b", "city=")[0] == 0
    card = answer(run, "lead", "show", "1")
    assert (card["stage"], card["tags"], card["postponed_until"]) == ("nurturing", ["a", "b"], None)
    assert run("lead", "set", "ada@example.org", "score=9")[0] == 2


@pytest.mark.usefixtures("project")
def test_events_are_held_against_what_is_declared(run: Run) -> None:
    run("lead", "add", "ada@example.org")
    for words, said in (
        (("report.downloded",), "Did you mean report.downloaded?"),
        (("report.downloaded", "--data", '{"reprot": 1}'), "Did you mean report?"),
        (("report.downloaded", "--data", "[1]"), "keys with values"),
        (("report.downloaded", "--data", "{"), "--data is no JSON"),
        (("report.downloaded", "--at", "soon"), "is no time"),
        (("report.downloaded", "--at", "2999-01-01"), "still ahead"),
    ):
        code, _, err = run("event", "ada@example.org", *words)
        assert code == 2
        assert said in err
    assert run("event", "ada@example.org", "page.viewed", "--at", "2026-01-02 10:00")[0] == 0
    (*_, last) = answer(run, "lead", "show", "ada@example.org")["events"]
    assert last["at"].startswith("2026-01-02T09:00"), "a time without offset is the company's"


@pytest.mark.usefixtures("project")
def test_into_and_out_of_a_campaign_by_hand(run: Run, project: Path) -> None:
    run("lead", "add", "ada@example.org")
    assert run("stop", "ada@example.org", "report")[0] == 2
    assert run("enrol", "ada@example.org", "report")[0] == 0
    run("run", "--once", "--no-web")
    code, _, err = run("enrol", "ada@example.org", "report")
    assert (code, "in report already" in err) == (2, True)
    assert run("stop", "ada@example.org", "report", "--reason", "asked by telephone")[0] == 0
    run("run", "--once", "--no-web")
    (run_,) = answer(run, "lead", "show", "ada@example.org")["enrolments"]
    assert (run_["state"], run_["why"]) == ("stopped", "asked by telephone")
    write(project, {"campaigns/report.yaml": CAMPAIGN.replace("status: live", "status: draft")})
    assert run("enrol", "ada@example.org", "report")[0] == 2
    assert "0 leads leave report" in run("stop", "--campaign", "report")[1]


@pytest.mark.usefixtures("project")
def test_a_task_and_its_outcome(run: Run) -> None:
    run("lead", "add", "ada@example.org", "name=Ada")
    run("event", "ada@example.org", "report.downloaded", "--data", '{"report": "Pumps"}')
    run("run", "--once", "--no-web")
    run("event", "ada@example.org", "reply.interested")
    run("run", "--once", "--no-web")
    (task,) = answer(run, "task", "list")
    assert (task["text"], task["results"]) == ("Call Ada", ["reached", "not_reached"])
    code, _, err = run("task", "done", str(task["id"]), "--result", "maybe")
    assert (code, "reached or not_reached" in err) == (2, True)
    assert run("task", "assign", str(task["id"]), "ana@pumpwerk.example")[0] == 2
    assert run("task", "assign", str(task["id"]), "anna@pumpwerk.example")[0] == 0
    assert len(answer(run, "task", "list", "--colleague", "ANNA@pumpwerk.example")) == 1
    assert run("task", "done", str(task["id"]), "--result", "reached", "--note", "likes pumps")[0] == 0
    code, _, err = run("task", "done", str(task["id"]), "--result", "reached")
    assert code == 2
    assert answer(run, "task", "list") == []
    run("run", "--once", "--no-web")
    card = answer(run, "lead", "show", "ada@example.org")
    assert card["tags"] == ["reached"]
    assert card["tasks"][0]["note"] == "likes pumps"


# -- the engine ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("project")
def test_the_outbox(run: Run) -> None:
    run("lead", "add", "ada@example.org", "name=Ada")
    run("event", "ada@example.org", "report.downloaded", "--data", '{"report": "Pumps"}')
    run("run", "--once", "--no-web")
    (message,) = answer(run, "message", "list", "--state", "deferred")
    assert (message["template"], message["email"]) == ("welcome", "ada@example.org")
    assert "Subject: Your report Pumps" in run("message", "show", "1")[1]
    code, _, err = run("message", "settle", "1", "--as", "sent")
    assert (code, "Message 1 is deferred" in err) == (2, True)
    assert run("message", "withdraw", "1")[0] == 0
    assert run("message", "withdraw", "1")[0] == 2
    assert answer(run, "status")["messages"] == {"withdrawn": 1}


@pytest.mark.usefixtures("project")
def test_pause_and_resume(run: Run) -> None:
    assert run("campaign", "pause", "report", "--why", "the report is wrong")[0] == 0
    (one,) = answer(run, "campaign", "list")
    assert (one["name"], one["status"], one["active"]) == ("report", "paused", 0)
    run("lead", "add", "ada@example.org")
    run("event", "ada@example.org", "report.downloaded")
    run("run", "--once", "--no-web")
    assert answer(run, "message", "list") == []
    assert answer(run, "status")["paused"] == {"report": "the report is wrong"}
    steps = {one["id"]: one["leads"] for one in answer(run, "campaign", "show", "report")["steps"]}
    assert steps["welcome"] == 1
    assert run("campaign", "resume", "report")[0] == 0
    run("run", "--once", "--no-web")
    assert [one["template"] for one in answer(run, "message", "list")] == ["welcome"]


@pytest.mark.usefixtures("project")
def test_suppressing_an_address(run: Run) -> None:
    run("lead", "add", "ada@example.org")
    assert run("suppress", "add", "ADA@example.org", "--reason", "asked")[0] == 0
    assert {one["reason"] for one in answer(run, "suppress", "list")} == {"asked"}
    assert "Nothing is sent any more: asked." in run("lead", "why", "ada@example.org")[1]
    assert run("suppress", "remove", "ada@example.org", "--because", "asked again")[0] == 0
    assert answer(run, "suppress", "list") == []


def test_plan_and_apply(run: Run, project: Path) -> None:
    write(project, {"config.yaml": CONFIG + "campaigns: { apply: manual }\n"})
    plan = answer(run, "plan")
    assert [(one["name"], one["change"]) for one in plan["campaigns"]] == [("report", "new")]
    assert answer(run, "apply", "--plan", plan["plan"])["applied"] == ["report"]
    code, _, err = run("apply", "--plan", plan["plan"])
    assert (code, "stale" in err) == (2, True)
    assert "Nothing is to be done" in run("plan")[1]
    run("lead", "add", "ada@example.org")
    run("event", "ada@example.org", "report.downloaded")
    run("run", "--once", "--no-web")
    write(
        project, {"campaigns/report.yaml": CAMPAIGN.replace("id: news", "id: letter"), "config.yaml": CONFIG}
    )
    code, out, _ = run("plan", "--json")
    assert code == 1
    (one,) = json.loads(out)["campaigns"]
    assert one["refused"][0]["code"] == "missing-step"
    assert one["emails_next_30_days"]["before"] == 1


@pytest.mark.usefixtures("project")
def test_run_to_the_end_and_status(run: Run) -> None:
    assert "does not run" in run("status")[1]
    code, out, _ = run("run", "--until-idle", "--no-web")
    assert (code, out) == (0, "Done. Nothing is left for later.\n")
    told = answer(run, "status")
    assert told["daemon"]["last_beat"] is not None
    assert told["daemon"]["alive"] is False, "it has ended, however lately"
    assert told["due"]["events"] == 0


def test_status_beside_the_daemon(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("run", "--until-idle", "--no-web")
    with DaemonLock(project / "nurture.db"):
        assert answer(run, "status")["daemon"]["alive"] is True
        assert "The daemon runs; its last beat" in run("status")[1]
        monkeypatch.setattr("nurture.services.status.ALIVE_WITHIN", timedelta())
        assert "gave no sign of life since" in run("status")[1]
    assert "does not run" in run("status")[1]


def test_the_database(run: Run, project: Path) -> None:
    code, out, _ = run("db", "status", "--json")
    assert (code, json.loads(out)["at"]) == (1, None)
    assert "made" in run("db", "upgrade")[1]
    assert answer(run, "db", "status")["current"] is True
    assert run("db", "backup", str(project / "copy.db"))[0] == 0
    assert run("db", "backup", str(project / "copy.db"))[0] == 2
    assert (project / "copy.db").stat().st_size > 0
    assert run("db", "backup", str(project / "nowhere" / "copy.db"))[0] == 4


# -- mail ---------------------------------------------------------------------------------------------------------


def test_read_needs_no_project_and_tells_a_line_each(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.txt").write_text("Please call me, I am interested.", encoding="utf-8")
    (tmp_path / "mails" / "2.eml").write_bytes(DSN)
    code, out, _ = run("read", str(tmp_path / "mails"), "--json", project=None)
    assert code == 0
    reply, bounce = (json.loads(line) for line in out.splitlines())
    assert set(reply) == {
        *("file", "kind", "intent", "reason", "until", "language", "confidence", "text"),
        *("original_message_id", "recipients", "status", "hard", "evidence"),
    }
    assert (reply["kind"], reply["intent"], reply["language"]) == ("reply", "interested", "en")
    assert (bounce["kind"], bounce["status"], bounce["hard"]) == ("bounce", "5.1.1", True)
    assert "bounce" in run("read", str(tmp_path / "mails" / "2.eml"), project=None)[1]
    assert run("read", str(tmp_path / "nowhere"), project=None)[0] == 2


@pytest.mark.usefixtures("project")
def test_receive_acts_on_a_mail_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("lead", "add", "ada@example.org", "name=Ada")
    raw = b"From: Ada <ada@example.org>\r\nTo: hello@pumpwerk.example\r\nSubject: Re: report\r\n\r\nYes, please call me.\r\n"
    for new in (True, False):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        code, out, _ = run("receive", "-", "--json")
        assert code == 0
        line = json.loads(out)
        assert (line["kind"], line["intent"], line["new"]) == ("reply", "interested", new)
        assert line["lead"] == (1 if new else None)
    types = [one["type"] for one in answer(run, "lead", "show", "ada@example.org")["events"]]
    assert types.count("reply.interested") == 1
