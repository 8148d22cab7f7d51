"""English replies: asking for no more mail in many words, and what only sounds like it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from nurture.inbound.intent.lexicon import load_lexicon
from nurture.inbound.intent.read import read_intent
from nurture.inbound.intent.reading import Intent
from nurture.inbound.intent.score import signals_in

WRITTEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Whatever I ticked, please untick it.",
        "I'd be obliged if mine could be taken out of whatever list this is.",
        "I'd like not to be receiving it",
        "We went with another firm in the end so no need to keep writing, cheers",
        "How do I get out of this?",
        "Could I come off this list please",
        "Enough with the reminders already!!!!",
        "Please delete all data you hold about me.",
        "My manager has asked that our company be removed from your distribution.",
        "no more pls",
        "I withdraw my consent.",
        "You are in my spam folder from now on.",
    ],
)
def test_asks_for_no_more_mail(text: str) -> None:
    assert read_intent(text, "", WRITTEN).intent is Intent.UNSUBSCRIBE


@pytest.mark.parametrize(
    "text",
    [
        "Leave me be till Feb and then by all means.",
        "Does the system stop the machine in an emergency?",
        "Sorry, your mail went to my spam folder. Yes please send the offer.",
        "We'd like to stop using paper. Demo please.",
        "Could you stop by on Tuesday?",
        "Could you figure it out by Friday?",
        "I want out of our current contract, so yes, let's talk.",
        "Please keep me on the list.",
    ],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert read_intent(text, "", WRITTEN).intent is not Intent.UNSUBSCRIBE


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Not before October.", date(2026, 10, 1)),
        ("Nothing doing before September.", date(2026, 9, 1)),
        ("Ask me again this time next year.", date(2027, 3, 10)),
    ],
)
def test_the_earliest_day(text: str, day: date) -> None:
    assert day in [one.day for one in signals_in(text, load_lexicon("en"), WRITTEN.date()).dates]


def test_before_a_feast_is_not_after_it() -> None:
    assert signals_in("Let us meet before Christmas.", load_lexicon("en"), WRITTEN.date()).dates == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Our lads built something themselves.", "need"),
        ("We closed the workshop after 61 years.", "need"),
        ("Lovely product, silly price.", "budget"),
        ("The train has left the station.", "timing"),
        ("The contract's gone to another firm.", "competitor"),
        ("My superiors won't approve it.", "authority"),
        ("Once bitten, thank you.", "trust"),
    ],
)
def test_the_reason_in_other_words(text: str, reason: str) -> None:
    signals = signals_in(text, load_lexicon("en"), WRITTEN.date()).items
    assert reason in [one.reason for one in signals if one.meaning == "refused" and one.weight >= 2]
