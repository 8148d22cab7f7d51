"""The words of the public pages, by language, and which language a visitor gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nurture.language.config_values import LangText

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language's words. Called with a key (and what fills its braces) it gives the sentence."""

    tag: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence for a key."""
        return self.words[key].format(**values) if values else self.words[key]

    def of(self, text: LangText | None, default: str = "") -> str:
        """An author's text in this language, else in the language they wrote first."""
        return text.in_language(self.tag) if text is not None else default


@cache
def tongues() -> Mapping[str, Tongue]:
    """All languages the pages know."""
    data = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
    return {tag: Tongue(tag, words) for tag, words in data.items()}


def choose(offered: Sequence[str], *wished: str | None, accept: str = "") -> Tongue:
    """The words in the first wished language that is offered, then by `Accept-Language`, then the first offered.

    `offered` may hold languages the pages do not know; they are passed over. Wishes are BCP 47 tags.
    """
    known = tongues()
    possible = [tag for tag in dict.fromkeys(base(tag) for tag in offered) if tag in known] or [FALLBACK]
    for wish in (*wished, *accepted(accept)):
        if wish and base(wish) in possible:
            return known[base(wish)]
    return known[possible[0]]


def base(tag: str) -> str:
    """`de` of `de-AT` or `de_AT`."""
    return tag.strip().lower().replace("_", "-").split("-")[0]


def accepted(header: str) -> list[str]:
    """The languages of an `Accept-Language` header, the most wanted first (RFC 9110 §12.5.4). Never raises."""
    found: list[tuple[float, str]] = []
    for part in header[:400].split(","):
        tag, _, rest = part.partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag.strip() and tag.strip() != "*" and weight > 0:
            found.append((-weight, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda one: one[0])]


def languages_of(texts: Iterable[LangText | None], otherwise: Sequence[str]) -> tuple[str, ...]:
    """The languages in which all these texts are there, so that no page mixes two.

    `otherwise` are the company's: all of them where no text is given, the first where the texts name no language.
    """
    given = [text for text in texts if text is not None and text.texts]
    named = [set(text.texts) for text in given if "" not in text.texts]
    if not named:
        return tuple(otherwise[:1] if given else otherwise)
    common = set.intersection(*named)
    ordered = [tag for tag in otherwise if tag in common]
    return (*ordered, *sorted(common.difference(ordered))) or tuple(otherwise)
