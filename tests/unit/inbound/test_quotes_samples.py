"""Replies of many mail programs in twelve languages: what their writers said, without quotes and signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nurture.inbound.quotes import cut_quotes

FOLDER = Path(__file__).parents[2] / "inbound_data"
MISREAD = {
    ("quotes_first.jsonl", 73),
    ("quotes_second.jsonl", 17),
    ("quotes_second.jsonl", 104),
    ("quotes_second.jsonl", 27),
    ("quotes_second.jsonl", 119),
}
"""File and line from 0 of what is still misread.

Three are answers written into a quote without any marks, one ends with a line of dashes of the writer's own, and one
is a forwarded mail with nothing but a signature above.
"""
SAMPLES = [
    pytest.param(json.loads(line), id=f"{file}-{number}")
    for file in ("quotes_first.jsonl", "quotes_second.jsonl")
    for number, line in enumerate((FOLDER / file).read_text("utf-8").splitlines())
    if (file, number) not in MISREAD
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_what_the_person_wrote_is_left(sample: dict[str, str]) -> None:
    cut = cut_quotes(sample["body"], subject=sample["subject"], sender_name=sample["sender"])
    assert cut.text.split() == sample["reply"].split()


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_words_are_lost_where_the_name_is_unknown(sample: dict[str, str]) -> None:
    left = " ".join(cut_quotes(sample["body"], subject=sample["subject"]).text.split())
    assert left.startswith(" ".join(sample["reply"].split()))
