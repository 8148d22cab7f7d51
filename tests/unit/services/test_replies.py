"""Corrections by people, figures of what came in, own words: as stories."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from nurture.adapters.sandbox import Sandbox
from nurture.core.errors import GrammarError, UsageError
from nurture.ports import Incoming
from nurture.services import replies
from nurture.services.by_hand import Hand
from nurture.services.own_words import try_words, words_in, words_of, words_problems
from nurture.services.reading import safe_lines
from nurture.services.replies import Meant, correct, figures, keep_correction, read_meaning
from nurture.store.queries import inbox, tasks
from tests.unit.services.mail_office import NOW, RECEIVED, SECRET, TASK, Office, reply, report

HAND = Hand("anna", NOW + timedelta(hours=1), SECRET)

WORDS = """\
en:
  phrases:
    - meaning: interested
      weight: 3
      says: [let us fire up the boiler]
"""


async def corrected(office: Office, key: int, meant: Meant, lead: str | None = None) -> dict[str, Any]:
    async with office.store.write() as conn:
        return await correct(conn, key, meant, HAND, lead)


async def test_a_correction_is_recorded_beside_what_was_read(office: Office) -> None:
    await office.gets(reply("Hm, the boiler, the dog, the moon.", to=office.reply_to))
    line = await corrected(office, 1, Meant("refused", "budget"))
    first, second = await office.events()
    assert (first[1], second[1]) == ("reply.unclear", "reply.refused")
    told = {
        "reason": "budget",
        "campaign": "c",
        "corrected": "unclear",
        "confidence": 1.0,
        "evidence": ["anna read it"],
    }
    assert told.items() <= second[2].items()
    assert line == {
        "text": "Hm, the boiler, the dog, the moon.",
        "intent": "refused",
        "reason": "budget",
        "until": None,
        "language": "en",
        "written_at": "2026-03-04T08:30:00+00:00",
        "read_as": "unclear",
    }
    async with office.store.read() as conn:
        row = await inbox.get(conn, 1)
    assert row is not None
    assert (row["state"], row["intent"], row["verdict"]["corrected"]["by"]) == (
        "corrected",
        "unclear",
        "anna",
    )
    with pytest.raises(UsageError, match="corrected before"):
        await corrected(office, 1, Meant("interested"))
    assert len(await office.events()) == 2


async def test_a_correction_to_later_keeps_the_date_and_one_to_unsubscribe_suppresses(office: Office) -> None:
    await office.gets(reply("Yes, I am interested.", to=office.reply_to))
    await corrected(office, 1, Meant("later", until=date(2026, 9, 1)))
    await office.gets(reply("Hm, hm, hm.", to=office.reply_to))
    await corrected(office, 2, Meant("unsubscribe"))
    events = await office.events()
    assert [kind for _, kind, _ in events] == [
        "reply.interested", "reply.later", "reply.unclear", "unsubscribed",
    ]  # fmt: skip
    assert events[1][2]["until"] == date(2026, 9, 1)
    assert await office.suppressed()


async def test_whose_a_mail_between_two_leads_is_a_person_says_and_the_task_is_done(office: Office) -> None:
    await office.gets(reply("We are interested!", to=office.reply_to, sender="bob@other.example"))
    with pytest.raises(UsageError, match="--lead"):
        await corrected(office, 1, Meant("interested"))
    await corrected(office, 1, Meant("interested"), "bob@other.example")
    [(lead, kind, data), done] = await office.events()
    assert (lead, kind, "campaign" in data) == (2, "reply.interested", False)
    assert done[1] == "task.done"
    async with office.store.read() as conn:
        assert list((await conn.scalars(select(TASK.c.state))).all()) == ["done"]


async def test_the_task_that_asks_about_a_mail_is_done_and_no_other(office: Office) -> None:
    await office.gets(reply("Hm, hm.", to=office.reply_to))
    async with office.store.write() as conn:
        asks = {"lead_id": 1, "text": "Ada wrote", "created_at": NOW}
        await tasks.open_task(conn, asks | {"data": {"received": 1}, "releases": True})
        await tasks.open_task(conn, asks | {"data": {"received": 2}})
    await corrected(office, 1, Meant("question"))
    done = [data for _, kind, data in await office.events() if kind == "task.done"]
    assert [(one["task"], one["releases"]) for one in done] == [(1, True)]


async def test_a_mail_that_is_not_read_yet_cannot_be_corrected(office: Office) -> None:
    await office.receiver.keep(b"From: x@y.example\r\n\r\nhi", NOW)
    with pytest.raises(UsageError, match="not read yet"):
        await corrected(office, 1, Meant("interested"), "ada@example.org")
    with pytest.raises(UsageError, match="no mail 99"):
        await corrected(office, 99, Meant("interested"))


@pytest.mark.parametrize(
    ("intent", "reason", "until", "said"),
    [
        ("intrested", None, None, "interested"),
        ("unclear", None, None, "one of"),
        ("interested", "budget", None, "--reason"),
        ("refused", "bugdet", None, "budget"),
        ("refused", None, "2026-09-01", "--until"),
        ("later", None, "in autumn", "2027-01-15"),
    ],
)
def test_what_cannot_be_meant_is_said(intent: str, reason: str | None, until: str | None, said: str) -> None:
    with pytest.raises((GrammarError, UsageError)) as error:
        read_meaning(intent, reason, until)
    assert said in f"{error.value} {getattr(error.value, 'hint', '')}"


async def test_figures_count_what_came_in(office: Office) -> None:
    texts = ["Yes, I am interested. Please call me.", "Nein danke, wir haben keinen Bedarf.", "Hm."]
    for text in texts:
        await office.gets(reply(text, to=office.reply_to))
    await office.gets(reply('He said {"language":"ru"} and left, hm.', to=office.reply_to))
    await office.gets(report(to=office.reply_to))
    await office.gets(reply("Yes, I am interested.", to=office.reply_to), now=NOW + timedelta(days=3))
    await corrected(office, 3, Meant("interested"))
    async with office.store.read() as conn:
        found = await figures(conn, NOW - timedelta(hours=1), NOW + timedelta(days=1))
        later = await figures(conn, NOW + timedelta(days=1), None)
        none = await figures(conn, NOW + timedelta(days=30), None)
    assert (found["mails"], found["kinds"]) == (5, {"reply": 4, "bounce": 1})
    assert found["intents"]["interested"] == 1
    assert found["languages"]["de"] == 1
    assert "ru" not in found["languages"]
    assert (found["corrected"], found["corrected_share"]) == (1, 0.25)
    assert later["replies"] == 1
    assert (none["mails"], none["unclear_share"]) == (0, None)


def test_own_words_are_understood_here_and_in_the_child(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(WORDS)
    words = words_in(tmp_path, "words.yaml")
    said = b"Let us fire up the boiler."
    with Sandbox() as sandbox:
        [before] = sandbox.read([Incoming(said)])
        sandbox.reword(words)
        [after] = sandbox.read([Incoming(said)])
    assert (getattr(before, "intent", None), getattr(after, "intent", None)) == ("unclear", "interested")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("en: {phrases: [{meaning: intrested, says: [x]}]}", "did you mean 'interested'"),
        ("eng: {}", "language 'eng'"),
        ("- a\n- b", "languages are expected"),
        ("en: [", "not YAML"),
        ("en: {phrases: [{says: [x]}]}", "needs 'meaning'"),
    ],
)
def test_wrong_words_are_told(text: str, said: str) -> None:
    with pytest.raises(GrammarError) as error:
        words_of(text)
    assert said in f"{error.value} {getattr(error.value, 'hint', '')}"


def test_words_that_are_not_there_are_told_with_their_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"words\.yaml can't be read"):
        words_in(tmp_path, "words.yaml")
    assert words_in(tmp_path, None) == {}


def test_labelled_replies_are_tried_with_own_words() -> None:
    lines = [
        json.dumps({"text": "Let us fire up the boiler.", "intent": "interested"}),
        "",
        json.dumps({"text": "No thanks, no budget.", "intent": "refused", "reason": "need"}),
        json.dumps({"text": "Yes, I am interested. Please call me.", "intent": "refused"}),
    ]
    tested = try_words([(f"f:{number}", line) for number, line in enumerate(lines, 1)], words_of(WORDS))
    assert (tested.total, tested.right, tested.harmful) == (3, 1, 1)
    assert [(miss.place, miss.wanted, miss.got) for miss in tested.misses] == [
        ("f:3", "refused need", "refused budget"),
        ("f:4", "refused", "interested"),
    ]
    for wrong in (
        "{",
        '{"intent": "later"}',
        '{"text": "x", "intent": "maybe"}',
        '{"text": "x", "intent": "later", "written_at": "soon"}',
    ):
        with pytest.raises(UsageError, match="f:1"):
            try_words([("f:1", wrong)], {})


def test_a_correction_is_kept_as_a_line_that_can_be_tested(tmp_path: Path) -> None:
    said = {"text": "Нет, спасибо.", "language": "ru", "date": None, "intent": "unclear"}
    for _ in range(2):
        line = replies.labelled(said, Meant("refused", "other"), datetime(2026, 3, 4, tzinfo=UTC))
        path = keep_correction(tmp_path, line)
    lines = path.read_text("utf-8").splitlines()
    assert "Нет, спасибо." in lines[0]
    assert try_words([("f", one) for one in lines], {}).total == 2


def test_a_hostile_mail_is_shown_harmlessly() -> None:
    raw = b"Subject: \x1b]0;owned\x07\r\n\r\n" + b"x" * 5000 + b"\r\n" + b"line\r\n" * 500
    lines = safe_lines(raw)
    assert all(line.isprintable() and len(line) <= 200 for line in lines)
    assert lines[-1].endswith("more lines")


async def test_less_sure_than_the_project_wants_is_a_persons_to_read(office: Office) -> None:
    office.receiver.below = 1.0
    await office.gets(reply("Yes, I am interested. Please call me.", to=office.reply_to))
    await office.gets(reply("Please unsubscribe me.", to=office.reply_to))
    (_, kind, data), (_, second, _) = await office.events()
    assert (kind, second) == ("reply.unclear", "unsubscribed")
    assert data["evidence"][0].startswith("perhaps interested")
    async with office.store.read() as conn:
        assert (await conn.scalars(select(RECEIVED.c.intent))).all()[0] == "unclear"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            "en:\n  phrases:\n    - meaning: intrested\n      says: [x]\n",
            (3, 16),
            "phrases: group 1: there is no meaning",
        ),
        (
            "en:\n  phrases:\n    - meaning: interested\n      says: [<boo> x]\n",
            (4, 14),
            "there is no word list <boo>",
        ),
        ("en:\n  phrases: [\n", (3, 1), "this is not YAML"),
        ("sv: {}\n", (1, 1), "there is no language 'sv'"),
        (None, (1, 1), "can't be read"),
    ],
)
def test_check_tells_where_a_file_of_words_is_wrong(
    tmp_path: Path, text: str | None, place: tuple[int, int], said: str
) -> None:
    if text is not None:
        (tmp_path / "words.yaml").write_text(text)
    [problem] = words_problems(tmp_path, "words.yaml")
    assert (problem.file, problem.line, problem.column) == ("words.yaml", *place)
    assert said in problem.message


def test_check_has_nothing_to_say_of_words_that_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(WORDS)
    assert words_problems(tmp_path, "words.yaml") == words_problems(tmp_path, None) == []
