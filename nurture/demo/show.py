"""The timeline as people read it: a line for each thing that counts, day by day, with progress; nothing needs a cursor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nurture.core.place import Place
from nurture.demo.sentences import Mark
from nurture.demo.story import Actor
from nurture.demo.watch import Seen

COLOURS: Final = {
    Mark.MAIL: "blue",
    Mark.DEED: "cyan",
    Mark.REPLY: "magenta",
    Mark.STAGE: "bold green",
    Mark.TASK: "yellow",
    Mark.TROUBLE: "red",
    Mark.SMALL: "dim",
}
ROUTINE: Final = frozenset(
    {
        "report_link",
        "webinar_confirmed",
        "webinar_reminder",
        "webinar_starting",
        "webinar_thanks",
        "webinar_missed",
    }
    | {"next_webinar", "article", "podcast", "resume_news"}
)
"""Emails that follow from what was told before, and those of patience: they are only counted."""

_FOLLOWS: Final = (Mark.STAGE, Mark.TASK, Mark.TROUBLE)
_NAMES: Final = 4
"""So many names stand in a shared line; more are counted."""
_BAR: Final = 16


@dataclass(slots=True)
class _Entry:
    """A line: what it tells, for whom else it tells the same, and what followed from it at once."""

    seen: list[Seen]
    follows: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class Timeline:
    """Prints what was seen. `first_day` is day 1; `places` says where somebody lives, `here` is the company."""

    console: Console
    first_day: date
    days: int
    here: Place
    places: dict[str, Place]
    quiet: bool = False
    lines: int = 0
    _day: int = 0
    _today: list[_Entry] = field(default_factory=list)
    _trifles: Counter[str] = field(default_factory=Counter)
    _progress: Progress | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """While the story is told; on a terminal a bar stands below it."""
        if self.quiet or not self.console.is_interactive:
            yield
        else:
            columns = (
                TextColumn("day {task.completed} of {task.total}"),
                BarColumn(None),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=self.console, transient=True) as self._progress:
                self._progress.add_task("", total=self.days)
                yield
                self._progress = None
        self.end_day()

    def legend(self) -> None:
        """What the marks mean."""
        if not self.quiet:
            marks = [mark for mark in Mark if mark is not Mark.SMALL]
            for mark in marks:
                self.console.print(f"  [{COLOURS[mark]}]{mark}[/] [dim]{mark.sentence}[/]", highlight=False)
            self.console.print("  [dim]Times are on the clock of the person they are about.[/]")

    def tell(self, seen: list[Seen], now: datetime) -> None:
        """What was seen in one round; a day is printed when it is over."""
        day = (self.here.to_local(now).date() - self.first_day).days + 1
        if day != self._day:
            self.end_day()
            self._day = day
        round_: list[_Entry] = []
        for one in seen:
            self._take(one, round_)
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=min(day, self.days))

    def end_day(self) -> None:
        """Print the day that is over, if anything worth a line happened."""
        today, self._today = self._today, []
        if self.quiet or not today:
            return
        trifles, self._trifles = self._trifles, Counter()
        self._print(self._head(trifles))
        for entry in today:
            self._print(self._line(entry))
            if entry.follows:
                self._print(f"              {self._after(entry)}")

    def _print(self, line: str) -> None:
        self.lines += 1
        if self.console.is_terminal:
            self.console.print(line, no_wrap=True, overflow="ellipsis", highlight=False)
        else:
            self.console.print(line, soft_wrap=True, highlight=False)

    def _take(self, one: Seen, round_: list[_Entry]) -> None:
        """Put it where it belongs: among the trifles, into a line that others share, after what caused it, or alone."""
        if one.mark is Mark.SMALL or (one.mark is Mark.MAIL and one.shared in ROUTINE):
            self._trifles["email" if one.mark is Mark.MAIL else one.text] += 1
            return
        if one.mark in _FOLLOWS and not one.shared:
            for entry in round_:
                if entry.seen[0].actor is one.actor:
                    entry.follows.append(one)
                    return
        for entry in self._today:
            if one.shared and (entry.seen[0].mark, entry.seen[0].shared) == (one.mark, one.shared):
                entry.seen.append(one)
                return
        entry = _Entry([one])
        self._today.append(entry)
        if one.mark is not Mark.MAIL and not one.shared:
            round_.append(entry)

    # -- lines ----------------------------------------------------------------------------------------------------

    def _head(self, trifles: Counter[str]) -> str:
        today = date.fromordinal(self.first_day.toordinal() + self._day - 1)
        share = min(self._day / self.days, 1)
        done = round(_BAR * share)
        bar = f"[green]{'━' * done}[/][dim]{'─' * (_BAR - done)} {share:.0%}[/]"
        counted = ", ".join(f"{times} {what}{'s' * (times > 1)}" for what, times in trifles.items())
        besides = f"   [dim]besides {counted}[/]" if counted else ""
        return f"\n[bold]Day {self._day}[/] · {today:%A} {today.day} {today:%B %Y}  {bar}{besides}"

    def _line(self, entry: _Entry) -> str:
        first = entry.seen[0]
        place = self.places.get(first.actor.email, self.here) if first.actor else self.here
        begin = f"  [dim]{place.to_local(first.at):%H:%M}[/]  [{COLOURS[first.mark]}]{first.mark}[/] "
        if first.mark is Mark.MAIL:
            subject = first.got.subject if first.got is not None else ""
            return f"{begin}{first.shared} to {_names(entry.seen)}  [dim]{escape(f'“{subject}”')}[/]"
        if first.mark is Mark.TASK:
            return f"{begin}{escape(first.text)}"
        if first.mark is Mark.REPLY:
            return f"{begin}{_name(first.actor)}: {escape(first.text)}"
        if len(entry.seen) > 1:
            return f"{begin}{escape(first.text)}: {_names(entry.seen)}"
        return f"{begin}{_name(first.actor)} {escape(first.text)}"

    def _after(self, entry: _Entry) -> str:
        return "  ".join(f"[{COLOURS[one.mark]}]{one.mark}[/] {escape(one.text)}" for one in entry.follows)


def _names(seen: list[Seen]) -> str:
    shown = ", ".join(_name(one.actor) for one in seen[:_NAMES])
    more = len(seen) - _NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _name(actor: Actor | None) -> str:
    return f"[bold]{escape(actor.name)}[/] [dim]({actor.country})[/]" if actor else "Somebody"
