"""Passwords do not cross a network in plain text unless somebody says so."""

from __future__ import annotations

from nurture.core.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine, by its spelling."""
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


def refuse_exposed_password(section: str, host: str, *, exposed: bool) -> None:
    """Raise `UsageError` when a password would go to another machine unencrypted; `section` is of ``config.yaml``."""
    if exposed and not is_loopback(host):
        raise UsageError(
            f"The password for {host} would cross the network in plain text. "
            f"Set {section}.security to starttls or tls."
        )
