"""Whether there is anything of a name that a text or template reads."""

from __future__ import annotations

from typing import Final

from nurture.core.vocabulary import CAMPAIGN, OWNER, Kind
from nurture.language.bench import Bench
from nurture.language.problems import did_you_mean

ROOTS: Final = ("lead", "owner", "entry", "event", "company", "campaign", "now")
"""What texts see of their own accord; templates see links besides (`unsubscribe`, `survey.NAME` …)."""


def missing(bench: Bench, path: tuple[str, ...], event: str | None) -> tuple[str, str | None] | None:
    """What is wrong with a name, and a hint; None when it is there, or when that cannot be told here."""
    root = path[0]
    if len(path) < 2:
        return None
    match root:
        case "lead":
            kinds = {name: field.kind for name, field in bench.vocabulary.fields.items()}
        case "owner" | "campaign":
            kinds = dict(OWNER if root == "owner" else CAMPAIGN)
        case "entry" | "event":
            known = bench.entry_kinds if root == "entry" else bench.event_kinds(event)
            if known is None:
                return None
            kinds = dict(known)
        case _:
            return None
    if path[1] in kinds:
        return _parts(path, kinds[path[1]])
    near = did_you_mean(path[1], kinds)
    hint = f"did you mean {root}.{near}?" if near else f"{root} has {', '.join(sorted(kinds)[:40])}"
    return f"{root} has no {path[1]} here.", hint


def _parts(path: tuple[str, ...], kind: Kind) -> tuple[str, str | None] | None:
    """Only values of any kind, and times (`.year`), have parts."""
    if len(path) > 2 and kind not in (Kind.ANY, Kind.TIME, Kind.LIST):
        return f"{path[0]}.{path[1]} is a {kind} and has no parts.", None
    return None
