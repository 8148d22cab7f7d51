"""What the tests of the docs share: the pages, their code blocks, their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced code block. `kind` is all words after the fence: `yaml steps`."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*kinds: str) -> Iterator[Block]:
    """The code blocks of these kinds (`yaml` is also `yaml steps`) on all pages."""
    for page in PAGES:
        text = page.read_text()
        for found in _FENCE.finditer(text):
            kind = found[2].strip()
            indent = found[1]
            if kind.split(" ")[0] in kinds or kind in kinds:
                body = "".join(line.removeprefix(indent) for line in found[3].splitlines(keepends=True))
                yield Block(page, text.count("\n", 0, found.start()) + 1, kind, body)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as web sites of repositories make them from headings."""
    text = _FENCE.sub("", page.read_text())
    found = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
