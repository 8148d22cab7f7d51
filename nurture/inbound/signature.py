"""Where the person's words end and the signature begins; disclaimers and mobile lines too."""

from __future__ import annotations

import re

from nurture.inbound.quote_data import (
    BANNER,
    CLOSING,
    CLOSING_ALONE,
    CONTACT,
    DISCLAIMER,
    FROM_WORDS,
    LEADING,
    MOBILE,
    SMALL_PRINT,
    STRONG_CLOSING,
    THANKS,
    may_close,
)
from nurture.inbound.signed_name import Names, all_known, initials, is_name, looks_like_name, names_of

MAX_SIGNATURE = 25
MAX_TRIES = 40
"""Lines of dashes looked at; each costs a look at all lines below it."""

_DELIMITER = re.compile(r"(?:--|—|––|__|-- -|\*--\*|– )\s*$")
_DASHES = re.compile(r"\s*(?:[-_=*~–—─]\s?){2,}\s*$")
_LIST_FOOTER = re.compile(r"_{2,}$|-{20,}$|={20,}$")
_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?p?\.?s\.?|n\.?b\.?|п\.?с\.?|з\.ы\.?)\b\s*[:.\-–]?\s", re.I)
_FOOTER_WORDS = (
    "mailing list",
    "unsubscribe",
    "listinfo",
    "received this message because",
    "mailingliste",
    "abmelden",
)
_SENTENCE_END = re.compile(r"[?!…]\s*$|\w{4,}[.]\s*$")
_SLASH = re.compile(r"(?://?|~|[-–—]{1,2}) ?([^\W\d_][^/\d]{1,40})")
"""How some sign: `/Lis`, `- Tom`."""
_ITEM = re.compile(r"\s*[-–—*•]\s*\w")
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
    for find in (_disclaimer, _delimiter, _mobile, _closing, _contact_block, _signed):
        at, end = find(own, names, others)
        if at is not None:
            cut = own[at:end] + cut
            own = _trim(own[:at] + own[end:])
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


Found = tuple[int | None, int]


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
        if _DASHES.match(line) and at > 0 and _looks_signed(lines[at + 1 :], sure=False):
            return at, len(lines)
        if _LIST_FOOTER.match(stripped) and at > 0 and _is_list_footer(lines[at + 1 :]):
            return at, len(lines)
    return None, 0


def _looks_signed(below: list[str], *, sure: bool) -> bool:
    texts = [line.strip() for line in below if line.strip()]
    if sure:
        prose = sum(len(text) > 60 and bool(_SENTENCE_END.search(text)) for text in texts)
        return len(texts) <= MAX_SIGNATURE and (prose <= 3 or prose * 2 <= len(texts))
    if not texts or len(texts) > 12:
        return False
    if any(len(text) > 80 for text in texts[:4]) or any(re.match(r"[-*•\d]", text) for text in texts[:1]):
        return False
    if any(_DASHES.match(text) for text in texts[:-1]) or not _prose_is_small_print(below):
        return False
    return any(CONTACT.search(text) for text in texts) and not _SENTENCE_END.search(texts[0])


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
            continue
        end = _postscript(lines, at + 1)
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


def _postscript(lines: list[str], at: int) -> int:
    """Where a `PS:` begins that belongs to the person's words; the end of the lines without one."""
    for number in range(at, len(lines)):
        if _POSTSCRIPT.match(lines[number]):
            return number
    return len(lines)


def _is_strong(line: str) -> bool:
    return STRONG_CLOSING.search(line) is not None


def _is_formal(line: str, below: list[str]) -> bool:
    """A mail that begins with its closing has no words of its own only if a signature follows."""
    return len(below) >= 2 and _is_strong(line) and any(CONTACT.search(text) for text in below)


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
    words = rest.strip(" ,.!/&|:;-").split()
    if len(words) > 1 and words[0].lower() in FROM_WORDS:
        return len(words) <= 5 and words[-1][:1].isupper()
    return 0 < len(words) <= 4 and all(word[:1].isupper() for word in words) and len(below) <= 12


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
    texts = [
        text for paragraph in _paragraphs(below) if not SMALL_PRINT.match(paragraph[0]) for text in paragraph
    ]
    prose = sum(_is_prose(text) for text in texts)
    return prose == 0 or (prose <= 2 and sum(CONTACT.search(text) is not None for text in below) >= 2)


def _is_prose(text: str) -> bool:
    """A sentence: not a line of a signature."""
    if CONTACT.search(text):
        return False
    words = len(text.split())
    return (words >= 4 and text.rstrip().endswith((".", "?", "!"))) or words >= 14


def _contact_block(lines: list[str], names: Names, _others: bool) -> Found:
    """A last paragraph of name, company and numbers without any closing above it."""
    start = len(lines)
    while start > 0 and lines[start - 1].strip():
        start -= 1
    block = lines[start:]
    if start == 0 and names:
        named = [at for at, line in enumerate(block) if at and is_name(line, names)]
        start, block = (named[-1], block[named[-1] :]) if named else (0, block)
    if start == 0 or len(block) > 12 or _introduces_block(lines, start):
        return None, 0
    contacts = sum(bool(CONTACT.search(line)) for line in block)
    sentences = sum(bool(_SENTENCE_END.search(line)) and not CONTACT.search(line) for line in block)
    needed = 1 if is_name(block[0], names) else 2
    if contacts >= needed and len(block) >= 2 and not sentences and all(len(line) <= 120 for line in block):
        return _name_above(lines, start, names), len(lines)
    return None, 0


def _signed(lines: list[str], names: Names, others: bool) -> Found:
    """The writer's name at the end, with at most a title and the like below it, and `/Lis` or `J. Smith`."""
    end = _postscript(lines, 1)
    texts = [at for at in range(max(0, end - 12), end) if lines[at].strip()]
    for at in reversed(texts[-5:]):
        if at == 0 and not others:
            break
        below = [lines[place].strip() for place in texts if place > at]
        if _signs_here(lines, at, below, names):
            return at, end
        if len(lines[at]) > 90 or _is_prose(lines[at]):
            break
    return None, 0


def _signs_here(lines: list[str], at: int, below: list[str], names: Names) -> bool:
    line = lines[at].strip()
    above = lines[at - 1].strip() if at else ""
    apart = not above or _SENTENCE_END.search(above) is not None
    if slash := _SLASH.fullmatch(line):
        listed = line[0] not in "/" and any(_ITEM.match(text) for text in lines[:at])
        return not below and not listed and (is_name(slash[1], names) or looks_like_name(slash[1]))
    if is_name(line, names):
        if below:
            return apart and _belongs(below, few=_introduces_block(lines, at))
        led = above.rsplit(" ", 1)[-1].lower() in LEADING
        return apart or (all_known(line, names) and not led and above[-1] != ":")
    if len(line) == 2 and line[1] == "." and line[0].isupper():
        return not below and apart and all_known(line, names)
    text = next((text for text in reversed(lines[:at]) if text.strip()), "")
    return not below and initials(line) and text.rstrip(" \"'”“»)")[-1:] in tuple(".!?…")


def _belongs(below: list[str], *, few: bool) -> bool:
    """Whether the lines below a name can be its owner's title, company and address."""
    if few:
        return len(below) == 1 and (below[0][:1].islower() or CONTACT.search(below[0]) is not None)
    return all(len(text) <= 80 and not _is_prose(text) and text[-1] not in "?!:" for text in below)


def _introduces_block(lines: list[str], start: int) -> bool:
    """`Please write to:` above it: the address is what the person wants to say."""
    above = next((line.strip() for line in reversed(lines[:start]) if line.strip()), "")
    return above.endswith((":", ","))


def _name_above(lines: list[str], start: int, names: Names) -> int:
    at = start - 1
    while at > 0 and not lines[at].strip():
        at -= 1
    return at if at > 0 and is_name(lines[at], names) else start


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
