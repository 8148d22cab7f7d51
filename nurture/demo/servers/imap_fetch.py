"""What FETCH shows of a mail and what SEARCH finds (RFC 9051 §6.4.4, §6.4.5), as far as mail programs ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nurture.demo.servers.imap_folders import Mail
from nurture.demo.servers.imap_syntax import BadCommand, Token, literal, number_set, quoted, text

_SECTION = re.compile(r"BODY(?:\.PEEK)?\[(.*?)\](?:<(\d+)(?:\.(\d+))?>)?", re.I | re.S)
_FIELDS = re.compile(r"HEADER\.FIELDS(\.NOT)? \((.*)\)", re.I | re.S)
_MACROS = {"FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"], "ALL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]}
_FLAG_KEYS = {
    "SEEN": "\\Seen",
    "ANSWERED": "\\Answered",
    "FLAGGED": "\\Flagged",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
}
Test = Callable[[int, Mail], bool]


def items_of(token: Token) -> list[str]:
    """The items asked for; a macro stands for several."""
    names = [text(entry) for entry in token] if isinstance(token, list) else [text(token)]
    if len(names) == 1:
        return _MACROS.get(names[0].upper(), names)
    return names


def marks_seen(items: list[str]) -> bool:
    """Whether fetching these sets ``\\Seen``: a body without PEEK does."""
    return any(
        item.upper().startswith(("BODY[", "RFC822.TEXT")) or item.upper() == "RFC822" for item in items
    )


def shown(mail: Mail, item: str) -> bytes:
    """One item of a FETCH answer, its name and value."""
    name = item.upper()
    head, body = _halves(mail.raw)
    if name == "FLAGS":
        return b"FLAGS (" + " ".join(sorted(mail.flags)).encode() + b")"
    if name == "UID":
        return b"UID %d" % mail.uid
    if name == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(mail.raw)
    if name == "INTERNALDATE":
        return b"INTERNALDATE " + quoted(mail.arrived_at.strftime("%d-%b-%Y %H:%M:%S %z"))
    whole = {"RFC822": mail.raw, "RFC822.HEADER": head, "RFC822.TEXT": body}
    if name in whole:
        return name.encode() + b" " + literal(whole[name])
    found = _SECTION.fullmatch(item)
    if found is None:
        raise BadCommand(f"can't show {item}")
    return _section(mail.raw, found)


def _section(raw: bytes, found: re.Match[str]) -> bytes:
    data = _part(raw, found[1])
    label = f"BODY[{found[1].upper()}]"
    if found[2] is not None:
        start = int(found[2])
        data = data[start : start + int(found[3])] if found[3] else data[start:]
        label += f"<{start}>"
    return label.encode() + b" " + literal(data)


def _part(raw: bytes, section: str) -> bytes:
    head, body = _halves(raw)
    fields = _FIELDS.fullmatch(section)
    if section == "":
        return raw
    if section.upper() == "HEADER":
        return head
    if section.upper() in ("TEXT", "1"):
        return body
    if fields is not None:
        wanted = {name.lower() for name in fields[2].split()}
        kept = (line for line in _fields(head) if (_name(line) in wanted) != bool(fields[1]))
        return b"".join(kept) + b"\r\n"
    raise BadCommand(f"no such section: {section}")


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    end = raw.find(b"\r\n\r\n")
    return (raw, b"") if end < 0 else (raw[: end + 4], raw[end + 4 :])


def _fields(head: bytes) -> Iterator[bytes]:
    yield from re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)


def _name(line: bytes) -> str:
    return line.partition(b":")[0].strip().decode("ascii", "replace").lower()


def search(tokens: list[Token], highest: int, highest_uid: int) -> Test:
    """SEARCH's keys as one test of (sequence number, mail); all must hold."""
    tests: list[Test] = []
    rest = list(tokens)
    while rest:
        tests.append(_key(rest, highest, highest_uid))
    return lambda number, mail: all(test(number, mail) for test in tests)


def _key(rest: list[Token], highest: int, highest_uid: int) -> Test:
    """Take one search key and its arguments off `rest`."""
    token = rest.pop(0)
    if isinstance(token, list):
        return search(token, highest, highest_uid)
    word = text(token).upper()
    if word in ("ALL", "OLD", "UNDRAFT"):
        return lambda _number, _mail: True
    if word == "NOT":
        inner = _key(rest, highest, highest_uid)
        return lambda number, mail: not inner(number, mail)
    if word == "OR":
        one, other = _key(rest, highest, highest_uid), _key(rest, highest, highest_uid)
        return lambda number, mail: one(number, mail) or other(number, mail)
    if word.removeprefix("UN") in _FLAG_KEYS:
        return _flag_test(_FLAG_KEYS[word.removeprefix("UN")], wanted=not word.startswith("UN"))
    if word[0].isdigit() or word[0] == "*":
        sequence = number_set(token, highest)
        return lambda number, _mail: sequence(number)
    if not rest:
        raise BadCommand(f"{word} needs something after it")
    return _key_with_argument(word, rest, highest_uid)


def _key_with_argument(word: str, rest: list[Token], highest_uid: int) -> Test:
    argument = rest.pop(0)
    value = text(argument)
    if word == "UID":
        uids = number_set(argument, highest_uid)
        return lambda _number, mail: uids(mail.uid)
    if word in ("KEYWORD", "UNKEYWORD"):
        return _flag_test(value, wanted=word == "KEYWORD")
    if word == "HEADER" and rest:
        return _header_test(value, text(rest.pop(0)))
    if word in ("FROM", "TO", "CC", "SUBJECT"):
        return _header_test(word, value)
    if word in ("TEXT", "BODY"):
        needle = value.lower().encode()
        return lambda _number, mail: needle in mail.raw.lower()
    if word in ("LARGER", "SMALLER"):
        sign = 1 if word == "LARGER" else -1
        return lambda _number, mail: sign * len(mail.raw) > sign * int(value)
    raise BadCommand(f"can't search by {word}")


def _flag_test(flag: str, *, wanted: bool) -> Test:
    folded = flag.lower()
    return lambda _number, mail: (folded in {known.lower() for known in mail.flags}) == wanted


def _header_test(name: str, value: str) -> Test:
    needle = value.lower().encode()

    def holds(_number: int, mail: Mail) -> bool:
        lines = _fields(_halves(mail.raw)[0])
        return any(_name(line) == name.lower() and needle in line.lower() for line in lines)

    return holds
