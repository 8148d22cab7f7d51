"""Mail servers' answers and what they mean for the message, the person and us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import replies
from nurture.mail.replies import About, Because, Cause, Outcome, Stage

ACCEPTED, LATER, NEVER, OURS = Outcome.ACCEPTED, Outcome.LATER, Outcome.NEVER, Outcome.OURS


def said(stage: Stage, line: str) -> replies.Meaning:
    code, _, text = line.partition(" ")
    return replies.meaning(stage, replies.reply(int(code), text))


@pytest.mark.parametrize(
    ("stage", "line", "outcome", "cause", "word"),
    [
        (Stage.DOT, "250 2.0.0 Ok: queued as 4XyZ", ACCEPTED, None, "accepted"),
        (Stage.CONNECT, "421 4.3.2 shutting down", LATER, Cause.THROTTLE, "too_fast"),
        (Stage.CONNECT, "554 5.7.1 your host is on a list", OURS, Cause.BLOCK, "blocked"),
        (Stage.HELO, "501 5.5.4 bad name", OURS, Cause.CONFIG, "not_understood"),
        (Stage.HELO, "550 5.7.1 go away", OURS, Cause.BLOCK, "blocked"),
        (Stage.HELO, "454 4.7.0 TLS not available", LATER, Cause.CONFIG, "no_tls"),
        (Stage.AUTH, "535 5.7.8 bad credentials", OURS, Cause.CONFIG, "login_refused"),
        (Stage.AUTH, "454 4.7.0 try again", LATER, Cause.CONFIG, "try_later"),
        (Stage.MAIL, "530 5.7.0 Authentication required", OURS, Cause.CONFIG, "login_needed"),
        (Stage.MAIL, "530 5.7.0 Must issue a STARTTLS command first", OURS, Cause.CONFIG, "no_tls"),
        (Stage.MAIL, "550 5.1.8 sender refused", OURS, Cause.CONFIG, "bad_sender"),
        (Stage.MAIL, "550 5.1.1 who are you", OURS, Cause.CONFIG, "bad_sender"),
        (Stage.MAIL, "552 5.3.4 too big", NEVER, Cause.CONTENT, "too_big"),
        (Stage.MAIL, "554 5.7.1 you are blocked", OURS, Cause.BLOCK, "blocked"),
        (Stage.MAIL, "421 4.7.0 slow down", LATER, Cause.THROTTLE, "too_fast"),
        (Stage.RCPT, "450 4.2.0 Greylisted", LATER, Cause.SOFT, "greylisted"),
        (Stage.RCPT, "450 4.7.1 come back", LATER, Cause.SOFT, "greylisted"),
        (Stage.RCPT, "451 4.7.1 greylisting in action", LATER, Cause.SOFT, "greylisted"),
        (Stage.RCPT, "450 4.2.1 receiving mail too quickly", LATER, Cause.SOFT, "too_fast"),
        (Stage.RCPT, "421 4.7.28 unusual rate", LATER, Cause.THROTTLE, "too_fast"),
        (Stage.RCPT, "452 4.2.2 full", LATER, Cause.SOFT, "mailbox_full"),
        (Stage.RCPT, "452 4.5.3 too many", LATER, Cause.SOFT, "too_many_recipients"),
        (Stage.RCPT, "452 4.3.1 no space", LATER, Cause.SOFT, "try_later"),
        (Stage.RCPT, "454 4.7.1 <a@b.example>: Relay access denied", LATER, Cause.CONFIG, "relay_denied"),
        (Stage.RCPT, "554 5.7.1 <a@b.example>: Relay access denied", LATER, Cause.CONFIG, "relay_denied"),
        (Stage.RCPT, "550 5.1.1 no such user", NEVER, Cause.HARD, "unknown_address"),
        (Stage.RCPT, "550 no such user", NEVER, Cause.HARD, "unknown_address"),
        (
            Stage.RCPT,
            "550 5.5.0 Requested action not taken: mailbox unavailable",
            NEVER,
            Cause.HARD,
            "unknown_address",
        ),
        (Stage.RCPT, "551 not local", NEVER, Cause.HARD, "unknown_address"),
        (Stage.RCPT, "553 5.1.3 bad syntax", NEVER, Cause.HARD, "unknown_address"),
        (Stage.RCPT, "556 5.1.10 null MX", NEVER, Cause.HARD, "unknown_domain"),
        (Stage.RCPT, "521 takes no mail", NEVER, Cause.HARD, "unknown_domain"),
        (Stage.RCPT, "550 5.2.1 disabled", NEVER, Cause.HARD, "address_disabled"),
        (Stage.RCPT, "552 5.2.2 over quota", NEVER, Cause.SOFT, "mailbox_full"),
        (Stage.RCPT, "552 too many recipients", LATER, Cause.SOFT, "too_many_recipients"),
        (Stage.RCPT, "550 5.7.1 blocked using a blocklist", NEVER, Cause.BLOCK, "blocked"),
        (Stage.RCPT, "550 5.7.1 not allowed by policy", NEVER, Cause.POLICY, "refused_by_policy"),
        (Stage.RCPT, "504 5.5.2 need a full host name", LATER, Cause.CONFIG, "not_understood"),
        (Stage.DOT, "550 5.7.26 unauthenticated", NEVER, Cause.BLOCK, "unauthenticated"),
        (Stage.DOT, "550 5.7.515 access denied", NEVER, Cause.BLOCK, "unauthenticated"),
        (Stage.DOT, "550 5.7.25 no PTR", NEVER, Cause.BLOCK, "no_reverse_name"),
        (Stage.DOT, "554 5.6.0 malformed", NEVER, Cause.CONTENT, "bad_content"),
        (Stage.DOT, "554 transaction failed", NEVER, Cause.CONTENT, "refused"),
        (Stage.DOT, "554 message looks like spam", NEVER, Cause.BLOCK, "blocked"),
        (Stage.DOT, "550 5.1.1 no such user", NEVER, Cause.HARD, "unknown_address"),
        (Stage.DOT, "552 5.2.3 too long", NEVER, Cause.CONTENT, "too_big"),
        (Stage.DOT, "451 4.3.0 queue file write error", LATER, Cause.SOFT, "try_later"),
        (Stage.DOT, "554 5.4.6 hop count exceeded", NEVER, Cause.CONFIG, "loop"),
    ],
)
def test_an_answer_means(stage: Stage, line: str, outcome: Outcome, cause: Cause | None, word: str) -> None:
    found = said(stage, line)
    assert (found.outcome, found.cause, found.word) == (outcome, cause, word)


@pytest.mark.parametrize(
    ("stage", "line", "strikes", "about"),
    [
        (Stage.RCPT, "550 5.1.1 no such user", 1, About.ADDRESS),
        (Stage.RCPT, "550 5.2.1 disabled", 2, About.ADDRESS),
        (Stage.RCPT, "554 5.0.0 no", 2, About.ADDRESS),
        (Stage.RCPT, "556 5.1.10 null MX", 1, About.DOMAIN),
        (Stage.RCPT, "550 5.7.1 spam", 0, About.DESTINATION),
        (Stage.DOT, "552 5.3.4 too big", 0, About.MESSAGE),
        (Stage.MAIL, "550 5.1.1 who are you", 0, About.US),
    ],
)
def test_an_address_is_put_down_only_for_what_is_its_own(
    stage: Stage, line: str, strikes: int, about: About
) -> None:
    found = said(stage, line)
    assert (found.strikes, found.about) == (strikes, about)


CODES = st.integers(400, 599)
TEXTS = st.sampled_from(["", "5.1.1 ", "5.7.1 ", "5.5.0 ", "4.2.2 ", "5.3.4 "]).flatmap(
    lambda start: st.text(max_size=40).map(lambda rest: start + rest)
)


@given(code=CODES, text=TEXTS)
def test_before_a_recipient_is_named_no_answer_is_held_against_anybody(code: int, text: str) -> None:
    for stage in (Stage.CONNECT, Stage.HELO, Stage.AUTH, Stage.MAIL):
        assert replies.meaning(stage, replies.reply(code, text)).strikes == 0


@given(code=st.sampled_from([c for c in range(500, 600) if c not in (530, 534, 535, 538)]), text=TEXTS)
def test_no_address_can_pause_the_relay(code: int, text: str) -> None:
    for stage in (Stage.RCPT, Stage.DATA, Stage.DOT):
        found = replies.meaning(stage, replies.reply(code, text.replace("uthentication", "")))
        assert found.outcome is not OURS or found.word in (
            Because.LOGIN_NEEDED,
            Because.LOGIN_REFUSED,
            Because.NO_TLS,
        )


@given(stage=st.sampled_from(list(Stage)), code=st.integers(100, 699), text=st.text(max_size=60))
def test_every_answer_has_a_meaning_and_only_2xx_is_acceptance(stage: Stage, code: int, text: str) -> None:
    found = replies.meaning(stage, replies.reply(code, text))
    assert (found.outcome is ACCEPTED) == (200 <= code < 300)


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        (550, "5.1.1 no such user", "550 5.1.1 no such user"),
        (550, "5.1.1 no such\n5.1.1 user here", "550 5.1.1 no such user here"),
        (550, "4.1.1 mixed up", "550 4.1.1 mixed up"),
        (250, "", "250"),
        (550, "5.7.1.2 is an address", "550 5.7.1.2 is an address"),
    ],
)
def test_the_enhanced_code_is_cut_off_and_kept(code: int, text: str, shown: str) -> None:
    assert str(replies.reply(code, text)) == shown


def test_an_enhanced_code_of_another_class_is_not_believed() -> None:
    assert replies.reply(550, "4.1.1 mixed up").enhanced == ""
    assert replies.reply(550, "5.1.1 right").enhanced == "5.1.1"


def test_waits_grow_and_stay_at_four_hours() -> None:
    minutes = [replies.retry_delay(n).total_seconds() / 60 for n in range(1, 9)]
    for waited, planned in zip(minutes, [5, 15, 30, 60, 120, 240, 240, 240], strict=True):
        assert planned <= waited <= planned * 1.2


@given(attempt=st.integers(1, 200), key=st.text(max_size=20))
def test_the_spread_is_fixed_by_the_key_and_never_early(attempt: int, key: str) -> None:
    once = replies.retry_delay(attempt, key)
    assert once == replies.retry_delay(attempt, key)
    assert timedelta(minutes=5) <= once <= timedelta(hours=4, minutes=48)


def test_different_messages_do_not_come_back_together() -> None:
    assert len({replies.retry_delay(3, f"message {n}") for n in range(100)}) > 50


def test_an_answer_can_ask_for_more_patience_and_for_none() -> None:
    assert replies.retry_delay(1, answer=said(Stage.RCPT, "450 4.2.1 too quick")) >= timedelta(hours=1)
    assert replies.retry_delay(1, answer=said(Stage.RCPT, "452 4.5.3 too many")) == timedelta(0)
    assert replies.retry_delay(2, answer=said(Stage.RCPT, "452 4.5.3 too many")) >= timedelta(minutes=15)


def test_a_message_is_given_up_after_three_days() -> None:
    first = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert not replies.gives_up(first, first + timedelta(hours=72))
    assert replies.gives_up(first, first + timedelta(hours=72, seconds=1))
    assert not replies.gives_up(first, first + timedelta(hours=90), after=timedelta(days=5))


def test_silence_after_the_dot_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="doubt"):
        replies.no_answer(Stage.DOT)
