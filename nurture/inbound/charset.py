"""Bytes to text, whatever they claim to be. Never raises."""

from __future__ import annotations

import codecs
import re

# Names seen in mail that Python does not know, or knows as something narrower than what senders mean.
ALIASES = {
    "ansi": "cp1252", "ansi_x3.4-1968": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "7bit": "cp1252",
    "8bit": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "utf8mb4": "utf-8", "utf": "utf-8",
    "unicode": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "gb_2312-80": "gb18030", "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932",
    "windows-31j": "cp932", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp_ext", "windows-874": "cp874",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "koi8": "koi8_r",
    "x-cp1251": "cp1251", "windows1251": "cp1251", "win-1251": "cp1251", "cp-1251": "cp1251",
}  # fmt: skip

# These run for minutes on long input, or are no charsets of mail.
REFUSED = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


STATEFUL = ("utf-7", "utf-16", "utf-32", "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "hz")


def decode_bytes(data: bytes, charset: str | None) -> str:
    """`data` as text: by its declared charset if that works, else UTF-8, else the likeliest 8-bit one."""
    if data.isascii() and b"\x1b" not in data and not _is_stateful(charset):
        return data.decode("ascii")
    if charset:
        name = _codec(charset)
        if name is not None:
            try:
                return data.decode(name)
            except (UnicodeError, LookupError, ValueError):
                if name not in ("cp1252", "utf-8"):
                    return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\x1b$" in data or b"\x1b(" in data:
        return data.decode("iso2022_jp_ext", "replace")
    return data.decode(guess_8bit(data), "replace")


def _is_stateful(charset: str | None) -> bool:
    """Whether plain ASCII bytes may mean something else in it."""
    return charset is not None and charset.strip(" \"'").lower().startswith(STATEFUL)


def _codec(charset: str) -> str | None:
    name = charset.strip(" \"'").lower()
    name = ALIASES.get(name, name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if found.name.replace("-", "_") in REFUSED or not getattr(found, "_is_text_encoding", True):
        return None
    return name


def guess_8bit(data: bytes) -> str:
    """cp1252, or a Cyrillic charset when most letters are high bytes, by which range the small letters fill."""
    sample = data[:20000]
    high = len(re.findall(rb"[\x80-\xff]", sample))
    low = len(re.findall(rb"[A-Za-z]", sample))
    if high < 8 or high < low:
        return "cp1252"
    upper_rows = len(re.findall(rb"[\xe0-\xff]", sample))
    return "cp1251" if upper_rows * 2 > high else "koi8_r"
