"""The samples of `machines`: what mail systems, their answering machines and people write, and what is made of it."""

from __future__ import annotations

import json
from random import Random

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.verdict import Kind
from tests.unit.inbound.machines import FOLDER, LEAD, Sample, free_report, mails, refusals, standard_report

FILES = [
    *(f"{group}_{part}.txt" for group in ("reports", "answers", "people") for part in ("first", "second")),
    "reports_fourth.txt",
]
PARTS = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
MISREAD = {
    "en surveyors moving premises",
    "ru человек часы работы",
    "de verzogen Buchbinderei ohne Kopf",
    "en bare web shop acknowledgement",
    "en Jira service desk",
    "fr GLPI parc",
    "fr bare hôtel chambres",
    "Zimbra over quota",
    "Administrator writes from postmaster by hand",
}
"""What only the whole of a mail tells: a machine without a sign of one, a person in the words of one, a new address
of the same people, a date in a receipt that is nobody's day of return, the language of a mail of two, a
recipient's other address, somebody who writes by hand from a mail system's."""
SAMPLES = [
    sample
    for file in (*FILES, *(f"mixed_{part}.txt" for part in PARTS))
    for sample in mails(file)
    if sample.name not in MISREAD
]
UNDECIDED = "may not exist, they may be blacklisted"
"""A refusal that says itself that it does not know why."""
REFUSALS = [
    one
    for part in ("first", "second", "third", "fourth")
    for one in refusals(f"refusals_{part}.txt")
    if UNDECIDED not in one[2]
]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_a_mail_is_read_for_what_it_is(sample: Sample) -> None:
    verdict = classify(sample.raw)
    wanted = {"reply", "other"} if sample.label in ("reply", "other") else {sample.label}
    assert verdict.kind.value in wanted, verdict.evidence
    if "id" in sample.facts:
        assert verdict.original_message_id == sample.facts["id"]
    if sample.label == "auto_reply":
        assert str(verdict.until) == sample.facts.get("until", "None")
        assert verdict.left == ("left" in sample.facts)
        assert verdict.other_address == sample.facts.get("other", verdict.other_address)
        assert verdict.language == sample.facts.get("lang", verdict.language)
    if sample.label == "bounce":
        assert verdict.bounce_class is not None
        assert verdict.bounce_class.value in sample.facts
        assert (LEAD in verdict.recipients) != ("unnamed" in sample.facts)


@pytest.mark.parametrize("report", [standard_report, free_report])
@pytest.mark.parametrize(("wanted", "status", "words"), REFUSALS, ids=[one[2][:60] for one in REFUSALS])
def test_a_refusal_says_what_it_says_about_the_address(
    wanted: str, status: str, words: str, report: object
) -> None:
    verdict = classify(standard_report(status, words) if report is standard_report else free_report(words))
    assert verdict.bounce_class is not None
    assert verdict.bounce_class.value == wanted, (verdict.cause, verdict.evidence)


@pytest.mark.parametrize("language", ["en", "de", "fr", "da", "ru"])
@pytest.mark.parametrize(
    "headers", ["Subject: Re: Our talk\nIn-Reply-To: <1@berg.example>\n", "Subject: Our talk\n"]
)
def test_what_people_answer_is_hardly_ever_taken_for_a_machine(language: str, headers: str) -> None:
    lines = (FOLDER.parent / f"replies.{language}.jsonl").read_text("utf-8").splitlines()
    misread = []
    for line in lines[::20]:
        text = json.loads(line)["text"]
        head = f"From: Otto <otto@kunde.example>\nTo: anna@berg.example\n{headers}Content-Type: text/plain; charset=utf-8"
        verdict = classify(f"{head}\n\n{text}\n".encode())
        if verdict.kind is not Kind.REPLY:
            misread.append((text, verdict.evidence))
    assert len(misread) <= 1, misread


SPLICES = (
    b"\n\n",
    b"--",
    b"<",
    b"@",
    b"=?utf-8?q?",
    b"(" * 3000,
    b"Message-ID: <",
    b"user unknown " * 800,
    b"\xff\x00",
)


@pytest.mark.parametrize("seed", range(60))
def test_no_broken_report_is_too_much(seed: int) -> None:
    dice = Random(seed)
    raw = dice.choice(SAMPLES).raw
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(raw) + 1)
        end = at + dice.randint(0, 300)
        raw = raw[:at] + dice.choice((b"", raw[at:end] * 3, dice.choice(SPLICES))) + raw[end:]
    verdict = classify(raw)
    assert not [defect for defect in verdict.defects if defect.startswith(("not_understood", "unreadable"))]
