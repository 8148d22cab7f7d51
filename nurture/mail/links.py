"""The links of a rendered email: only where an email may lead, and by way of us where clicks are counted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection
from typing import Final
from urllib.parse import quote

from nurture.mail.marks import PICTURE, URL_CLOSE, URL_OPEN

SCHEMES: Final = ("http", "https", "mailto", "tel")
"""Where a link of an email may lead."""
NOWHERE: Final = "#"

_GOOD: Final = re.compile(r"(?:https?://|mailto:|tel:)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# What browsers skip inside a scheme, so that "java\tscript:" is no way around.
_SKIPPED: Final = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_TAG_TARGET: Final = re.compile(
    r'(<(?:a|area|v:[a-z]+)\b[^<>]*?\shref=|<(?:img|input|v:[a-z]+)\b[^<>]*?\ssrc=)"([^"]*)"',
    re.IGNORECASE,
)


def mark_targets(page: str) -> str:
    """The source of an HTML page with every link and picture target marked, for `Rewriter.html` to find at once.

    No value can hold such a mark: control characters are taken out of everything that is written into a template.
    """

    def mark(found: re.Match[str]) -> str:
        kind = PICTURE if found[1].lower().endswith("src=") else ""
        return f'{found[1]}"{URL_OPEN}{kind}{found[2]}{URL_CLOSE}"'

    return _TAG_TARGET.sub(mark, page)


def clean_url(url: str) -> str | None:
    """A link target fit for an email: trimmed, percent-encoded where needed. None when it leads anywhere but SCHEMES."""
    if _GOOD.fullmatch(url):
        return url
    bare = _SKIPPED.sub("", url[:100])
    scheme = _SCHEME.match(bare)
    if (
        scheme is None
        or scheme[1].lower() not in SCHEMES
        or not url.strip().lower().startswith(scheme[0].lower())
    ):
        return None
    return quote(url.strip().encode("utf-8", "replace"), safe="-._~:/?#[]@!$&'()*+,;=%")


class Rewriter:
    """Cleans the links of one email's parts and sends the counted ones by way of us; each link is asked for once.

    `track(url)` gives the address to put in place of an http or https link; links in `keep` (unsubscribe, confirm,
    survey …), with whatever query, and mail or phone links stay. Without `track` all stay.
    """

    def __init__(self, track: Callable[[str], str] | None = None, keep: Collection[str] = ()) -> None:
        self._track = track
        self._keep = frozenset(keep)
        self._known: dict[str, str] = {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The links met so far, as they were before tracking, in order."""
        return tuple(self._known)

    def html(self, page: str) -> str:
        """A rendered page whose source went through `mark_targets`, with its links and pictures rewritten."""
        first, *others = page.split(URL_OPEN)
        parts = [first]
        for piece in others:
            target, _, rest = piece.partition(URL_CLOSE)
            parts += (self._in_tag(target), rest)
        return "".join(parts)

    def text(self, text: str) -> str:
        """A text part with its marked links rewritten and the marks gone; of a bad link only the words stay."""
        first, *others = text.split(URL_OPEN)
        parts = [first]
        for piece in others:
            target, _, rest = piece.partition(URL_CLOSE)
            url = self._target(target)
            if url is None and parts[-1].endswith(" <") and rest.startswith(">"):
                parts[-1], rest = parts[-1][:-2], rest[1:]
            parts += (url or "", rest)
        return "".join(parts)

    def _in_tag(self, target: str) -> str:
        picture = target.startswith(PICTURE)
        raw = target[1:] if picture else target
        raw = html.unescape(raw) if "&" in raw else raw
        if picture:
            address = clean_url(raw)
            return html.escape(address) if address and address[:4].lower() == "http" else ""
        return html.escape(self._target(raw) or NOWHERE)

    def _target(self, raw: str) -> str | None:
        url = clean_url(raw)
        if url is None:
            return None
        known = self._known.get(url)
        if known is None:
            counted = self._track is not None and url[:4].lower() == "http"
            kept = re.split("[?#]", raw, maxsplit=1)[0] in self._keep or raw in self._keep
            known = self._track(url) if self._track and counted and not kept else url
            self._known[url] = known
        return known
