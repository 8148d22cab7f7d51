"""Draws docs/demo.svg: what `nurture demo` really prints, its beginning and its end.

`python docs/picture.py` runs the demo and writes the picture; `python docs/picture.py FILE` takes its output from a file.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("demo.svg")
WIDTH, FIRST, LAST = 124, 32, 24
END = "To look at"
"""The heading after which the demo names files: the picture ends before it."""
STYLE = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>What nurture demo prints</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def demo() -> str:
    """The demo's output with its colours."""
    colours = {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "0", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    with tempfile.TemporaryDirectory() as folder:
        return run(folder, colours)


def run(folder: str, colours: dict[str, str]) -> str:
    """What it prints when its project goes into a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "nurture", "demo", "--out", f"{folder}/demo"],
        env={**os.environ, **colours},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    return done.stdout


def draw(output: str) -> str:
    """The picture of a terminal that shows the first and the last lines."""
    lines = re.sub(r"\x1b\[[0-9;?]*[A-HJKSTfhln]", "", output).rstrip().splitlines()
    lines = [line for line in lines if not line.endswith("/nurture demo")]
    end = next((number for number, line in enumerate(lines) if END in line), len(lines))
    lines = lines[: end - 1] if end < len(lines) else lines
    if len(lines) > FIRST + LAST:
        lines = [*lines[:FIRST], "", f"   … {len(lines) - FIRST - LAST} lines …", "", *lines[-LAST:]]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold"))
    for line in lines:
        text = Text.from_ansi(line)
        if "✓" not in line[:20]:
            text.truncate(WIDTH, overflow="ellipsis")
        console.print(text, soft_wrap=text.cell_len <= WIDTH)
    return console.export_svg(title="nurture", code_format=STYLE, unique_id="demo")


def main(arguments: list[str]) -> None:
    """Write the picture."""
    PICTURE.write_text(draw(Path(arguments[0]).read_text() if arguments else demo()))
    print(f"written: {PICTURE.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
