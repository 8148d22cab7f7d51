"""Who visits, as far as a request tells: from where, by what way, and whether it is a machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.requests import Request

from nurture.language.config_sales import LeadSource
from nurture.mail.words import clean

TRACES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

# Mail scanners, link previews and search engines that say what they are.
_MACHINE = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scanner|slurp|facebookexternalhit|whatsapp|imageproxy|mailproxy|safelinks"
    r"|barracuda|proofpoint|mimecast|symantec|messagelabs|fireeye|trellix|trend ?micro|sophos|zscaler|cloudmark"
    r"|forcepoint|ironport|urlscan|virustotal|fortiguard|monitor",
    re.IGNORECASE,
)
_PREFETCH = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_machine(request: Request) -> bool:
    """Whether nobody sits there: a HEAD request, something fetched beforehand, or a program that says so."""
    headers = request.headers
    if request.method == "HEAD" or any("pre" in headers.get(name, "").lower() for name in _PREFETCH):
        return True
    agent = headers.get("user-agent", "")
    return not agent or _MACHINE.search(agent) is not None


def address_of(request: Request, trusted: tuple[str, ...]) -> str | None:
    """The visitor's network address. X-Forwarded-For counts only as far as the proxies in it are `trusted`."""
    peer = request.client.host if request.client else None
    if peer is None or not _is_in(peer, trusted):
        return peer
    hops = [hop.strip() for hop in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    for hop in reversed(hops):
        if not _is_address(hop):
            break
        peer = hop
        if not _is_in(hop, trusted):
            break
    return peer


def network_of(address: str | None) -> str | None:
    """The network whose visitors are counted together: an IPv4 address, an IPv6 /64. None: nothing to count by.

    A loopback address is a proxy nobody named, or the machine itself: all its visitors are not one.
    """
    if address is None or not _is_address(address):
        return None
    parsed = ip_address(address)
    if parsed.is_loopback:
        return None
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


def traces_of(request: Request, came_from: str) -> dict[str, str]:
    """What a visit leaves behind: the campaign's marks in the address, and the host of the page before."""
    found = {name: clean(request.query_params.get(name, ""), 100) for name in TRACES}
    found["referrer"] = host_of(came_from)
    return {name: value for name, value in found.items() if value}


def host_of(url: str) -> str:
    """The host of an address on the web, without `www.`; empty where there is none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return clean(host.lower().removeprefix("www."), 100)


def source_of(traces: Mapping[str, str], sources: Mapping[str, LeadSource], otherwise: str | None) -> str:
    """The first source that matches the visit, else the form's own, else `direct`."""
    for name, source in sources.items():
        asked = {
            key: pattern for key in type(source.match).model_fields if (pattern := getattr(source.match, key))
        }
        if asked and all(
            fnmatchcase(traces.get(key, "").lower(), pattern.lower()) for key, pattern in asked.items()
        ):
            return name
    return otherwise or "direct"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
