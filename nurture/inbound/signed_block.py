"""Names at the end of a mail: with a closing line above, or with a title, a company and numbers below.

Each function answers with the lines to cut, the first and the one after the last; none is (None, 0). What may be
the person's words stays: to lose them is worse than to keep a signature.
"""

from __future__ import annotations

import re

from nurture.inbound.quote_data import (
    ANSWERS,
    ARTICLES,
    CLOSING_ALONE,
    CLOSING_STEM,
    CONTACT,
    FROM_WORDS,
    LEADING,
    REFERS,
    ROLE,
    SMALL_PRINT,
    may_close,
)
from nurture.inbound.signed_name import (
    Names,
    all_known,
    are_initials,
    initials,
    is_name,
    is_pet_name,
    is_titled,
    looks_like_name,
    looks_like_person,
)

LAST = 14
"""Lines with text that a signature of this kind has at most."""
MAX_CLOSING = 70

Found = tuple[int | None, int]

_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?p?\.?s\.?|n\.?b\.?|п\.?с\.?|з\.ы\.?)\b\s*[:.\-–]?\s", re.I)
_SENTENCE_END = re.compile(r"[?!…]\s*$|\w{4,}[.]\s*$")
_ENDED = re.compile(r"[.?!…:][)\"'”“»]*\s*$|[:;][-]?[)D(]+\s*$|[)🙂😊👍❤😉]\s*$")
_SLASH = re.compile(r"(?://?|~|[-–—]{1,2}) ?([^\W\d_][^/\d]{1,40})")
"""How some sign: `/Lis`, `- Tom`."""
_ITEM = re.compile(r"\s*[-–—*•]\s*\w")
_WORD = re.compile(r"[^\W\d_]+")


def postscript(lines: list[str], at: int) -> int:
    """Where a `PS:` begins that belongs to the person's words; the end of the lines without one."""
    for number in range(at, len(lines)):
        if lines[number].lstrip()[:1] in "pPnNпПзЗ" and _POSTSCRIPT.match(lines[number]):
            return number
    return len(lines)


def is_prose(text: str) -> bool:
    """A sentence: not a line of a signature."""
    if CONTACT.search(text):
        return False
    words = len(text.split())
    return (words >= 4 and text.rstrip().endswith((".", "?", "!"))) or words >= 14


def ends_sentence(line: str) -> bool:
    """Whether a line ends as sentences do; a short last word with a full stop may be an abbreviation."""
    return _SENTENCE_END.search(line) is not None


def introduces_block(lines: list[str], start: int) -> bool:
    """`Please write to:` above it: the address is what the person wants to say."""
    return _above(lines, start).endswith((":", ","))


def contact_block(lines: list[str], names: Names, _others: bool) -> Found:
    """A last paragraph of name, company and numbers without any closing above it."""
    start = len(lines)
    while start > 0 and lines[start - 1].strip():
        start -= 1
    block = lines[start:]
    if start == 0 and names:
        named = [at for at, line in enumerate(block) if at and is_name(line, names)]
        start, block = (named[-1], block[named[-1] :]) if named else (0, block)
    if start == 0 or len(block) > 12 or introduces_block(lines, start):
        return None, 0
    contacts = sum(bool(CONTACT.search(line)) for line in block)
    sentences = sum(ends_sentence(line) and not CONTACT.search(line) for line in block)
    needed = 1 if is_name(block[0], names) else 2
    if contacts >= needed and len(block) >= 2 and not sentences and all(len(line) <= 120 for line in block):
        return _name_above(lines, start, names), len(lines)
    return None, 0


def signed_off(lines: list[str], names: Names, others: bool) -> Found:
    """A closing line that no list has and a name: `Amitiés bretonnes,` and `Loïc Keravel`, his craft below."""
    end = postscript(lines, 1)
    texts = _last_texts(lines, end)
    for number, at in enumerate(texts[:-1]):
        below = texts[number + 1]
        if (
            (at == 0 and not others)
            or below - at > 2
            or len(lines[at]) > MAX_CLOSING
            or not _apart(lines, at)
        ):
            continue
        name = lines[below].strip()
        known = is_name(name, names) or (are_initials(name, names) and not ends_sentence(name))
        if not known and not looks_like_person(name):
            continue
        sure = known or initials(name) or is_titled(name)
        rest = [lines[place].strip() for place in texts[number + 2 :]]
        if closes(lines[at], sure=sure) and _belongs(rest, few=False) and len(rest) <= 8:
            return at, end
    return None, 0


def closing_above(lines: list[str], cut: list[str], names: Names, others: bool) -> Found:
    """The closing line that is left at the end when a name and what was below it are cut."""
    at = len(lines) - 1
    if (at == 0 and not others) or len(lines[at]) > MAX_CLOSING or not _apart(lines, at):
        return None, 0
    name = next((line.strip() for line in cut if line.strip()), "")
    known = is_name(name, names) or are_initials(name, names)
    if (known or looks_like_person(name)) and closes(lines[at], sure=known):
        return at, len(lines)
    return None, 0


def closes(line: str, *, sure: bool) -> bool:
    """Whether a line above a name is a closing. `sure`: the name is the writer's.

    It is on a list, or has a word of one, or says what the writer is. Any other short line may be the answer:
    `No more mails,` has a name below as often as `Ahoi,`.
    """
    line = line.strip(" \t*_")
    if not 1 < len(line) <= MAX_CLOSING or _ITEM.match(line):
        return False
    if may_close(line) and CLOSING_ALONE.fullmatch(line):
        return True
    words = [word.lower() for word in _WORD.findall(line)]
    if not 0 < len(words) <= 6 or line[-1] in ".?:;" or re.search(r"\d|[.!?…] ", line):
        return False
    if REFERS.search(line) or words[-1] in LEADING or not ANSWERS.isdisjoint(words):
        return False
    if CLOSING_STEM.search(line):
        return True
    return (sure or line[-1] == ",") and _says_role(line.rstrip(" ,").split())


def _says_role(words: list[str]) -> bool:
    """`Le trésorier`, `La secrétaire de mairie`, but not `Le chef a dit oui`."""
    if len(words) > 1 and words[0].lower() in ARTICLES:
        words = words[1:]
    below = words[1:2]
    return ROLE.match(words[0]) is not None and (
        not below or below[0][:1].isupper() or below[0].lower() in FROM_WORDS or "'" in below[0]
    )


def signed(lines: list[str], names: Names, others: bool) -> Found:
    """The writer's name at the end, with at most a title and the like below it, and `/Lis` or `J. Smith`."""
    end = postscript(lines, 1)
    texts = _last_texts(lines, end)
    for at in reversed(texts[-8:]):
        if at == 0 and not others:
            break
        below = [lines[place].strip() for place in texts if place > at]
        if _signs_here(lines, at, below, names):
            return at, end
        if len(lines[at]) > 90 or is_prose(lines[at]):
            break
    return None, 0


def named_block(lines: list[str], _names: Names, others: bool) -> Found:
    """A last block of a name nobody told us, a title or a company and more, in one paragraph or several."""
    end = postscript(lines, 1)
    texts = _last_texts(lines, end)
    for number, at in enumerate(texts):
        if (at == 0 and not others) or (at and lines[at - 1].strip()):
            continue
        head = lines[at].strip()
        if number + 1 == len(texts) or not looks_like_person(head):
            continue
        below = [lines[place].strip() for place in texts[number + 1 :]]
        if not _belongs(below, few=False):
            continue
        if (
            _speaks_of(lines, at)
            or sum(looks_like_person(re.split(r"[,|:–(-]", text)[0]) for text in below) > 1
        ):
            continue
        if ROLE.search(f"{head}\n{below[0]}") or any(CONTACT.search(text) for text in below):
            return at, end
    return None, 0


def _speaks_of(lines: list[str], at: int) -> bool:
    """Whether the words above a name are of it: `Please ask my colleague.`, `The new address is`."""
    above = _above(lines, at)
    if above.endswith("?"):
        return False
    last = re.split(r"[.!?] ", above)[-1]
    words = _WORD.findall(last.lower()) or [""]
    return above.endswith((":", ",")) or words[-1] in LEADING or REFERS.search(last) is not None


def _signs_here(lines: list[str], at: int, below: list[str], names: Names) -> bool:
    line = lines[at].strip()
    above = lines[at - 1].strip() if at else ""
    apart = not above or ends_sentence(above)
    if slash := _SLASH.fullmatch(line):
        listed = line[0] not in "/" and any(_ITEM.match(text) for text in lines[:at])
        return not below and not listed and (is_name(slash[1], names) or looks_like_name(slash[1]))
    if is_name(line, names):
        if below:
            return apart and _belongs(below, few=introduces_block(lines, at))
        led = above.rsplit(" ", 1)[-1].lower() in LEADING
        return apart or (all_known(line, names) and not led and above[-1] != ":")
    if are_initials(line, names):
        return apart and _belongs(below, few=False) and not introduces_block(lines, at)
    if not below and apart and is_pet_name(line, names):
        return not introduces_block(lines, at)
    titled = is_titled(line) and looks_like_person(line) and not _speaks_of(lines, at)
    ended = _above(lines, at).rstrip(" \"'”“»)")[-1:] in tuple(".!?…")
    return not below and ended and (titled or initials(line))


def _belongs(below: list[str], *, few: bool) -> bool:
    """Whether the lines below a name can be its owner's title, company and address."""
    if few:
        return len(below) == 1 and (below[0][:1].islower() or CONTACT.search(below[0]) is not None)
    return all(
        SMALL_PRINT.match(text)
        or (len(text) <= 80 and not is_prose(text) and text[-1] not in "?!:" and not _ITEM.match(text))
        for text in below
    )


def _apart(lines: list[str], at: int) -> bool:
    """Whether a line begins a paragraph or follows a whole sentence."""
    above = lines[at - 1].strip() if at else ""
    return not above or _ENDED.search(above[-8:]) is not None


def _above(lines: list[str], at: int) -> str:
    return next((line.strip() for line in reversed(lines[:at]) if line.strip()), "")


def _last_texts(lines: list[str], end: int) -> list[int]:
    return [at for at in range(max(0, end - 2 * LAST), end) if lines[at].strip()][-LAST:]


def _name_above(lines: list[str], start: int, names: Names) -> int:
    at = start - 1
    while at > 0 and not lines[at].strip():
        at -= 1
    return at if at > 0 and is_name(lines[at], names) else start
