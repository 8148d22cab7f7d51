"""How well replies are understood: accuracy, wrong moves, unsubscribe recall, months of dates, speed.

python bench/intent_quality.py            the fresh part: no rule and no classifier was made with it
python bench/intent_quality.py last       the latest part of ordinary replies; docs/inbound.md names all parts
python bench/intent_quality.py held       the first part kept aside, looked at more than once since
python bench/intent_quality.py weigh      what rules and classifier are weighed against each other by
python bench/intent_quality.py dev -v     what the rules were made with, every miss shown
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nurture.adapters.reading_child import WARM_UP
from nurture.inbound.intent.read import read_intent
from nurture.inbound.intent.reading import IntentReading
from nurture.inbound.quotes import cut_quotes

DATA = Path(__file__).parent.parent / "tests" / "inbound_data"
LANGUAGES = ("en", "de", "fr", "da", "ru")
ACTED_ON = ("interested", "later", "refused", "unsubscribe")
NOT_CLEAR = ("unclear", "other")


@dataclass
class Figures:
    """What was counted over some replies."""

    total: int = 0
    right: int = 0
    clear: int = 0
    clear_right: int = 0
    wrong_moves: int = 0
    unsubscribes: int = 0
    unsubscribes_found: int = 0
    dated: int = 0
    months_right: int = 0
    reasons: int = 0
    reasons_right: int = 0
    languages_right: int = 0
    misses: list[tuple[dict[str, Any], IntentReading]] = field(default_factory=list)

    def add(self, reply: dict[str, Any], reading: IntentReading, language: str) -> None:
        wanted, got = reply["intent"], str(reading.intent)
        right = wanted == got or (wanted in NOT_CLEAR and got in NOT_CLEAR)
        self.total += 1
        self.right += right
        self.languages_right += reading.language == language
        if wanted not in NOT_CLEAR and reply.get("clear", True):
            self.clear += 1
            self.clear_right += right
        if got in ACTED_ON and not right:
            self.wrong_moves += 1
        if wanted == "unsubscribe":
            self.unsubscribes += 1
            self.unsubscribes_found += right
        if wanted == "refused" and right:
            self.reasons += 1
            self.reasons_right += reply["reason"] == reading.reason
        month_right = True
        if wanted == "later" and reply["until"]:
            self.dated += 1
            month_right = reading.until is not None and str(reading.until)[:7] == reply["until"][:7]
            self.months_right += month_right
        if not right or not month_right:
            self.misses.append((reply, reading))

    def row(self) -> list[str]:
        return [
            str(self.total),
            _percent(self.right, self.total),
            _percent(self.clear_right, self.clear),
            _percent(self.wrong_moves, self.total),
            _percent(self.unsubscribes_found, self.unsubscribes),
            _percent(self.months_right, self.dated),
            _percent(self.reasons_right, self.reasons),
            _percent(self.languages_right, self.total),
        ]


HEAD = ["replies", "accuracy", "clear ones", "wrong moves", "unsub recall", "months", "reasons", "language"]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def replies(language: str, split: str) -> Iterable[dict[str, Any]]:
    """The replies of a language in this part (docs/inbound.md), or in 'all'."""
    for line in (DATA / f"replies.{language}.jsonl").read_text("utf-8").splitlines():
        reply = json.loads(line)
        if split in ("all", reply["split"]):
            yield reply


def read(reply: dict[str, Any], language: str | None = None) -> IntentReading:
    """What is made of one reply of the data."""
    text, asked = reply["text"], ""
    if text.startswith(">") or "\n>" in text:
        cut = cut_quotes(text)
        text, asked = cut.text, cut.asked
    written_at = datetime.fromisoformat(reply["written_at"])
    return read_intent(text, written_at=written_at, language=language, asked=asked)


def measure(split: str) -> dict[str, Figures]:
    """The figures by language, by intent (`intent:…`), and for all."""
    figures: dict[str, Figures] = {}
    for language in LANGUAGES:
        for reply in replies(language, split):
            reading = read(reply)
            for name in (language, f"intent:{reply['intent']}", "all"):
                figures.setdefault(name, Figures()).add(reply, reading, language)
    return figures


def main(arguments: list[str]) -> None:
    split = next((one for one in arguments if not one.startswith("-")), "fresh")
    for text in WARM_UP.values():
        read_intent(text)
    started = time.process_time()
    figures = measure(split)
    spent = time.process_time() - started
    print(f"{split} part".ljust(22) + "".join(one.rjust(13) for one in HEAD))
    for name, one in figures.items():
        print(name.ljust(22) + "".join(cell.rjust(13) for cell in one.row()))
    print(f"\n{1000 * spent / figures['all'].total:.2f} ms a reply")
    if "-v" in arguments:
        confusions: Counter[str] = Counter()
        for name in LANGUAGES:
            for reply, reading in figures[name].misses if name in figures else ():
                confusions[f"{reply['intent']} -> {reading.intent}"] += 1
                print(
                    f"\n[{name}] {reply['intent']} {reply['reason'] or ''} {reply['until'] or ''} -> "
                    f"{reading.intent} {reading.reason or ''} {reading.until or ''} ({reading.confidence}) "
                    f"{reading.language}\n    {reply['text']!r}\n    {reading.evidence}"
                )
        for pair, times in confusions.most_common(12):
            print(times, pair)


if __name__ == "__main__":
    main(sys.argv[1:])
