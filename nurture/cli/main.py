"""The command `nurture`: all commands put together, and the one place errors become words and exit codes.

Exit codes: 0 done, 1 the answer is no (problems found, a test failed), 2 wrong use, 3 a fault of ours, 4 the outside
world failed (interfaces.md, Command line). Heavy imports happen inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from nurture import __version__
from nurture.cli import place
from nurture.cli.commands import (
    apply,
    campaign,
    check,
    db,
    demo,
    enrol,
    event,
    init,
    lead,
    message,
    preview,
    read,
    replies,
    report,
    run,
    schema,
    simulate,
    status,
    suppress,
    task,
    test,
)
from nurture.core.errors import GrammarError, IllegalTransition, NurtureError, OutsideError, UsageError

OURS: Final = 3
OUTSIDE: Final = 4
INTERRUPTED: Final = 130

_ABOUT = """Lead nurturing: campaigns in YAML, emails in Markdown, nobody mailed twice, nobody lost.

Begin with: nurture init my-project && cd my-project && nurture check && nurture demo
"""
_END = "--project DIR works with every command; without it the project is the current folder."

app = typer.Typer(
    name="nurture",
    help=_ABOUT,
    epilog=_END,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"nurture {__version__}")
        raise typer.Exit


@app.callback()
def nurture(
    project: Annotated[Path, typer.Option("--project", help="The project's folder.", metavar="DIR")] = Path(),
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """See `_ABOUT`; this remembers the project's folder for the command that follows."""
    place.choose(project)


_COMMANDS: Final = (
    init,
    check,
    test,
    simulate,
    preview,
    apply,
    schema,
    run,
    status,
    lead,
    event,
    enrol,
    task,
    campaign,
    message,
    suppress,
    read,
    replies,
    report,
    db,
    demo,
)
"""The commands in the order `nurture --help` names them; to add one, copy its neighbour."""

for command in _COMMANDS:
    command.add(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and answer the exit code. Every error leaves in the user's words, on standard error."""
    words = _project_first(list(sys.argv[1:] if arguments is None else arguments))
    try:
        answer = app(words, standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        show = getattr(error, "show", None)
        show() if show is not None else _say(str(error))
        return int(getattr(error, "exit_code", 2))
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OutsideError as error:
        _say(str(error))
        return OUTSIDE
    except (UsageError, GrammarError, IllegalTransition) as error:
        hint = getattr(error, "hint", None)
        _say(f"{error} ({hint})" if hint else str(error))
        return 2
    except NurtureError as error:
        _say(str(error))
        return OURS
    except Exception as error:
        _fault(error)
        return OURS


def _project_first(words: list[str]) -> list[str]:
    """`--project DIR` may stand anywhere before `--`; the parser wants it first."""
    moved: list[str] = []
    left: list[str] = []
    end = words.index("--") if "--" in words else len(words)
    position = 0
    while position < end:
        word = words[position]
        if word == "--project" and position + 1 < end:
            moved += [word, words[position + 1]]
            position += 1
        elif word.startswith("--project="):
            moved.append(word)
        else:
            left.append(word)
        position += 1
    return [*moved, *left, *words[end:]]


def _say(text: str) -> None:
    sys.stderr.write(f"nurture: {text.strip()}\n")


def _fault(error: Exception) -> None:
    """A fault of ours: one sentence, and the trace for whoever asks for it."""
    if os.environ.get("NURTURE_TRACE"):
        import traceback

        traceback.print_exception(error)
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    _say(f"Something went wrong in nurture itself, which is our fault: {said}")
    if not os.environ.get("NURTURE_TRACE"):
        sys.stderr.write("Set NURTURE_TRACE=1 to see where, and please tell us.\n")
