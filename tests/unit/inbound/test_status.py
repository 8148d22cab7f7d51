"""What refusals mean for the address: codes and words as real servers write them."""

from __future__ import annotations

import pytest

from nurture.inbound.status import diagnose, find_reply_code, find_status
from nurture.inbound.verdict import BounceClass, Cause

SAID = {
    Cause.UNKNOWN_USER: [
        "550 5.1.1 The account that you tried to reach does not exist",
        "550 No Such User Here",
        "550 Unrouteable address",
        "550 #5.1.0 Address rejected.",
        "554 delivery error: This user doesn't have an account",
        "550 Benutzer unbekannt",
        "550 5.1.1 Adresse d'au moins un destinataire invalide",
        "550 brugeren findes ikke: adresse ukendt",
        "550 нет такого пользователя",
        "550 Requested action not taken: mailbox unavailable",
    ],
    Cause.UNKNOWN_HOST: ["Host or domain name not found", "556 5.1.10 Recipient address has null MX", "550 5.4.310 DNS domain x.example does not exist"],
    Cause.MOVED: ["551 5.1.6 Recipient has moved", "550 5.2.1 The user is no longer employed here"],
    Cause.FULL: ["552 mailbox is full", "452 4.2.2 The account is over quota", "552 Requested mail action aborted: exceeded storage allocation", "Postfach ist voll", "ящик получателя переполнен"],
    Cause.DISABLED: ["550 5.2.1 The account that you tried to reach is disabled", "550 mailbox is temporarily suspended"],
    Cause.EXPIRED: ["4.4.7 Message expired", "delivery time expired"],
    Cause.NETWORK: ["connect to mx[192.0.2.1]:25: Connection refused", "lost connection with mx while receiving the initial server greeting", "450 4.2.0 Greylisted, try again"],
    Cause.AUTHENTICATION: ["550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy", "550 5.7.25 The IP does not have a PTR record", "550 SPF check failed"],
    Cause.REPUTATION: ["554 Client host blocked using zen.spamhaus.org", "550 5.7.606 Access denied, banned sending IP", "554 rejected due to poor reputation of the sender"],
    Cause.SPAM: ["550 this message was classified as spam", "552 5.7.0 virus found"],
    Cause.RATE: ["421 too many connections from your host"],
    Cause.RELAY: ["554 5.7.1 Relay access denied"],
    Cause.POLICY: ["550 5.7.1 Rejected for policy reasons", "553 5.1.8 Sender address rejected: Domain not found", "550 5.7.133 sender not authenticated for group"],
    Cause.TOO_BIG: ["552 5.3.4 Message size exceeds fixed limit"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "text"), [(cause, text) for cause, texts in SAID.items() for text in texts]
)
def test_words_say_why(cause: Cause, text: str) -> None:
    assert diagnose(None, text).cause is cause
    assert diagnose("5.0.0", text).cause is cause


OURS = (Cause.AUTHENTICATION, Cause.REPUTATION, Cause.SPAM, Cause.RATE, Cause.RELAY, Cause.POLICY)


@pytest.mark.parametrize("text", [text for cause in OURS for text in SAID[cause]])
@pytest.mark.parametrize("status", [None, "5.0.0", "5.1.0", "5.2.0", "5.5.0", "5.7.1", "4.7.0"])
def test_a_block_is_never_hard(status: str | None, text: str) -> None:
    found = diagnose(status, text)
    assert found.bounce_class is BounceClass.BLOCK
    assert found.hard is None


CODES = {
    "5.1.1": True, "5.1.2": True, "5.1.3": True, "5.1.6": True, "5.1.10": True, "5.2.1": False, "5.2.2": False, "4.2.2": False,
    "5.3.4": False, "4.4.1": False, "5.4.7": False, "5.7.1": None, "5.7.26": None, "5.7.515": None, "5.6.0": None, "5.0.0": None,
}  # fmt: skip


@pytest.mark.parametrize(("status", "hard"), CODES.items())
def test_codes_alone(status: str, hard: bool | None) -> None:
    assert diagnose(status).hard is hard


@pytest.mark.parametrize(
    ("text", "status", "reply"),
    [
        ("550 5.1.1 unknown", "5.1.1", 550),
        ("host 192.0.2.5 said: 450-4.2.0 wait", "4.2.0", 450),
        ("nothing", None, None),
        ("5.0.0 (then) 5.7.1", "5.7.1", None),
        ("version 4.5.6.7", None, None),
    ],
)
def test_codes_in_texts(text: str, status: str | None, reply: int | None) -> None:
    assert (find_status(text), find_reply_code(text)) == (status, reply)


def test_a_status_is_derived_where_none_is_given() -> None:
    assert diagnose(None, "550 No such user here").status == "5.1.1"
