"""How well incoming mail is understood: `python bench/inbound_corpus.py DIR [--part tune|held|all] [--show WHAT]`.

DIR holds `labels.jsonl`, one object a file: `file`, `kind` (`mail_class`, `quote`, `mime`, `thread`), `label` and
facts. Every third file, by hash, is held aside: tune on the rest only. Nothing is copied.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from nurture.inbound.classify import classify
from nurture.inbound.message import read_message
from nurture.inbound.signature import cut_signature
from nurture.inbound.verdict import Verdict

KINDS = {
    "bounce": {"bounce"},
    "delay": {"delay"},
    "complaint": {"complaint"},
    "auto_reply": {"auto_reply"},
    "mdn": {"receipt"},
    "dsn_ok": {"receipt"},
    "auto_other": {"other"},
    "not_auto": {"reply", "other"},
    "not_bounce": {"reply", "other", "auto_reply", "receipt", "delay", "unsubscribe", "complaint"},
}
BLOCK = {
    "blocked", "authfailure", "requireptr", "spamdetected", "policyviolation", "securityerror", "badreputation",
    "toomanyconn", "speeding", "virusdetected", "contenterror", "syntaxerror", "notcompliantrfc", "rejected",
    "norelaying", "ratelimited",
}  # fmt: skip
UNSAID = {"onhold", "undefined", "filtered", "mailererror", None, ""}
"""Reasons in which the label itself does not say what the failure means."""


def held(name: str) -> bool:
    return int(hashlib.sha1(name.encode()).hexdigest(), 16) % 3 == 0


def wanted_class(row: dict[str, Any]) -> str | None:
    if row.get("reason") in UNSAID or row.get("hard") is None:
        return None
    if row["hard"]:
        return "hard"
    return "block" if row["reason"] in BLOCK else "soft"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=["tune", "held", "all"], default="tune")
    parser.add_argument("--show", default="", help="kinds, classes, ids, quotes, speed: list what is wrong")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.folder / "labels.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if options.part == "all" or held(row["file"]) == (options.part == "held")]
    verdicts = classify_all(options.folder, rows)
    report_kinds(rows, verdicts, "kinds" in options.show)
    report_classes(rows, verdicts, "classes" in options.show)
    report_ids(rows, verdicts, "ids" in options.show)
    report_recipients(rows, verdicts, "recipients" in options.show)
    report_threads(options.folder, rows, verdicts)
    report_quotes(options.folder, rows, "quotes" in options.show)


def classify_all(folder: Path, rows: list[dict[str, Any]]) -> dict[str, Verdict]:
    raws = {}
    for row in rows:
        if row["kind"] in ("mail_class", "quote", "mime", "thread"):
            raws[row["file"]] = (folder / row["file"]).read_bytes()
    times, verdicts = [], {}
    began = time.process_time()
    for name, raw in raws.items():
        start = time.process_time()
        verdicts[name] = classify(raw)
        times.append((time.process_time() - start, name))
    total = time.process_time() - began
    times.sort()
    median = times[len(times) // 2][0] * 1000
    slowest = ", ".join(f"{seconds * 1000:.0f} ms {name}" for seconds, name in times[-2:])
    print(f"{len(raws)} mails, {len(raws) / total:.0f}/s, median {median:.2f} ms, slowest {slowest}")
    return verdicts


def report_kinds(rows: list[dict[str, Any]], verdicts: dict[str, Verdict], show: bool) -> None:
    right: Counter[str] = Counter()
    there: Counter[str] = Counter()
    confused: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["kind"] != "mail_class":
            continue
        label, verdict = row["label"], verdicts[row["file"]]
        there[label] += 1
        confused[label][verdict.kind.value] += 1
        if verdict.kind.value in KINDS[label]:
            right[label] += 1
        elif show:
            print("  ", label, "≠", verdict.kind.value, row["file"], row.get("reason"), verdict.evidence[:2])
    for label, count in there.items():
        print(f"{label:11} {right[label]:4}/{count:<4} {right[label] / count:7.1%}  {dict(confused[label])}")


def report_classes(rows: list[dict[str, Any]], verdicts: dict[str, Verdict], show: bool) -> None:
    agree = total = false_hard = 0
    hard: Counter[bool] = Counter()
    for row in rows:
        verdict = verdicts.get(row["file"])
        if row.get("label") != "bounce" or verdict is None or verdict.bounce_class is None:
            continue
        wanted = wanted_class(row)
        if wanted is None:
            continue
        total += 1
        got = verdict.bounce_class.value
        agree += got == wanted
        hard[(got == "hard") == (wanted == "hard")] += 1
        false_hard += got == "hard" and wanted == "block"
        if got != wanted and show:
            print(
                "  ",
                wanted,
                "≠",
                got,
                row["file"],
                row["reason"],
                row["status"],
                verdict.cause,
                verdict.evidence[-1:],
            )
    if total:
        print(
            f"class       {agree}/{total} {agree / total:.1%}; hard or not {hard[True] / total:.1%}; blocks called hard {false_hard}"
        )


def report_ids(rows: list[dict[str, Any]], verdicts: dict[str, Verdict], show: bool) -> None:
    right = total = 0
    for row in rows:
        wanted = row.get("orig_message_id_derived")
        if not wanted or row["file"] not in verdicts:
            continue
        total += 1
        got = verdicts[row["file"]].original_message_id
        right += got == wanted
        if got != wanted and show:
            print("  ", wanted, "≠", got, row["file"])
    if total:
        print(f"original id {right}/{total} {right / total:.1%}")


def report_recipients(rows: list[dict[str, Any]], verdicts: dict[str, Verdict], show: bool) -> None:
    right = total = unnamed = 0
    for row in rows:
        verdict = verdicts.get(row["file"])
        if row.get("label") != "bounce" or verdict is None:
            continue
        unnamed += not verdict.recipients
        if not verdict.recipients and show:
            print("   no recipient", row["file"])
        wanted = {one.lower() for one in row.get("recipients_derived", ())}
        if not wanted:
            continue
        total += 1
        good = bool(wanted & {one.lower() for one in verdict.recipients})
        right += good
        if not good and show:
            print("  ", wanted, "≠", verdict.recipients, row["file"])
    if total:
        print(f"recipients  {right}/{total} {right / total:.1%}; bounces that name nobody: {unnamed}")


def report_threads(folder: Path, rows: list[dict[str, Any]], verdicts: dict[str, Verdict]) -> None:
    right = total = 0
    for row in rows:
        if row["kind"] == "thread":
            total += 1
            answered = read_message((folder / row["label"]).read_bytes()).message_id
            right += answered in {clue.value for clue in verdicts[row["file"]].clues}
    if total:
        print(f"threads     {right}/{total} {right / total:.1%}")


def report_quotes(folder: Path, rows: list[dict[str, Any]], show: bool) -> None:
    exact = signed = total = 0
    for row in rows:
        if row["kind"] != "quote" or not str(row["label"]).endswith(".expected"):
            continue
        expected = (folder / row["label"]).read_text("utf-8")
        verdict = classify((folder / row["file"]).read_bytes())
        got, wanted = words(verdict.text), words(expected)
        unsigned = words("\n".join(cut_signature(expected.split("\n"))[0]))
        total += 1
        exact += got == wanted
        signed += got in (wanted, unsigned)
        if got not in (wanted, unsigned) and show:
            print(
                "  ",
                row["file"],
                verdict.kind,
                "\n     got",
                repr(got[-200:]),
                "\n     not",
                repr(wanted[-200:]),
            )
    if total:
        print(
            f"quotes      {signed}/{total} {signed / total:.1%} (word for word with the signature: {exact / total:.1%})"
        )


def words(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
