"""A last look by flufl.bounce, which knows forms of reports that no mail system has written for years."""

from __future__ import annotations

from email.message import Message

from flufl.bounce import all_failures

from nurture.inbound.message import Received

MAX_TEXT = 32 * 1024


def odd_failures(mail: Received) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(addresses that may work later, addresses that failed) named in a report of an odd form."""
    if "@" not in mail.text:
        return (), ()
    message = Message()
    message["from"] = (
        mail.from_ or "mailer-daemon@localhost"
    )  # one of its detectors fails, and logs it, without
    for name in ("to", "subject", "x-mailer"):
        message[name] = mail.header(name)
    message.set_payload(mail.text[:MAX_TEXT])
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # its detectors are simple programs over foreign text: any of them may stumble
        return (), ()
    return _texts(temporary), _texts(permanent)


def _texts(found: frozenset[bytes] | set[bytes]) -> tuple[str, ...]:
    addresses = (address.decode("utf-8", "replace") for address in found)
    return tuple(sorted(address for address in addresses if "@" in address))
