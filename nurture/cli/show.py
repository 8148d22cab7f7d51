"""How answers look: one JSON document for programs, text for people, in colour on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from nurture.language.problems import Problem

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
"""The option every command that shows something has."""

_COLOURS = {"error": "bold red", "warning": "yellow"}


def as_json(document: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def json_line(document: Any) -> None:
    """Print one line of JSON Lines."""
    print(json.dumps(document, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def console(*, error: bool = False) -> Console:
    """A rich console; plain text where nobody looks at it on a terminal."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=True)


def raw(content: bytes) -> None:
    """Write bytes as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def say(text: str = "", style: str | None = None) -> None:
    """Print a line for a person. The text is taken as it stands."""
    from rich.text import Text

    console().print(Text(text, style=style or ""))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "Nothing.") -> None:
    """Print rows under headings; `empty` when there are none. On a pipe: columns by tabs, no frame, nothing cut."""
    listed = [[_cell(value) for value in row] for row in rows]
    if not listed:
        say(empty)
        return
    if not sys.stdout.isatty():
        for row in listed:
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in listed:
        made.add_row(*(Text(cell) for cell in row))
    console().print(made, soft_wrap=False)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(one)}" for name, one in value.items() if one not in (None, ""))
    if isinstance(value, list | tuple | frozenset | set):
        return ", ".join(str(one) for one in value)
    return str(value)


def when(at: datetime | None) -> str:
    """A time for a person, on this machine's clock."""
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"


def problems(found: Iterable[Problem], lines_of: Mapping[str, Sequence[str]]) -> None:
    """Print problems as compilers do: place, what is wrong, the line of the file, what would be right."""
    from rich.text import Text

    out = console()
    for problem in found:
        head = Text(f"{problem.file}:{problem.line}:{problem.column}: ", style="bold")
        head.append(f"{problem.severity}: ", style=_COLOURS[problem.severity])
        head.append(problem.message)
        out.print(head)
        lines = lines_of.get(problem.file, ())
        if 0 < problem.line <= len(lines) and lines[problem.line - 1].strip():
            out.print(Text(f"    {lines[problem.line - 1].rstrip()}", style="dim"))
            out.print(Text("    " + " " * (problem.column - 1) + "^", style="green"))
        if problem.hint:
            out.print(Text(f"    {problem.hint}", style="cyan"))


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 lead`, `3 leads`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
