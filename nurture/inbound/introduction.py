"""How mail programs introduce what they quote: one line, several, or a block of header fields.

Each function answers for the line at hand how many lines the introduction takes, 0 for none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nurture.inbound.quote_data import FIELD_ROLES, FORWARDED, OPENER, ORIGINAL, WROTE

MAX_BLOCK = 16
MAX_INTRODUCTION = 4

_FIELD = re.compile(r"[\s*_|>]*([^\W\d_][^\W_]?(?:[\w .'’/-]{0,24}?[\w.])?)[\s*_]*[:：][\s*_]*(.*)$")
_INLINE_FIELD = re.compile(r"(?:^|[\s*>])([^\W\d_][\w'’]{0,14})\*?\s?:")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)|(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)"
)
_EMAIL = re.compile(r"[\w.+=-]+@[\w-]+(?:\.[\w-]+)+|\[mailto:|<mailto:")
_BARE_FROM = re.compile(
    r"[*\s]*[^\W\d_]+\s(?:[^:]{0,80}<[^\s<>@]+@[^\s<>]+>|(?:\"[^\":]{0,80}\"\s)?[^\s<>@]+@[^\s<>@]+)\s*$"
)
_DECORATIONS = ("--", "__", "==", "**", "––", "——", "──", "- ", "~~", "##")
_ENDS = re.compile(r"(?:[:：]|wrote ?-{2,}|[:：] ?-{2,})\s*[*_]*$", re.I)
_REPLY_ABOVE = re.compile(
    r"(?:reply|respond|antwort\w*|répond\w*|svar|ответ\w*)\b.{0,30}(?:above|over|oberhalb|über|au-dessus|ovenfor|over|выше)\b.{0,20}(?:line|linie|zeile|ligne|streg\w*|черт\w*|строк\w*)",
    re.I,
)
_PRONOUNS = r"i|we|ich|wir|je|nous|j'ai|jeg|vi|jag|я|мы|yo|io|ik|wij|ja|eu"
_IN_PERSON = re.compile(
    rf"(?<!\w)(?:(?:{_PRONOUNS})(?: [^\W\d_]{{1,5}})?\s+(?:{WROTE.pattern})|(?:{WROTE.pattern})\s+(?:{_PRONOUNS})(?!\w))",
    re.I,
)
"""`As I wrote:`, `Am 3. August schrieb ich:`."""
_MESSAGE_OF = re.compile(r"[\s>]*message du \d", re.I)
_ON_ONE_LINE = re.compile(r"[:：]\s+\S")


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or the like."""
    stripped = line.strip()
    return len(stripped) >= 3 and not stripped.strip("-_=*~–—─")


def original_line(line: str) -> bool:
    """`-----Original Message-----` in any language, or the line that a help desk wants answers above."""
    return (len(line) < 120 and _REPLY_ABOVE.search(line) is not None) or _separator(line) in ORIGINAL


def forward_line(line: str) -> bool:
    """`---------- Forwarded message ---------`, `Begin forwarded message:` in any language."""
    words = _separator(line)
    if words in FORWARDED:
        return True
    return any(words.startswith(f"{known} ") for known in ("forwarded by", "weitergeleitet von"))


def _separator(line: str) -> str:
    """The words between the dashes of a separator line, or an empty text if it can be none."""
    stripped = line.strip()
    if len(stripped) > 120 or not (stripped.startswith(_DECORATIONS) or stripped.endswith(":")):
        return ""
    words = stripped.strip("-_=*~–—─>#+ \t")
    return re.sub(r"\s+", " ", words.rstrip(" :")).lower()


def _field(line: str) -> tuple[str, str] | None:
    match = _FIELD.match(line[:300])
    if match is None:
        return None
    role = FIELD_ROLES.get(re.sub(r"\s+", " ", match[1].strip().lower()))
    return (role, match[2]) if role else None


def header_block(lines: list[str], at: int, *, separated: bool) -> int:
    """Lines of a block of header fields that starts here. `separated`: a rule or a separator stands above."""
    if at >= len(lines):
        return 0
    if _one_line_block(lines[at]):
        return 1
    if bare := _bare_block(lines, at):
        return bare
    if _MESSAGE_OF.match(lines[at]) and (below := header_block(lines, at + 1, separated=True)):
        return 1 + below
    if _field(lines[at]) is None:
        return 0
    roles: dict[str, str] = {}
    end, loose = at, 0
    for number in range(at, min(at + MAX_BLOCK, len(lines))):
        line = lines[number]
        found = _field(line)
        if found:
            roles.setdefault(*found)
            end, loose = number + 1, 0
        elif not line.strip():
            if (
                number + 1 < len(lines)
                and _field(lines[number + 1]) is None
                and loose == 0
                and len(roles) >= 2
            ):
                break
            loose += 1
        else:
            loose += 1
            if len(roles) >= 3 and lines[number - 1].strip() and loose <= 2 and _wrapped(line):
                end = number + 1
        if loose > 2:
            break
    return end - at if _is_block(roles, separated) else 0


def _bare_block(lines: list[str], at: int) -> int:
    """Lines of a block whose labels stand without colons, as eM Client writes them: `Von "Anna" <a@b.example>`.

    Aruba's webmail leaves the brackets out too and has a `Cc` with nothing behind it.
    """
    if "@" not in lines[at] or _BARE_FROM.match(lines[at]) is None:
        return 0
    roles: list[str] = []
    for line in lines[at : at + 6]:
        label, _, value = line.strip(" *\t").partition(" ")
        role = FIELD_ROLES.get(label.lower())
        role = role if value.strip() or role == "cc" else None
        if role is None or role in roles:
            break
        roles.append(role)
    return len(roles) if roles[:1] == ["from"] and {"sent", "subject"} & set(roles) and len(roles) >= 3 else 0


def addressee(lines: list[str], at: int, size: int) -> str:
    """The only one that a block of header fields at `at` is to: a name, or else the address before its `@`."""
    for number, line in enumerate(lines[at : at + size]):
        found = _field(line.lstrip("> \t"))
        if found is None and number and line.strip("> \t-_"):
            break
        if found and found[0] == "to" and found[1].count("@") < 2 and ";" not in found[1]:
            name, _, address = found[1].partition("<")
            return name if re.search(r"\w", name) else address
    return ""


def _wrapped(line: str) -> bool:
    """The next line of a long list of recipients."""
    return line[:1] in " \t" or _EMAIL.search(line) is not None


def _is_block(roles: dict[str, str], separated: bool) -> bool:
    known = set(roles) - {"other"}
    if "from" not in known:
        return separated and {"subject", "sent"} <= known
    if separated:
        return len(known) >= 2
    if _EMAIL.search(roles["from"]) and len(known) >= 2:
        return True
    return (len(known) >= 3 and bool(known & {"sent", "subject"}) and "to" in known) or {
        "sent",
        "subject",
    } <= known


def _one_line_block(line: str) -> bool:
    if line.count(":") < 3 or len(line) > 800:
        return False
    roles = {FIELD_ROLES.get(label.lower()) for label in _INLINE_FIELD.findall(line)}
    return {"from", "sent", "subject"} <= roles and _field(line) is not None


def attribution(lines: list[str], at: int, quotes_follow: Callable[[int], bool]) -> int:
    """Lines of an introduction such as `On … X wrote:` that starts here, in any language, wrapped or not."""
    first = lines[at]
    opened = OPENER.match(first) is not None or first.lstrip()[:2] == "--"
    joined = ""
    for count in range(1, MAX_INTRODUCTION + 1):
        if at + count > len(lines):
            return 0
        line = lines[at + count - 1]
        if not line.strip():
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > 500:
            return 0
        if _ENDS.search(joined) and _introduces(
            joined, opened, quotes_follow(at + count), _marked(lines, at + count)
        ):
            return count
        if count == 1 and _flattened(joined, opened):
            return 1
        if not opened and not _EMAIL.search(joined) and not (count == 1 and _starts_with_name(joined)):
            return 0
        if _unmarked(joined, opened) and (_EMAIL.search(joined) or quotes_follow(at + count)):
            return count + _name_below(lines, at + count, quotes_follow)
    return 0


def _introduces(joined: str, opened: bool, quotes_follow: bool, marked: bool) -> bool:
    """`marked`: the very next line is quoted, which what a person says of a mail needs to be its introduction."""
    verb = WROTE.search(joined)
    dated = _DATE.search(joined) is not None
    mailed = _EMAIL.search(joined) is not None
    if verb and not marked and not (mailed and opened) and _IN_PERSON.search(joined):
        return False
    if verb:
        tail = joined[verb.end() :]
        if (
            dated and ((opened and (quotes_follow or joined[:1].isupper() or joined[:1].isdigit())) or mailed)
        ) or (mailed and (opened or len(tail) < 60)):
            return len(joined) < 350 or mailed
        return marked and len(joined) < 200
    if dated and mailed:
        return opened or quotes_follow
    return marked and dated and opened


def _marked(lines: list[str], at: int) -> bool:
    """Whether the next line with text is quoted."""
    text = next((line for line in lines[at : at + 4] if line.strip()), "")
    return re.match(r"\s{0,3}(?:>|&gt;|\|)", text) is not None


def _unmarked(joined: str, opened: bool) -> bool:
    """An introduction that lost its colon, told by its date and a verb at the very end."""
    return opened and WROTE.search(joined[-16:]) is not None and _DATE.search(joined) is not None


def _name_below(lines: list[str], at: int, quotes_follow: Callable[[int], bool]) -> int:
    """One more line where a name was wrapped below the verb: `… schrieb` and `Anna Berg:`."""
    line = lines[at].strip() if at < len(lines) else ""
    return int(1 < len(line) < 120 and line.endswith(":") and quotes_follow(at + 1))


def _flattened(line: str, opened: bool) -> bool:
    """`On Monday 3 May 2027 at 10:00, X <x@y> wrote: the quoted text` on one line."""
    verb = WROTE.search(line[:300])
    if not (opened and verb):
        return False
    head, tail = line[: verb.end()], line[verb.end() :]
    if not (_DATE.search(head) or _DATE.search(tail[:60])):
        return False
    return _EMAIL.search(line[: verb.end() + 120]) is not None and _ON_ONE_LINE.search(tail[:140]) is not None


def _starts_with_name(line: str) -> bool:
    return (
        len(line) < 80
        and WROTE.search(line) is None
        and line[:1].isupper()
        and line.rstrip().endswith((",", ">"))
    )
