"""The mails the cast writes are proper mails, and what machines send is what machines send."""

from __future__ import annotations

from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from nurture.demo.machines import abuse_report, returned
from nurture.demo.story import Actor, Doing, Verb, load_cast
from nurture.demo.writing import Got, absence_note, answer, introduction
from nurture.inbound.classify import classify
from nurture.inbound.verdict import ClueKind, Kind, Verdict

CAST = load_cast()
AT = datetime(2026, 11, 4, 12, 5, tzinfo=ZoneInfo("Europe/Berlin"))
TOKEN = "hello+aebagbafzvnhhdeotmbq@pumpwerk.example"


def letter() -> Got:
    mail = EmailMessage()
    mail["From"] = "Anna Becker <anna.becker@pumpwerk.example>"
    mail["Reply-To"] = f"Anna Becker <{TOKEN}>"
    mail["Subject"] = "Ein Gruß für Sie"
    mail["Date"] = "Wed, 04 Nov 2026 09:30:00 +0100"
    mail["Message-ID"] = "<first@pumpwerk.example>"
    mail["List-Unsubscribe"] = "<http://127.0.0.1:8025/u/abc>, <mailto:hello@pumpwerk.example>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("Guten Tag,\n\nkein Interesse mehr? Hier abmelden.\n\nViele Grüße\n")
    mail.add_alternative("<html><body><p>kein Interesse mehr?</p></body></html>", subtype="html")
    return Got(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))


def of(verb: Verb) -> list[tuple[Actor, Doing]]:
    return [(actor, doing) for actor in CAST for doing in actor.does if doing.verb is verb]


def name_of(case: object) -> str:
    return case.name if isinstance(case, Actor) else ""


def answers_us(verdict: Verdict) -> bool:
    return any(clue.kind is ClueKind.MESSAGE_ID and clue.value == letter().identity for clue in verdict.clues)


@pytest.mark.parametrize(("actor", "doing"), of(Verb.WRITES), ids=name_of)
def test_a_reply_holds_the_persons_words_and_quotes_ours(actor: Actor, doing: Doing) -> None:
    raw = answer(actor, letter(), doing.text, AT)
    mail = message_from_bytes(raw, policy=default)
    assert mail["To"] == TOKEN
    assert mail["In-Reply-To"] == letter().identity
    assert b"\r\n\r\n" in raw
    assert raw.isascii() or actor.program == "windows-1251"
    verdict = classify(raw)
    assert verdict.kind is Kind.REPLY
    assert answers_us(verdict)
    words = doing.text.split()
    assert verdict.text.split()[:10] == words[:10]
    assert "abmelden" not in verdict.text
    assert "abmelden" in verdict.full_text or "Interesse mehr" in verdict.full_text


@pytest.mark.parametrize(("actor", "doing"), of(Verb.IS_AWAY_UNTIL), ids=name_of)
def test_an_absence_note_names_the_day_of_return(actor: Actor, doing: Doing) -> None:
    verdict = classify(absence_note(actor, letter(), doing.text, AT))
    assert (verdict.kind, verdict.until) == (Kind.AUTO_REPLY, date.fromisoformat(doing.value))


def test_a_returned_mail_is_a_hard_bounce_of_ours() -> None:
    verdict = classify(returned(CAST[0], letter(), TOKEN, AT))
    assert (verdict.kind, verdict.hard, verdict.status) == (Kind.BOUNCE, True, "5.1.1")
    assert answers_us(verdict)


def test_a_spam_report_is_a_complaint_about_ours() -> None:
    verdict = classify(abuse_report(CAST[0], letter(), "mailbox.example", TOKEN, AT))
    assert verdict.kind is Kind.COMPLAINT
    assert answers_us(verdict)


def test_a_mail_passed_on_is_told_from_an_answer() -> None:
    raw = introduction(CAST[0], CAST[1], letter(), "Kan du tage den?", AT)
    assert message_from_bytes(raw, policy=default)["To"].addresses[0].addr_spec == CAST[1].email
    verdict = classify(raw)
    assert verdict.forwarded
    assert answers_us(verdict)


def test_the_unsubscribe_button_is_there_only_with_one_click() -> None:
    assert letter().unsubscribe_url == "http://127.0.0.1:8025/u/abc"
    without = Got(letter().raw.replace(b"List-Unsubscribe-Post", b"X-Was"))
    assert without.unsubscribe_url is None
