"""Makes classifier.json and weighing.json of nurture/inbound/intent from the replies in this folder.

    python tests/inbound_data/train_classifier.py

The rules were made with the replies marked `dev`, and never with those marked `weigh`: from these is learnt how to weigh
rules and classifier against each other. The classifiers learn from both; for the weighing each third of the replies is
judged by a classifier that learnt without it. Logistic regression with AdaGrad, the examples in a fixed order, so that the
same data give the same weights. It takes some minutes.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nurture.inbound.intent.classifier import SCALE, Classifier, hashed, softmax
from nurture.inbound.intent.decide import decide, strengths
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.reading import Reason
from nurture.inbound.intent.score import mended, signals_in
from nurture.inbound.intent.weighing import CLASSES, features
from nurture.inbound.intent.words import Words, split_words

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "nurture" / "inbound" / "intent"
BUCKETS, ROUNDS, RATE, DECAY = 1 << 17, 6, 0.4, 1e-3
SEEN = 2
"""A feature seen in fewer replies is left out: it would only be learnt by heart."""
FOLDS = 3
WEIGH_ROUNDS, WEIGH_RATE, WEIGH_DECAY = 40, 0.1, 6e-3

Example = tuple[list[int], int]
Row = tuple[list[float], int]
Labelled = tuple[dict[str, Any], Lexicon]
Right = Callable[[dict[str, Any]], str | None]


def intent_of(reply: dict[str, Any]) -> str:
    """The class a reply belongs to."""
    return str(reply["intent"])


def reason_of(reply: dict[str, Any]) -> str | None:
    """The reason of a refusal, None for another reply."""
    return reply["reason"] if reply["intent"] == "refused" else None


def replies(*splits: str) -> list[Labelled]:
    """The labelled replies of these parts, with the rules of their language."""
    found: list[Labelled] = []
    for path in sorted(HERE.glob("replies.*.jsonl")):
        lexicon = load_lexicon(path.name.split(".")[1])
        for line in path.read_text("utf-8").splitlines():
            reply = json.loads(line)
            if reply["split"] in splits:
                found.append((reply, lexicon))
    return found


def words_of(reply: dict[str, Any], lexicon: Lexicon) -> Words:
    return mended(split_words(reply["text"], lexicon.spelling), lexicon)


def examples(labelled: Sequence[Labelled], classes: Sequence[str], right: Right) -> list[Example]:
    """The features of each reply that has one of the classes, and which."""
    found: list[Example] = []
    for reply, lexicon in labelled:
        words, name = words_of(reply, lexicon), right(reply)
        if words.items and name is not None:
            buckets = hashed(words, lexicon.language, lexicon.negation.words, BUCKETS)
            found.append((buckets, classes.index(name)))
    seen = Counter(bucket for buckets, _ in found for bucket in buckets)
    return [([one for one in buckets if seen[one] >= SEEN], place) for buckets, place in found]


def train(data: list[Example], classes: Sequence[str]) -> Classifier:
    """One weight a class for every bucket seen."""
    known = sorted({bucket for buckets, _ in data for bucket in buckets})
    weights = {bucket: [0.0] * len(classes) for bucket in known}
    steps = {bucket: [1e-6] * len(classes) for bucket in known}
    for turn in range(ROUNDS):
        for buckets, right in data if turn % 2 else data[::-1]:
            share = 1.0 / math.sqrt(max(1, len(buckets)))
            sums = [
                share * sum(weights[bucket][place] for bucket in buckets) for place in range(len(classes))
            ]
            for place, chance in enumerate(softmax(sums)):
                error = (chance - (place == right)) * share
                if abs(error) > 1e-4:
                    for bucket in buckets:
                        row, step = weights[bucket], steps[bucket]
                        step[place] += error * error
                        row[place] -= RATE * (error + DECAY * row[place]) / math.sqrt(step[place])
    whole = {bucket: [round(SCALE * one) for one in row] for bucket, row in weights.items()}
    return Classifier(tuple(classes), BUCKETS, whole)


def rows(classifier: Classifier, labelled: Sequence[Labelled]) -> list[Row]:
    """What each reply is weighed by, and what it is."""
    found: list[Row] = []
    for reply, lexicon in labelled:
        written: date = datetime.fromisoformat(reply["written_at"]).date()
        signals = signals_in(reply["text"], lexicon, written)
        verdict = decide(signals, written)
        likely = classifier.probabilities(signals.words, lexicon.language, lexicon.negation.words)
        found.append(
            (
                features(signals, strengths(signals), verdict.intent, verdict.confidence, likely),
                CLASSES.index(intent_of(reply)),
            )
        )
    return found


def weigh(data: list[Row]) -> dict[str, Any]:
    """Means and spreads of the features, and the weights of each class."""
    columns = list(zip(*(row for row, _ in data), strict=True))
    means = [sum(column) / len(column) for column in columns]
    spreads = [
        max(1e-3, math.sqrt(sum((one - mean) ** 2 for one in column) / len(column)))
        for column, mean in zip(columns, means, strict=True)
    ]
    scaled = [
        (
            [(one - mean) / spread for one, mean, spread in zip(row, means, spreads, strict=True)] + [1.0],
            right,
        )
        for row, right in data
    ]
    weights = [[0.0] * (len(means) + 1) for _ in CLASSES]
    steps = [[1.0] * (len(means) + 1) for _ in CLASSES]
    for turn in range(WEIGH_ROUNDS):
        for row, right in scaled if turn % 2 else scaled[::-1]:
            sums = [sum(map(float.__mul__, of, row)) for of in weights]
            for place, chance in enumerate(softmax(sums)):
                error = chance - (place == right)
                of, step = weights[place], steps[place]
                for number, value in enumerate(row):
                    slope = error * value + WEIGH_DECAY * of[number]
                    step[number] += slope * slope
                    of[number] -= WEIGH_RATE * slope / math.sqrt(step[number])
    return {
        "means": rounded(means, 4),
        "spreads": rounded(spreads, 4),
        "weights": [rounded(of, 3) for of in weights],
    }


def rounded(values: Sequence[float], digits: int) -> list[float]:
    return [round(value, digits) for value in values]


def as_json(classifier: Classifier) -> str:
    """The classifier with its weights as whole hundredths, a bucket a line."""
    each = [
        f'"{bucket}":{json.dumps(row, separators=(",", ":"))}' for bucket, row in classifier.weights.items()
    ]
    head = f'"classes":{json.dumps(classifier.classes)},"buckets":{classifier.buckets}'
    return f'{{{head},"weights":{{\n' + ",\n".join(each) + "\n}}"


def weighed(dev: Sequence[Labelled], fresh: Sequence[Labelled]) -> list[Row]:
    """The rows of the fresh replies, each third by a classifier that learnt without it."""
    found: list[Row] = []
    for fold in range(FOLDS):
        others = [one for number, one in enumerate(fresh) if number % FOLDS != fold]
        classifier = train(examples([*dev, *others], CLASSES, intent_of), CLASSES)
        found += rows(classifier, fresh[fold::FOLDS])
    return found


def main() -> None:
    dev, fresh = replies("dev"), replies("weigh")
    every = [*dev, *fresh]
    intents = train(examples(every, CLASSES, intent_of), CLASSES)
    reasons = train(examples(every, tuple(Reason), reason_of), tuple(Reason))
    text = f'{{"intents":{as_json(intents)},\n"reasons":{as_json(reasons)}}}\n'
    (TARGET / "classifier.json").write_text(text, "utf-8")
    (TARGET / "weighing.json").write_text(json.dumps(weigh(weighed(dev, fresh))) + "\n", "utf-8")


if __name__ == "__main__":
    main()
