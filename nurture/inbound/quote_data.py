"""The words of `quotes.yaml`, compiled once."""

from __future__ import annotations

import re
from functools import cache, partial

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
_CLOSING_WORDS = "|".join((_STRONG_WORDS, _any_of("thanks"), _any_of("farewells"), _any_of("offices")))
_JOINING = rf"(?:\s*[,&+/|]\s*|\s+(?:{'|'.join(word for word in _DATA['joining'] if word.isalpha())})\s+)"
_FROM = "|".join(_DATA["from_words"])
_CLOSINGS = (
    rf"\W{{0,4}}(?:{_CLOSING_WORDS})(?:{_JOINING}(?:{_CLOSING_WORDS})){{0,2}}(?:\s(?:{_FROM})(?=\s*$))?"
)
CLOSING = re.compile(rf"{_CLOSINGS}(?P<name>[\s,.!/&|:;-]+[\w .,'’()-]{{0,40}})?[\s,.!;:)🙂😊☺️👋❤-]*", re.I)
CLOSING_NAMED = re.compile(rf"{_CLOSINGS}[\s,.!/–-]+(?P<name>[^\W\d_].*)", re.I)
"""A closing with more than a name on its line, which must be the writer's."""
CLOSING_ALONE = re.compile(rf"{_CLOSINGS}\W{{0,6}}", re.I)
STRONG_CLOSING = re.compile(rf"(?<!\w)(?:{_STRONG_WORDS})(?!\w)", re.I)
"""A closing that needs no name to be one."""
THANKS = re.compile(rf"\W{{0,4}}(?:{_any_of('thanks')})(?!\w)", re.I)


_FIRST_WORD = re.compile(r"[\W_]{0,4}([^\W\d_]+|\d)")


def _alternatives(pattern: str) -> list[str]:
    """A regular expression's alternatives, not those of the groups in it."""
    found, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found


def _by_first_word(pattern: str) -> dict[str, list[str]]:
    """The alternatives of closings by the word they begin with, or by the beginning of one that varies, with a `*`."""
    found: dict[str, list[str]] = {}
    waiting = _alternatives(pattern)
    while waiting:
        one = waiting.pop()
        if one.startswith("(?:"):
            end = next(at for at in range(len(one)) if one[: at + 1].count("(") == one[: at + 1].count(")"))
            rest = one[end + 1 :]
            waiting += [rest[1:]] if rest[:1] == "?" else []
            waiting += [inner + rest.removeprefix("?") for inner in _alternatives(one[3:end])]
        elif head := re.match(r"([^\W\d_]+)([?*\[(]?)", one):
            first = f"{head[1][:-1] if head[2] in '?*' else head[1]}*" if head[2] else head[1]
            found.setdefault(first, []).append(one)
    return found


_CLOSING_HEADS = _by_first_word(_CLOSING_WORDS)
_CLOSING_BEGINNINGS = tuple(first[:-1] for first in _CLOSING_HEADS if first[-1] == "*")


@cache
def _head(first: str) -> re.Pattern[str]:
    return re.compile(rf"[\W_]{{0,4}}(?:{'|'.join(_CLOSING_HEADS[first])})(?!\w)", re.I)


def may_close(line: str) -> bool:
    """Whether a line begins as closings do; far quicker to see than whether it is one."""
    match = _FIRST_WORD.match(line)
    if match is None:
        return False
    word = match[1].lower()
    if word in _CLOSING_HEADS and _head(word).match(line):
        return True
    return word.startswith(_CLOSING_BEGINNINGS) and any(
        word.startswith(first) and _head(f"{first}*").match(line) for first in _CLOSING_BEGINNINGS
    )


WEEKDAYS = frozenset(_DATA["weekdays"])
FROM_WORDS = frozenset(_DATA["from_words"])
TITLES = frozenset(_DATA["titles"])
LEADING = frozenset(_DATA["leading"]) | FROM_WORDS
NO_NAMES = frozenset(_DATA["no_names"]) | WEEKDAYS
ARTICLES = frozenset({"the", "der", "die", "das", "le", "la", "il", "el", "o", "a", "de", "het"})
ANSWERS = frozenset(_DATA["answers"]) | NO_NAMES - ARTICLES
"""Words that make a short line above a name what the person says rather than a closing."""
CLOSING_STEM = re.compile(rf"(?<!\w)(?:{_any_of('closing_stems')})", re.I)
ROLE = re.compile(rf"(?<!\w)(?:{_any_of('roles')})", re.I)
"""What somebody is at work or in a club."""
REFERRING = frozenset(_DATA["refers"])
_WHOLE, _BEGUN = (
    "|".join(re.escape(word) for word in sorted(REFERRING) if (len(word) > 3) is begun)
    for begun in (False, True)
)
REFERS = re.compile(rf"(?<!\w)(?:{_BEGUN}|(?:{_WHOLE})(?!\w))", re.I)
"""Tells that the name or address below is somebody's whom the person speaks of."""
MOBILE = re.compile(
    rf"[-–—_\s*(\[]*(?:{_any_of('mobile')})[\s.!*)\]]*(?:<?https?://\S+>?|\[https?://\S+\])?[\s.)]*", re.I
)
DISCLAIMER = re.compile(rf"[\s*_#|-]*(?:{_any_of('disclaimers')})", re.I | re.S)
SMALL_PRINT = re.compile(rf"[\s*_#|-]*(?:{_any_of('small_print')})", re.I | re.S)
"""Begins a paragraph that is no person's words where it stands below a name."""
FOOTER = re.compile(_any_of("unsubscribing"), re.I)
"""How our own mails end, with a link beside it."""
ANNOUNCED = re.compile(rf"(?<!\w)(?:{_any_of('announcements')})", re.I)
"""Says that the answers stand in the quoted mail."""
BANNER = re.compile(rf"[\s*_#|-]*(?:{_any_of('banners')})", re.I | re.S)
CONTACT = re.compile(
    rf"(?:^|[\s|•·(])(?:{'|'.join(sorted(map(re.escape, _DATA['contact']), key=len, reverse=True))})\s*[.:]|https?://|www\.|"
    r"[\w.+-]+@[\w-]+\.\w|\bregistered (?:in|office|no|number)\b|\+?\(?\d[\d ()/.-]{7,}\d|\b(?:gmbh|ag|ltd|inc|llc|s\.a|a/s|aps|ooo|ооо|зао|b\.v|s\.r\.l|sp\. z o\.o|ab|as|sarl|sas|gbr|kg|ug|plc|p/s|s/a|ltda|lda|snc|s\.p\.a|e\. ?v|eg)\b",
    re.I,
)
