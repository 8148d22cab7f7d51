"""Where the person's words end and the signature begins; disclaimers and mobile lines too."""

from __future__ import annotations

import re

from nurture.inbound.quote_data import (
    BANNER,
    CLOSING,
    CLOSING_ALONE,
    CLOSING_NAMED,
    CONTACT,
    DISCLAIMER,
    FROM_WORDS,
    MOBILE,
    SMALL_PRINT,
    STRONG_CLOSING,
    THANKS,
    may_close,
)
from nurture.inbound.signed_block import (
    Found,
    closing_above,
    contact_block,
    ends_sentence,
    is_prose,
    named_block,
    postscript,
    signed,
    signed_off,
)
from nurture.inbound.signed_name import Names, is_name, looks_like_name, names_of

MAX_SIGNATURE = 25
MAX_TRIES = 40
"""Lines of dashes looked at; each costs a look at all lines below it."""
SENTENCE = 60
"""A longer line that ends as sentences do is more than a line of a signature."""
UNDERLINE = 10
"""Dashes that, right below a line of text, underline it: a table's heading."""

_DELIMITER = re.compile(r"(?:--|—|––|__|-- -|\*--\*|– )\s*$")
_DASHES = re.compile(r"\s*(?:[-_=*~–—─]\s?){2,}\s*$")
_LIST_FOOTER = re.compile(r"_{2,}$|-{20,}$|={20,}$")
_BRACKET = re.compile(r"\([^()]*\)\W*$")
_AND = ("and", "und", "et", "og", "och", "en", "y", "e", "i", "и")
_PLACEHOLDER = re.compile(
    r"\[(?:image|cid|bild|logo|inline image)[^\]]{0,200}\]\s*$|<image\d+\.\w+>\s*$", re.I
)


def cut_signature(
    lines: list[str], sender_name: str = "", *, others: bool = False
) -> tuple[list[str], list[str]]:
    """(own lines, cut lines) of one run of own lines. Empty own lines mean there was only a signature.

    `sender_name` holds the names that the writer is known by; `others` tells that the mail has further own words.
    """
    names = names_of(sender_name)
    own = _trim(lines)
    cut: list[str] = []
    closed = True
    for find in _FINDERS:
        at, end = find(own, names, others)
        if at is not None:
            closed = find in (_closing, signed_off)
            cut = own[at:end] + cut
            own = _trim(own[:at] + own[end:])
    if own and not closed:
        at, end = closing_above(own, cut, names, others)
        if at is not None:
            own, cut = _trim(own[:at]), own[at:end] + cut
    return own, cut


def drop_banners(text: str) -> str:
    """The text without a warning such as `[EXTERNAL]` or `CAUTION: this email …` that a gateway put on top."""
    for _ in range(3):
        head, gap, rest = text.partition("\n\n")
        if not gap:
            head, gap, rest = text.partition("\n")
        match = BANNER.match(head)
        if match is None or len(head) > 700:
            return text
        if not rest.strip():
            return "" if len(head) - match.end() < 20 and match.end() > 20 else text
        text = rest.strip("\n")
    return text


def _trim(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and (not lines[end - 1].strip(" \t*_>") or _PLACEHOLDER.match(lines[end - 1].strip())):
        end -= 1
    return lines[start:end]


def _delimiter(lines: list[str], _names: Names, _others: bool) -> Found:
    """`-- ` (RFC 3676 §4.3), or another line of dashes with something like a signature below it."""
    tried = 0
    for at, line in enumerate(lines):
        stripped = line.strip()
        if not _DASHES.match(line) and not _DELIMITER.match(stripped):
            continue
        tried += 1
        if tried > MAX_TRIES:
            break
        if _DELIMITER.match(stripped) and _looks_signed(lines[at + 1 :], sure=stripped[:2] in ("--", "—")):
            return at, len(lines)
        underlined = at > 0 and len(stripped) >= UNDERLINE and bool(lines[at - 1].strip())
        if _DASHES.match(line) and at > 0 and not underlined and _looks_signed(lines[at + 1 :], sure=False):
            return at, len(lines)
        if _LIST_FOOTER.match(stripped) and at > 0 and _is_list_footer(lines[at + 1 :]):
            return at, len(lines)
    return None, 0


def _looks_signed(below: list[str], *, sure: bool) -> bool:
    texts = [line.strip() for line in below if line.strip()]
    if sure:
        prose = sum(len(text) > 60 and ends_sentence(text) for text in texts)
        return len(texts) <= MAX_SIGNATURE and (prose <= 3 or prose * 2 <= len(texts))
    if not texts or len(texts) > 12:
        return False
    if any(len(text) > 80 for text in texts[:4]) or any(re.match(r"[-*•\d]", text) for text in texts[:1]):
        return False
    if any(_DASHES.match(text) for text in texts[:-1]) or not _prose_is_small_print(below):
        return False
    return any(CONTACT.search(text) for text in texts) and not ends_sentence(texts[0])


def _is_list_footer(below: list[str]) -> bool:
    texts = [line.strip() for line in below if line.strip()]
    joined = " ".join(texts).lower()
    if 0 < len(texts) <= 6 and texts[-1].startswith(("http://", "https://", "www.")):
        return True
    return 0 < len(texts) <= 8 and (
        "mailing list" in joined or "unsubscribe" in joined or "listinfo" in joined
    )


def _mobile(lines: list[str], _names: Names, _others: bool) -> Found:
    """`Sent from my iPhone`: only this line goes, since some people write below it."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 40), -1):
        line = lines[at].strip()
        if 0 < len(line) < 160 and MOBILE.fullmatch(line):
            below = [text for text in lines[at + 1 :] if text.strip()]
            whole = not below or (len(below) <= 6 and all(len(text) < 60 for text in below) and _signs(below))
            start = at - 1 if at and _DASHES.match(lines[at - 1]) else at
            return start, (len(lines) if whole else at + 1)
    return None, 0


def _signs(lines: list[str]) -> bool:
    return any(CONTACT.search(line) for line in lines)


def _closing(lines: list[str], names: Names, others: bool) -> Found:
    """`Best regards` with only a name, a company and ways to reach it below."""
    for at in range(max(0, len(lines) - MAX_SIGNATURE), len(lines)):
        line = lines[at].strip()
        if not 0 < len(line) <= 90 or not may_close(line):
            continue
        match = CLOSING.fullmatch(line)
        if match is None:
            named = CLOSING_NAMED.fullmatch(line)
            if named is not None and is_name(named["name"], names) and not _says_more(lines[at + 1 :]):
                return at, len(lines)
            continue
        end = postscript(lines, at + 1)
        below = [text.strip() for text in lines[at + 1 : end] if text.strip()]
        alone = CLOSING_ALONE.fullmatch(line) is not None
        if not alone and not _named(match["name"] or "", below):
            continue
        if at == 0 and not others and not _is_formal(line, below):
            continue
        if not _is_strong(line) and not _names_somebody(line, "" if alone else match["name"], below, names):
            continue
        if not below or (_name_like(below[0]) and _prose_is_small_print(lines[at + 1 : end])):
            return at, end
    return None, 0


def _says_more(below: list[str]) -> bool:
    return any(is_prose(line) for line in below)


def _is_strong(line: str) -> bool:
    return STRONG_CLOSING.search(line) is not None


def _is_formal(line: str, below: list[str]) -> bool:
    """A mail that begins with its closing has no words of its own only if a signature follows, and no sentence."""
    says = any(len(text) > SENTENCE and ends_sentence(text) for text in below)
    return len(below) >= 2 and not says and _is_strong(line) and any(CONTACT.search(text) for text in below)


def _names_somebody(line: str, name: str, below: list[str], names: Names) -> bool:
    """Whether somebody signs below `Thanks` or `Ciao`, which alone may be words to the reader."""
    if below:
        return (is_name(below[0], names) or looks_like_name(below[0])) and len(below) <= 8
    if not name or is_name(name, names):
        return bool(name)
    first, *others = name.strip(" ,.!/&|:;-").split() or [""]
    if others and first.lower() in FROM_WORDS:
        return THANKS.match(line) is None
    return looks_like_name(name) and (THANKS.match(line) is None or "," in line)


def _named(rest: str, below: list[str]) -> bool:
    """Whether what stands on the closing's own line is a name: `Best regards, Anna`, `Klem fra tante Wenche`."""
    words = _BRACKET.sub("", rest).strip(" ,.!/&|:;-").split()
    if len(words) > 1 and words[0].lower() in FROM_WORDS:
        return len(words) <= 5 and words[-1][:1].isupper()
    names = [word for word in words if word.lower() not in _AND]
    return 0 < len(words) <= 4 and all(word[:1].isupper() for word in names) and len(below) <= 12


def _name_like(text: str) -> bool:
    """A name, a team or a company rather than a sentence that goes on."""
    words = text.strip(" *_-|,.").split()
    if CONTACT.search(text) or _PLACEHOLDER.match(text):
        return True
    if len(words) > 8 or text.rstrip().endswith(("?", "!", ":")):
        return False
    return len(words) <= 2 or all(
        word[:1].isupper() or len(word) <= 4 or not word[:1].isalpha() for word in words
    )


def _prose_is_small_print(below: list[str]) -> bool:
    """Sentences are in a signature only below ways to reach somebody: `Registered in England …`."""
    texts: list[str] = []
    for paragraph in _paragraphs(below):
        end = next((at for at, text in enumerate(paragraph) if SMALL_PRINT.match(text)), len(paragraph))
        texts += paragraph[:end]
    prose = sum(is_prose(text) for text in texts)
    return prose == 0 or (prose <= 2 and sum(CONTACT.search(text) is not None for text in below) >= 2)


def _disclaimer(lines: list[str], _names: Names, _others: bool) -> Found:
    """From the first paragraph that begins like a disclaimer, unless plain words follow it."""
    at = 0
    while at < len(lines):
        if lines[at].strip() and (at == 0 or not lines[at - 1].strip() or _DASHES.match(lines[at - 1])):
            end = at
            while end < len(lines) and lines[end].strip():
                end += 1
            paragraph = " ".join(line.strip() for line in lines[at:end])[:1500]
            if at > 0 and DISCLAIMER.match(paragraph) and len(paragraph) > 30:
                return _heading_above(lines, at), len(lines)
            at = end
        at += 1
    return None, 0


def _paragraphs(lines: list[str]) -> list[list[str]]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line.strip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _heading_above(lines: list[str], at: int) -> int:
    """Where `Disclaimer` stands alone above a disclaimer."""
    above = at - 1
    while above > 0 and not lines[above].strip():
        above -= 1
    return above if above > 0 and len(lines[above]) < 50 and DISCLAIMER.match(lines[above]) else at


_FINDERS = (_disclaimer, _delimiter, _mobile, _closing, signed_off, contact_block, signed, named_block)
