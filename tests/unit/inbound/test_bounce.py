"""Reports of mail systems in their many forms, and what they say about an address."""

from __future__ import annotations

import json
from base64 import encodebytes

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.verdict import BounceClass, Kind

LEAD = "otto@kunde.example"
SENT_ID = "<20260803.17@berg.example>"
RETURNED = f"""Return-Path: <reply+TOKEN123@berg.example>
Received: from berg.example by mx.example with ESMTP; Mon, 3 Aug 2026 09:00:00 +0200
Message-ID: {SENT_ID}
From: Anna Berg <anna@berg.example>
To: {LEAD}
Subject: Our talk

Do you have time next week?
"""


def dsn(
    action: str, status: str, diagnostic: str, notice: str = "It did not work.", returned: str = RETURNED
) -> bytes:
    fields = f"Final-Recipient: rfc822; {LEAD}\nAction: {action}\nStatus: {status}\n"
    fields += f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: reply+TOKEN123@berg.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 3 Aug 2026 09:00:05 +0200
Message-ID: <report.1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

{notice}

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{fields}
--B
Content-Type: message/rfc822

{returned}
--B--
""".encode()


STANDARD = [
    ("failed", "5.1.1", "smtp; 550 5.1.1 <otto@kunde.example>: Recipient address rejected: User unknown", "hard"),
    ("failed", "5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "hard"),
    ("failed", "5.4.4", "X-Postfix; Host or domain name not found. Name service error for name=kunde.example", "hard"),
    ("failed", "5.0.0", "smtp; 550 No such user here", "hard"),
    ("failed", "5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied. [AM.prod.outlook.com]", "hard"),
    ("failed", "5.2.2", "smtp; 552 5.2.2 The recipient's inbox is out of storage space", "soft"),
    ("failed", "4.4.7", "smtp; 451 4.4.7 Message expired", "soft"),
    ("failed", "5.4.7", "", "soft"),
    ("failed", "4.4.1", "smtp; connect to mx.kunde.example[192.0.2.1]:25: Connection timed out", "soft"),
    ("failed", "5.3.4", "smtp; 552 5.3.4 Message size exceeds fixed limit", "soft"),
    ("failed", "5.7.1", "smtp; 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", "block"),
    ("failed", "5.7.26", "smtp; 550-5.7.26 This mail has been blocked because the sender is unauthenticated", "block"),
    ("failed", "5.0.0", "smtp; 550 5.7.515 Access denied, sending domain BERG.EXAMPLE doesn't meet the required level", "block"),
    ("failed", "5.1.1", "smtp; 550 5.1.1 rejected: your IP 192.0.2.9 is listed at bl.example, see the blocklist", "block"),
    ("failed", "5.7.1", "smtp; 550 5.7.1 Message rejected as spam by content filter", "block"),
    ("failed", "5.1.8", "smtp; 553 5.1.8 Sender address rejected: Domain not found", "block"),
    ("failed", "5.7.0", "", "block"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "wanted"), STANDARD, ids=[f"{one[1]} {one[3]}" for one in STANDARD]
)
def test_a_standard_report_is_read_by_its_fields(
    action: str, status: str, diagnostic: str, wanted: str
) -> None:
    verdict = classify(dsn(action, status, diagnostic))
    assert (verdict.kind, verdict.recipients, verdict.original_message_id) == (Kind.BOUNCE, (LEAD,), SENT_ID)
    assert verdict.bounce_class is BounceClass(wanted)
    assert verdict.hard is {"hard": True, "soft": False, "block": None}[wanted]
    assert verdict.status
    assert "TOKEN123" in [clue.value for clue in verdict.clues]


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("delayed", "4.4.1", Kind.DELAY),
        ("delivered", "2.1.5", Kind.RECEIPT),
        ("relayed", "2.1.9", Kind.RECEIPT),
        ("expanded", "2.1.5", Kind.RECEIPT),
        ("FAILED", "4.4.7", Kind.BOUNCE),
        ("failed (to deliver)", "5.0.0", Kind.BOUNCE),
        ("", "5.1.1", Kind.BOUNCE),
    ],
)
def test_the_action_settles_the_kind(action: str, status: str, kind: Kind) -> None:
    assert classify(dsn(action, status, "")).kind is kind


@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
def test_line_ends_do_not_matter(end: bytes) -> None:
    verdict = classify(dsn("failed", "5.1.1", "smtp; 550 5.1.1 User unknown").replace(b"\n", end))
    assert (verdict.kind, verdict.hard, verdict.original_message_id) == (Kind.BOUNCE, True, SENT_ID)


def free(sender: str, subject: str, text: str, headers: str = "Return-Path: <>\n") -> bytes:
    return f"From: {sender}\nTo: anna@berg.example\nSubject: {subject}\nDate: Mon, 3 Aug 2026 09:00:05 +0200\n{headers}\n{text}\n".encode()


FREE = {
    "qmail": ("hard", "MAILER-DAEMON@mx.example", "failure notice", f"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{LEAD}>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"),
    "exim": ("hard", "Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed: returning message to sender", f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {LEAD}\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}"),
    "exim full": ("soft", "Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed: returning message to sender", f"The following address(es) failed:\n\n  {LEAD}\n    SMTP error from remote mail server after RCPT TO:<{LEAD}>:\n    552 mailbox is full\n\n------ This is a copy of the message, including all the headers. ------\n\n{RETURNED}"),
    "gmail old": ("hard", "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", f"Delivery to the following recipient failed permanently:\n\n     {LEAD}\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain kunde.example by mx.kunde.example. [192.0.2.1].\n\nThe error that the other server returned was:\n550 5.1.1 <{LEAD}>: Recipient address rejected: User unknown\n\n----- Original message -----\n\n{RETURNED}"),
    "yahoo": ("soft", "MAILER-DAEMON@yahoo.example", "Failure Notice", f"Sorry, we were unable to deliver your message to the following address.\n\n<{LEAD}>:\nRemote host said:\n552 5.2.2 mailbox full\n [RCPT_TO]\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"),
    "exchange de": ("hard", "Systemadministrator <postmaster@kunde.example>", "Unzustellbar: Unser Gespräch", f"Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.\n\n      Betreff: Unser Gespräch\n      Gesendet am: 03.08.2026 09:00\n\nFolgende(r) Empfänger kann/können nicht erreicht werden:\n\n      {LEAD} am 03.08.2026 09:00\n            Das E-Mail-Konto ist in der Organisation nicht vorhanden. Der Empfänger ist unbekannt.\n            <mx.kunde.example #5.1.1>\n\nMessage-ID: {SENT_ID}"),
    "exchange fr": ("hard", "Administrateur système <postmaster@kunde.example>", "Non remis : Notre entretien", f"Votre message n'a pas été remis à certains ou à tous les destinataires.\n\n {LEAD}\n Le destinataire est introuvable : adresse de messagerie inconnue.\n\nMessage-ID: {SENT_ID}"),
    "m365 da": ("hard", "Microsoft Outlook <postmaster@kunde.example>", "Kan ikke leveres: Vores samtale", f"Meddelelsen kunne ikke leveres til {LEAD}.\n\nModtageren blev ikke fundet hos kunde.example.\n\n550 5.1.10 RecipientNotFound\n\nMessage-ID: {SENT_ID}"),
    "mail.ru": ("hard", "mailer-daemon@corp.mail.example", "Ваше сообщение не доставлено. Mail failure.", f"Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\nК сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n**********************\n\n{LEAD}\nпользователь не найден\n\n**********************\n\nMessage-ID: {SENT_ID}"),
    "gmx": ("block", "Mail Delivery System <mailer-daemon@gmx.example>", "Mail delivery failed: returning message to sender", f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\none or more of its recipients. This is a permanent error.\nThe following address failed:\n\n{LEAD}:\nSMTP error from remote server for MAIL FROM command, host: mx.kunde.example (192.0.2.1) reason: 554-Transaction failed\n554-Reject due to policy restrictions.\n\n--- The header of the original message is following. ---\n\n{RETURNED}"),
    "domino": ("hard", "Postmaster@kunde.example", f"DELIVERY FAILURE: User otto ({LEAD}) not listed in Domino Directory", f"Your message\n\n  Subject: Our talk\n\nwas not delivered to:\n\n  {LEAD}\n\nbecause:\n\n  User otto ({LEAD}) not listed in Domino Directory\n\nMessage-ID: {SENT_ID}"),
    "groupwise": ("hard", "Mailer-Daemon@gw.kunde.example", "Message status - undeliverable", f"The message that you sent was undeliverable to the following:\n\totto (user not found)\n\t{LEAD}\n\nPossibly truncated original message follows:\n\n{RETURNED}"),
    "sendmail old": ("hard", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", "Returned mail: User unknown", f"   ----- The following addresses had permanent fatal errors -----\n<{LEAD}>\n\n   ----- Transcript of session follows -----\n550 <{LEAD}>... User unknown\n\n   ----- Original message follows -----\n\n{RETURNED}"),
    "mdaemon": ("hard", "MDaemon at mx.example <MDaemon@mx.example>", "Permanent Delivery Failure", f"The attached message had PERMANENT fatal delivery errors!\n\nFailed address: {LEAD}\n\n--- Session Transcript ---\n Mon 2026-08-03: <-- 550 Recipient unknown\n--- End Transcript ---\n\nMessage-ID: {SENT_ID}"),
    "own domain": ("soft", "Postmaster <postmaster@kunde.example>", "Nachricht nicht zugestellt", f"Ihre Nachricht konnte nicht zugestellt werden.\nEmpfänger: {LEAD}\nGrund: Das Postfach des Empfängers ist voll.\n\nMessage-ID: {SENT_ID}"),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "sender", "subject", "text"), FREE.values(), ids=FREE.keys())
def test_free_forms_are_understood(wanted: str, sender: str, subject: str, text: str) -> None:
    verdict = classify(free(sender, subject, text))
    assert (verdict.kind, verdict.recipients[:1], verdict.original_message_id) == (
        Kind.BOUNCE,
        (LEAD,),
        SENT_ID,
    )
    assert verdict.bounce_class is BounceClass(wanted)


DELAYS = {
    "exim": ("Mail Delivery System <Mailer-Daemon@mx.example>", "Warning: message 1abc delayed 24 hours", f"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.\n\nThe address to which the message has not yet been delivered is:\n\n  {LEAD}\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated."),
    "gmail": ("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)", f"This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     {LEAD}\n\nMessage will be retried for 2 more day(s)"),
    "de": ("Mail Delivery System <mailer-daemon@mx.example>", "Zustellung verzögert", f"Ihre Nachricht an {LEAD} konnte noch nicht zugestellt werden. Weitere Zustellversuche folgen, Sie müssen sie nicht erneut senden."),
    "fr": ("postmaster@mx.example", "Remise retardée : Notre entretien", f"La remise à {LEAD} est retardée. De nouvelles tentatives auront lieu."),
}  # fmt: skip


@pytest.mark.parametrize(("sender", "subject", "text"), DELAYS.values(), ids=DELAYS.keys())
def test_delays_never_speak_against_an_address(sender: str, subject: str, text: str) -> None:
    verdict = classify(free(sender, subject, text))
    assert (verdict.kind, verdict.recipients, verdict.hard, verdict.bounce_class) == (
        Kind.DELAY,
        (LEAD,),
        False,
        None,
    )


WHERE_IDS_HIDE = {
    "headers only": dsn("failed", "5.1.1", "").replace(b"message/rfc822", b"text/rfc822-headers"),
    "base64": dsn("failed", "5.1.1", "", returned="").replace(
        b"Content-Type: message/rfc822\n\n", b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encodebytes(RETURNED.encode())
    ),
    "attached as text": dsn("failed", "5.1.1", "").replace(b"Content-Type: message/rfc822\n", b'Content-Type: application/octet-stream; name="original.eml"\n'),
    "in the status": dsn("failed", "5.1.1", "", returned="").replace(b"Reporting-MTA:", f"X-Original-Message-ID: {SENT_ID}\nReporting-MTA:".encode()),
    "in the notice": dsn("failed", "5.1.1", "", notice=f"Original message headers:\n\nMessage-ID:\n {SENT_ID}", returned=""),
    "in html": dsn("failed", "5.1.1", "", notice=f"Message-ID: {SENT_ID}".replace("<", "&lt;").replace(">", "&gt;"), returned="").replace(b"text/plain", b"text/html"),
    "as header of the part": dsn("failed", "5.1.1", "").replace(b"Content-Type: message/rfc822\n\n", b""),
    "without brackets": dsn("failed", "5.1.1", "", notice=f"Message-Id: {SENT_ID.strip('<>')}", returned=""),
    "attached without a name": dsn("failed", "5.1.1", "", returned="").replace(
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" + encodebytes(RETURNED.encode()),
    ),
    "in a table": dsn("failed", "5.1.1", "", notice=f"<table><tr><td>Message-ID</td><td>{SENT_ID}</td></tr></table>".replace(SENT_ID, f"&lt;{SENT_ID[1:-1]}&gt;"), returned="").replace(b"text/plain", b"text/html"),
    "in German": dsn("failed", "5.1.1", "", notice=f"Nachrichten-ID: {SENT_ID}", returned=""),
    "in Russian": dsn("failed", "5.1.1", "", notice=f"Идентификатор сообщения: {SENT_ID}", returned=""),
    "in JSON": dsn("failed", "5.1.1", "", notice=f'{{"a": 1, "messageId":"{SENT_ID}"}}', returned=""),
    "quoted": dsn("failed", "5.1.1", "", notice=f"> Message-Id: {SENT_ID}", returned=""),
    "answered": dsn("failed", "5.1.1", "", returned="").replace(b"MIME-Version", f"In-Reply-To: {SENT_ID}\nMIME-Version".encode(), 1),
}  # fmt: skip


@pytest.mark.parametrize("raw", WHERE_IDS_HIDE.values(), ids=WHERE_IDS_HIDE.keys())
def test_the_original_id_is_found_wherever_it_stands(raw: bytes) -> None:
    verdict = classify(raw)
    assert (verdict.kind, verdict.original_message_id) == (Kind.BOUNCE, SENT_ID)


PEOPLE = {
    "about a bounce": ("Otto <otto@kunde.example>", "Re: Our talk", "My first mail came back: 550 5.1.1 User unknown. Undelivered Mail Returned to Sender. Did you change your address?"),
    "forwards one": ("Otto <otto@kunde.example>", "Fwd: Undelivered Mail Returned to Sender", "Look what I got:\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\n\nyour message could not be delivered to one or more recipients."),
    "postmaster writes": ("Postmaster <postmaster@kunde.example>", "Re: Our talk", "I run the mail here myself. Your offer could not be delivered in time, so we took another. Sorry."),
    "subject says failure": ("Otto <otto@kunde.example>", "Delivery failed again", "The parcel could not be delivered on Monday. Can you send it to the office?"),
}  # fmt: skip


@pytest.mark.parametrize(("sender", "subject", "text"), PEOPLE.values(), ids=PEOPLE.keys())
def test_people_s_mail_is_no_bounce(sender: str, subject: str, text: str) -> None:
    headers = (
        "Return-Path: <otto@kunde.example>\nIn-Reply-To: <1@berg.example>\nUser-Agent: Mozilla Thunderbird\n"
    )
    assert classify(free(sender, subject, text, headers)).kind is Kind.REPLY


def test_a_person_who_attaches_a_report_is_a_person() -> None:
    report = dsn("failed", "5.1.1", "smtp; 550 User unknown")
    raw = (
        b'From: otto@kunde.example\nTo: anna@berg.example\nSubject: Fwd: report\nContent-Type: multipart/mixed; boundary="C"\n\n--C\n\nPlease look.\n--C\nContent-Type: message/rfc822\n\n'
        + report
        + b"\n--C--\n"
    )
    verdict = classify(raw)
    assert (verdict.kind, verdict.text) == (Kind.REPLY, "Please look.")


def test_a_notice_of_amazon_ses_is_a_bounce() -> None:
    failed = {"emailAddress": LEAD, "status": "5.1.1", "diagnosticCode": "smtp; 550 user unknown"}
    mail = {"headers": [{"name": "Message-ID", "value": SENT_ID}]}
    bounce = {"bounceType": "Permanent", "bouncedRecipients": [failed]}
    text = json.dumps({"notificationType": "Bounce", "bounce": bounce, "mail": mail})
    verdict = classify(free("SES <no-reply@sns.amazonaws.example>", "AWS Notification Message", text, ""))
    assert (verdict.kind, verdict.hard) == (Kind.BOUNCE, True)
    assert (verdict.recipients, verdict.original_message_id) == ((LEAD,), SENT_ID)


def test_a_gateway_that_writes_from_any_address_must_bring_the_mail_along() -> None:
    said = f"Your message to {LEAD} could not be delivered: user unknown\n"
    alone = free("noreply@gate.example", "Message rejected", said, "")
    brought = alone.replace(b"Date:", b'Content-Type: multipart/mixed; boundary="B"\nDate:').replace(
        said.encode(), f"--B\n\n{said}--B\nContent-Type: message/rfc822\n\n{RETURNED}\n--B--\n".encode()
    )
    assert classify(alone).kind is Kind.OTHER
    verdict = classify(brought)
    assert (verdict.kind, verdict.original_message_id, verdict.recipients) == (Kind.BOUNCE, SENT_ID, (LEAD,))
