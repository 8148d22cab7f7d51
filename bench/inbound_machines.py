"""How well our own samples of automatic mail are read: `python bench/inbound_machines.py [first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|all] [--show]`.

`first` was written before the rules were mended by it, `second` after, to see what the mending is worth elsewhere.
"""

from __future__ import annotations

import argparse
from collections import Counter

from nurture.inbound.classify import classify
from nurture.inbound.verdict import Verdict
from tests.unit.inbound.machines import FOLDER, LEAD, Sample, free_report, mails, refusals, standard_report

GROUPS = ("reports", "answers", "people", "mixed")
PARTS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--show", action="store_true", help="list what is read wrongly")
    options = parser.parse_args()
    parts = PARTS if options.part == "all" else (options.part,)
    count: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for part in parts:
        for group in GROUPS:
            if (FOLDER / f"{group}_{part}.txt").exists():
                for sample in mails(f"{group}_{part}.txt"):
                    look(sample, count, wrong, show=options.show)
        if (FOLDER / f"refusals_{part}.txt").exists():
            refused(f"refusals_{part}.txt", count, wrong, show=options.show)
    for what in count:
        right = count[what] - wrong[what]
        print(f"{what:34} {right:4}/{count[what]:<4} {right / count[what]:7.1%}")


def look(sample: Sample, count: Counter[str], wrong: Counter[str], *, show: bool) -> None:
    verdict = classify(sample.raw)
    checks = faults(sample, verdict)
    for what, fault in checks.items():
        count[what] += 1
        wrong[what] += bool(fault)
        if fault and show:
            print(f"   {what}: {sample.name}: {fault}")


def faults(sample: Sample, verdict: Verdict) -> dict[str, str]:
    """What was looked at in a sample, each with what is wrong with it or an empty text."""
    kind = verdict.kind.value
    right = kind == sample.label or {kind, sample.label} == {"reply", "other"}
    found = {sample.label: "" if right else f"{kind} {verdict.evidence[:2]}"}
    if "id" in sample.facts:
        got = verdict.original_message_id
        found["original id"] = "" if got == sample.facts["id"] else f"{got}"
    if sample.label == "bounce":
        wanted = next(word for word in ("hard", "soft", "block") if word in sample.facts)
        said = verdict.bounce_class.value if verdict.bounce_class else "none"
        found["class of a bounce"] = (
            "" if said == wanted else f"{wanted} ≠ {said} {verdict.cause} {verdict.evidence[-1:]}"
        )
        if "unnamed" not in sample.facts:
            found["recipient"] = "" if LEAD in verdict.recipients else f"{verdict.recipients}"
    if "until" in sample.facts:
        found["return date"] = "" if str(verdict.until) == sample.facts["until"] else f"{verdict.until}"
    if sample.label == "auto_reply":
        if "until" not in sample.facts:
            found["no return date"] = "" if verdict.until is None else f"{verdict.until}"
        found["left"] = "" if verdict.left == ("left" in sample.facts) else f"{verdict.left}"
    if "other" in sample.facts:
        found["successor"] = (
            "" if verdict.other_address == sample.facts["other"] else f"{verdict.other_address}"
        )
    if "lang" in sample.facts:
        found["language"] = "" if verdict.language == sample.facts["lang"] else f"{verdict.language}"
        found[f"auto_reply {sample.facts['lang']}"] = found[sample.label]
    return found


def refused(file: str, count: Counter[str], wrong: Counter[str], *, show: bool) -> None:
    for wanted, status, words in refusals(file):
        for form, raw in (
            ("standard", standard_report(status, words)),
            ("free", free_report(words)),
        ):
            verdict = classify(raw)
            said = verdict.bounce_class.value if verdict.bounce_class else verdict.kind.value
            for what in (f"refusal, {form}", f"refusal, {form}, {wanted}"):
                count[what] += 1
                wrong[what] += said != wanted
            if said != wanted and show:
                print(f"   {form}: {wanted} ≠ {said} {verdict.cause} {verdict.status}: {words[:150]}")


if __name__ == "__main__":
    main()
