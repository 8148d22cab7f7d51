"""What an event does to the person by itself, whatever campaigns they are in.

First what comes before any campaign (`at_once`: stage, consent, suppression, absence), last the defaults for a reply
nobody took (`untaken`) (semantics.md, Events 3, Reactions and Stages; language.md, Good defaults).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from nurture.core import refusal
from nurture.core.duration import add
from nurture.core.effects import ChangeStage, Effect, OpenTask, Suppress, Traced
from nurture.core.event import Event
from nurture.core.lifecycle import STEP_FOR_STAGE, stage_after
from nurture.core.person import Person
from nurture.core.rules import Rules

GENERAL = (None, "", "email", "marketing")
"""Consent topics that mean mail as such, and not one subject."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

ENDS_EVERYTHING = ("unsubscribed", "email.complained", "lead.erased")
"""Events after which nothing is ever sent but what the person newly opts in to."""


def at_once(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    """Change the snapshot as the event says by itself, and answer what else is to be done."""
    if event.type in ENDS_EVERYTHING:
        person.suppressed = True
        return (Suppress(at=now, reason=event.type, because=f"on {event.type}"),)
    known = _AT_ONCE.get(event.type)
    return known(person, event, now) if known else ()


def allowed_after_refusal(topics: Mapping[str, bool]) -> dict[str, bool]:
    """What is left of the topics when somebody refuses: only what is allowed afterwards counts for the refused."""
    return {topic: given for topic, given in topics.items() if not given}


def untaken(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    """The default for a reply no reaction and no `wait_for` took."""
    word = rules.replies.get(event.type)
    return _DEFAULTS[word](person, event, rules, now) if word in _DEFAULTS else ()


def asks_a_colleague(event: Event, rules: Rules) -> bool:
    """Whether the untaken reply makes its campaign wait until a colleague has dealt with it."""
    return rules.replies.get(event.type) == "ask"


# -- at once ----------------------------------------------------------------------------------------------------


def _consent_given(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    topic = event.data.get("topic")
    if topic:
        person.topics = {**person.topics, str(topic): True}
    if topic in GENERAL and person.consent != "confirmed":
        person.consent = "given"
    return ()


def _consent_withdrawn(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    topic = event.data.get("topic")
    if topic not in GENERAL:
        person.topics = {**person.topics, str(topic): False}
        return ()
    person.consent = "withdrawn"
    person.suppressed = True
    return (Suppress(at=now, reason="consent withdrawn", because="on consent.withdrawn"),)


def _verified(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    if person.consent in ("given", "unknown"):
        person.consent = "confirmed"
    return ()


def _stage_changed(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    """A change from outside. The engine's own have been carried out already, and later ones perhaps as well."""
    to = event.data.get("to")
    if event.depth or not to:
        return ()
    person.stage = str(to)
    if to == "refused" and event.data.get("from") != "refused":
        person.topics = allowed_after_refusal(person.topics)
    if to != "postponed":
        person.postponed_until = None
    elif event.data.get("until") is not None or person.postponed_until is None:
        person.postponed_until, _ = refusal.until_of(event.data.get("until"), now, person.place)
    if to == "nurturing":
        person.mql_fired = False
    return ()


def _bounced(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    if not event.data.get("hard"):
        return ()
    address = event.data.get("address")
    if address is not None and address != person.fields.get("email"):
        return ()
    person.reachable = False
    name = person.fields.get("name") or person.fields.get("email") or "the lead"
    text = f"Mail to {person.fields.get('email')} comes back. Ask {name} for another address."
    return (OpenTask(at=now, text=text, kind="address", once="no_address", because="on a hard bounce"),)


def _absent(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
    until = _return_day(event.data.get("until"), person)
    if until is not None and until > now:
        person.absent_until = until
        return (Traced(at=now, word="absent", text=f"away until {until:%Y-%m-%d}; nothing is sent before"),)
    return ()


def _return_day(value: Any, person: Person) -> datetime | None:
    """The beginning of the day somebody is back."""
    found, doubt = refusal.until_of(value, _LONG_AGO, person.place)
    if doubt:
        return None
    day, _ = person.place.wall(found)
    return person.place.instant(day, refusal.clock_of(time(0)))


def _stage_step(step: str, to: str) -> Callable[[Person, Event, datetime], tuple[Effect, ...]]:
    """An event that means a stage: `deal.won`, `lead.converted`, `score.mql` …"""

    def change(person: Person, event: Event, now: datetime) -> tuple[Effect, ...]:
        if stage_after(person.stage, step) != to:
            return ()
        return (ChangeStage(at=now, to=to, by=event.type, because=f"on {event.type}"),)

    return change


_AT_ONCE: Mapping[str, Callable[[Person, Event, datetime], tuple[Effect, ...]]] = {
    "consent.given": _consent_given,
    "consent.withdrawn": _consent_withdrawn,
    "lead.verified": _verified,
    "lead.stage_changed": _stage_changed,
    "email.bounced": _bounced,
    "auto_reply": _absent,
    "score.mql": _stage_step("qualify", "mql"),
    "lead.qualified": _stage_step("accept", "sql"),
    "lead.rejected": _stage_step("reject", "nurturing"),
    "lead.converted": _stage_step("convert", "customer"),
    "deal.won": _stage_step("convert", "customer"),
}


# -- defaults for replies nobody took ---------------------------------------------------------------------------


def _refuse(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    reason, _ = refusal.reason_of(event.data.get("reason"))
    if stage_after(person.stage, "refuse") is None:
        return (_noted(event, now, person),) if person.stage != "refused" else ()
    return (ChangeStage(at=now, to="refused", reason=reason, by="reply", because=f"on {event.type}"),)


def _postpone(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    until, doubt = refusal.until_of(event.data.get("until"), now, person.place)
    if doubt:
        until = refusal.morning_of(add(rules.postpone_default, now, person.place), person.place)
    if person.stage in ("customer", "junk"):
        return (_noted(event, now, person),)
    change = ChangeStage(
        at=now, to="postponed", until=until, reason="later", by="reply", because=f"on {event.type}"
    )
    return (change,)


def _qualify(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    task = _answer(person, event, now, "is interested")
    if person.stage in ("refused", "postponed"):
        change = ChangeStage(
            at=now, to="nurturing", reason="a favourable reply", by="reply", because="they came back"
        )
        return (change, task)
    if stage_after(person.stage, STEP_FOR_STAGE["mql"]) == "mql":
        return (ChangeStage(at=now, to="mql", by="reply", because=f"on {event.type}"), task)
    return (task,)


def _ask(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    what = event.type.removeprefix("reply.").replace("_", " ")
    return (_answer(person, event, now, f"wrote ({what})", releases=True),)


def _task_only(person: Person, event: Event, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    return (_answer(person, event, now, "wrote"),)


def _answer(person: Person, event: Event, now: datetime, what: str, *, releases: bool = False) -> OpenTask:
    name = person.fields.get("name") or person.fields.get("email") or "The lead"
    said = str(event.data.get("text") or "").strip()
    text = f"{name} {what}: {said}" if said else f"{name} {what}. Answer them."
    told = {name: event.data[name] for name in ("campaign", "received") if event.data.get(name) is not None}
    return OpenTask(
        at=now,
        text="\n".join((text[:2000], *_reading(event))),
        kind="reply",
        releases=releases,
        because=f"on {event.type}, which no campaign took",
        data={"campaign": None, **told, "event": event.type},
    )


def _reading(event: Event) -> list[str]:
    """What a mail's reader found besides the words: who wrote, how it might be meant, whom they name, and why."""
    data, lines = event.data, []
    if data.get("from"):
        lines.append(f"It came from {data['from']}, which is no address of theirs that we know.")
    if data.get("proposed"):
        more = [str(data["reason"])] if data.get("reason") else []
        more += [f"until {data['until']}"] if data.get("until") else []
        lines.append(f"Proposed reading: {data['proposed']}{' (' + ', '.join(more) + ')' if more else ''}.")
    if data.get("other_address"):
        lines.append(f"They name {data['other_address']} instead.")
    evidence = data.get("evidence")
    if evidence and isinstance(evidence, list | tuple):
        lines.append(f"Why we read it so: {'; '.join(str(one) for one in evidence)}.")
    return lines


def _noted(event: Event, now: datetime, person: Person) -> OpenTask:
    return _answer(person, event, now, f"wrote ({event.type.removeprefix('reply.')})")


_DEFAULTS: Mapping[str | None, Callable[[Person, Event, Rules, datetime], tuple[Effect, ...]]] = {
    "refuse": _refuse,
    "postpone": _postpone,
    "qualify": _qualify,
    "ask": _ask,
    "task": _task_only,
}
