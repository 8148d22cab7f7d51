"""The samples of `machines`: what mail systems, their answering machines and people write, and what is made of it."""

from __future__ import annotations

import pytest

from nurture.inbound.classify import classify
from tests.unit.inbound.machines import LEAD, Sample, free_report, mails, refusals, standard_report

FILES = [f"{group}_{part}.txt" for group in ("reports", "answers", "people") for part in ("first", "second")]
SAMPLES = [sample for file in (*FILES, "mixed_third.txt") for sample in mails(file)]
UNDECIDED = "may not exist, they may be blacklisted"
"""A refusal that says itself that it does not know why."""
REFUSALS = [
    one
    for part in ("first", "second", "third")
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
