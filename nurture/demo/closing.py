"""The last page of the demo: the figures, the promise, where everything lies, and what to try next."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nurture.demo.summary import Summary
from nurture.mail.dates import LANGUAGES

_GOOD_STORIES: Final = ("p.nair@cloverfoods.example", "lone.frandsen@varmevaerket-syd.example")
_STATES: Final = {
    "failed": "refused by the mail server",
    "in_doubt": "of which nobody heard whether it arrived",
    "withdrawn": "withdrawn before they went",
}
_IN_WORDS: Final = {
    "auto_reply": "absence note",
    "bounce": "returned mail",
    "complaint": "spam report",
    "reply": "forwarded mail",
}


def close(console: Console, summary: Summary, folder: Path, days: int, seconds: float) -> None:
    """Print it."""
    funnel = summary.funnel
    _title(console, f"{days} days, {seconds:.0f} seconds later")
    steps = (
        ("leads", funnel.leads, funnel.leads),
        ("qualified by marketing", funnel.mql, funnel.leads),
        ("qualified by sales", funnel.sql, funnel.mql),
        ("customer" if funnel.customers == 1 else "customers", funnel.customers, funnel.sql),
    )
    line = "  [dim]→[/]  ".join(_step(name, count, of) for name, count, of in steps)
    console.print(f"  {line}", highlight=False, soft_wrap=True)
    _line(
        console,
        f"{funnel.refused} refused, {funnel.came_back} of them came back at once; {funnel.postponed} asked for "
        f"a later date, for {funnel.resumed} it came; {funnel.unsubscribed + funnel.complained} are never "
        f"written to again; {funnel.unreachable} cannot be reached",
    )
    _emails(console, summary)
    _replies(console, summary)
    _tasks(console, summary)
    _promise(console, summary)
    _where(console, folder, summary.addresses)


def _step(name: str, count: int, of: int) -> str:
    share = f" [dim]({count / of:.0%})[/]" if of and name != "leads" else ""
    return f"[bold]{count}[/] {name}{share}"


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(f"[bold]{escape(text)}[/]", highlight=False)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(f"  {escape(text)}", style=style or None, highlight=False, soft_wrap=True)


def _emails(console: Console, summary: Summary) -> None:
    states = summary.by_state
    _title(console, f"Emails: {summary.proof.taken}")
    _line(console, ", ".join(f"{name} {count}" for name, count in summary.by_template.items()))
    languages = " · ".join(f"{name} {count}" for name, count in summary.by_language.items())
    others = ", ".join(
        f"{count} {_STATES.get(name, name)}" for name, count in states.items() if name != "sent"
    )
    _line(console, f"in {languages}" + (f"; besides {others}" if others else ""))


def _replies(console: Console, summary: Summary) -> None:
    """What people meant, by language, and how often that was understood."""
    replies = summary.replies
    _title(console, f"Replies: {len(replies)}, read over IMAP")
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("meant")
    for language in LANGUAGES:
        table.add_column(language, justify="right")
    table.add_column("understood", justify="right")
    for intent, count in Counter(one.meant.intent for one in replies if one.meant).most_common():
        mine = [one for one in replies if one.meant and one.meant.intent == intent]
        spoken = Counter(one.actor.language for one in mine)
        right = sum(one.right is True for one in mine)
        colour = "green" if right == count else "red"
        cells = [str(spoken[language] or "") for language in LANGUAGES]
        table.add_row(intent.replace("_", " "), *cells, f"[{colour}]{right} of {count}[/]")
    if replies:
        console.print(table)
    for one in replies:
        if one.right is False and one.meant is not None:
            _line(console, f"✗ {one.actor.name} meant {one.meant.intent}, read as {one.intent}", "red")
    others = Counter(one.kind for one in summary.readings if one.meant is None)
    if others:
        said = ", ".join(_counted(_IN_WORDS.get(kind, kind), count) for kind, count in others.items())
        _line(console, f"besides {said}")


def _counted(name: str, count: int) -> str:
    return f"{count} {name}{'s' * (count != 1)}"


def _tasks(console: Console, summary: Summary) -> None:
    opened = sum(count for count, _ in summary.tasks.values())
    if not opened:
        return
    _title(console, f"Tasks for colleagues: {opened}")
    _line(
        console,
        ", ".join(
            f"{_person(who)} {count}" + (f" ({left} open)" if left else "")
            for who, (count, left) in summary.tasks.items()
        ),
    )


def _person(address: str) -> str:
    return address.partition("@")[0].replace(".", " ").title() if "@" in address else address


def _promise(console: Console, summary: Summary) -> None:
    """The promise, as it was checked against the relay's ledger."""
    proof = summary.proof
    _title(console, "The promise")
    if not proof.kept:
        for fault in proof.broken:
            _line(console, f"✗ {fault}", "bold red")
        return
    _line(
        console,
        f"✓ Nobody was mailed twice: the mail server took {proof.taken} emails, no two of them the same, and our "
        "records say of each that it was sent.",
        "green",
    )
    if proof.lost_answers:
        _line(
            console,
            f"✓ {proof.lost_answers} answer of the mail server got lost after the last byte. That email was not sent "
            "again, and it is there once.",
            "green",
        )
    _line(
        console,
        f"✓ Nobody was lost: of {proof.runs} runs through campaigns {proof.runs - proof.open_runs} have come to an end "
        f"and {proof.open_runs} stand before a known time; all {proof.leads} people are there.",
        "green",
    )


def _where(console: Console, folder: Path, addresses: Sequence[str]) -> None:
    _title(console, "To look at")
    _line(
        console,
        f"{shown(folder)}{os.sep}              the project: campaigns, templates, config.yaml, database",
    )
    _line(
        console,
        f"{shown(folder / 'mail')}{os.sep}         every email as an .eml file, a folder for each person",
    )
    _title(console, "To try next")
    for command, why in next_commands(folder, addresses):
        console.print(f"  {escape(command)}", highlight=False, soft_wrap=True)
        console.print(f"      [dim]{escape(why)}[/]", highlight=False, soft_wrap=True)


def next_commands(folder: Path, addresses: Sequence[str]) -> Sequence[tuple[str, str]]:
    """What one may do with the project now, and why one would. `addresses` are those of its leads."""
    nurture = f"{program()} --project {shown(folder)}"
    one, other = ([*(good for good in _GOOD_STORIES if good in addresses), *addresses] * 2)[:2]
    return (
        (f"{nurture} lead show {one}", "one person's whole story"),
        (f"{nurture} lead why {other}", "why something was sent, or was not"),
        (f"{nurture} preview report-download", "the emails of a campaign, as they will look"),
        (f"{nurture} test", "the campaigns' own tests, in the engine's own code"),
        (
            f"{nurture} plan",
            "after an edit of campaigns/report-download.yaml: what it will do to the leads in flight",
        ),
        (f"{nurture} run", "the daemon; everything is paused, so nothing is sent"),
    )


def program() -> str:
    """How this program is called from here."""
    if shutil.which("nurture"):
        return "nurture"
    beside = Path(sys.executable).with_name("nurture")
    return shown(beside) if beside.exists() else f"{shown(Path(sys.executable))} -m nurture"


def shown(path: Path) -> str:
    """A path as one would type it here."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
