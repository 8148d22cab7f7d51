"""The verbs of the language, and which of them a step as it stands in the file has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nurture.language.problems import Code, did_you_mean
from nurture.language.scalars import Misfit, described

VERBS: Final = (
    "email", "wait_for", "choose", "split", "repeat", "goto", "stop", "start", "stage", "score", "set", "tag",
    "untag", "refuse", "postpone", "reopen", "task", "notify", "webhook",
)  # fmt: skip
"""Every verb but `if`, which is one only where no other stands beside it."""

_BESIDE_IF: Final = ("if", "then", "else", "id", "after", "at", "within", "window", "missed")


def verb_of(step: Any) -> str | None:
    """The verb of a step as it stands in the file; None when it has none."""
    if not isinstance(step, Mapping):
        return None
    found = next((verb for verb in VERBS if verb in step), None)
    return found or ("if" if "if" in step else None)


def verbs_of(step: Mapping[str, Any]) -> tuple[str, ...]:
    """All verbs of a step as it stands in the file, in its order; one is right."""
    found = tuple(key for key in step if key in VERBS)
    return found or (("if",) if "if" in step else ())


def form_of(value: Any) -> str:
    """Which form a value has that may be a text, a list or a mapping."""
    if isinstance(value, Mapping):
        return "as mapping"
    return "as list" if isinstance(value, list) else "as text"


def tag_of(step: Any) -> str | None:
    """The tag of a step's model: a word no key can be, so that places are found."""
    verb = verb_of(step)
    return verb and f"{verb} step"


def one_or_more(value: Any) -> Any:
    """One step stands for a list of one."""
    if not isinstance(value, dict | list):
        said = "write a verb and what it needs, such as email: welcome or goto: PATH"
        raise Misfit(f"Steps are wanted here, not {described(value)}.", said)
    return [value] if isinstance(value, dict) else value


def one_verb(step: Any) -> Any:
    """Says what is wrong with a step that has no verb, or two."""
    if not isinstance(step, dict):
        found = did_you_mean(step, VERBS) if isinstance(step, str) else None
        said = f"write {found}: …" if found else "write a verb and what it needs, such as email: welcome"
        raise Misfit(f"A step is wanted here, not {described(step)}.", said)
    verbs = verbs_of(step)
    if len(verbs) > 1:
        message = f"A step has one verb; here are {verbs[0]} and {verbs[1]}."
        hint = "begin the second step with a - of its own"
        raise Misfit(message, hint, code=Code.CONFLICT, at=(verbs[1],), on_key=True)
    if not verbs or verbs == ("if",):
        for key in step:
            if key not in _BESIDE_IF and (near := did_you_mean(key, VERBS)):
                message = f"There is no verb {described(key)}."
                raise Misfit(message, f"did you mean {near}?", code=Code.UNKNOWN_KEY, at=(key,), on_key=True)
    if not verbs:
        message = "This step says when or whether, but not what to do." if step else "This step is empty."
        known = f"add one of {', '.join(VERBS)}"
        said = "give the next step its own time: after: 3 days" if "wait" in step else known
        raise Misfit(message, said, code=Code.MISSING_KEY)
    return step
