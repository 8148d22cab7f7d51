"""Makes classifier.json and weighing.json of nurture/inbound/intent from the replies and notes in this folder.

    python tests/inbound_data/train_classifier.py

The rules were made with the replies marked `dev`, and never with those marked `weigh`: from these is learnt how to weigh
rules and classifier against each other. The classifiers learn from both; for the weighing each third of the replies is
judged by a classifier that learnt without it. Logistic regression with AdaGrad, the examples shuffled with a fixed seed, so
that the same data give the same weights. It takes some minutes.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from nurture.inbound.intent.classifier import SCALE, Classifier, hashed, softmax
from nurture.inbound.intent.decide import decide, strengths
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon
from nurture.inbound.intent.reading import Reason
from nurture.inbound.intent.score import mended, signals_in
from nurture.inbound.intent.weighing import CLASSES, features
from nurture.inbound.intent.words import Words, split_words
from nurture.inbound.quotes import cut_quotes
from nurture.inbound.writer import PERSON, WRITERS

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "nurture" / "inbound" / "intent"
BUCKETS, DECAY = 1 << 17, 1e-4
ROUNDS, RATE = 6, 0.25
RARE_ROUNDS, RARE_RATE = 10, 1.0
"""The same where one class is rare, as notes of machines are among replies."""
SEEN = 3
"""A feature seen in fewer replies is left out: it would only be learnt by heart."""
FOLDS, HAND = 3, 150
"""So many replies in a row are about what one person wrote."""
ANSWER = 4
"""So few words below a quoted question mean what the question makes of them, and teach nothing."""
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


def texts(kind: str) -> list[Labelled]:
    """The labelled texts of all files of a kind, quotes cut, each with the rules of its language."""
    found: list[Labelled] = []
    for path in sorted(HERE.glob(f"{kind}.*.jsonl")):
        lexicon = load_lexicon(path.name.split(".")[1])
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line)
            if text["text"].startswith(">") or "\n>" in text["text"]:
                cut = cut_quotes(text["text"])
                if cut.asked and len(cut.text.split()) <= ANSWER:
                    continue
                text["text"] = cut.text
            found.append((text, lexicon))
    return found


def writer_of(text: dict[str, Any]) -> str:
    """Whether a machine wrote a note or a person; replies are all of people."""
    return str(text.get("writer", PERSON))


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


def train(
    data: list[Example], classes: Sequence[str], rounds: int = ROUNDS, rate: float = RATE
) -> Classifier:
    """One weight a class for every bucket seen."""
    known = sorted({bucket for buckets, _ in data for bucket in buckets})
    weights = {bucket: [0.0] * len(classes) for bucket in known}
    steps = {bucket: [1e-6] * len(classes) for bucket in known}
    dice, order = Random(1), list(data)
    for _ in range(rounds):
        dice.shuffle(order)
        for buckets, right in order:
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
                        row[place] -= rate * (error + DECAY * row[place]) / math.sqrt(step[place])
    whole = {bucket: [round(SCALE * one) for one in row] for bucket, row in weights.items()}
    return Classifier.of(classes, BUCKETS, whole)


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
                features(signals, strengths(signals), verdict.intent, verdict.confidence, likely, written),
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
    dice = Random(1)
    for _ in range(WEIGH_ROUNDS):
        dice.shuffle(scaled)
        for row, right in scaled:
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
    """The classifier with its weights as whole hundredths, a bucket and its weights on each line."""
    each = [",".join(map(str, (bucket, *row))) for bucket, row in classifier.rows()]
    head = f'"classes":{json.dumps(classifier.classes)},"buckets":{classifier.buckets}'
    return f'{{{head},"weights":[\n' + ",\n".join(each) + "\n]}"


def weighed(dev: Sequence[Labelled], fresh: Sequence[Labelled], pool: Executor) -> list[Row]:
    """The rows of the fresh replies, each third by a classifier that learnt without it and its writers."""
    folds = [
        [one for number, one in enumerate(fresh) if number // HAND % FOLDS == fold] for fold in range(FOLDS)
    ]
    others = [
        [one for other, part in enumerate(folds) if other != fold for one in part] for fold in range(FOLDS)
    ]
    learnt = [examples([*dev, *rest], CLASSES, intent_of) for rest in others]
    classifiers = pool.map(train, learnt, [CLASSES] * FOLDS)
    return [
        row for classifier, part in zip(classifiers, folds, strict=True) for row in rows(classifier, part)
    ]


def main() -> None:
    replies = texts("replies")
    dev, fresh = ([one for one in replies if one[0]["split"] == split] for split in ("dev", "weigh"))
    every = [*dev, *fresh]
    with ProcessPoolExecutor() as pool:
        learning = {
            "intents": pool.submit(train, examples(every, CLASSES, intent_of), CLASSES),
            "reasons": pool.submit(train, examples(every, tuple(Reason), reason_of), tuple(Reason)),
            "writers": pool.submit(
                train,
                examples([*every, *texts("notes")], WRITERS, writer_of),
                WRITERS,
                RARE_ROUNDS,
                RARE_RATE,
            ),
        }
        weighing = weigh(weighed(dev, fresh, pool))
        classifiers = {name: each.result() for name, each in learning.items()}
    text = ",\n".join(f'"{name}":{as_json(classifier)}' for name, classifier in classifiers.items())
    (TARGET / "classifier.json").write_text(f"{{{text}}}\n", "utf-8")
    (TARGET / "weighing.json").write_text(json.dumps(weighing) + "\n", "utf-8")


if __name__ == "__main__":
    main()
