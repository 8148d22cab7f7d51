"""Keys of config.yaml that are read and have no effect yet: whoever writes one is told what happens instead."""

from __future__ import annotations

from typing import Final, NamedTuple

from nurture.language.campaign_codes import NOT_YET
from nurture.language.problems import Problems
from nurture.language.source import Path, Source


class NotYet(NamedTuple):
    """A key, by its path with `*` for any name or place in a list; `instead` says what happens.

    `unless` are values, as written, that ask for nothing but what happens anyway.
    """

    path: tuple[str, ...]
    instead: str
    unless: tuple[str, ...] = ()


KEYS: Final = (
    NotYet(("smtp", "dkim"), "emails are not signed here; let the mail server sign them"),
    NotYet(
        ("send", "at_most"), "nothing stops sending at a number; `nurture campaign pause everything` does"
    ),
    NotYet(("send", "warm_up"), "emails go out as they are due, from the first day on"),
    NotYet(("send", "domains"), "emails go out as they are due, whoever the mail provider is"),
    NotYet(("qualification", "bant"), "nobody is asked these questions"),
    NotYet(("qualification", "lead_card"), "no card is checked for being complete"),
    NotYet(("qualification", "customer_card"), "no card is checked for being complete"),
    NotYet(("qualification", "first_contact"), "a late first contact is not reported"),
    NotYet(
        ("qualification", "junk"), "everybody is a lead; `nurture lead set EMAIL stage=junk` says who is none"
    ),
    NotYet(("team", "*", "hours"), "due times of tasks count from 9 to 5 on business days"),
    NotYet(("sources", "*", "cost_per_month"), "costs are not added up"),
    NotYet(("tracking", "opens"), "opened emails are not watched", unless=("false",)),
    NotYet(("tracking", "pages"), "pages of your site are not watched", unless=("false",)),
    NotYet(("tracking", "cookie"), "visitors of your site are not recognised"),
    NotYet(("retention", "junk"), "leads at the stage junk are kept", unless=("never",)),
)


def check_not_yet(source: Source, problems: Problems) -> None:
    """Warn of every key in the file that does nothing."""
    for path in source.marks:
        for key in KEYS:
            if _is(path, key.path) and source.get(path) not in (None, *key.unless):
                name = ".".join(str(part) for part in path if isinstance(part, str))
                message = f"{name} has no effect yet: {key.instead}."
                problems.warning(source.key_place(path), NOT_YET, message, "leave it out")


def _is(path: Path, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        wanted in ("*", part) for part, wanted in zip(path, pattern, strict=True)
    )
