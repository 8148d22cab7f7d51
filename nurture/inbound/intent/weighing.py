"""What the rules found and what the classifier thinks, weighed together: how likely each intent is.

A small linear model over few numbers: how strong each meaning is by the rules, what the rules say, and the classifier's
probabilities. It is trained on replies that neither the rules nor the classifier were made with, so that it knows how
far each can be trusted; what it answers is as good as a frequency. `weighing.json` is made by
`tests/inbound_data/train_classifier.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from nurture.inbound.intent.classifier import softmax
from nurture.inbound.intent.decide import SOON_DAYS
from nurture.inbound.intent.reading import Intent
from nurture.inbound.intent.score import Signals
from nurture.inbound.intent.texts import shipped

CLASSES = tuple(Intent)

_MEANINGS = (*CLASSES[:-1], "again", "stay", "doubt", "not_now", "polite")
_LEAST = 1e-3


def features(
    signals: Signals,
    strengths: Mapping[str, float],
    said: Intent,
    sure: float,
    likely: Mapping[str, float],
    written: date | None = None,
) -> list[float]:
    """The numbers one reply is weighed by.

    `strengths` are the meanings the rules found, `said` the intent they come to and `sure` its confidence, `likely`
    the classifier's probabilities. `written`: a call wished for within days is no delay, one in months is.
    """
    words = len(signals.words.items)
    ahead = [(one.day - written).days for one in signals.dates] if written is not None else []
    return [
        *(strengths.get(name, 0.0) for name in _MEANINGS),
        float(min(len(signals.words.questions), 2)),
        float(min(len(signals.dates), 2)),
        float(any(days <= SOON_DAYS for days in ahead)),
        float(any(days > SOON_DAYS for days in ahead)),
        float(signals.contrary),
        min(1.0, signals.rest / max(1, words)),
        math.log(max(1, words)),
        float(bool(signals.turns)),
        *(sure * (said is name) for name in CLASSES[:-1]),
        float(said is Intent.UNCLEAR),
        *(math.log(max(_LEAST, likely[name])) for name in CLASSES),
    ]


@dataclass(frozen=True, slots=True)
class Weighing:
    """For each class one weight a feature, the last one constant; features less `means`, by `spreads`."""

    means: Sequence[float]
    spreads: Sequence[float]
    weights: Sequence[Sequence[float]]

    def shares(self, found: Sequence[float]) -> dict[Intent, float]:
        """How likely each intent is, from 0 to 1, together 1."""
        scaled = [
            (one - mean) / spread for one, mean, spread in zip(found, self.means, self.spreads, strict=True)
        ]
        sums = [sum(map(float.__mul__, row[:-1], scaled)) + row[-1] for row in self.weights]
        return dict(zip(CLASSES, softmax(sums), strict=True))


@lru_cache(maxsize=1)
def shipped_weighing() -> Weighing:
    """The weighing that comes with nurture."""
    data = json.loads(shipped("weighing.json"))
    return Weighing(data["means"], data["spreads"], data["weights"])
