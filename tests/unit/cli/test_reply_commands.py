"""`nurture reply …`, `nurture report replies`, `nurture read --received`: as a shell sees them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nurture.cli import place
from nurture.cli.main import main
from tests.unit.services.small_project import CONFIG, write

Run = Callable[..., tuple[int, str, str]]

HM = b"From: ada@example.org\r\nTo: hello@pumpwerk.example\r\nMessage-ID: <a@b.example>\r\nSubject: \x1b[31mhi\r\n\r\nThe moon, hm.\r\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    write(tmp_path, {"config.yaml": CONFIG + "replies: { words: own.yaml }\n"})
    (tmp_path / "own.yaml").write_text(
        "en: {phrases: [{meaning: interested, weight: 3, says: [fire it up]}]}\n"
    )

    def command(*words: str, mail: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail)))
        code = main(["--project", str(tmp_path), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    yield command
    place.choose(Path())


def test_a_mail_is_received_looked_at_and_corrected(run: Run, tmp_path: Path) -> None:
    assert run("lead", "add", "ada@example.org", "name=Ada")[0] == 0
    code, out, err = run("receive", "-", "--json", mail=HM)
    assert (code, json.loads(out)["intent"]) == (0, "unclear"), err
    [listed] = json.loads(run("reply", "list", "--intent", "unclear", "--json")[1])
    assert (listed["lead_email"], listed["text"], listed["state"]) == (
        "ada@example.org",
        "The moon, hm.",
        "done",
    )
    assert "by sender" in run("reply", "show", "1")[1]
    code, out, _ = run("read", "--received", "1")
    assert code == 0
    assert "\x1b" not in out
    assert "The moon, hm." in out
    assert json.loads(run("read", "--received", "1", "--json")[1])["state"] == "done"
    code, out, err = run("reply", "correct", "1", "--intent", "refused", "--reason", "budget")
    assert (code, "was read as unclear" in out) == (0, True), err
    assert json.loads((tmp_path / "corrections.jsonl").read_text("utf-8"))["reason"] == "budget"
    figures = json.loads(run("report", "replies", "--from", "2020-01-01", "--json")[1])
    assert (figures["replies"], figures["unclear"], figures["corrected"]) == (1, 1, 1)
    assert "1 reply: 100.0% unclear" in run("report", "replies")[1]
    code, out, _ = run("reply", "test")
    assert (code, "0 of 1 reply" in out) == (1, True)
    events = json.loads(run("lead", "show", "ada@example.org", "--json")[1])["events"]
    assert next(one["data"]["evidence"] for one in events if one["type"] == "reply.refused")[0].endswith(
        "read it"
    )


def test_own_words_count_for_read_and_for_test(run: Run, tmp_path: Path) -> None:
    assert json.loads(run("read", "-", "--json", mail=b"Fire it up.")[1])["intent"] == "interested"
    (tmp_path / "labels.jsonl").write_text('{"text": "Fire it up.", "intent": "interested"}\n')
    assert run("reply", "test", str(tmp_path / "labels.jsonl"))[0] == 0
    (tmp_path / "own.yaml").write_text("en: {phrases: [{meaning: intrested, says: [x]}]}\n")
    code, _, err = run("reply", "test", str(tmp_path / "labels.jsonl"))
    assert (code, "own.yaml" in err, "interested" in err) == (2, True, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("read", "--received", "7"), "no mail 7"),
        (("reply", "correct", "7", "--intent", "later"), "no mail 7"),
        (("reply", "correct", "7", "--intent", "latter"), "later"),
        (("report", "replies", "--from", "spring"), "is no date"),
        (("reply", "test", "nowhere.jsonl"), "nowhere.jsonl can't be read"),
    ],
)
def test_wrong_use_is_told(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = run(*words)
    assert (code, said in err) == (2, True), err
