"""The child that reads incoming mail: mails come in frames, verdicts go out in frames (`sandbox.py` is the parent).

Run as a module: `python -m nurture.adapters.reading_child MEMORY_BYTES SECONDS_PER_MAIL [WORDS]`.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import IO, Any

from nurture.adapters.sandbox import LENGTH, LENGTHS, LOADING, READY, SECONDS_TO_START, FailureReason
from nurture.inbound.classify import classify
from nurture.inbound.intent.lexicon import Lexicon, load_lexicon

WARM_UP = {
    "en": "Please call me.",
    "de": "Bitte rufen Sie mich an.",
    "fr": "Merci de me rappeler.",
    "da": "Ring venligst til mig.",
    "ru": "Позвоните мне.",
}
"""A text of each language: what is loaded with its words, beside them."""


def serve(
    source: IO[bytes],
    sink: IO[bytes],
    memory_bytes: int,
    seconds: float,
    words: Mapping[str, str] | None = None,
) -> None:
    """The child's life: read mails from `source`, write verdicts to `sink`, until the end of input."""
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    lexicon = _Lexicons(sink, seconds, words or {})
    _send(sink, READY)
    while len(head := source.read(LENGTHS.size)) == LENGTHS.size:
        meta_size, size = LENGTHS.unpack(head)
        known = json.loads(source.read(meta_size))
        raw, ours = source.read(size), source.read(known["ours"])
        _allow(seconds)
        _send(sink, _judged(raw, ours, known, lexicon))


def _allow(seconds: float) -> None:
    """End this process when it takes so much more processor time, and two seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))


class _Lexicons:
    """The rules of the languages, each loaded when a mail first needs it; the parent is told to wait for it."""

    def __init__(self, sink: IO[bytes], seconds: float, words: Mapping[str, str]) -> None:
        self._sink, self._seconds, self._words = sink, seconds, words
        self._loaded: dict[str, Lexicon] = {}

    def __call__(self, language: str) -> Lexicon:
        if language not in self._loaded:
            _send(self._sink, LOADING)
            _allow(SECONDS_TO_START)
            self._loaded[language] = self._load(language)
            _allow(self._seconds)
            _send(self._sink, READY)
        return self._loaded[language]

    def _load(self, language: str) -> Lexicon:
        # What is loaded here lives as long as the child: looking for garbage in it doubles the time it takes.
        gc.disable()
        lexicon = load_lexicon(language, self._words.get(language))
        classify(WARM_UP[language].encode(), language=language, lexicon=lambda _: lexicon)
        gc.freeze()
        gc.enable()
        return lexicon


def _judged(raw: bytes, ours: bytes, known: Mapping[str, Any], lexicon: Callable[[str], Lexicon]) -> bytes:
    try:
        when = datetime.fromisoformat(known["received_at"]) if known["received_at"] else None
        verdict = classify(raw, language=known["language"], received_at=when, ours=ours, lexicon=lexicon)
        return json.dumps(verdict.as_dict()).encode()
    except MemoryError:
        return json.dumps({"failure": FailureReason.MEMORY}).encode()
    except Exception as error:  # whatever it is, the next mail is read
        return json.dumps(
            {"failure": FailureReason.CRASH, "detail": f"{type(error).__name__}: {error}"[:300]}
        ).encode()


def _send(sink: IO[bytes], data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)) + data)
    sink.flush()


if __name__ == "__main__":
    own = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]), float(sys.argv[2]), own)
