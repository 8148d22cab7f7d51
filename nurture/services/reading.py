"""What the engine makes of mails, told in the words of `nurture read` (interfaces.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from nurture.core.errors import UsageError
from nurture.inbound.verdict import Verdict

BATCH: Final = 200
MOST_LINES: Final = 120
_WIDEST: Final = 200
_TOLD: Final = (
    "kind", "intent", "reason", "until", "language", "confidence", "text", "original_message_id", "recipients",
    "status", "hard", "evidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be read: `name` is its file, `-` for standard input."""

    name: str
    raw: bytes


def mails_of(files: Iterable[str], standard_input: Iterable[bytes]) -> Iterator[Mail]:
    """The mails of these files and folders, in order; `-` is standard input. Raises UsageError for what is not there."""
    for name in files:
        if name == "-":
            yield Mail("-", b"".join(standard_input))
            continue
        path = Path(name)
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            yield from (_mail(one) for one in inside)
        else:
            yield _mail(path)


def _mail(path: Path) -> Mail:
    try:
        return Mail(str(path), path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from None


def batches(mails: Iterable[Mail], size: int = BATCH) -> Iterator[list[Mail]]:
    """The mails in lists of at most `size`."""
    rest = iter(mails)
    while page := list(islice(rest, size)):
        yield page


def told(name: str, verdict: Verdict | None) -> dict[str, Any]:
    """One line of `nurture read`. A mail that could not be read within the limits is `other`, and says so."""
    if verdict is None:
        unread = dict.fromkeys(_TOLD) | {"kind": "other", "confidence": 0.0, "text": "", "recipients": []}
        return {
            "file": name,
            **unread,
            "evidence": ["it could not be read within the limits of time and memory"],
        }
    plain: Mapping[str, Any] = verdict.as_dict()
    return {
        "file": name,
        **{key: plain.get(key) for key in _TOLD},
        "confidence": round(verdict.confidence, 3),
    }


def safe_lines(raw: bytes, most: int = MOST_LINES) -> list[str]:
    """The beginning of a mail as it came, harmless to a terminal: no control characters, no long lines, no decoding."""
    written = raw[: most * 4 * _WIDEST].decode("utf-8", "replace").splitlines()
    lines = ["".join(char if char.isprintable() else "\ufffd" for char in line)[:_WIDEST] for line in written]
    left = raw.count(b"\n") - most
    return [*lines[:most], *([f"… {left:,} more lines"] if left > 0 and len(lines) >= most else [])]
