"""What the server that took a mail found out about its sender (RFC 8601)."""

from __future__ import annotations

import re

from nurture.inbound.message import Received

_COMMENT = re.compile(r"\([^()]{0,300}\)")
_RESULT = re.compile(r"(?:^|[;\s])(dmarc|spf|dkim|compauth)[ \t]*=[ \t]*([a-z]+)", re.I)
_SERVER = re.compile(r"\s*([^\s;=]{1,255})(?=\s*(?:;|\s\d|\Z))")


def denied_sender(mail: Received) -> str | None:
    """Why the From address is not to be believed, in words for a person; None where nothing speaks against it.

    Only the topmost header counts, and those of the same server: what stands below, the sender may have written. A
    result there can be forged as well where our server writes none, but nobody forges one against himself: it may take
    trust away and never gives any.
    """
    found: dict[str, set[str]] = {}
    server: str | None = None
    for name, value in mail.headers:
        if name != "authentication-results":
            continue
        plain = _COMMENT.sub(" ", value)
        match = _SERVER.match(plain)
        said_by = match[1].lower() if match else ""
        if server is not None and said_by != server:
            break
        server = said_by
        for result in _RESULT.finditer(plain[:4000]):
            found.setdefault(result[1].lower(), set()).add(result[2].lower())
    if server is None or (failure := _failure(found)) is None:
        return None
    return f"the sender's address is doubtful: {failure}{f', says {server}' if server else ''}"


def _failure(found: dict[str, set[str]]) -> str | None:
    dmarc, dkim = found.get("dmarc", set()), found.get("dkim", set())
    if "pass" in dmarc:
        return None
    if "fail" in dmarc:
        return "DMARC failed"
    if "fail" in found.get("compauth", set()):
        return "composite authentication failed"
    if "fail" in found.get("spf", set()) and "pass" not in dkim:
        return "SPF failed and nothing is signed"
    return None
