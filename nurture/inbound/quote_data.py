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
_STRONG_WORDS = _any_of("closings")
_CLOSING_WORDS = "|".join((_STRONG_WORDS, _any_of("thanks"), _any_of("farewells")))
_JOINING = rf"(?:\s*[,&+/|]\s*|\s+(?:{'|'.join(word for word in _DATA['joining'] if word.isalpha())})\s+)"
_FROM = "|".join(_DATA["from_words"])
_CLOSINGS = (
    rf"\W{{0,4}}(?:{_CLOSING_WORDS})(?:{_JOINING}(?:{_CLOSING_WORDS})){{0,2}}(?:\s(?:{_FROM})(?=\s*$))?"
)
CLOSING = re.compile(rf"{_CLOSINGS}(?P<name>[\s,.!/&|:;-]+[\w .,'’()-]{{0,40}})?[\s,.!;:)🙂😊☺️👋❤-]*", re.I)
CLOSING_ALONE = re.compile(rf"{_CLOSINGS}\W{{0,6}}", re.I)
STRONG_CLOSING = re.compile(rf"(?<!\w)(?:{_STRONG_WORDS})(?!\w)", re.I)
"""A closing that needs no name to be one."""
THANKS = re.compile(rf"\W{{0,4}}(?:{_any_of('thanks')})(?!\w)", re.I)


_FIRST_WORD = re.compile(r"[\W_]{0,4}([^\W\d_]+|\d)")


def _first_words(alternatives: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that closings begin with, and the beginnings of those whose first word varies."""
    words, beginnings = set(), set()
    for one in alternatives.split("|"):
        head = re.match(r"(?:\(\?:)?([^\W\d_]+)([?*\[(]?)", one)
        if head and head[2]:
            beginnings.add(head[1][:-1] if head[2] in "?*" else head[1])
        elif head:
            words.add(head[1])
    return frozenset(words), tuple(beginnings)


_CLOSING_FIRST, _CLOSING_BEGINNINGS = _first_words(_CLOSING_WORDS)


def may_close(line: str) -> bool:
    """Whether a line begins as closings do; far quicker to see than whether it is one."""
    match = _FIRST_WORD.match(line)
    if match is None:
        return False
    word = match[1].lower()
    return word in _CLOSING_FIRST or word.startswith(_CLOSING_BEGINNINGS)


WEEKDAYS = frozenset(_DATA["weekdays"])
FROM_WORDS = frozenset(_DATA["from_words"])
TITLES = frozenset(_DATA["titles"])
LEADING = frozenset(_DATA["leading"]) | FROM_WORDS
NO_NAMES = frozenset(_DATA["no_names"]) | WEEKDAYS
MOBILE = re.compile(
    rf"[-–—_\s*(\[]*(?:{_any_of('mobile')})[\s.!*)\]]*(?:<?https?://\S+>?|\[https?://\S+\])?[\s.)]*", re.I
)
DISCLAIMER = re.compile(rf"[\s*_#|-]*(?:{_any_of('disclaimers')})", re.I | re.S)
SMALL_PRINT = re.compile(rf"[\s*_#|-]*(?:{_any_of('small_print')})", re.I | re.S)
"""Begins a paragraph that is no person's words where it stands below a name."""
FOOTER = re.compile(_any_of("unsubscribing"), re.I)
"""How our own mails end, with a link beside it."""
BANNER = re.compile(rf"[\s*_#|-]*(?:{_any_of('banners')})", re.I | re.S)
CONTACT = re.compile(
    rf"(?:^|[\s|•·(])(?:{'|'.join(sorted(map(re.escape, _DATA['contact']), key=len, reverse=True))})\s*[.:]|https?://|www\.|"
    r"[\w.+-]+@[\w-]+\.\w|\+?\(?\d[\d ()/.-]{7,}\d|\b(?:gmbh|ag|ltd|inc|llc|s\.a|a/s|aps|ooo|ооо|зао|b\.v|s\.r\.l|sp\. z o\.o|ab|as|sarl|sas|gbr|kg|ug)\b",
    re.I,
)
