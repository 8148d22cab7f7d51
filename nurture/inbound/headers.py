"""Header fields read by hand: splitting, RFC 2047 words, parameters, addresses, ids, dates.

Nothing here raises on junk, and every step is linear in its (capped) input: the standard library's own
parsers run for minutes, or fail, on hostile headers.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_tz
from itertools import islice
from urllib.parse import unquote_to_bytes

from nurture.inbound.charset import decode_bytes

MAX_HEADER = 8 * 1024
MAX_HEADERS = 64 * 1024
MAX_FIELDS = 1000
MAX_ADDRESSES = 200
MAX_WORDS = 400

Header = tuple[str, str]

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_LOOSE = re.compile(rb"[A-Za-z-]{2,30}\*?=")
"""A parameter on a line of its own whose sender forgot to indent it."""
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]*)?\?([BbQq])\?([^?]*)\?=")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_ADDRESS = re.compile(
    r"(?:mailto:|smtp:)?(\"[^\"\s@]{1,64}\"|[^\s<>()\[\],;:\"@\\]{1,128})@"
    r"(\[[0-9A-Fa-f.:]{3,45}\]|[^\s<>()\[\],;:\"@\\'*|]{1,253})"
)
_PARAMETER = re.compile(
    r";\s*([A-Za-z0-9_-]{1,40})(?:\*(\d{1,2}))?(\*)?\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;\s\"]*))"
)


def split_headers(block: bytes) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Lower-case names with raw unfolded values, and what was wrong. Too much of anything is cut off."""
    fields: list[tuple[str, bytes]] = []
    defects: list[str] = []
    if len(block) > MAX_HEADERS:
        block = block[:MAX_HEADERS]
        defects.append("headers_cut")
    for line in block.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if fields and len(fields[-1][1]) < MAX_HEADER:
                fields[-1] = (fields[-1][0], fields[-1][1] + b"\n" + line)
            continue
        match = _FIELD.match(line)
        if match is None and fields and fields[-1][1].rstrip().endswith(b";") and _LOOSE.match(line):
            fields[-1] = (fields[-1][0], fields[-1][1] + b"\n " + line)
            continue
        if match is None:
            if line.strip() and not line.startswith((b"From ", b">From ")):
                defects.append("header_without_name")
            continue
        if len(fields) >= MAX_FIELDS:
            defects.append("too_many_headers")
            break
        fields.append((match[1].decode("ascii").lower(), line[match.end() :]))
    return [(name, value[:MAX_HEADER]) for name, value in fields], sorted(set(defects))


def decode_header(raw: bytes) -> str:
    """One line of text; encoded words (RFC 2047) are decoded, also where they are not allowed."""
    text = decode_bytes(raw, None)
    text = re.sub(r"[ \t]*\n[ \t]*", " ", text).strip()
    return decode_words(text) if "=?" in text else text


def decode_words(text: str) -> str:
    """Replace RFC 2047 encoded words. Neighbours in one charset are joined before decoding, since some
    senders split a character between two words.
    """
    pieces: list[str] = []
    pending: list[bytes] = []
    charset, end = "", 0

    def flush() -> None:
        if pending:
            pieces.append(decode_bytes(b"".join(pending), charset))
            pending.clear()

    for match in islice(_WORD.finditer(text), MAX_WORDS):
        between = text[end : match.start()]
        if between.strip() or not pending:
            flush()
            pieces.append(between)
        elif match[1].lower() != charset:
            flush()
        charset = match[1].lower()
        pending.append(_word_bytes(match[2], match[3]))
        end = match.end()
    flush()
    return "".join(pieces) + text[end:]


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("latin-1", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return decode_base64(data)


def decode_base64(data: bytes) -> bytes:
    """Base64 with anything foreign left out and missing padding forgiven."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    extra = len(clean) % 4
    if extra == 1:
        clean = clean[:-1]
        extra = 0
    return binascii.a2b_base64(clean + b"=" * (-extra % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` as its lower-case value and parameters, RFC 2231 pieces joined."""
    head = value.split(";", 1)[0].strip().lower()
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for number, match in enumerate(_PARAMETER.finditer(value)):
        if number >= 60:
            break
        name = match[1].lower()
        text = re.sub(r"\\(.)", r"\1", match[4]) if match[4] is not None else match[5]
        if match[2] is not None or match[3]:
            pieces.setdefault(name, []).append((int(match[2] or 0), bool(match[3]), text))
        else:
            found.setdefault(name, decode_words(text) if "=?" in text else text)
    for name, parts in pieces.items():
        found.setdefault(name, _join_pieces(parts))
    return head, found


def _join_pieces(parts: list[tuple[int, bool, str]]) -> str:
    parts.sort()
    charset = "utf-8"
    first = parts[0][2]
    if parts[0][1] and first.count("'") >= 2:
        charset, _, rest = first.split("'", 2)
        parts[0] = (parts[0][0], True, rest)
    data = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace") for _, encoded, text in parts
    )
    return decode_bytes(data, charset)


def addresses(value: str) -> tuple[str, ...]:
    """Every address in a header value, in order, once each; the domain in lower case."""
    found: dict[str, None] = {}
    for number, match in enumerate(_ADDRESS.finditer(value[:MAX_HEADER])):
        if number >= MAX_ADDRESSES:
            break
        local = match[1].strip("'").removeprefix("=")
        domain = match[2].lower().strip(".'")
        if local and domain:
            found[f"{local}@{domain}"] = None
    return tuple(found)


def sender(value: str) -> tuple[str | None, str]:
    """(address, display name) of a From value. An address in angle brackets wins over one in the name."""
    bracket = value.rfind("<")
    found = addresses(value[bracket:]) if bracket >= 0 else ()
    name = value[:bracket] if found else ""
    if not found:
        found = addresses(value)
        comment = re.search(r"\(([^()]{1,200})\)", value)
        name = comment[1] if comment else ""
    return (found[0] if found else None), name.strip(" \t\"'")


def message_ids(value: str) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value, with their angle brackets."""
    found = dict.fromkeys(f"<{match}>" for match in _ID.findall(value[:MAX_HEADER])[-100:])
    if found:
        return tuple(found)
    bare = value.strip(" \t<>")
    return (f"<{bare}>",) if 3 < len(bare) < 900 and re.fullmatch(r"[^\s<>]+@[^\s<>]+", bare) else ()


def parse_date(value: str) -> datetime | None:
    """An aware UTC datetime, or None for anything that is no date."""
    try:
        parts = parsedate_tz(value[:200])
        if parts is None:
            return None
        when = datetime(*parts[:6], tzinfo=UTC)
        offset = parts[9] or 0
        return datetime.fromtimestamp(when.timestamp() - offset, UTC) if abs(offset) <= 15 * 3600 else when
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
