"""How well quotes and signatures are cut from our own samples of replies: `python bench/inbound_quotes.py [--show]`.

The files of `tests/inbound_data` were written blind, one after the other, each before the rules were mended by it. A
mail counts as right when exactly what the person wrote is left, white space folded.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from nurture.inbound.quotes import cut_quotes

FOLDER = Path(__file__).parents[1] / "tests" / "inbound_data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="list what is read wrongly")
    options = parser.parse_args()
    for path in sorted(FOLDER.glob("quotes_*.jsonl")):
        count: Counter[str] = Counter()
        right: Counter[str] = Counter()
        for line in path.read_text("utf-8").splitlines():
            mail = json.loads(line)
            cut = cut_quotes(mail["body"], subject=mail["subject"], sender_name=mail["sender"])
            wanted, got = " ".join(mail["reply"].split()), " ".join(cut.text.split())
            for name in ("all", "all, quotes alone", mail["style"], mail["lang"]):
                count[name] += 1
                right[name] += got.startswith(wanted) if "alone" in name else got == wanted
            if options.show and got != wanted:
                print(
                    f"--- {mail['lang']} {mail['client']}, {mail['style']}\nwanted: {wanted}\nfound:  {got}"
                )
        print(path.stem.removeprefix("quotes_"), end=": ")
        print(", ".join(f"{name} {right[name]}/{count[name]}" for name in count))


if __name__ == "__main__":
    main()
