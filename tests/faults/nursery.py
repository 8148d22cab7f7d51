"""Where daemons are born quickly: one process that has imported everything, and forks for each.

A fork runs `nurture.cli.main.main` as `python -m nurture` does, without the seconds the imports take. Requests are lines
of JSON on standard input, answers are lines on standard output; when the input ends, everything that lives is killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn


def main() -> None:
    """Live once, so that all is imported, then serve."""
    _warm_up()
    _answer("ready")
    alive: set[int] = set()
    for line in sys.stdin:
        wish: dict[str, Any] = json.loads(line)
        if "ended" in wish:
            child, status = os.waitpid(wish["ended"], os.WNOHANG)
            alive.discard(child)
            _answer(os.waitstatus_to_exitcode(status) if child else None)
            continue
        child = os.fork()
        if child == 0:
            _live(wish)
        alive.add(child)
        _answer(child)
    for child in alive:
        os.kill(child, signal.SIGKILL)


def _warm_up() -> None:
    from nurture.cli.main import main
    from tests.faults.office import make_project

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        said, sys.stderr = sys.stderr, nowhere
        out, sys.stdout = sys.stdout, nowhere
        main(["--project", str(make_project(Path(folder))), "run", "--once", "--no-web"])
        sys.stderr, sys.stdout = said, out


def _live(wish: dict[str, Any]) -> NoReturn:
    """In the child: become the program."""
    from nurture.cli.main import main
    from nurture.daemon import runner

    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    os.environ.update(wish["environ"])
    runner.GRACE = wish.get("grace", runner.GRACE)
    code = 70
    try:
        code = main(wish["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _answer(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
