"""The words of `quotes.yaml`, compiled once."""

from __future__ import annotations

import re
from functools import partial

from nurture.inbound.rule_files import any_of, load

_DATA = load("quotes.yaml")
_any_of = partial(any_of, _DATA)

FIELD_ROLES: dict[str, str] = {label: role for role, labels in _DATA["fields"].items() for label in labels}
"""Label of a header in a quoted block → from, sent, to, subject, cc or other."""

WROTE = re.compile(rf"(?<!\w)(?:{_any_of('wrote')})(?!\w)", re.I)
OPENER = re.compile(
    rf"[*_\s]*(?:(?:{'|'.join(sorted(map(re.escape, _DATA['openers']), key=len, reverse=True))})[\s,]"
    rf"|(?:{'|'.join(sorted(_DATA['weekdays'], key=len, reverse=True))})[.,\s]|\d)",
    re.I,
)
ORIGINAL = frozenset(_DATA["original"])
FORWARDED = frozenset(_DATA["forwarded"])
FORWARD_SUBJECT = re.compile(
    rf"\s*\[?(?:{'|'.join(map(re.escape, _DATA['forward_subjects']))})\s*(?:\[\d+\])?\s*:", re.I
)
_CLOSING_WORDS = _any_of("closings")
CLOSING = re.compile(
    rf"\W{{0,4}}(?:{_CLOSING_WORDS})(?P<name>[\s,.!/&|:;-]+[\w .,'’()-]{{0,40}})?[\s,.!;:)🙂😊☺️👋-]*", re.I
)
CLOSING_ALONE = re.compile(rf"\W{{0,4}}(?:{_CLOSING_WORDS})\W{{0,6}}", re.I)
MOBILE = re.compile(
    rf"[-–—_\s*(\[]*(?:{_any_of('mobile')})[\s.!*)\]]*(?:<?https?://\S+>?|\[https?://\S+\])?[\s.)]*", re.I
)
DISCLAIMER = re.compile(rf"[\s*_#|-]*(?:{_any_of('disclaimers')})", re.I | re.S)
BANNER = re.compile(rf"[\s*_#|-]*(?:{_any_of('banners')})", re.I | re.S)
CONTACT = re.compile(
    rf"(?:^|[\s|•·(])(?:{'|'.join(sorted(map(re.escape, _DATA['contact']), key=len, reverse=True))})\s*[.:]|https?://|www\.|"
    r"[\w.+-]+@[\w-]+\.\w|\+?\(?\d[\d ()/.-]{7,}\d|\b(?:gmbh|ag|ltd|inc|llc|s\.a|a/s|aps|ooo|ооо|зао|b\.v|s\.r\.l|sp\. z o\.o|ab|as|sarl|sas|gbr|kg|ug)\b",
    re.I,
)
