"""Own samples of what mail systems and people write: `tests/inbound_data/machines` read as mails with labels.

A file of mails holds `=== name | label …` lines, each followed by a mail; a file of refusals holds lines of
`class | code | words`. `«O»` is the returned mail, `«H»` its headers, `«ID»` its Message-ID, `«LEAD»` its recipient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "inbound_data" / "machines"
LEAD = "otto@kunde.example"
SENT_ID = "<20260803.17@berg.example>"
HEADERS = f"""Return-Path: <reply+TOKEN123@berg.example>
Received: from berg.example (berg.example [198.51.100.9])
\tby mx.nordlicht.example (Postfix) with ESMTPS id 4C1A2
\tfor <{LEAD}>; Mon,  3 Aug 2026 09:00:00 +0200 (CEST)
Message-ID: {SENT_ID}
Date: Mon, 3 Aug 2026 09:00:00 +0200
From: Anna Berg <anna@berg.example>
To: {LEAD}
Subject: Our talk
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
"""
_DEFAULTS = (
    ("from", "From: Otto Kunde <otto@kunde.example>"),
    ("to", "To: Anna Berg <anna@berg.example>"),
    ("date", "Date: Mon, 3 Aug 2026 09:10:00 +0200"),
    ("message-id", "Message-ID: <answer.1@kunde.example>"),
    ("mime-version", "MIME-Version: 1.0"),
    ("content-type", "Content-Type: text/plain; charset=utf-8"),
)


@dataclass(frozen=True)
class Sample:
    """One mail with what it is: `label` is the kind, `facts` what else must be found."""

    name: str
    label: str
    facts: dict[str, str]
    raw: bytes


def mails(file: str) -> list[Sample]:
    """The mails of one file."""
    text = (FOLDER / file).read_text("utf-8")
    return [_sample(block) for block in text.split("\n=== ") if block.strip()]


def _sample(block: str) -> Sample:
    first, _, rest = block.removeprefix("=== ").partition("\n")
    name, _, wanted = first.partition(" | ")
    label, *words = wanted.split()
    facts = {word.partition("=")[0]: word.partition("=")[2] for word in words}
    head, empty, body = rest.partition("\n\n")
    names = {line.partition(":")[0].lower() for line in head.split("\n")}
    head = "\n".join([*(line for key, line in _DEFAULTS if key not in names), head])
    raw = f"{head}{empty}{body}\n"
    if "«" in body and SENT_ID not in raw and any(mark in raw for mark in ("«O»", "«H»", "«ID»")):
        facts["id"] = SENT_ID
    for mark, value in (
        ("«O»", f"{HEADERS}\nDo you have time next week?\n"),
        ("«H»", HEADERS),
        ("«ID»", SENT_ID),
        ("«LEAD»", LEAD),
    ):
        raw = raw.replace(mark, value)
    return Sample(name, label, facts, raw.encode())


def refusals(file: str) -> Iterator[tuple[str, str, str]]:
    """(class, code, words) of each refusal in one file."""
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            wanted, status, words = (part.strip() for part in line.split(" | ", 2))
            yield wanted, status, words


def standard_report(status: str, words: str) -> bytes:
    """A refusal as a report by RFC 3464."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.nordlicht.example>
To: anna@berg.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 3 Aug 2026 09:00:05 +0200
Message-ID: <report.1@mx.nordlicht.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--B
Content-Type: message/delivery-status; charset=utf-8

Reporting-MTA: dns; mx.nordlicht.example

Final-Recipient: rfc822; {LEAD}
Action: failed
Status: {status}
Diagnostic-Code: {words}

--B
Content-Type: text/rfc822-headers

{HEADERS}
--B--
""".encode()


def free_report(words: str) -> bytes:
    """A refusal as text, as Exim and qmail write it."""
    return f"""Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.nordlicht.example>
To: anna@berg.example
Subject: Mail delivery failed: returning message to sender
Date: Mon, 3 Aug 2026 09:00:05 +0200
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. The following address(es) failed:

  {LEAD}
    {words.partition(";")[2].strip() if words.startswith(("smtp;", "dns;", "x-", "X-")) else words}

------ This is a copy of the message, including all the headers. ------

{HEADERS}
Do you have time next week?
""".encode()
