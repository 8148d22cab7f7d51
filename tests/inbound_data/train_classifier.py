"""Makes nurture/inbound/intent/classifier.json from the replies marked 'dev' in this folder.

    python tests/inbound_data/train_classifier.py

Logistic regression with AdaGrad, the examples in a fixed order, so that the same data give the same weights.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

from nurture.inbound.intent.classifier import SCALE, hashed
from nurture.inbound.intent.lexicon import load_lexicon
from nurture.inbound.intent.score import mended
from nurture.inbound.intent.words import split_words

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "nurture" / "inbound" / "intent" / "classifier.json"
CLASSES = ("interested", "later", "refused", "question", "unsubscribe", "wrong_person", "other")
BUCKETS, ROUNDS, RATE, DECAY = 1 << 17, 6, 0.4, 2e-4
SEEN = 2
"""A feature seen in fewer replies is left out: it would only be learnt by heart."""

Example = tuple[list[int], int]


def examples(split: str = "dev") -> list[Example]:
    found: list[Example] = []
    for path in sorted(HERE.glob("replies.*.jsonl")):
        language = path.name.split(".")[1]
        lexicon = load_lexicon(language)
        for line in path.read_text("utf-8").splitlines():
            reply = json.loads(line)
            if reply["split"] == split:
                words = mended(split_words(reply["text"], lexicon.spelling), lexicon)
                if words.items:
                    name = reply["intent"] if reply["intent"] in CLASSES else "other"
                    found.append(
                        (hashed(words, language, lexicon.negation.words, BUCKETS), CLASSES.index(name))
                    )
    seen = Counter(bucket for buckets, _ in found for bucket in buckets)
    return [([one for one in buckets if seen[one] >= SEEN], wanted) for buckets, wanted in found]


def train(data: list[Example]) -> dict[int, list[float]]:
    known = sorted({bucket for buckets, _ in data for bucket in buckets})
    weights = {bucket: [0.0] * len(CLASSES) for bucket in known}
    steps = {bucket: [1e-6] * len(CLASSES) for bucket in known}
    for turn in range(ROUNDS):
        for buckets, wanted in data if turn % 2 else data[::-1]:
            share = 1.0 / math.sqrt(max(1, len(buckets)))
            sums = [
                share * sum(weights[bucket][place] for bucket in buckets) for place in range(len(CLASSES))
            ]
            powers = [math.exp(one - max(sums)) for one in sums]
            for place in range(len(CLASSES)):
                error = (powers[place] / sum(powers) - (place == wanted)) * share
                if abs(error) > 1e-4:
                    for bucket in buckets:
                        row, step = weights[bucket], steps[bucket]
                        step[place] += error * error
                        row[place] -= RATE * (error + DECAY * row[place]) / math.sqrt(step[place])
    return weights


def main() -> None:
    whole = {bucket: [round(SCALE * one) for one in row] for bucket, row in train(examples()).items()}
    rows = ",\n".join(f'"{bucket}":{json.dumps(row, separators=(",", ":"))}' for bucket, row in whole.items())
    head = f'{{"classes":{json.dumps(CLASSES)},"buckets":{BUCKETS},"weights":{{\n'
    TARGET.write_text(f"{head}{rows}\n}}}}\n", "utf-8")


if __name__ == "__main__":
    main()
