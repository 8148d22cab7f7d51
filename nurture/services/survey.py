"""A questionnaire is answered: the answers, what was allowed by them, and the event the questionnaire raises (row R2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.services.record import record
from nurture.store.engine import Store
from nurture.store.queries import leads, origins, suppressions
from nurture.store.queries.origins import Origin


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person answered. `answers` are typed, by question; `agreed` are topics with the wording they ticked.

    `raised` is the data of the questionnaire's own event. `once` makes sending the same thing twice harmless.
    """

    survey: str
    language: str
    answers: Mapping[str, Any]
    agreed: Mapping[str, str]
    favourable: bool
    raised: Mapping[str, Any]
    once: str
    proof: Mapping[str, Any]


async def origin_of(store: Store, message: int) -> Origin | None:
    """The message whose questionnaire is opened; None when it, or the person, is gone."""
    async with store.read() as conn:
        found = await origins.origin(conn, message)
    return None if found is None or found.erased else found


async def answer(
    store: Store, origin: Origin, answered: Answered, raises: str | None, *, now: datetime, secret: str
) -> bool:
    """Keep the answers and what was allowed, and record the events; False when these were recorded before.

    Consents come before the answers, so that a campaign which acts on the answers knows them.
    """
    key = f"survey:{origin.message}:{answered.survey}:{answered.once}"
    data = {
        **origin.told(),
        "survey": answered.survey,
        "answers": dict(answered.answers),
        "language": answered.language,
        **{name: answered.answers[name] for name in ("reason", "until") if name in answered.answers},
        **({"favourable": True} if answered.favourable else {}),
    }
    async with store.write() as conn:
        if await leads.lock(conn, origin.lead_id) is None:
            return False
        for topic, wording in answered.agreed.items():
            said = {"topic": topic, "wording": wording, "proof": f"questionnaire {answered.survey}"}
            given = await record(
                conn, origin.lead_id, "consent.given", said, now=now, secret=secret, key=f"{key}:{topic}"
            )
            if given is not None:
                await suppressions.keep_consent(
                    conn, origin.lead_id, topic, True, now, wording, answered.proof
                )
        new = await record(conn, origin.lead_id, "survey.answered", data, now=now, secret=secret, key=key)
        if new is not None and raises is not None:
            told = {**origin.told(), **answered.raised}
            await record(conn, origin.lead_id, raises, told, now=now, secret=secret, key=f"{key}:raised")
        return new is not None
