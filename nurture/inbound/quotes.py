"""What a person wrote in a mail: quoted mails, introductions, signatures and disclaimers cut.

Lines are labelled one by one, in linear time. What follows a ">"-quote may be an answer below or between the
quotes and is kept; what follows an Outlook-style header block or an unmarked quote is the quoted mail to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from nurture.inbound.html_text import ATTRIBUTION, QUOTE_FOLLOWS, SIGNATURE, SIGNATURE_END
from nurture.inbound.inside import Known, announces, below_questions, end_of_quoted, not_said
from nurture.inbound.introduction import (
    addressee,
    attribution,
    forward_line,
    header_block,
    is_rule,
    original_line,
)
from nurture.inbound.message import strip_marks
from nurture.inbound.question import question_in
from nurture.inbound.quote_data import CONTACT, FOOTER, FORWARD_SUBJECT, MOBILE, NO_NAMES, may_close
from nurture.inbound.signature import cut_signature, drop_banners

MAX_LINES = 3000
MAX_CHARS = 64 * 1024
MAX_LINE = 1000
MAX_TYPED = 6
"""Lines that begin with ">" which a person may have typed by hand; more are a quote."""
SHORT = 120
"""Characters of an answer that may need the question it is to."""

_QUOTED = re.compile(r"[ \t]{0,3}(?:>|&gt;|[A-ZА-Я]{1,4}>[ >]|\|[ >])")
_GREETING = re.compile(r"[^\W\d_]+,?((?: [\w.'’-]+){1,4})\s?[,!:]?")
_GREETS = re.compile(r"[^\W\d_]+(?: [\w.'’-]+){1,4}\s?,")
_FIGURE = re.compile(r"[ \t]{0,3}> ?\d+(?:[.,]\d+)?\s?(?:[^\W\d][^?]*$|[%€$£])")
_ENDED = re.compile(r"[.?!:…]\s*$")
_GROUPWISE = re.compile(r">>> .{0,200}(?:>>>|wrote:|schrieb:)\s*$")
"""Novell GroupWise introduces an unmarked quote so."""
_ODD_SPACE = re.compile(r"[\u00a0\u2007\u202f\u2000-\u200a]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")


class _Label(Enum):
    OWN = 1
    BLANK = 2
    QUOTED = 3
    INTRODUCTION = 4
    SIGNATURE = 5


_QUOTES = (_Label.QUOTED, _Label.INTRODUCTION)


@dataclass(frozen=True, slots=True)
class Cut:
    """`text` is what the person wrote, `signature` what was cut from its ends.

    `quoted` tells whether the mail quotes another, `forwarded` whether it passes one on. `asked` is the quoted
    sentence that a short answer is to.
    """

    text: str
    signature: str = ""
    quoted: bool = False
    forwarded: bool = False
    interleaved: bool = False
    asked: str = ""


@lru_cache(maxsize=2)
def cut_quotes(text: str, *, subject: str = "", sender_name: str = "", ours: str = "") -> Cut:
    """Cut a mail's text (of `Received.text`). `sender_name` helps to see where a signature begins.

    `ours` is the text of the mail it answers, where that is known.
    """
    return _cut(text, subject, sender_name, ours, whole=True)


def _cut(text: str, subject: str, sender_name: str, ours: str, *, whole: bool) -> Cut:
    lines = _lines(text)
    labels, forwarded = _label(lines)
    _mend_wraps(lines, labels)
    _mend_own_marks(lines, labels)
    if not forwarded:
        _mend_inside(lines, labels, ours)
    forwards = FORWARD_SUBJECT.match(subject) is not None
    names = _names(lines, labels, sender_name)
    kept, signatures = _own(_segments(lines, labels), names)
    if whole and not kept and not forwarded and not forwards:
        if (at := _answer_below(lines, labels)) < len(lines):
            labels[at:], _ = _label(lines[at:])
            kept, signatures = _own(_segments(lines, labels), names)
        elif below := _below_block(lines, labels):
            return _cut(below, subject, sender_name, ours, whole=False)
    quoted = any(label in _QUOTES for label in labels)
    return Cut(
        text="\n\n".join(kept),
        signature="\n".join(signatures),
        quoted=quoted,
        forwarded=forwarded or (forwards and (quoted or not kept)),
        interleaved=len(kept) > 1,
        asked=_asked(lines, labels, ours) if len(kept) == 1 and len(kept[0]) <= SHORT else "",
    )


def _asked(lines: list[str], labels: list[_Label], ours: str) -> str:
    """What the only own lines of a mail answer: the quoted lines right above them, else those below, else our mail."""
    quoted = [place for place, label in enumerate(labels) if label is _Label.QUOTED]
    if not quoted:
        return question_in(ours.splitlines(), above=False)
    first = labels.index(_Label.OWN) if _Label.OWN in labels else 0
    above = [place for place in quoted if place < first]
    return question_in([lines[place] for place in above or quoted], above=bool(above))


def _own(segments: list[list[str]], names: str) -> tuple[list[str], list[str]]:
    """(what is left of each run of own lines, the signatures cut from the outer ones)."""
    kept: list[str] = []
    signatures: list[str] = []
    for number, segment in enumerate(segments):
        outer = number in (0, len(segments) - 1)
        own, signature = cut_signature(segment, names, others=bool(kept)) if outer else (segment, [])
        if signature:
            signatures.append("\n".join(signature))
        text = drop_banners(_join(own))
        if text and (number == 0 or re.search(r"\w|[^\x00-\x7f]", text)):
            kept.append(text)
    return kept, signatures


def _names(lines: list[str], labels: list[_Label], sender_name: str) -> str:
    """What the writer is called: by the mail's From, and by the quoted mail, which was to him or her."""
    if _Label.INTRODUCTION not in labels and _Label.QUOTED not in labels:
        return sender_name
    at = next(place for place, label in enumerate(labels) if label in _QUOTES)
    called = addressee(lines, at, 12)
    greeted = next(
        (name for place in range(at, min(at + 20, len(lines))) if (name := _greeted(lines, place))), ""
    )
    return f"{sender_name} {called} {greeted}"


def _greeted(lines: list[str], at: int) -> str:
    """Whom a quoted line greets: the words after the first, the last of which is a name."""
    line = lines[at].strip("> \t")
    match = _GREETING.fullmatch(line)
    if match is None or not match[1].split()[-1][:1].isupper() or forward_line(lines[at].strip("> \t")):
        return ""
    below = lines[at + 1].strip("> \t") if at + 1 < len(lines) else ""
    name = " ".join(word for word in match[1].split() if word.lower() not in NO_NAMES)
    return name if line[-1] in ",!:" or not below else ""


def _answer_below(lines: list[str], labels: list[_Label]) -> int:
    """Where an answer begins below a mail that is quoted unmarked at the top; the number of lines without one.

    It is told by the way to unsubscribe that ends our mail, or by a second greeting.
    """
    start = _next_text(lines, 0)
    if start == len(lines) or labels[start] is not _Label.INTRODUCTION:
        return len(lines)
    first = next((at for at in range(start, len(lines)) if labels[at] is _Label.QUOTED), len(lines))
    first = _next_text(lines, first)
    if any(_QUOTED.match(line) for line in lines[first : first + 20]):
        return len(lines)
    for at in range(first + 1, len(lines)):
        if header_block(lines, at, separated=False) or original_line(lines[at]):
            break
        if not lines[at].strip() or lines[at - 1].strip():
            continue
        above = "\n".join(lines[max(first, at - 4) : at])
        if ("://" in above or "mailto:" in above) and FOOTER.search(above) and not CONTACT.search(lines[at]):
            return at
        if _GREETS.fullmatch(lines[at].strip()) and not may_close(lines[at]):
            return at
    return len(lines)


def _below_block(lines: list[str], labels: list[_Label]) -> str:
    """The text below a block of header fields that the mail begins with: its own, since nothing stands above."""
    start = _next_text(lines, 0)
    size = header_block(lines, start, separated=False) if start < len(lines) else 0
    if not size or labels[start] is not _Label.INTRODUCTION:
        return ""
    return "\n".join(lines[start + size :])


def _lines(text: str) -> list[str]:
    text = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _INVISIBLE.sub("", _ODD_SPACE.sub(" ", text))
    lines = [line[:MAX_LINE].rstrip() for line in text.split("\n")[: MAX_LINES * 4]]
    kept: list[str] = []
    for line in lines:
        if line or (kept and (kept[-1] or (len(kept) > 1 and kept[-2]))):
            kept.append(line)
    return kept[:MAX_LINES]


def _label(lines: list[str]) -> tuple[list[_Label], bool]:
    labels: list[_Label] = []
    forwarded = False
    at = 0
    while at < len(lines):
        line = lines[at]
        introduction = 0
        to_the_end = False
        if not line.strip():
            labels.append(_Label.BLANK)
        elif line == SIGNATURE:
            introduction = _until(lines, at, SIGNATURE_END)
            labels += [_Label.SIGNATURE] * introduction
        elif line == SIGNATURE_END:
            labels.append(_Label.BLANK)
        elif _GROUPWISE.match(line):
            labels.append(_Label.INTRODUCTION)
            to_the_end = True
        elif _QUOTED.match(line):
            block = _quoted_block(lines, at)
            labels += [_Label.QUOTED] * max(1, block)
            to_the_end = block > 0
        else:
            introduction, to_the_end, is_forward = _introduction(lines, at)
            forwarded = forwarded or is_forward
            labels += [_Label.INTRODUCTION] * introduction or [_Label.OWN]
        at = len(labels)
        if to_the_end and not _quote_marks_follow(lines, at):
            labels += [_Label.QUOTED] * (len(lines) - at)
            break
        while introduction and at < len(lines) and _tail_of_introduction(lines, at):
            labels.append(_Label.INTRODUCTION)
            at += 1
    return labels[: len(lines)], forwarded


def _introduction(lines: list[str], at: int) -> tuple[int, bool, bool]:
    """(how many lines introduce a quote here, whether all that follows may be quoted, whether it forwards)."""
    line = lines[at]
    if line == QUOTE_FOLLOWS:
        return 1, True, False
    if line == ATTRIBUTION:
        return 2, True, forward_line(lines[at + 1] if at + 1 < len(lines) else "")
    if forward_line(line):
        return 1 + header_block(lines, _next_text(lines, at + 1), separated=True), True, True
    if original_line(line):
        return 1 + header_block(lines, at + 1, separated=True), True, False
    if is_rule(line):
        below = _next_text(lines, at + 1)
        block = header_block(lines, below, separated=True) if below - at <= 3 else 0
        return (below - at + block, True, False) if block else (0, False, False)
    block = header_block(lines, at, separated=False)
    if block:
        return block, True, False
    found = attribution(lines, at, lambda below: _quote_marks_follow(lines, below, within=3))
    return found, bool(found), False


def _quoted_block(lines: list[str], at: int) -> int:
    """Lines of a block of header fields that a mail program marked, though not the mail below it (Orange)."""
    if at and _QUOTED.match(lines[at - 1]):
        return 0
    bare = [re.sub(r"^[\s>]+", "", line) for line in lines[at : at + 12] if _QUOTED.match(line)]
    found = header_block(bare, 0, separated=False)
    return len(bare) if found and len(bare) - found <= 1 else 0


def _tail_of_introduction(lines: list[str], at: int) -> bool:
    """A broken-off piece of an introduction: `<address>` or `wrote:` on lines of their own."""
    line = lines[at].strip()
    return 0 < len(line) < 120 and re.fullmatch(r"<?\S+@\S+>?:?|\S{3,20} ?:|\(.{0,40}\):", line) is not None


def _quote_marks_follow(lines: list[str], at: int, within: int = 5) -> bool:
    seen = 0
    for line in lines[at : at + 20]:
        if _QUOTED.match(line):
            return True
        if line.strip():
            seen += 1
            if seen >= within:
                return False
    return False


def _next_text(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _until(lines: list[str], at: int, mark: str) -> int:
    for count, line in enumerate(lines[at : at + 60], start=1):
        if line == mark:
            return count
    return 1


def _mend_wraps(lines: list[str], labels: list[_Label]) -> None:
    """A piece of a long quoted line that a mail program wrapped without repeating the mark is quoted too.

    The only line of its own that a mail has is what its writer says.
    """
    if sum(label is _Label.OWN for label in labels) < 2:
        return
    for at in range(1, len(lines)):
        below = labels[at + 1] if at + 1 < len(lines) else _Label.BLANK
        if (
            labels[at] is _Label.OWN
            and labels[at - 1] is _Label.QUOTED
            and below in (_Label.QUOTED, _Label.BLANK)
            and len(lines[at - 1]) >= 60
            and len(lines[at].strip(" >")) < len(lines[at - 1])
            and lines[at][:1].islower()
        ):
            labels[at] = _Label.QUOTED


def _mend_own_marks(lines: list[str], labels: list[_Label]) -> None:
    """Lines that begin with ">" among a person's own: a figure (`> 8 people`), or what was said elsewhere.

    They are above what the mail program quotes, or it quotes nothing, so a person typed them. What the quote below
    says too is left out all the same.
    """
    for at in range(1, len(lines)):
        if labels[at] is _Label.QUOTED and labels[at - 1] is _Label.OWN and _FIGURE.match(lines[at]):
            below = lines[at + 1].strip() if at + 1 < len(lines) else ""
            goes_on = not _ENDED.search(lines[at - 1]) and MOBILE.fullmatch(lines[at - 1].strip()) is None
            if goes_on and (not below or below[:1].islower()):
                labels[at] = _Label.OWN
    end = labels.index(_Label.INTRODUCTION) if _Label.INTRODUCTION in labels else 0
    typed = [at for at in range(end) if labels[at] is _Label.QUOTED]
    if 0 < len(typed) <= MAX_TYPED and _Label.OWN in labels[: typed[0]]:
        rest = " ".join(lines[end:])
        for at in typed:
            words = lines[at].strip("> \t|")
            if words and words not in rest and _Label.OWN in labels[at + 1 : end]:
                labels[at] = _Label.OWN


def _mend_inside(lines: list[str], labels: list[_Label], ours: str) -> None:
    """Lines of the first quoted mail that the person wrote into it without a mark."""
    begin = next((at for at, label in enumerate(labels) if label is _Label.QUOTED), len(lines))
    if begin == len(lines) or any(_QUOTED.match(line) for line in lines[begin:]):
        return
    quoted = lines[begin : end_of_quoted(lines, begin)]
    if ours:
        inside = not_said(quoted, Known(ours))
    elif announces("\n".join(line for line, label in zip(lines, labels, strict=True) if label is _Label.OWN)):
        inside = below_questions(quoted)
    else:
        return
    for at in inside:
        labels[begin + at] = _Label.OWN
        if at + 1 < len(quoted) and not quoted[at + 1]:
            labels[begin + at + 1] = _Label.BLANK


def _segments(lines: list[str], labels: list[_Label]) -> list[list[str]]:
    """The runs of own lines between quotes; the first one is there even when it is empty."""
    segments: list[list[str]] = [[]]
    for line, label in zip(lines, labels, strict=True):
        if label in _QUOTES:
            if segments[-1] or len(segments) == 1:
                segments.append([])
        elif label is not _Label.SIGNATURE:
            segments[-1].append(line)
    first, *others = segments
    return [first, *(segment for segment in others if any(line.strip() for line in segment))]


def _join(lines: list[str]) -> str:
    text = strip_marks("\n".join(lines)).strip("\n")
    text = re.sub(r"\n{3,}", "\n\n", text)
    if sum(map(is_rule, text.split("\n"))) == 1:
        text = re.sub(r"\n[ \t]*[-_=*~–—]{3,}[ \t]*\Z", "", text)
    return text.strip("\n").rstrip()
