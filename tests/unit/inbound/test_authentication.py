"""What the receiving server says about a sender, and that nobody else's word counts."""

from __future__ import annotations

import pytest

from nurture.inbound.classify import classify
from nurture.inbound.verdict import Kind

OURS = "mx.berg.example"


def mail(*results: str) -> bytes:
    headers = "".join(f"Authentication-Results: {result}\n" for result in results)
    text = "From: Otto <otto@kunde.example>\nTo: anna@berg.example\nSubject: Re: Our talk\n\nYes, call me.\n"
    return (headers + text).encode()


@pytest.mark.parametrize(
    "result",
    [
        f"{OURS}; dmarc=fail (p=reject dis=none) header.from=kunde.example; spf=pass smtp.mailfrom=x@evil.example",
        f"{OURS} 1;\n\tdkim=none; spf=fail smtp.mailfrom=otto@kunde.example",
        "spf=fail (sender IP is 192.0.2.9) smtp.mailfrom=kunde.example; dkim=none; compauth=fail reason=000",
        f"{OURS};DMARC=FAIL header.from=kunde.example",
    ],
)
def test_a_sender_whose_domain_does_not_vouch_is_doubtful(result: str) -> None:
    verdict = classify(mail(result))
    assert verdict.kind is Kind.REPLY
    assert verdict.denied is not None
    assert verdict.denied in verdict.evidence


@pytest.mark.parametrize(
    "results",
    [
        (),
        (f"{OURS}; dmarc=pass header.from=kunde.example; spf=fail smtp.mailfrom=forwarder.example",),
        (f"{OURS}; spf=softfail; dkim=none",),
        (f"{OURS}; spf=fail; dkim=pass header.d=kunde.example",),
        (f"{OURS}; dmarc=none; spf=none (dmarc=fail is what a comment may say)",),
        (f"{OURS}; dmarc=temperror",),
        (f"{OURS}; none", "other.example; dmarc=fail header.from=kunde.example"),
        ("=;;;(((", ),
    ],
)  # fmt: skip
def test_anything_else_takes_no_trust_away(results: tuple[str, ...]) -> None:
    assert classify(mail(*results)).denied is None


def test_one_server_may_write_a_header_for_each_check() -> None:
    assert classify(mail(f"{OURS}; dkim=none", f"{OURS}; dmarc=fail header.from=kunde.example")).denied
