"""Replies of many mail programs in twelve languages: what their writers said, without quotes and signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nurture.inbound.quotes import cut_quotes

FOLDER = Path(__file__).parents[2] / "inbound_data"
MISREAD = {
    "quotes_first.jsonl": set(),
    "quotes_second.jsonl": {27, 119},
    "quotes_third.jsonl": {2, 14, 19, 20, 23, 27, 43, 51},
    "quotes_fourth.jsonl": {49},
    "quotes_fifth.jsonl": {37, 44, 67, 79},
    "quotes_sixth.jsonl": {20},
}
"""Lines from 0 of what is still misread, by file.

One answers, without any mark, a sentence that asks nothing; one quotes a list of its own with ">"; one is a forwarded mail with
nothing but a signature above; two end with "Quedo atenta." and "Merci d'avance" as words of their own. The others keep a closing or a name
too many.
"""
SAMPLES = [
    pytest.param(json.loads(line), id=f"{file}-{number}")
    for file in MISREAD
    for number, line in enumerate((FOLDER / file).read_text("utf-8").splitlines())
    if number not in MISREAD[file]
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_what_the_person_wrote_is_left(sample: dict[str, str]) -> None:
    cut = cut_quotes(sample["body"], subject=sample["subject"], sender_name=sample["sender"])
    assert cut.text.split() == sample["reply"].split()


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_words_are_lost_where_the_name_is_unknown(sample: dict[str, str]) -> None:
    left = " ".join(cut_quotes(sample["body"], subject=sample["subject"]).text.split())
    assert left.startswith(" ".join(sample["reply"].split()))
